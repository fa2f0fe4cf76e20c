"""One person under several numbers: found by identifiers that agree, kept apart by those that exclude it (docs/linkage.md).

All is done on whole columns; which file comes first does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import polars as pl

from etl.link_compared import SIDES, of_pairs, of_persons
from etl.link_facts import Facts, facts_of, of_roots, patients, rooted
from etl.link_groups import apart, groups, order_by, replaced, twice, without
from etl.link_leads import CONFLICT, EVIDENCE, MERGED, POSSIBLE, from_the_lead, leads, once_per_pair
from etl.normalise.result import IDENTIFIERS, Normalised
from schemas.core.frames import EDIT_COUNTS, FINDINGS, stack
from schemas.core.ids import SEPARATOR, located
from schemas.findings import SAID_OF_RECORDS
from schemas.linkage import Linkage
from schemas.reading_edits import counts, findings
from validations.fingerprint import of_linkage

# One row per number that is not that of its person: her key and pseudonym.
MOVED: dict[str, type[pl.DataType]] = {"patient_key": pl.Int64, "to_key": pl.Int64, "to_pseudonym": pl.String}
LINK_EDITS = {MERGED: "LINK-PERSON", CONFLICT: "LINK-IDENTITY", POSSIBLE: "LINK-POSSIBLE"}
NUMBERS = "LINK-NUMBERS"


@dataclass(frozen=True)
class Persons:
    """`moved`: MOVED. `evidence`: EVIDENCE with the place of the number. `findings`, `counts`: of the linkage of persons.
    `said`: by which numbers, as delivered, the findings are told (SAID_OF_RECORDS).

    `names`: the pseudonym of every number of the run (PERSONS). `identifiers`: IDENTIFIED, for the vault only.
    """

    moved: pl.DataFrame
    evidence: pl.DataFrame
    findings: pl.DataFrame
    said: pl.DataFrame
    counts: pl.DataFrame
    names: pl.DataFrame
    identifiers: pl.DataFrame


def link_persons(parts: Sequence[Normalised], linkage: Linkage, key: bytes | None = None) -> Persons:
    """The persons behind the numbers of all files, by the keys in their order and then by likeness.

    `key`: the registry's, with which what was compared of two who stay apart is hashed; without one nothing is.
    """
    facts = facts_of(parts, linkage)
    roots = pl.DataFrame(schema={"patient_key": pl.Int64, "root": pl.Int64})
    evidence = [pl.DataFrame(schema=EVIDENCE)]
    for kinds in linkage.keys:
        roots, told = joined(roots, _agreeing(facts, roots, kinds), facts, linkage, "deterministic")
        evidence.append(told)
    by_keys = roots
    if linkage.probabilistic is not None:
        from etl.link_alike import alike  # noqa: PLC0415 - Splink is imported only where it is asked for

        pairs = alike(facts.nodes, facts.values, roots, linkage.probabilistic)
        sure = pairs.filter(pl.col("probability") >= linkage.probabilistic.merge_from)
        doubtful = pairs.filter(pl.col("probability") < linkage.probabilistic.merge_from)
        roots, told = joined(roots, _tied(sure), facts, linkage, "probabilistic")
        evidence += [told, _possible(doubtful, roots, facts, linkage)]
    return _persons(facts, (by_keys, roots), stack(evidence, EVIDENCE), linkage, key)


def _agreeing(facts: Facts, roots: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """Persons so far (`node`) that share all identifiers of one key (`tie`), `by` its words; only such as share them."""
    table = facts.values[key[0]]
    for kind in key[1:]:
        table = table.join(facts.values[kind], on="patient_key")
    # the hash of what they share is the tie; what one number only has is shared by nobody, and nearly all have something of their own
    ties = pl.DataFrame([table["patient_key"], table.select(key).hash_rows().reinterpret(signed=True).alias("tie")])
    values = rooted(ties.filter(twice(ties["tie"])), roots).select("tie", node="root").unique()
    shared = values.filter(twice(values["tie"]))
    return shared.select("node", "tie", by=pl.lit(" ".join(key)), probability=pl.lit(None, pl.Float64))


def _tied(pairs: pl.DataFrame) -> pl.DataFrame:
    """Each pair as a tie of its own."""
    numbered = pairs.sort("left", "right").with_row_index("tie").with_columns(pl.col("tie").cast(pl.Int64))
    sides = [numbered.select("tie", "by", "probability", node=side) for side in ("left", "right")]
    return pl.concat(sides).select("node", "tie", "by", "probability")


def joined(
    roots: pl.DataFrame, ties: pl.DataFrame, facts: Facts, linkage: Linkage, method: str
) -> tuple[pl.DataFrame, pl.DataFrame]:  # fmt: skip
    """The persons (`roots`) after one round, and its evidence.

    A tie whose persons exclude each other joins nobody; neither does a chain of ties at whose ends such persons stand.
    """
    if ties.is_empty():
        return roots, pl.DataFrame(schema=EVIDENCE)
    allowed, refused = ties, ties.clear()
    for kind in linkage.cannot_link:
        told = _of_nodes(roots, facts.values[kind], kind, allowed["node"])
        several = apart(allowed.join(told, on="node"), "tie", kind, linkage.slips(kind))
        refused = pl.concat([refused, allowed.join(several, on="tie", how="semi")])
        allowed = allowed.join(several, on="tie", how="anti")
    found = groups(allowed) if allowed.height else pl.DataFrame(schema={"node": pl.Int64, "root": pl.Int64})
    kept = found
    for kind in linkage.cannot_link:
        kept = without(kept, _of_nodes(roots, facts.values[kind], kind, kept["node"]), kind, linkage.slips(kind))
    chained = allowed.join(kept, on="node", how="anti")
    evidence = stack([_evidence(allowed, kept, method, MERGED), _evidence(pl.concat([refused, chained]), None, method, CONFLICT)], EVIDENCE)
    moved = kept.filter(pl.col("node") != pl.col("root")).select(patient_key="node", root="root")
    before = roots.join(moved.select(root="patient_key", new="root"), on="root", how="left", maintain_order="left")
    return pl.concat([before.select("patient_key", root=pl.coalesce("new", "root")), moved]), evidence


def _of_nodes(roots: pl.DataFrame, values: pl.DataFrame, kind: str, nodes: pl.Series) -> pl.DataFrame:
    """The values of one kind that these of the persons so far have."""
    return of_roots(values, roots, nodes).select(kind, node="root").unique()


def _evidence(ties: pl.DataFrame, kept: pl.DataFrame | None, method: str, outcome: str) -> pl.DataFrame:
    """One row per person beyond the first of each group (or tie) and the tie that brought her there."""
    if kept is not None:
        rooted = ties.join(kept, on="node").filter(pl.col("node") != pl.col("root"))
    else:
        rooted = ties.with_columns(root=pl.col("node").min().over("tie")).filter(pl.col("node") != pl.col("root"))
    first = rooted.sort("node", "root", "tie").unique(["node"] if kept is not None else ["node", "root"], keep="first", maintain_order=True)
    return first.select(
        pl.lit(method).alias("method"), pl.lit(outcome).alias("outcome"), "probability", patient_key="node", with_key="root", evidence="by"
    )


def _possible(pairs: pl.DataFrame, roots: pl.DataFrame, facts: Facts, linkage: Linkage) -> pl.DataFrame:
    """Pairs too doubtful to merge, unless they are one person by now or exclude each other."""
    for side in ("left", "right"):
        hers = roots.select(pl.col("patient_key").alias(side), root="root")
        pairs = pairs.join(hers, on=side, how="left").with_columns(pl.coalesce("root", side).alias(f"{side}_root")).drop("root")
    open_ = pairs.filter(pl.col("left_root") != pl.col("right_root"))
    for kind in linkage.cannot_link:
        told = _of_nodes(roots, facts.values[kind], kind, pl.concat([open_["left_root"], open_["right_root"].alias("left_root")]))
        both = open_.join(told.select(left_root="node", a=kind), on="left_root").join(
            told.select(right_root="node", b=kind), on="right_root"
        )
        pair = both.with_row_index("pair")
        values = pl.concat([pair.select("pair", value=side) for side in ("a", "b")])
        excluded = pair.join(apart(values, "pair", "value", linkage.slips(kind)), on="pair")
        open_ = open_.join(excluded, on=["left", "right"], how="anti")
    return open_.select(
        "probability", pl.lit("probabilistic").alias("method"), pl.lit(POSSIBLE).alias("outcome"), patient_key="right", with_key="left",
        evidence="by",
    )  # fmt: skip


def _persons(
    facts: Facts, rounds: tuple[pl.DataFrame, pl.DataFrame], evidence: pl.DataFrame, linkage: Linkage, key: bytes | None
) -> Persons:  # fmt: skip
    """Every person takes the number that is trusted most, of equally trusted ones the first by the alphabet.

    `rounds`: the persons by their keys, and by likeness too. Two who stay apart are told by those that the keys found: what is likely
    hangs on all other persons.
    """
    by_keys, roots = rounds
    national = rooted(facts.values["nric"], roots)
    doubled, numbered = _doubled(national)
    keys = [roots["patient_key"], roots["root"], evidence["patient_key"], evidence["with_key"], doubled["patient_key"]]
    met = _met(facts, pl.concat(keys).unique())
    to = leads(roots, met)
    moved = to.filter(pl.col("patient_key") != pl.col("to_key")).select(MOVED.keys()).sort("patient_key")
    evidence = once_per_pair(from_the_lead(evidence, to), to)
    placed = evidence.join(met, on="patient_key", how="left").join(
        met.select(with_key="patient_key", with_pseudonym="patient_pseudonym"), on="with_key", how="left"
    )
    placed = placed[order_by(placed, ("method", "outcome", "with_pseudonym", "patient_pseudonym", "evidence"))]
    found = {edit: _finding(placed.filter(pl.col("outcome") == outcome), moved) for outcome, edit in LINK_EDITS.items()}
    said = [_said(LINK_EDITS[MERGED], found[LINK_EDITS[MERGED]], [placed.filter(pl.col("outcome") == MERGED)["patient_key"]])]
    leading = leads(by_keys, met).select("patient_key", "to_key")
    for outcome in (CONFLICT, POSSIBLE):
        edit, apart_ = LINK_EDITS[outcome], placed.filter(pl.col("outcome") == outcome)
        sides = apart_.select(replaced(apart_[side], leading).alias(side) for side in SIDES)
        compared = of_pairs(sides, facts, by_keys, linkage.compared)
        found[edit] = found[edit].with_columns(fingerprint=of_linkage(edit, compared, key))
        said.append(_said(edit, found[edit], sides.get_columns()))
    doubled = doubled.join(met, on="patient_key").sort("patient_key")
    numbers = of_persons(doubled["patient_key"], national, "nric")
    found[NUMBERS] = _finding(doubled, moved).with_columns(fingerprint=of_linkage(NUMBERS, numbers, key))
    told = stack([findings(f, edit) for edit, f in found.items()], FINDINGS)
    return Persons(moved, placed, told, pl.concat(said), _counted(found, facts, linkage, numbered), facts.names, facts.identifiers)


def _said(edit: str, found: pl.DataFrame, numbers: Sequence[pl.Series]) -> pl.DataFrame:
    """SAID_OF_RECORDS of findings (`_finding`) about one or two numbers, a row each; which of them stands first changes nothing."""
    told = pl.DataFrame([keys.cast(pl.String).alias(str(at)) for at, keys in enumerate(numbers)])
    both = pl.concat_str(pl.min_horizontal(pl.all()), pl.max_horizontal(pl.all()), separator=SEPARATOR)
    said = told.select((both if len(numbers) > 1 else pl.first()).alias("said")).to_series()
    return stack([findings(found, edit).with_columns(said)], SAID_OF_RECORDS)


def _met(facts: Facts, keys: pl.Series) -> pl.DataFrame:
    """Of some numbers the pseudonym, the least trust (the most trusted) and the first row under which each was met; in order."""
    where = ["patient_key", "trust", "source_row_id"]
    none = pl.DataFrame(schema={name: IDENTIFIERS[name] for name in where})
    frames = (frame for part in facts.parts for frame in (part.identifiers, patients(part, *where)))
    # the numbers asked for are many: those of all frames are looked up at once, and only the rows found are put into one frame
    told = [frame[where] for frame in frames]
    found = pl.concat([none["patient_key"], *(frame["patient_key"] for frame in told)]).is_in(keys.implode())
    begins = accumulate((frame.height for frame in told), initial=0)
    hers = pl.concat([none, *(frame.filter(found.slice(begin, frame.height)) for frame, begin in zip(told, begins, strict=False))])
    nodes = hers.group_by("patient_key").agg(pl.col("trust").min(), pl.col("source_row_id").min())
    return nodes.join(facts.names, on="patient_key", how="left").sort("patient_key")


def _counted(found: dict[str, pl.DataFrame], facts: Facts, linkage: Linkage, numbered: int) -> pl.DataFrame:
    """The outcomes over all numbers (of LINK-NUMBERS over the persons with a national one); nothing where nothing is declared."""
    n = len(facts.nodes) if linkage.keys or linkage.probabilistic is not None else 0
    judged = dict.fromkeys(found, n)
    judged[NUMBERS] = min(numbered, n)
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


def _finding(placed: pl.DataFrame, moved: pl.DataFrame) -> pl.DataFrame:
    """Where the number was first met; the key is that of the person as she is called now."""
    now = placed.join(moved.select("patient_key", "to_key"), on="patient_key", how="left", maintain_order="left")
    key = pl.coalesce("to_key", "patient_key")
    return located(now).select(
        "source_key", "source_row", pl.lit("patient").alias("record"), record_key=key, patient_key=key, columns="evidence"
    )


def moved_to(frame: pl.DataFrame, moved: pl.DataFrame) -> pl.DataFrame:
    """The frame with the key (and pseudonym, where it has one) of the person each number belongs to, in its order."""
    if moved.is_empty():
        return frame
    at = frame["patient_key"].is_in(moved["patient_key"].implode()).arg_true()  # the others need not be looked up: they are most
    hers = frame["patient_key"].gather(at).to_frame().join(moved, on="patient_key", how="left", maintain_order="left")
    new = {"patient_key": "to_key", "patient_pseudonym": "to_pseudonym"}
    return frame.with_columns(frame[name].clone().scatter(at, hers[now]) for name, now in new.items() if name in frame.columns)
