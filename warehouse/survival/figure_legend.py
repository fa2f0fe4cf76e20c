"""Where the names of the curves stand: in a corner of the figure that no curve crosses, else under its axis."""

from __future__ import annotations

import polars as pl

from warehouse.survival.figure_layout import LETTER_INCHES, PLOT_INCHES, KaplanMeierFigure, last, lines, plot_inches

# Rows that a corner may hold; the line before a name, in letters of its size; what it and the gaps take beside a name, in inches.
MOST_ROWS, HANDLE_LETTERS, BESIDE_INCHES = 4, 3.4, 0.62
# Height of a line, of the gap under each name, and of what is above and below them all.
ROW_INCHES, GAP_INCHES, BORDER_INCHES = 0.148, 0.065, 0.12
# Lower left, where curves seldom are, comes first; incidences rise.
CORNERS = ("lower left", "upper right")
OF_INCIDENCES = ("upper left",)


def legend_rows(picture: KaplanMeierFigure) -> list[list[str]]:
    """The name of each curve in lines, at 9 points; none where there is one curve only."""
    names = [label for _, label in picture.arms]
    if picture.causes:
        whose = [f"{label}: " if len(picture.arms) > 1 else "" for label in names]
        names = [f"{of}{cause}" for of in whose for _, cause in picture.causes]
    return [lines(name, plot_inches(picture) - BESIDE_INCHES, 9) for name in names] if len(names) > 1 else []


def legend_place(picture: KaplanMeierFigure) -> str:
    """The corner; empty where each would cover a curve or where the names take more than four rows: they then stand under the axis."""
    if sum(map(len, legend_rows(picture))) > MOST_ROWS:
        return ""
    corners = OF_INCIDENCES if picture.causes else CORNERS
    return next((corner for corner in corners if not _covers(picture, corner)), "")


def legend_columns(picture: KaplanMeierFigure) -> int:
    """How many names stand beside one another under the axis."""
    names = len(legend_rows(picture))
    return max(1, min(names, 3, int(plot_inches(picture) / (BESIDE_INCHES + _letters(picture)))))


def legend_inches(picture: KaplanMeierFigure) -> float:
    """Height of the names under the axis; 0 where they stand in the figure, or there is one curve only."""
    names = legend_rows(picture)
    if not names or legend_place(picture):
        return 0.0
    down = -(-len(names) // legend_columns(picture))
    columns = [names[begin : begin + down] for begin in range(0, len(names), down)]
    return max(map(_inches, columns)) + BORDER_INCHES


def _inches(names: list[list[str]]) -> float:
    return ROW_INCHES * sum(map(len, names)) + GAP_INCHES * len(names)


def _letters(picture: KaplanMeierFigure) -> float:
    return 9 * LETTER_INCHES * max(len(line) for name in legend_rows(picture) for line in name)


def _covers(picture: KaplanMeierFigure, corner: str) -> bool:
    """Whether a curve, or at ticks one of its bars, would pass through the names."""
    if not legend_rows(picture):
        return False
    wide = (_letters(picture) + BESIDE_INCHES + 0.1) / plot_inches(picture) * last(picture)
    high = 1.02 * (_inches(legend_rows(picture)) + BORDER_INCHES) / PLOT_INCHES
    first, end = (0.0, wide) if "left" in corner else (last(picture) - wide, last(picture))
    over, under = (1.02 - high, 1.02) if "upper" in corner else (0.0, high)
    parts = _spans(picture).filter(pl.col("begins") <= end, pl.col("ends") >= first)
    return parts.filter(pl.col("least") <= under, pl.col("most") >= over).height > 0


def _spans(picture: KaplanMeierFigure) -> pl.DataFrame:
    """What is drawn as upright boxes, in months (begins, ends) and S(t) (least, most): each step and its fall, or each bar and the way
    to the next."""
    of = ["arm", *(["cause"] if picture.causes else [])]
    known = picture.curves.drop_nulls("survival").sort(*of, "days")
    begins, height = pl.col("days") / picture.days_per_month, pl.col("survival")
    ends, later = begins.shift(-1).over(of).fill_null(begins), height.shift(-1).over(of).fill_null(height)
    lower, upper = pl.min_horizontal(height, later), pl.max_horizontal(height, later)
    falls = known.select(begins=begins if picture.is_at_ticks else ends, ends=ends, least=lower, most=upper)
    bars = pl.min_horizontal("survival", "lower"), pl.max_horizontal("survival", "upper")
    if picture.is_at_ticks:
        return pl.concat([falls, known.select(begins=begins, ends=begins, least=bars[0], most=bars[1])])
    return pl.concat([falls, known.select(begins=begins, ends=ends, least=height, most=height)])
