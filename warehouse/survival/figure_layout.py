"""Where the parts of a Kaplan-Meier figure go, so that no words lie on one another: all sizes are in inches, all of them reckoned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

import polars as pl

WIDTH_INCHES, PLOT_INCHES, LINE_INCHES, NOTE_INCHES = 7.2, 3.6, 0.21, 0.15
# From the axis of time to below its title.
AXIS_INCHES = 0.52
# A letter at 1 point, and the room left of the axis that the labels of the numbers at risk may take, in inches.
LETTER_INCHES, MOST_LEFT_INCHES = 0.0085, 2.4


@dataclass(frozen=True)
class KaplanMeierFigure:
    """Everything one figure shows. `curves` and `at_risk` have the columns of km.csv and at_risk.csv, one endpoint.

    `is_at_ticks`: the curves are known at the ticks only, and are drawn as points with their intervals.
    """

    title: str
    origin: str
    curves: pl.DataFrame
    at_risk: pl.DataFrame
    arms: Sequence[tuple[str, str]]
    days_per_month: float
    ci: str
    estimator: str = "Kaplan-Meier"
    tests: Sequence[str] = ()
    is_at_ticks: bool = False
    banners: Sequence[str] = ()
    watermark: str = ""
    # The month of the horizon: the axis goes there where the ticks end before.
    horizon: float | None = None
    # Labels of arms without a curve here.
    undrawn: Sequence[str] = ()
    # Names and labels of competing events, the event first: the curves then are cumulative incidences, with a column `cause`, which
    # stand in the column `survival`.
    causes: Sequence[tuple[str, str]] = ()
    # Bounds of the curves over the days that the dates leave open: arm, days, lower, upper and bounds.
    envelope: pl.DataFrame | None = None
    # The day of the data cut-off of the study, in words; empty where it has none.
    cut_off: str = ""
    # What was decided about dates that are not certain, one sentence each.
    conventions: Sequence[str] = ()
    # Whom the curves are about, where the endpoint is not about all.
    among: str = ""
    # Which release it is of (warehouse.stamp).
    stamp: str = ""


def lines(text: str, inches: float, points: float) -> list[str]:
    """A text in lines that fit into a width at a size."""
    return wrap(text, max(8, int(inches / (LETTER_INCHES * points)))) or [""]


def row_label(label: str) -> list[str]:
    """The label of an arm as it stands beside the numbers at risk, at 8 points."""
    return lines(label, MOST_LEFT_INCHES - 0.35, 8)


def row_inches(label: str) -> float:
    """Height of the row of an arm among the numbers at risk."""
    return LINE_INCHES + 0.13 * (len(row_label(label)) - 1)


def label_inches(picture: KaplanMeierFigure) -> float:
    """Room left of the axis for its title and for the longest line of the labels of the numbers at risk (at 8 points)."""
    longest = max(len(line) for _, label in picture.arms for line in row_label(label))
    least = 0.95 + 0.15 * (len(axis_title(picture)) - 1)
    return min(MOST_LEFT_INCHES, max(least, 0.35 + 8 * LETTER_INCHES * longest))


def axis_title(picture: KaplanMeierFigure) -> list[str]:
    """The words beside the axis of the curves, at 9 points."""
    return lines(f"{picture.title} (%)", PLOT_INCHES, 9)


def plot_inches(picture: KaplanMeierFigure) -> float:
    """Width of the axis of time."""
    return WIDTH_INCHES - label_inches(picture) - 0.25


def last(picture: KaplanMeierFigure) -> float:
    """The month at which the axis ends: the last tick or the horizon; with neither the end of the curves."""
    shown = max((*picture.at_risk["months"].to_list(), picture.horizon or 0))
    days = picture.curves["days"].to_list()
    return float(shown or max((picture.days_per_month, *days)) / picture.days_per_month)


def ticks(picture: KaplanMeierFigure) -> list[int]:
    """The months that are written under the axis: of those too near to one another to be read only the first, and the last of all."""
    months = sorted(set(picture.at_risk["months"].to_list()))
    widest = max(len(str(n)) for name in ("months", "at_risk") for n in picture.at_risk[name].to_list())
    apart = (8 * LETTER_INCHES * widest + 0.06) * last(picture) / plot_inches(picture)
    kept = months[:1]
    for month in months[1:]:
        if month - kept[-1] >= apart:
            kept.append(month)
    if kept[-1] != months[-1]:
        kept = [*(month for month in kept if months[-1] - month >= apart), months[-1]]
    return kept
