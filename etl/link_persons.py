"""One person under several numbers: found by identifiers that agree, kept apart by those that exclude it (docs/linkage.md).

All is done on whole columns; which file comes first does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from etl.link_groups import apart, groups, without
from etl.normalise.people import PERSONS
from etl.normalise.result import IDENTIFIERS, Normalised
from schemas.core.frames import EDIT_COUNTS, FINDINGS, stack
from schemas.core.ids import ROW_BITS
from schemas.linkage import Linkage
from schemas.reading_edits import counts, findings

# One row per number that was joined to a person, or may have been; `evidence` names the identifiers that agree, never their values.
EVIDENCE: dict[str, type[pl.DataType]] = {
    "patient_key": pl.Int64, "with_key": pl.Int64, "method": pl.String, "evidence": pl.String, "probability": pl.Float64,
    "outcome": pl.String,
}  # fmt: skip
# One row per number that is not that of its person: her key and pseudonym.
MOVED: dict[str, type[pl.DataType]] = {"patient_key": pl.Int64, "to_key": pl.Int64, "to_pseudonym": pl.String}
# What is told of a number, whatever the file and row: one row per number, source and combination of identifiers.
IDENTIFIED = [name for name in IDENTIFIERS if name not in ("trust", "source_row_id")]
MERGED, CONFLICT, POSSIBLE = "merged", "conflict", "possible"
LINK_EDITS = {MERGED: "LINK-PERSON", CONFLICT: "LINK-IDENTITY", POSSIBLE: "LINK-POSSIBLE"}


@dataclass(frozen=True)
class Persons:
    """`moved`: MOVED. `evidence`: EVIDENCE with the place of the number. `findings`, `counts`: of the linkage of persons.

    `names`: the pseudonym of every number of the run (PERSONS). `identifiers`: IDENTIFIED, for the vault only.
    """

    moved: pl.DataFrame
    evidence: pl.DataFrame
    findings: pl.DataFrame
    counts: pl.DataFrame
    names: pl.DataFrame
    identifiers: pl.DataFrame


@dataclass(frozen=True)
class Facts:
    """What is known of each number: `nodes` (patient_key, pseudonym, trust, where first met) and, by kind, patient_key and value
    (once or several times). `names`, `identifiers` as in `Persons`."""

    nodes: pl.DataFrame
    values: dict[str, pl.DataFrame]
    names: pl.DataFrame
    identifiers: pl.DataFrame


def link_persons(parts: Sequence[Normalised], linkage: Linkage) -> Persons:
    """The persons behind the numbers of all files, by the keys in their order and then by likeness."""
    facts = _facts(parts, linkage)
    labels = facts.nodes.select("patient_key", root="patient_key")
    evidence = [pl.DataFrame(schema=EVIDENCE)]
    for key in linkage.keys:
        labels, told = joined(labels, _agreeing(facts, labels, key), facts, linkage, "deterministic")
        evidence.append(told)
    if linkage.probabilistic is not None:
        from etl.link_alike import alike  # noqa: PLC0415 - Splink is imported only where it is asked for

        pairs = alike(facts.values, labels, linkage.probabilistic)
        sure = pairs.filter(pl.col("probability") >= linkage.probabilistic.merge_from)
        doubtful = pairs.filter(pl.col("probability") < linkage.probabilistic.merge_from)
        labels, told = joined(labels, _tied(sure), facts, linkage, "probabilistic")
        evidence += [told, _possible(doubtful, labels, facts, linkage)]
    return _persons(facts, labels, stack(evidence, EVIDENCE), linkage)


def _facts(parts: Sequence[Normalised], linkage: Linkage) -> Facts:
    told, names = stack((part.identifiers for part in parts), IDENTIFIERS), pseudonyms(parts)
    known = [frame.select("patient_key", "trust", "source_row_id") for frame in (told, *(part.records["patient"] for part in parts))]
    nodes = pl.concat(known).group_by("patient_key").agg(pl.col("trust").min(), pl.col("source_row_id").min())
    nodes = nodes.join(names, on="patient_key", how="left").sort("patient_key")
    told = _distinct(told)
    needed = linkage.kinds | {*linkage.cannot_link, "nric"}
    values: dict[str, pl.DataFrame] = {
        kind: _values(told, kind) for kind in ("nric", "hospital_number", "name", "postcode") if kind in needed
    }
    early = pl.col("birth_earliest_date")
    is_day = (pl.col("birth_precision") == "day") & (early == pl.col("birth_latest_date"))
    for kind, value, where in (("birth", early, is_day), ("sex", pl.col("sex_code"), pl.col("sex_code").is_in(["female", "male"]))):
        frames = [part.records["patient"].filter(where).select("patient_key", value.cast(pl.String).alias(kind)) for part in parts]
        values[kind] = pl.concat([pl.DataFrame(schema={"patient_key": pl.Int64, kind: pl.String}), *frames])
    return Facts(nodes, {kind: frame for kind, frame in values.items() if kind in needed}, names, told)


def _distinct(told: pl.DataFrame) -> pl.DataFrame:
    """The different rows of IDENTIFIED, as first told.

    The hashes of rows are compared instead of their nine texts, half the time: two of a million women's agree by chance once in
    some million runs.
    """
    rows = told.select(IDENTIFIED)
    return rows.filter(rows.hash_rows().is_first_distinct())


def pseudonyms(parts: Sequence[Normalised]) -> pl.DataFrame:
    """The pseudonym of every person of the run (PERSONS), by her key."""
    return pl.concat([pl.DataFrame(schema=PERSONS), *(part.persons for part in parts)]).unique(
        "patient_key", keep="first", maintain_order=True
    )


def _values(told: pl.DataFrame, kind: str) -> pl.DataFrame:
    """One row per number and value; a hospital's number means something in its own source only."""
    value = pl.concat_str("source", kind, separator=":") if kind == "hospital_number" else pl.col(kind)
    return told.filter(pl.col(kind).is_not_null()).select("patient_key", value.alias(kind)).unique()


