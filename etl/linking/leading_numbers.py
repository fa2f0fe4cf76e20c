"""The number by which a person of several goes, and the evidence of linkage told by it."""

from __future__ import annotations

from itertools import accumulate

import polars as pl

from etl.linking.person_facts import Facts, patients
from etl.normalise.result import IDENTIFIERS
from schemas.core.frames import stack

# One row per number that was joined to a person, or may have been; `evidence` names the identifiers that agree, never their values.
EVIDENCE: dict[str, type[pl.DataType]] = {
    "patient_key": pl.Int64, "with_key": pl.Int64, "method": pl.String, "evidence": pl.String, "probability": pl.Float64,
    "outcome": pl.String,
}  # fmt: skip
MERGED, CONFLICT, POSSIBLE = "merged", "conflict", "possible"


def met(facts: Facts, keys: pl.Series) -> pl.DataFrame:
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
    names = facts.names.filter(pl.col("patient_key").is_in(nodes["patient_key"].implode()))  # to look up in all of them takes longer
    return nodes.join(names, on="patient_key", how="left").sort("patient_key")


def also_met(known: pl.DataFrame, facts: Facts, keys: pl.Series) -> pl.DataFrame:
    """`known` (as `met` tells it) and the other ones of these numbers, in order: most are known."""
    lacking = keys.filter(~keys.is_in(known["patient_key"].implode()))
    return pl.concat([known, met(facts, lacking)]).sort("patient_key") if len(lacking) else known


def leads(roots: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Every number of the persons with several (`patient_key`, `root`), with the one that leads (`to_key`, `to_pseudonym`).

    `known`: under what they were met (`met`).
    """
    several = pl.concat([roots, roots.select(patient_key="root", root="root").unique()]).join(known, on="patient_key")
    lead = several.sort("root", "trust", "patient_pseudonym").unique("root", keep="first", maintain_order=True)
    return several.join(lead.select("root", to_key="patient_key", to_pseudonym="patient_pseudonym"), on="root")


def from_the_lead(evidence: pl.DataFrame, to: pl.DataFrame) -> pl.DataFrame:
    """Merges told of the numbers that gave way: the row of the number that leads speaks for the one that has no row, the root."""
    said = evidence.join(to.select("patient_key", "root", "to_key"), on="patient_key", how="left", maintain_order="left")
    is_merge = (pl.col("outcome") == MERGED) & pl.col("to_key").is_not_null()
    is_lead = is_merge & (pl.col("patient_key") == pl.col("to_key"))
    return said.with_columns(
        patient_key=pl.when(is_lead).then("root").otherwise("patient_key"), with_key=pl.when(is_merge).then("to_key").otherwise("with_key")
    ).select(EVIDENCE.keys())


def once_per_pair(evidence: pl.DataFrame, to: pl.DataFrame) -> pl.DataFrame:
    """One row per two persons who exclude each other, whatever they agree on, in which round and under which of their numbers.

    The row has all that they agree on, in the order in which it was looked at, and the first method; it is told of the same of the two
    in every release, by the numbers that lead.
    """
    is_apart = pl.col("outcome") == CONFLICT
    lead = to.select("patient_key", lead="to_key")
    told = evidence.filter(is_apart)
    for side in ("patient_key", "with_key"):
        hers = lead.rename({"patient_key": side, "lead": f"{side}_lead"})
        told = told.join(hers, on=side, how="left", maintain_order="left").with_columns(
            pl.coalesce(f"{side}_lead", side).alias(f"{side}_lead")
        )
    leads = pl.col("patient_key_lead"), pl.col("with_key_lead")
    told = told.filter(leads[0] != leads[1])  # a later round found them to be one
    turned = told.with_columns(pl.struct(first=pl.max_horizontal(*leads), second=pl.min_horizontal(*leads)).alias("pair"))
    is_turned = leads[0] < leads[1]
    turned = turned.with_columns(
        patient_key=pl.when(is_turned).then("with_key").otherwise("patient_key"),
        with_key=pl.when(is_turned).then("patient_key").otherwise("with_key"),
    )
    words = pl.col("evidence").str.split(" ").explode().unique(maintain_order=True).str.join(" ")
    first = [pl.col(name).first() for name in ("patient_key", "with_key", "method", "outcome")]
    one = turned.group_by("pair", maintain_order=True).agg(*first, words.alias("evidence"), pl.col("probability").max())
    return stack([evidence.filter(~is_apart), one.select(EVIDENCE.keys())], EVIDENCE)
