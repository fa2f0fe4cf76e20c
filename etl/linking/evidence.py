"""What the linkage of persons tells: its evidence, findings and counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from etl.linking.fingerprints import SIDES, of_pairs, of_persons
from etl.linking.groups import order_by, replaced, twice
from etl.linking.leading_numbers import CONFLICT, MERGED, POSSIBLE, also_met, from_the_lead, leads, once_per_pair
from etl.linking.person_facts import Facts, of_roots, rooted
from etl.linking.unlike_persons import SPEAKS, TELLS, unlike_within
from schemas.core.frames import EDIT_COUNTS, FINDINGS, stack
from schemas.core.ids import SEPARATOR, located
from schemas.findings import SAID_OF_RECORDS
from schemas.linkage import Linkage
from schemas.reading_edits import counts, findings
from validations.fingerprint import of_linkage

# One row per number that is not that of its person: her key and pseudonym.
MOVED: dict[str, type[pl.DataType]] = {"patient_key": pl.Int64, "to_key": pl.Int64, "to_pseudonym": pl.String}
LINK_EDITS = {MERGED: "LINK-PERSON", CONFLICT: "LINK-IDENTITY", POSSIBLE: "LINK-POSSIBLE"}
DOUBLED = "LINK-NUMBERS"
TWO_IN_ONE = "two_in_one"
NOBODY = {kind: pl.DataFrame(schema={"root": pl.Int64, kind: pl.String}) for kind in SPEAKS}


@dataclass(frozen=True)
class Told:
    """`evidence`: EVIDENCE with the place of the number. `findings`, `counts`: of the linkage of persons. `said`: by which numbers, as
    delivered, the findings are told (SAID_OF_RECORDS)."""

    evidence: pl.DataFrame
    findings: pl.DataFrame
    said: pl.DataFrame
    counts: pl.DataFrame


@dataclass(frozen=True)
class Rounds:
    """The persons found: `by_keys` as their keys find them, `roots` by likeness too; `met`: under what their numbers were met; `to`: the
    number that leads, of each of theirs (`leads`); `moved`: MOVED."""

    by_keys: pl.DataFrame
    roots: pl.DataFrame
    met: pl.DataFrame
    to: pl.DataFrame
    moved: pl.DataFrame


def told_by(facts: Facts, found: Rounds, evidence: pl.DataFrame, linkage: Linkage, key: bytes | None) -> Told:
    """Findings, counts and evidence about the persons found.

    Two persons who stay apart are identified by the persons that exact keys found: a probable match depends on all other persons.
    """
    national = rooted(facts.values["nric"], found.roots)
    doubled, numbered = _doubled(national)
    may_be_two = pl.concat([found.roots["root"], facts.two]).unique()  # of one number alone it is known
    told_of = {kind: of_roots(facts.values[kind], found.roots, may_be_two) for kind in NOBODY if kind in facts.values}
    names, days, rough = ({**NOBODY, **told_of}[kind] for kind in NOBODY)
    births = pl.concat([days, rough.rename({"born": "birth"})])  # a year may contradict a day
    doubled = _with_unlike(doubled, unlike_within(names, births))
    asked = pl.concat([evidence["patient_key"], evidence["with_key"], doubled["patient_key"]]).unique()
    met = also_met(found.met, facts, asked)
    placed = _placed(once_per_pair(from_the_lead(evidence, found.to), found.to), met)
    told = {edit: _finding(placed.filter(pl.col("outcome") == outcome), found.moved) for outcome, edit in LINK_EDITS.items()}
    said = [_said(LINK_EDITS[MERGED], told[LINK_EDITS[MERGED]], [placed.filter(pl.col("outcome") == MERGED)["patient_key"]])]
    leading = leads(found.by_keys, met).select("patient_key", "to_key")
    for outcome in (CONFLICT, POSSIBLE):
        edit, apart_ = LINK_EDITS[outcome], placed.filter(pl.col("outcome") == outcome)
        sides = apart_.select(replaced(apart_[side], leading).alias(side) for side in SIDES)
        compared = of_pairs(sides, facts, found.by_keys, linkage.compared)
        told[edit] = told[edit].with_columns(fingerprint=of_linkage(edit, compared, key))
        said.append(_said(edit, told[edit], sides.get_columns()))
    doubled = doubled.join(met, on="patient_key").sort("patient_key")
    numbers = _numbers_of(doubled, national, names, births)
    told[DOUBLED] = _finding(doubled, found.moved).with_columns(fingerprint=of_linkage(DOUBLED, numbers, key))
    all_told = stack([findings(frame, edit) for edit, frame in told.items()], FINDINGS)
    placed = pl.concat([placed, _two_in_one(doubled).select(pl.col(name).cast(kind) for name, kind in placed.schema.items())])
    return Told(placed, all_told, pl.concat(said), _counted(told, facts, linkage, numbered))


def _placed(evidence: pl.DataFrame, met: pl.DataFrame) -> pl.DataFrame:
    """The evidence with the place of each number and both pseudonyms, in order of these."""
    other = met.select(with_key="patient_key", with_pseudonym="patient_pseudonym")
    placed = evidence.join(met, on="patient_key", how="left").join(other, on="with_key", how="left")
    return placed[order_by(placed, ("method", "outcome", "with_pseudonym", "patient_pseudonym", "evidence"))]


def _said(edit: str, found: pl.DataFrame, numbers: Sequence[pl.Series]) -> pl.DataFrame:
    """SAID_OF_RECORDS of findings (`_finding`) about one or two numbers, a row each; which of them stands first changes nothing."""
    told = pl.DataFrame([keys.cast(pl.String).alias(str(at)) for at, keys in enumerate(numbers)])
    both = pl.concat_str(pl.min_horizontal(pl.all()), pl.max_horizontal(pl.all()), separator=SEPARATOR)
    said = told.select((both if len(numbers) > 1 else pl.first()).alias("said")).to_series()
    return stack([findings(found, edit).with_columns(said)], SAID_OF_RECORDS)


def _counted(found: dict[str, pl.DataFrame], facts: Facts, linkage: Linkage, numbered: int) -> pl.DataFrame:
    """The outcomes over all numbers (of LINK-NUMBERS over the persons with a national one); nothing where nothing is declared."""
    n = len(facts.nodes) if linkage.keys or linkage.probabilistic is not None else 0
    judged = dict.fromkeys(found, n)
    judged[DOUBLED] = min(numbered, n)
    judged["LINK-IDENTITY"] = n if linkage.cannot_link else 0
    judged["LINK-POSSIBLE"] = n if linkage.probabilistic is not None else 0
    said = [
        counts(edit, violated=frame.height, satisfied=max(judged[edit] - frame.height, 0), not_applicable=n - judged[edit])
        for edit, frame in found.items()
        if n
    ]
    return stack(said, EDIT_COUNTS)


def _doubled(told: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """The persons with two different national numbers, and how many have any (`told`: root, nric): a slip of the pen, or two in one."""
    # most persons have one, told once
    several_rows = told.filter(twice(told["root"]))
    counted = several_rows.group_by("root").agg(n=pl.col("nric").n_unique())
    several = counted.filter(pl.col("n") > 1).select(patient_key="root", evidence=pl.lit("nric"))
    return several, told.height - several_rows.height + counted.height


def _with_unlike(doubled: pl.DataFrame, unlike: pl.Series) -> pl.DataFrame:
    """`doubled` and the persons of two names and births (`unlike`), each once with all by which she is two; whether they are among it."""
    others = pl.DataFrame({"patient_key": unlike, "evidence": " ".join(TELLS)}, schema=doubled.schema)
    every = pl.concat([frame.with_columns(is_unlike=is_unlike) for frame, is_unlike in ((doubled, pl.lit(False)), (others, pl.lit(True)))])
    both = every.group_by("patient_key", maintain_order=True).agg(pl.col("evidence").str.join(" "), pl.col("is_unlike").any())
    return both.sort("patient_key")


def _numbers_of(doubled: pl.DataFrame, national: pl.DataFrame, names: pl.DataFrame, births: pl.DataFrame) -> pl.Series:
    """One text per person of `doubled`: her national numbers, and her names and births where these say that she is two."""
    numbers = of_persons(doubled["patient_key"], national, "nric")
    more = [of_persons(doubled["patient_key"], told, kind) for told, kind in ((names, "name"), (births, "birth"))]
    every = pl.DataFrame([numbers.alias("a"), more[0].alias("b"), more[1].alias("c"), doubled["is_unlike"]])
    return every.select(pl.when("is_unlike").then(pl.concat_str("a", "b", "c", separator=SEPARATOR)).otherwise("a")).to_series()


def _two_in_one(doubled: pl.DataFrame) -> pl.DataFrame:
    """The persons who may be two, as evidence: told of their own number."""
    said = {"with_key": "patient_key", "with_pseudonym": "patient_pseudonym"}
    return doubled.with_columns(
        method=pl.lit("number"),
        outcome=pl.lit(TWO_IN_ONE),
        probability=pl.lit(None, pl.Float64),
        **{name: pl.col(of) for name, of in said.items()},
    )


def _finding(placed: pl.DataFrame, moved: pl.DataFrame) -> pl.DataFrame:
    """Where the number was first met; the key is that of the person as she is called now."""
    now = placed.join(moved.select("patient_key", "to_key"), on="patient_key", how="left", maintain_order="left")
    key = pl.coalesce("to_key", "patient_key")
    return located(now).select(
        "source_key", "source_row", pl.lit("patient").alias("record"), record_key=key, patient_key=key, columns="evidence"
    )
