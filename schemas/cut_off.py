"""What a data cut-off does not cut: steps, arms, groups and tables read all that was delivered, also of later days.

A time ends at the cut-off, whatever is known of later. A condition such as `has_metastasectomy` has no day: the study says itself
whether an operation after the cut-off counts, and `check` names the places where it does not say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

import polars as pl

from schemas.candidate import known, of_rows
from schemas.core.errors import Mistake
from schemas.core.expression import ExpressionError
from schemas.study import Study
from schemas.study_column import SOURCES, StudyColumn
from schemas.yaml_lines import Path, Source


@cache
def known_by() -> dict[str, str | None]:
    """Columns that may know what happened late, and the date that says when (None: there is none)."""
    text = files("schemas").joinpath("known_by.csv").read_bytes()
    return dict(pl.read_csv(text, comment_prefix="#", schema={"column": pl.String, "date": pl.String}).iter_rows())


def cut_off_notices(source: Source, study: Study) -> Iterator[Mistake]:
    """One notice for each condition of a study with a data cut-off that knows what happened after it."""
    for path, text in _conditions(study) if study.data_cut_off is not None else ():
        for column, date in _undated(study, text):
            message = (
                f"'data_cut_off' cuts times only: '{path[-1]}' reads '{column}' of all that was delivered, also after {study.data_cut_off}"
            )
            yield Mistake(source.file, source.line(path), message, _hint(study, column, date))


def _conditions(study: Study) -> Iterator[tuple[Path, str]]:
    """Every condition and value outside the endpoints, with its place; of Table 2 nothing: its texts say when."""
    yield from ((("steps", number, "keep"), step.keep) for number, step in enumerate(study.steps))
    yield from ((("arms", number, "when"), arm.when) for number, arm in enumerate(study.arms) if arm.when is not None)
    yield from ((("subgroups", number, "when"), group.when) for number, group in enumerate(study.subgroups))
    for number, variable in enumerate(study.table_1):
        for key in ("value", "level", "of"):
            if text := getattr(variable, key):
                yield ("table_1", number, key), text
    for number, endpoint in enumerate(study.endpoints):
        if endpoint.among is not None:
            yield ("endpoints", number, "among"), endpoint.among


def _undated(study: Study, text: str) -> list[tuple[str, str | None]]:
    """Columns of a condition that may know what happened late, without the date that would say when."""
    try:
        named = known(study.columns).named(text)
    except ExpressionError:
        return []
    undated = [(column, date) for column, date in known_by().items() if column in named and date not in named]
    return [*undated, *((one.column, SOURCES[one.list].date) for one in study.columns if one.column in named and _is_undated(study, one))]


def _is_undated(study: Study, column: StudyColumn) -> bool:
    """Whether a column that the study makes itself takes records of any day; one that is a date says itself when."""
    over = of_rows(study.columns[: study.columns.index(column)], column)
    try:
        named = over.named(column.where)
    except ExpressionError:
        return False
    return column.taken not in over.dates and not named & set(over.dates)


def _hint(study: Study, column: str, date: str | None) -> str:
    if date is None:
        return "no date says when that was: it cannot be cut"
    is_own = any(one.column == column for one in study.columns)
    where = f"in the 'where' of '{column}': " if is_own else f"{column} "
    return f"if what came later does not count: {where}... and not before(date '{study.data_cut_off}', {date})"
