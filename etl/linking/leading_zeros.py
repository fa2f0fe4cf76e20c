"""Numbers of persons that equal others of the registry but for leading zeros: a spreadsheet saved one of the files anew.

Nothing says that 123 and 00123 are one woman, so they stay two; which file lacks the zeros is told, once per file. Numbers are compared
where they mean the same person: a hospital's within its source. Only numbers that begin with a zero are looked at.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from etl.landing.landed import LandedFile
from etl.normalise.people import People
from etl.normalise.result import Normalised
from schemas.contract import Contract
from schemas.core.errors import few
from schemas.core.frames import EDIT_COUNTS, FINDINGS, stack
from schemas.findings import SAID
from schemas.items import RECORDS
from schemas.reading_edits import counts, findings

EDIT = "LINK-ZEROS"
ISSUED = r"^((?:[a-z0-9_]+:)?)"  # who issued the number stands before it
BEGINS_WITH_ZERO, BARE = ISSUED + r"0[0-9]+$", ISSUED + r"0*([0-9]+)$"
# One row per number without zeros that another has at its front: the keys of both.
PAIRS: dict[str, type[pl.DataType]] = {"patient_key": pl.Int64, "whole_key": pl.Int64}


def zeros_lost(files: Sequence[LandedFile], parts: Sequence[Normalised], people: People) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """FINDINGS, EDIT_COUNTS and SAID: one finding per file whose numbers lack zeros that the same numbers have elsewhere.

    `parts`: what the `files` deliver, in their order.
    """
    pairs = _pairs(*people.numbers())
    found, met = [pl.DataFrame(schema=FINDINGS)], [pl.DataFrame(schema=EDIT_COUNTS)]
    named = [_named(part) for part in parts] if pairs.height else []
    in_force = pl.concat([pairs["whole_key"].clear(), *named]).unique()
    pairs = pairs.filter(pl.col("whole_key").is_in(in_force.implode()))  # not those of a file that was refused
    for file, keys in zip(files, named, strict=False):
        lost = pairs.filter(pl.col("patient_key").is_in(keys.implode()))
        if n := lost.height:
            others = [one.name for one, theirs in zip(files, named, strict=True) if theirs.is_in(lost["whole_key"].implode()).any()]
            found.append(_finding(file, n, others))
            met.append(counts(EDIT, violated=n, satisfied=len(keys) - n, not_applicable=0))
    told = stack(found, FINDINGS)
    return told, stack(met, EDIT_COUNTS), _said(told)


def _pairs(numbers: pl.Series, keys: pl.Series) -> pl.DataFrame:
    """PAIRS. Of several forms of one number the longest is whole."""
    has_zero = numbers.str.contains(BEGINS_WITH_ZERO)
    if not has_zero.any():
        return pl.DataFrame(schema=PAIRS)
    table = pl.DataFrame([numbers.alias("number"), keys.alias("patient_key"), has_zero.alias("has_zero")])
    bare = pl.col("number").str.replace(BARE, "${1}${2}")
    zeros = table.filter("has_zero").with_columns(bare=bare)
    others = table.filter(~pl.col("has_zero")).with_columns(bare="number").join(zeros.select("bare").unique(), on="bare", how="semi")
    several = pl.concat([zeros, others]).filter(pl.col("bare").is_duplicated())
    whole = several.sort(pl.col("number").str.len_bytes(), descending=True).unique("bare", keep="first", maintain_order=True)
    both = several.join(whole.select("bare", whole_key="patient_key"), on="bare")
    return both.filter(pl.col("patient_key") != pl.col("whole_key")).select(PAIRS.keys())


def _named(part: Normalised) -> pl.Series:
    """The persons whom the records of one file name."""
    return pl.concat([part.records.some(record, ["patient_key"])["patient_key"] for record in RECORDS]).unique()


def _finding(file: LandedFile, n: int, others: Sequence[str]) -> pl.DataFrame:
    told = f"{' '.join(_headers(file.contract))}: {n:,} numbers are in {', '.join(few(list(others)))} with zeros at their front"
    return findings(pl.DataFrame({"columns": [told], "source_key": [file.source_key]}).with_columns(record=pl.lit("row")), EDIT)


def _headers(contract: Contract) -> list[str]:
    return [contract.fields[name].headers(name)[0] for name in contract.person_fields if name in contract.fields]


def _said(told: pl.DataFrame) -> pl.DataFrame:
    """What the findings are told by: their column, so that they keep their names where the count of another night differs."""
    said = pl.col("columns").str.split(": ").list.first()
    return told.select(*list(SAID)[:-1], said=said).cast(SAID)  # type: ignore[arg-type]
