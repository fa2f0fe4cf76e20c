"""Rows of RESULTS for expectations that Great Expectations does not judge: those that compare one night with the night before."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from validations.report.report_input import RESULTS

# name, subject, critical, success, detail, reason: a row of RESULTS.
Row = tuple[str, str, bool, bool | None, str, str]


def warning(name: str, subject: str, detail: str, reason: str) -> Row:
    """An expectation that is not met and stops nothing."""
    return name, subject, False, False, detail, reason


def as_results(rows: Iterable[Row | None] = ()) -> pl.DataFrame:
    """RESULTS, one row for each that there is."""
    return pl.DataFrame([row for row in rows if row is not None], schema=RESULTS, orient="row")
