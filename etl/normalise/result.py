"""What normalising one file hands on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from etl.normalise.narrow import Kind, narrow_kind, narrow_schema
from etl.normalise.people import PERSONS

if TYPE_CHECKING:
    from etl.normalise.delivered import ByRule

# Beside the columns of the staging record. Where `same_by` is set the record has no component number of its own and joins the
# component of its course that has the same value in that column. `unnumbered`: the contract gives the record no number (event,
# contact, component), so the one it has is the default; `tumour_unnumbered`: so is the number of its tumour.
PROVENANCE: dict[str, type[pl.DataType]] = {
    "patient_key": pl.Int64, "source_row_id": pl.Int64, "source_file": pl.String, "trust": pl.Int32, "rule": pl.String,
    "same_by": pl.String, "unnumbered": pl.Boolean, "tumour_unnumbered": pl.Boolean,
}  # fmt: skip
# One row per domain, spelling, context, contract, file and header that was not understood; raw text, for internal/ only. Its rows
# can be pasted into a file of the project's vocabularies/: `code` is the code of the known spelling most like it (`suggestion`), a
# hint and no more. `reason`: why nothing was read (schemas/vocabularies/reasons.py, or the edit that tells of it); of an unlisted word
# `words` are those that no list knows, and `would_read` what is read once all of them are plain words of the project.
UNMAPPED: dict[str, type[pl.DataType]] = {
    "domain": pl.String, "spelling": pl.String, "code": pl.String, "context": pl.String, "suggestion": pl.String, "n": pl.Int64,
    "contract": pl.String, "source_file": pl.String, "column": pl.String,
    "reason": pl.String, "words": pl.String, "would_read": pl.String,
}  # fmt: skip
# Of texts that no vocabulary read: why, as UNMAPPED has it.
WHY = ("reason", "words", "would_read")
# One row per domain, spelling, context, contract, file and header that was read although words stand beside the value that no list knows
# (`words`); raw text, for internal/ only. Its rows can be pasted into a file of the project's vocabularies/ as they are, which confirms
# what was read (`code`), or with another code; `not_read` refuses it.
UNLISTED: dict[str, type[pl.DataType]] = {
    "domain": pl.String, "spelling": pl.String, "code": pl.String, "context": pl.String, "words": pl.String, "n": pl.Int64,
    "contract": pl.String, "source_file": pl.String, "column": pl.String,
}  # fmt: skip
# One row per contract, file, header, domain, bin and reason: how many different texts and cells fell there. Counts only.
BINS: dict[str, type[pl.DataType]] = {
    "contract": pl.String, "source_file": pl.String, "column": pl.String, "domain": pl.String, "bin": pl.String, "reason": pl.String,
    "distinct": pl.Int64, "n": pl.Int64,
}  # fmt: skip
# One row per person (as one file names her) and combination of identifiers; what linkage needs, for the vault only.
# `issuer`: whose the hospital number is, where it is another source's; null: that of the file.
IDENTIFIERS: dict[str, type[pl.DataType]] = {
    "patient_key": pl.Int64, "source": pl.String, "trust": pl.Int32, "source_row_id": pl.Int64, "patient_id": pl.String,
    "nric": pl.String, "hospital_number": pl.String, "issuer": pl.String, "name": pl.String, "postcode": pl.String,
}  # fmt: skip
# One row per correction (its line in corrections.csv), source row and rule whose record it changed; no record where none was delivered.
# `is_unread`: its new value was not understood.
CORRECTED: dict[str, type[pl.DataType]] = {
    "line": pl.Int64, "source_row_id": pl.Int64, "column": pl.String, "record": pl.String, "rule": pl.String, "is_unread": pl.Boolean,
}  # fmt: skip

# One row per cell of an upserted file that was not understood, as UNMAPPED (texts that are no spellings: no domain) and BINS count it.
UNREAD: dict[str, type[pl.DataType]] = {
    "source_row": pl.Int64, "column": pl.String, "domain": pl.String, "spelling": pl.String, "context": pl.String, "reason": pl.String,
}  # fmt: skip


def no_identifiers() -> pl.DataFrame:
    """Identifiers of nobody."""
    return pl.DataFrame(schema=IDENTIFIERS)


def no_bins() -> pl.DataFrame:
    """Counts of no column."""
    return pl.DataFrame(schema=BINS)


def no_persons() -> pl.DataFrame:
    """Nobody's pseudonym."""
    return pl.DataFrame(schema=PERSONS)


def delivered_schema(record: str) -> dict[str, Kind]:
    """Columns of a delivered (possibly partial) staging record: its person is a key, her pseudonym stands elsewhere once."""
    own = {name: kind for name, kind in narrow_schema(record).items() if name != "patient_pseudonym"}
    return own | {name: narrow_kind(name, kind) for name, kind in PROVENANCE.items()}


@dataclass(frozen=True)
class Normalised:
    """One file after normalising: every frame of `records` (by kind) has the columns of `delivered_schema`, one row per record delivered.

    `findings`: one row per cell not understood (FINDINGS). `counts`: one row per reading edit (EDIT_COUNTS). `source`: whose
    file it is. `identifiers` (IDENTIFIERS) goes to linkage and the vault only, `corrected` (CORRECTED) into the lineage.
    `bins`: what became of the texts that vocabularies read (BINS). `persons`: the pseudonyms (PERSONS) of the persons whom no
    file of the run named before this one. `contested`: lines of corrections.csv that say different things of one cell of this file.
    `unread`: cells not understood (UNREAD) of a file whose rows may be replaced. `unlisted`: texts read beside words no list knows.
    """

    records: ByRule
    findings: pl.DataFrame
    counts: pl.DataFrame
    ledger: pl.DataFrame
    unmapped: pl.DataFrame
    source: str = ""
    identifiers: pl.DataFrame = field(default_factory=no_identifiers)
    corrected: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CORRECTED))
    bins: pl.DataFrame = field(default_factory=no_bins)
    persons: pl.DataFrame = field(default_factory=no_persons)
    contested: frozenset[int] = frozenset()
    unread: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=UNREAD))
    unlisted: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=UNLISTED))
