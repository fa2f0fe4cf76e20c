"""The lines under a Kaplan-Meier figure: the tests, what is not drawn, how dates were taken, what the marks are."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from warehouse.survival.figure_envelope import envelope_note
from warehouse.survival.figure_layout import WIDTH_INCHES, KaplanMeierFigure, last, lines


def notes(picture: KaplanMeierFigure) -> list[str]:
    """One line per test (which arms it compares is part of it), then what is drawn; in lines of the width of the figure."""
    return [line for note in _said(picture) for line in lines(note, WIDTH_INCHES - 0.24, 7)]


def _said(picture: KaplanMeierFigure) -> Iterator[str]:
    if picture.among:
        yield f"{picture.among}."
    yield from picture.tests
    if goes_on(picture):
        many = "the tests are of the whole follow-up"
        tested = {0: "follow-up goes on", 1: "the test is of the whole follow-up"}.get(len(picture.tests), many)
        yield f"Drawn to month {drawn_to(picture):g}; {tested}."
    if picture.undrawn:
        where = "" if picture.is_at_ticks else " (see survival.csv)"
        yield f"Not drawn{where}: {'; '.join(picture.undrawn)}."
    if picture.cut_off:
        yield f"Data cut-off: {picture.cut_off}."
    yield from picture.conventions
    yield f"{_marks(picture)} A month is {picture.days_per_month:g} days."
    if picture.envelope is not None and (bounds := envelope_note(picture.envelope, is_at_ticks=picture.is_at_ticks)):
        yield bounds
    if picture.stamp:
        yield picture.stamp


def _marks(picture: KaplanMeierFigure) -> str:
    estimate = f"{picture.estimator} estimate. "
    if picture.is_at_ticks:
        return f"{estimate}Bars: 95 % confidence interval ({picture.ci}). Known at the marks of the axis only; – small numbers suppressed."
    if picture.causes:
        marks = f"shaded the 95 % confidence interval ({picture.ci}), upright marks the censored."
        return f"{estimate}At {picture.causes[0][1]} only: {marks}"
    return f"{estimate}Shaded: 95 % confidence interval ({picture.ci}). Upright marks: censored."


def goes_on(picture: KaplanMeierFigure) -> bool:
    """Whether somebody is, or may be, followed beyond the axis. Known at the ticks only it is so unless nobody is at risk at the last.

    With a horizon nobody is: estimate and test are cut there, and the axis goes there.
    """
    if picture.horizon is not None:
        return False
    if picture.is_at_ticks:
        at_last = picture.at_risk.filter(pl.col("months") == drawn_to(picture))["at_risk"].to_list()
        return any(n is None or n > 0 for n in at_last)
    return bool(max(picture.curves["days"].to_list()) / picture.days_per_month > last(picture))


def drawn_to(picture: KaplanMeierFigure) -> float:
    """The month at which the curves end: of the axis, or known at the ticks only the last at which one is shown."""
    if not picture.is_at_ticks:
        return last(picture)
    return float(max(picture.curves.drop_nulls("survival")["days"].to_list(), default=0)) / picture.days_per_month
