"""The envelope of a curve in the figure: a hatched band, or where it is known at the ticks only a wide bar at each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from warehouse.survival.envelope import OUTER

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_envelope(axes: Axes, band: pl.DataFrame, colour: str, days_per_month: float, shift: float | None) -> None:
    """`band`: days, lower and upper of one arm; `shift`: months by which its bars stand apart, None where it is a band.

    Between two days of the band neither bound can lie beyond those at its ends: both fall. So where the dates leave nothing open nothing
    is drawn: the band would be as high as the steps of the curve, and no note says what it is.
    """
    known = band.drop_nulls(["lower", "upper"]).sort("days")
    if not _is_open(known):
        return
    months = (known["days"] / days_per_month).to_numpy()
    if shift is None:
        lower = known["lower"].shift(-1).fill_null(strategy="forward").to_numpy()
        upper = known["upper"].to_numpy()
        axes.fill_between(
            months, lower, upper, step="post", facecolor="none", edgecolor=colour, linewidth=0.5, alpha=0.55, hatch="////", zorder=2
        )
    else:
        axes.vlines(months + shift, known["lower"].to_numpy(), known["upper"].to_numpy(), color=colour, linewidth=6, alpha=0.3, zorder=2)


def _is_open(band: pl.DataFrame) -> bool:
    return bool((band["upper"] > band["lower"]).any())


def envelope_note(band: pl.DataFrame, *, is_at_ticks: bool) -> str:
    """What the reader has to know of it; empty where there is none."""
    if not _is_open(band):
        return ""
    drawn, middle = ("Wide bars", "Points") if is_at_ticks else ("Hatched", "Line")
    outer = " (outer bounds)" if (band["bounds"] == OUTER).any() else ""
    return f"{drawn}: the curves that the uncertain dates leave open{outer}; no confidence interval. {middle}: the middle of each time."
