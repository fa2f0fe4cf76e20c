"""The Kaplan-Meier figure: curves with intervals and censoring, numbers at risk under the axis, a banner where one is due."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from warehouse.survival.figure_envelope import draw_envelope
from warehouse.survival.figure_layout import (
    AXIS_INCHES,
    LINE_INCHES,
    NOTE_INCHES,
    PLOT_INCHES,
    WIDTH_INCHES,
    KaplanMeierFigure,
    axis_title,
    label_inches,
    last,
    lines,
    row_inches,
    row_label,
    ticks,
)
from warehouse.survival.figure_legend import HANDLE_LETTERS, legend_columns, legend_inches, legend_place, legend_rows
from warehouse.survival.figure_notes import notes

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.container import ErrorbarContainer
    from matplotlib.figure import Figure

# Okabe and Ito's colours: told apart with every kind of colour blindness.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
INK, QUIET = "#1a1a1a", "#5c5c5c"
# How far apart arms stand at a tick.
APART_MONTHS = 0.35
# Curves are told apart without colour too, for paper is often printed in black: six lines, and points of eight forms. Of what is
# written in points of the line's width the fifth is one of long dashes, the sixth of a dash and two dots.
DASHES: tuple[Any, ...] = ("solid", "dashed", "dotted", "dashdot", (0, (9, 2.5)), (0, (5, 1.2, 1, 1.2, 1, 1.2)))
MARKERS = "os^DvPX*"
# One bundled font, text as outlines and a fixed salt: the bytes depend neither on the machine nor on the day.
# A dollar in a label is a dollar: no formula is read into the words of a study.
STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "svg.fonttype": "path",
    "svg.hashsalt": "oncomart",
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.linewidth": 0.8,
    "path.simplify": False,
    "text.parse_math": False,
}


def write_figure(picture: KaplanMeierFigure, stem: Path) -> None:
    """Writes `stem`.svg and `stem`.png; two runs on the same input give the same bytes."""
    import matplotlib as mpl  # noqa: PLC0415  # 1 s
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: PLC0415

    with mpl.rc_context():
        mpl.rcdefaults()  # whoever runs it may have a matplotlibrc, at home or in the working folder: the picture is the release's
        mpl.rcParams.update(STYLE)
        figure, words, svg = _drawn(picture), in_words(picture), BytesIO()
        FigureCanvasSVG(figure).print_svg(svg, metadata={"Date": None, "Creator": None, "Title": words})
        stem.with_suffix(".svg").write_bytes(svg.getvalue().replace(b"<svg ", b'<svg role="img" ', 1))
        figure.set_dpi(200)
        FigureCanvasAgg(figure).print_png(stem.with_suffix(".png"), metadata={"Software": None, "Description": words})


def in_words(picture: KaplanMeierFigure) -> str:
    """What the figure shows, for whoever cannot see it: its letters are outlines, which no program reads aloud."""
    of = [f"{label}: {cause}" for _, label in picture.arms for _, cause in picture.causes] or [label for _, label in picture.arms]
    said = f"{picture.title} (%) by months since {picture.origin}; a curve for {'; '.join(of)}"
    whom, of = ([text] if text else [] for text in (picture.among, picture.stamp))
    return ". ".join([*picture.banners, said, *whom, *picture.tests, "The numbers stand in the tables of this folder", *of])


def _drawn(picture: KaplanMeierFigure) -> Figure:
    from matplotlib.figure import Figure  # noqa: PLC0415

    left, right = label_inches(picture), 0.25
    banners = [line for banner in picture.banners for line in lines(banner, WIDTH_INCHES - left - 0.1, 9)]
    top = 0.2 + 0.2 * len(banners)
    rows = sum(row_inches(label) for _, label in picture.arms)
    under = legend_inches(picture)
    below = 0.62 + under + LINE_INCHES + rows + 0.18 + NOTE_INCHES * len(notes(picture))
    height = top + PLOT_INCHES + below
    figure = Figure(figsize=(WIDTH_INCHES, height))
    axes = figure.add_axes((left / WIDTH_INCHES, below / height, (WIDTH_INCHES - left - right) / WIDTH_INCHES, PLOT_INCHES / height))
    _plot(axes, picture)
    _finish(axes, picture)
    _numbers_at_risk(figure, axes, picture, height, below - under)
    _words(figure, picture, banners, height, left)
    return figure


def _plot(axes: Axes, picture: KaplanMeierFigure) -> None:
    draw = _points if picture.is_at_ticks else _steps
    drawn: list[Any] = []
    for place, ((arm, _), colour) in enumerate(zip(picture.arms, _colours(picture), strict=True)):
        curve = picture.curves.filter(pl.col("arm") == arm).with_columns(months=pl.col("days") / picture.days_per_month)
        if picture.causes:
            drawn += _incidences(axes, picture, curve, colour, place)
        else:
            drawn.append(draw(axes, curve, colour, place))
            _envelope(axes, picture, arm, colour, place)
    if len(drawn) > 1:
        _legend(axes, picture, drawn)


def _legend(axes: Axes, picture: KaplanMeierFigure, drawn: Sequence[Any]) -> None:
    """In a corner without curves, else under the axis."""
    look: dict[str, Any] = {"frameon": False, "handlelength": HANDLE_LETTERS, "borderaxespad": 0.4, "fontsize": 9}
    names = ["\n".join(name) for name in legend_rows(picture)]
    if corner := legend_place(picture):
        axes.legend(drawn, names, loc=corner, **look)
    else:
        look |= {"ncols": legend_columns(picture), "bbox_to_anchor": (0, -AXIS_INCHES / PLOT_INCHES)}
        axes.legend(drawn, names, loc="upper left", **look)


def _envelope(axes: Axes, picture: KaplanMeierFigure, arm: str, colour: str, place: int) -> None:
    if picture.envelope is not None:
        shift = APART_MONTHS * place if picture.is_at_ticks else None
        draw_envelope(axes, picture.envelope.filter(pl.col("arm") == arm), colour, picture.days_per_month, shift)


def _incidences(axes: Axes, picture: KaplanMeierFigure, curve: pl.DataFrame, colour: str, place: int) -> list[Any]:
    """The curves of one arm, each with a look of its own; band and censorings stand at the event alone, or nothing could be read."""
    drawn: list[Any] = []
    for number, (cause, _) in enumerate(picture.causes):
        of_cause, nth = curve.filter(pl.col("cause") == cause), place + len(picture.arms) * number
        if picture.is_at_ticks:
            drawn.append(_points(axes, of_cause, colour, nth))
        else:
            drawn.append(_steps(axes, of_cause, colour, place, DASHES[nth % len(DASHES)], is_whole=not number))
    return drawn


def _steps(axes: Axes, curve: pl.DataFrame, colour: str, place: int, dash: Any = None, *, is_whole: bool = True) -> Artist:
    """The curve with its band and its censorings (`is_whole`)."""
    (line,) = axes.step(
        curve["months"].to_numpy(),
        curve["survival"].to_numpy(),
        where="post",
        color=colour,
        linewidth=1.7,
        linestyle=dash or _dash(place),
        solid_joinstyle="miter",
        zorder=3 + place,
    )
    if not is_whole:
        return line
    bounded = _to_the_end(curve)
    months, lower, upper = (bounded[name].to_numpy() for name in ("months", "lower", "upper"))
    axes.fill_between(months, lower, upper, step="post", color=colour, alpha=0.13, linewidth=0, zorder=1)
    censored = curve.filter(pl.col("censored") > 0)
    axes.plot(
        censored["months"].to_numpy(),
        censored["survival"].to_numpy(),
        linestyle="none",
        marker="|",
        markersize=5.5,
        markeredgewidth=0.8,
        color=colour,
        zorder=9,
    )
    return line


def _to_the_end(curve: pl.DataFrame) -> pl.DataFrame:
    """Where the curve has limits, each step up to the day it ends: a step that ends where there are none (S(t) = 0) too."""
    known = pl.all_horizontal(pl.col("lower", "upper").is_not_null())
    last = ~known & known.shift(1, fill_value=False)
    return curve.with_columns(
        pl.when(last).then(pl.col(name).shift(1)).otherwise(name).alias(name) for name in ("lower", "upper")
    ).drop_nulls(["lower", "upper"])


def _dash(place: int) -> Any:
    """Of the arm in this place; another one where its colour comes again."""
    return DASHES[(place + place // len(PALETTE)) % len(DASHES)]


def _points(axes: Axes, curve: pl.DataFrame, colour: str, place: int) -> ErrorbarContainer:
    """What is known at the ticks; arms a little apart, so that their intervals can be told from one another."""
    shifted = curve["months"].to_numpy() + APART_MONTHS * place
    width = pl.col("survival") - pl.col("lower"), pl.col("upper") - pl.col("survival")
    bars = curve.select(below=width[0].fill_null(0.0), above=width[1].fill_null(0.0)).to_numpy().T
    return axes.errorbar(
        shifted,
        curve["survival"].to_numpy(),
        yerr=bars,
        color=colour,
        marker=MARKERS[place % len(MARKERS)],
        markersize=4.5,
        linewidth=1,
        linestyle=(0, (1, 2)),
        elinewidth=1.1,
        capsize=2.5,
        zorder=3 + place,
        clip_on=False,
    )


def _beside(picture: KaplanMeierFigure) -> float:
    """Months after the last tick in which the incidences at it stand beside one another."""
    return APART_MONTHS * (len(picture.arms) * len(picture.causes) - 1) if picture.is_at_ticks and picture.causes else 0.0


def _colours(picture: KaplanMeierFigure) -> list[str]:
    return [PALETTE[place % len(PALETTE)] for place in range(len(picture.arms))]


def _as_text(colour: str) -> str:
    """The colour, dark enough for small letters on white (a contrast of 4.5 to 1, WCAG 2.2 1.4.3)."""
    return "#" + "".join(f"{int(colour[place : place + 2], 16) * 6 // 10:02x}" for place in (1, 3, 5))


def _finish(axes: Axes, picture: KaplanMeierFigure) -> None:
    axes.set_xlim(0, last(picture) + _beside(picture))
    axes.set_ylim(0, 1.02)
    axes.set_xticks(ticks(picture))
    axes.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1], ["0", "20", "40", "60", "80", "100"])
    axes.set_ylabel("\n".join(axis_title(picture)))
    axes.set_xlabel(f"Months since {picture.origin}")
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(length=3.5, width=0.8)
    if picture.watermark:
        axes.text(
            0.5,
            0.5,
            picture.watermark,
            transform=axes.transAxes,
            ha="center",
            va="center",
            fontsize=34,
            color="#b00020",
            alpha=0.14,
            rotation=18,
            weight="bold",
            zorder=0,
        )


def _numbers_at_risk(figure: Figure, axes: Axes, picture: KaplanMeierFigure, height: float, below: float) -> None:
    box = axes.get_position()
    last = axes.get_xlim()[1]
    at = below - 0.66
    figure.text(0.12 / WIDTH_INCHES, at / height, "Number at risk", fontsize=8, weight="bold", va="center")
    at -= LINE_INCHES
    for (arm, label), colour in zip(picture.arms, _colours(picture), strict=True):
        line = at / height
        for place, words in enumerate(row_label(label)):
            figure.text(0.12 / WIDTH_INCHES, (at - 0.13 * place) / height, words, fontsize=8, color=_as_text(colour), va="center")
        at -= row_inches(label)
        for row in picture.at_risk.filter(pl.col("arm") == arm, pl.col("months").is_in(ticks(picture))).iter_rows(named=True):
            shown = "–" if row["at_risk"] is None else str(row["at_risk"])
            figure.text(box.x0 + box.width * row["months"] / last, line, shown, fontsize=8, ha="center", va="center")


def _words(figure: Figure, picture: KaplanMeierFigure, banners: Sequence[str], height: float, left: float) -> None:
    for place, banner in enumerate(banners):
        figure.text(left / WIDTH_INCHES, 1 - (0.2 + 0.2 * place) / height, banner, fontsize=8, color="#9c2f00", weight="bold", va="center")
    for place, note in enumerate(reversed(notes(picture))):
        figure.text(0.12 / WIDTH_INCHES, (0.14 + NOTE_INCHES * place) / height, note, fontsize=7, color=QUIET, va="center")
