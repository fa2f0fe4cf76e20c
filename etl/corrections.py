"""The reviewed corrections of a project over one run: which are in force, which were applied where, which no longer fit."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from etl.landing.landed import LandedFile
from etl.normalise.corrected import Corrections
from etl.normalise.result import CORRECTED, Normalised
from schemas.core.errors import Mistake
from schemas.core.frames import EDIT_COUNTS, FINDINGS, stack
from schemas.core.ids import located, text_key
from schemas.corrections import Correction
from schemas.findings import SAID
from schemas.reading_edits import counts, findings

# One row per correction and row of a file that it changed, or one row where it changed none; without the values themselves.
REPORT: dict[str, type[pl.DataType]] = {
    "line": pl.Int64, "outcome": pl.String, "source_file": pl.String, "source_row": pl.Int64, "record": pl.String, "rule": pl.String,
    "column": pl.String, "reason": pl.String, "author": pl.String, "date": pl.String, "expires": pl.String,
}  # fmt: skip
EDITS = {
    "stale": "CORR-STALE", "conflict": "CORR-CONFLICT", "expired": "CORR-EXPIRED", "unbound": "CORR-UNBOUND", "moved": "CORR-MOVED",
    "future": "CORR-FUTURE", "unread": "CORR-UNREAD",
}  # fmt: skip
# Lines that are half filled in are no corrections: they are counted apart.
INCOMPLETE, OF_INCOMPLETE = "incomplete", "CORR-INCOMPLETE"
# What a correction changed: file, row, record and rule.
Place = tuple[str, int, str | None, str | None]


@dataclass(frozen=True)
class Judged:
    """What became of the corrections: `report` (REPORT), findings and counts. `said`: what the findings are told by (SAID)."""

    report: pl.DataFrame
    findings: pl.DataFrame
    counts: pl.DataFrame
    said: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SAID))


def outcomes(corrections: Sequence[Correction], as_of: datetime.date) -> dict[int, str]:
    """Line and outcome of each correction that is not in force on that day: `expired`, `future`, `unbound`, or in `conflict`
    with another.

    Two conflict that expect the same old value at the same place and give different new ones: none of them is applied. Nor is one
    that names a row by its number alone.
    """
    found = {one.line: "unbound" for one in corrections if one.is_unbound}
    found |= {one.line: "expired" for one in corrections if one.is_expired(as_of)}
    found |= {one.line: "future" for one in corrections if one.is_future(as_of)}
    said: dict[tuple[str, str, str], set[str]] = {}
    for one in corrections:
        if one.line not in found:
            said.setdefault(one.place, set()).add(one.value)
    for one in corrections:
        if one.line not in found and len(said[one.place]) > 1:
            found[one.line] = "conflict"
    return found


def in_force(corrections: Sequence[Correction], as_of: datetime.date) -> Corrections:
    """The corrections to apply; of two that say the same the first."""
    out = outcomes(corrections, as_of)
    once = {one.place: one for one in reversed(corrections) if one.line not in out}
    return Corrections(tuple(sorted(once.values(), key=lambda one: one.line)))


def judge(
    corrections: Sequence[Correction],
    as_of: datetime.date,
    parts: Sequence[Normalised],
    files: Sequence[LandedFile],
    unusable: Sequence[Mistake] = (),
) -> Judged:
    """What became of every correction once all files are normalised; one that changed nothing is stale, unless another one, reviewed on
    another delivery of the same row, says otherwise.

    `unusable`: what is wrong with the lines that are no corrections.
    """
    applied = stack((part.corrected for part in parts), CORRECTED)
    if not corrections and not unusable:
        return Judged(pl.DataFrame(schema=REPORT), pl.DataFrame(schema=FINDINGS), pl.DataFrame(schema=EDIT_COUNTS))
    active = in_force(corrections, as_of).active
    places = _places(applied, files)
    first = {one.place: one.line for one in active}  # the others say the same: what became of that one became of them
    contested = [line for part in parts for line in part.contested]
    out = dict.fromkeys(first.values(), "stale") | dict.fromkeys(contested, "conflict")
    out |= outcomes(corrections, as_of) | dict.fromkeys(places, "applied")
    became = {one.line: out[one.line if one.line in out else first[one.place]] for one in corrections}
    keys = {file.name: file.source_key for file in files}
    told = [row for one in corrections for row in _told(one, became[one.line], places.get(one.line, []))]
    report = pl.DataFrame(told, schema=REPORT, orient="row")
    judged = pl.concat([report, _moved(report, corrections), _unread(report, applied, keys)])
    found = _findings(judged, keys)
    half = [(one.line, INCOMPLETE) for one in unusable]
    return Judged(
        pl.concat([report, pl.DataFrame(half, schema=["line", "outcome"], orient="row")], how="diagonal").cast(REPORT),  # type: ignore[arg-type]
        pl.concat([found, _incomplete(unusable)]),
        _counts(judged, len(corrections), len(unusable)),
        _said(found, corrections),
    )


def _incomplete(unusable: Sequence[Mistake]) -> pl.DataFrame:
    """One finding per line that is no correction; `columns` says which and why."""
    told = [f"{one.file} line {one.line}: {one.told}" for one in unusable]
    return findings(pl.DataFrame({"columns": told}, schema={"columns": pl.String}).with_columns(record=pl.lit("row")), OF_INCOMPLETE)


def _said(found: pl.DataFrame, corrections: Sequence[Correction]) -> pl.DataFrame:
    """SAID of findings about corrections: what each says and where, so that a line put in above it in corrections.csv changes no name."""
    told = {str(one.line): str(text_key(*one.place, one.value)) for one in corrections}
    line = pl.col("columns").str.extract(r"line (\d+)\)$")
    return found.select(*list(SAID)[:-1], said=line.replace_strict(told, default=None, return_dtype=pl.String)).unique()


def _moved(report: pl.DataFrame, corrections: Sequence[Correction]) -> pl.DataFrame:
    """The corrections that were applied to other rows than they name only, once each: their row has moved within its file."""
    named = {one.line: one.source_row for one in corrections if one.source_row is not None}
    row = pl.col("line").replace_strict(named, default=None, return_dtype=pl.Int64) if named else pl.lit(None, pl.Int64)
    is_elsewhere = (pl.col("source_row") != row).fill_null(value=False).all().over("line")
    elsewhere = report.filter((pl.col("outcome") == "applied") & is_elsewhere).unique("line", maintain_order=True)
    return elsewhere.with_columns(outcome=pl.lit("moved"), record=pl.lit(None, pl.String))


def _unread(report: pl.DataFrame, applied: pl.DataFrame, keys: dict[str, int]) -> pl.DataFrame:
    """The rows of `report` whose new value was not understood: it stands in the cell and says nothing. Once per line and row."""
    unread = located(applied.filter("is_unread")).select("line", "source_row", source_file=pl.col("source_key").replace_strict(
        {key: name for name, key in keys.items()}, default=None, return_dtype=pl.String
    )).unique()  # fmt: skip
    found = report.join(unread, on=["line", "source_row", "source_file"], how="semi").unique(["line", "source_row"], maintain_order=True)
    return found.with_columns(outcome=pl.lit("unread"), record=pl.lit(None, pl.String))


def _places(applied: pl.DataFrame, files: Sequence[LandedFile]) -> dict[int, list[Place]]:
    """By line of the correction everything that it changed."""
    names = {file.source_key: file.name for file in files}
    found: dict[int, list[Place]] = {}
    for line, source, row, record, rule in located(applied).select("line", "source_key", "source_row", "record", "rule").iter_rows():
        found.setdefault(line, []).append((names.get(source, ""), row, record, rule))
    return found


def _told(one: Correction, outcome: str, places: Sequence[Place]) -> list[tuple[object, ...]]:
    said = (one.column, one.reason, one.author, one.date.isoformat(), one.expires.isoformat() if one.expires else "")
    if not places:
        return [(one.line, outcome, one.source_file, one.source_row, one.record, None, *said)]
    return [(one.line, outcome, *place, *said) for place in places]


def _findings(report: pl.DataFrame, keys: dict[str, int]) -> pl.DataFrame:
    bad = report.filter(pl.col("outcome").is_in(list(EDITS))).with_columns(
        edit=pl.col("outcome").replace_strict(EDITS, default=None, return_dtype=pl.String),
        source_key=pl.col("source_file").replace_strict(keys, default=None, return_dtype=pl.Int64) if keys else pl.lit(None, pl.Int64),
        record=pl.coalesce("record", pl.lit("row")),
    )
    known = pl.when(pl.col("source_key").is_not_null()).then("source_row")
    return findings(bad.with_columns(source_row=known, columns=pl.format("{} (corrections.csv line {})", "column", "line")))


def _counts(report: pl.DataFrame, total: int, unusable: int) -> pl.DataFrame:
    tally = Counter(report.unique(["line", "outcome"])["outcome"].to_list())
    judged = [counts(edit, violated=tally[o], satisfied=total - tally[o], not_applicable=0) for o, edit in EDITS.items()]
    return stack([*judged, counts(OF_INCOMPLETE, violated=unusable, satisfied=total, not_applicable=0)], EDIT_COUNTS)