def _agreeing(facts: Facts, labels: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """Persons so far (`node`) that share all identifiers of one key (`tie`), `by` its words; only such as share them."""
    table = labels
    for kind in key:
        # what one number only has is shared by nobody
        table = table.join(facts.values[kind].filter(pl.col(kind).is_duplicated()), on="patient_key")
    values = table.select(node="root", tie=pl.struct(*key)).unique()
    shared = values.filter(pl.col("tie").is_duplicated())
    return shared.with_columns(
        tie=pl.col("tie").rank("dense").cast(pl.Int64), by=pl.lit(" ".join(key)), probability=pl.lit(None, pl.Float64)
    )


def _tied(pairs: pl.DataFrame) -> pl.DataFrame:
    """Each pair as a tie of its own."""
    numbered = pairs.sort("left", "right").with_row_index("tie").with_columns(pl.col("tie").cast(pl.Int64))
    sides = [numbered.select("tie", "by", "probability", node=side) for side in ("left", "right")]
    return pl.concat(sides).select("node", "tie", "by", "probability")


def joined(
    labels: pl.DataFrame, ties: pl.DataFrame, facts: Facts, linkage: Linkage, method: str
) -> tuple[pl.DataFrame, pl.DataFrame]:  # fmt: skip
    """The persons (patient_key, root) after one round, and its evidence.

    A tie whose persons exclude each other joins nobody; neither does a chain of ties at whose ends such persons stand.
    """
    if ties.is_empty():
        return labels, pl.DataFrame(schema=EVIDENCE)
    allowed, refused = ties, ties.clear()
    for kind in linkage.cannot_link:
        told = _of_nodes(labels, facts.values[kind], kind)
        several = apart(allowed.join(told, on="node"), "tie", kind, linkage.slips(kind))
        refused = pl.concat([refused, allowed.join(several, on="tie", how="semi")])
        allowed = allowed.join(several, on="tie", how="anti")
    found = groups(allowed) if allowed.height else pl.DataFrame(schema={"node": pl.Int64, "root": pl.Int64})
    kept = found
    for kind in linkage.cannot_link:
        kept = without(kept, _of_nodes(labels, facts.values[kind], kind), kind, linkage.slips(kind))
    chained = allowed.join(kept, on="node", how="anti")
    evidence = stack([_evidence(allowed, kept, method, MERGED), _evidence(pl.concat([refused, chained]), None, method, CONFLICT)], EVIDENCE)
    moved = labels.join(kept.select(root="node", new="root"), on="root", how="left", maintain_order="left")
    return moved.select("patient_key", root=pl.coalesce("new", "root")), evidence


def _of_nodes(labels: pl.DataFrame, values: pl.DataFrame, kind: str) -> pl.DataFrame:
    """The values of one kind that the persons so far have."""
    return labels.join(values, on="patient_key").select(kind, node="root").unique()


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


def _possible(pairs: pl.DataFrame, labels: pl.DataFrame, facts: Facts, linkage: Linkage) -> pl.DataFrame:
    """Pairs too doubtful to merge, unless they are one person by now or exclude each other."""
    roots = dict.fromkeys(("left", "right"))
    for side in roots:
        pairs = pairs.join(labels.select(pl.col("patient_key").alias(side), pl.col("root").alias(f"{side}_root")), on=side, how="left")
    open_ = pairs.filter(pl.col("left_root") != pl.col("right_root"))
    for kind in linkage.cannot_link:
        told = _of_nodes(labels, facts.values[kind], kind)
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


def _persons(facts: Facts, labels: pl.DataFrame, evidence: pl.DataFrame, linkage: Linkage) -> Persons:
    """Every person takes the number that is trusted most, of equally trusted ones the first by the alphabet."""
    named = facts.nodes.join(labels, on="patient_key")
    several = named.filter(pl.col("root").is_duplicated())
    lead = several.sort("root", "trust", "patient_pseudonym").unique("root", keep="first", maintain_order=True)
    to = several.join(lead.select("root", to_key="patient_key", to_pseudonym="patient_pseudonym"), on="root")
    moved = to.filter(pl.col("patient_key") != pl.col("to_key")).select(MOVED.keys()).sort("patient_key")
    evidence = _from_the_lead(evidence, to)
    placed = evidence.join(facts.nodes, on="patient_key", how="left").join(
        facts.nodes.select(with_key="patient_key", with_pseudonym="patient_pseudonym"), on="with_key", how="left"
    )
    placed = placed.sort("method", "outcome", "with_pseudonym", "patient_pseudonym", "evidence")
    doubled, numbered = _doubled(facts, labels)
    found = {edit: _finding(placed.filter(pl.col("outcome") == outcome), moved) for outcome, edit in LINK_EDITS.items()}
    found["LINK-NUMBERS"] = _finding(doubled, moved)
    told = stack([findings(f, edit) for edit, f in found.items()], FINDINGS)
    return Persons(moved, placed, told, _counted(found, facts, linkage, numbered), facts.names, facts.identifiers)


def _counted(found: dict[str, pl.DataFrame], facts: Facts, linkage: Linkage, numbered: int) -> pl.DataFrame:
    """The outcomes over all numbers (of LINK-NUMBERS over the persons with a national one); nothing where nothing is declared."""
    n = facts.nodes.height if linkage.keys or linkage.probabilistic is not None else 0
    judged = dict.fromkeys(found, n)
    judged["LINK-NUMBERS"] = min(numbered, n)
    judged["LINK-IDENTITY"] = n if linkage.cannot_link else 0
    judged["LINK-POSSIBLE"] = n if linkage.probabilistic is not None else 0
    said = [
        counts(edit, violated=frame.height, satisfied=max(judged[edit] - frame.height, 0), not_applicable=n - judged[edit])
        for edit, frame in found.items()
        if n
    ]
    return stack(said, EDIT_COUNTS)


def _from_the_lead(evidence: pl.DataFrame, to: pl.DataFrame) -> pl.DataFrame:
    """Merges told of the numbers that gave way: the row of the number that leads speaks for the one that has no row, the root."""
    said = evidence.join(to.select("patient_key", "root", "to_key"), on="patient_key", how="left", maintain_order="left")
    is_merge = (pl.col("outcome") == MERGED) & pl.col("to_key").is_not_null()
    is_lead = is_merge & (pl.col("patient_key") == pl.col("to_key"))
    return said.with_columns(
        patient_key=pl.when(is_lead).then("root").otherwise("patient_key"), with_key=pl.when(is_merge).then("to_key").otherwise("with_key")
    ).select(EVIDENCE.keys())


def _doubled(facts: Facts, labels: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """The persons with two different national numbers, and how many have any: a slip of the pen, or two women in one."""
    told = labels.join(facts.values["nric"], on="patient_key").select("root", "nric")
    # most persons have one, told once
    counted = told.filter(pl.col("root").is_duplicated()).group_by("root").agg(n=pl.col("nric").n_unique())
    several = counted.filter(pl.col("n") > 1).select(patient_key="root", evidence=pl.lit("nric"))
    return several.join(facts.nodes, on="patient_key").sort("patient_key"), told["root"].n_unique()


def _finding(placed: pl.DataFrame, moved: pl.DataFrame) -> pl.DataFrame:
    """Where the number was first met; the key is that of the person as she is called now."""
    now = placed.join(moved.select("patient_key", "to_key"), on="patient_key", how="left", maintain_order="left")
    key = pl.coalesce("to_key", "patient_key")
    rows = pl.col("source_row_id")
    return now.select(
        pl.lit("patient").alias("record"), record_key=key, patient_key=key, source_key=rows // (1 << ROW_BITS),
        source_row=rows % (1 << ROW_BITS), columns="evidence",
    )  # fmt: skip


def moved_to(frame: pl.DataFrame, moved: pl.DataFrame) -> pl.DataFrame:
    """The frame with the key (and pseudonym, where it has one) of the person each number belongs to, in its order."""
    if moved.is_empty():
        return frame
    joined_ = frame.join(moved, on="patient_key", how="left", maintain_order="left")
    new = {"patient_key": pl.coalesce("to_key", "patient_key")}
    if "patient_pseudonym" in frame.columns:
        new["patient_pseudonym"] = pl.coalesce("to_pseudonym", "patient_pseudonym")
    return joined_.with_columns(**new).select(frame.columns)
