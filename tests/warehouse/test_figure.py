"""The Kaplan-Meier figure: whatever a study calls its arms, its words are shown as they are and lie on no number."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib as mpl
import polars as pl
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from warehouse.survival import figure, kaplan_meier
from warehouse.survival.figure import STYLE, write_figure
from warehouse.survival.figure_envelope import draw_envelope
from warehouse.survival.figure_layout import KaplanMeierFigure
from warehouse.survival.figure_legend import legend_place

LONG = "Hormone receptor positive and HER2 negative, treated in one of the seven hospitals of the region before 2015"
COUNTED = {"entry_days": pl.Int64, "days": pl.Int64, "is_event": pl.Boolean, "n": pl.Int64}


def picture(*labels: str, **more: Any) -> KaplanMeierFigure:
    times = pl.DataFrame([(0, 100, True, 4), (0, 300, False, 2), (0, 400, True, 3)], schema=COUNTED, orient="row")
    arms = [(f"a{place}", label) for place, label in enumerate(labels)]
    curves = pl.concat([kaplan_meier.curve(times, "log").with_columns(arm=pl.lit(arm)) for arm, _ in arms])
    at_risk = pl.DataFrame(
        [(arm, months, kaplan_meier.at_risk(times, months * 30)) for arm, _ in arms for months in (0, 6, 12)],
        schema=["arm", "months", "at_risk"],
        orient="row",
    )
    given: dict[str, Any] = {"title": "Survival", "origin": "diagnosis", "days_per_month": 30.0, "ci": "log"}
    return KaplanMeierFigure(curves=curves, at_risk=at_risk, arms=arms, **(given | more))


def drawn(made: KaplanMeierFigure) -> Figure:
    with mpl.rc_context(STYLE):
        drawing = figure._drawn(made)
        FigureCanvasAgg(drawing).draw()
    return drawing


@pytest.mark.parametrize("label", ["Costs $5 & $6", r"$\frac{$", "_hidden", "100 % {x}", "<script>alert(1)</script>", "Östrogen ≥ 10 %"])
def test_shows_every_label_as_it_is_written(tmp_path: Path, label: str) -> None:
    made = picture(label, "Other", title=label, origin=label, tests=[label], banners=[label], undrawn=[label])
    write_figure(made, tmp_path / "figure")
    drawing = drawn(made)
    legend = drawing.axes[0].get_legend()
    assert legend is not None and legend.get_texts()[0].get_text() == label
    assert label in [text.get_text() for text in drawing.texts]


def test_writes_the_same_bytes_twice(tmp_path: Path) -> None:
    written = []
    for name in ("one", "other"):
        write_figure(picture("Operated", "The rest", watermark="SIMULATED"), tmp_path / name)
        written.append([(tmp_path / name).with_suffix(suffix).read_bytes() for suffix in (".svg", ".png")])
    assert written[0] == written[1]
    assert written[0][0].startswith(b"<?xml") and written[0][1].startswith(b"\x89PNG")


def test_writes_the_same_bytes_whatever_matplotlibrc_says(tmp_path: Path) -> None:
    """One in the home or working folder of whoever runs it is read when the library is imported."""
    theirs = {"figure.facecolor": "yellow", "savefig.dpi": 50, "axes.spines.left": False, "lines.linewidth": 9, "text.usetex": True}
    write_figure(picture("Operated", "The rest"), tmp_path / "one")
    with mpl.rc_context(theirs):
        write_figure(picture("Operated", "The rest"), tmp_path / "other")
        assert mpl.rcParams["lines.linewidth"] == 9
    for suffix in (".svg", ".png"):
        assert (tmp_path / "one").with_suffix(suffix).read_bytes() == (tmp_path / "other").with_suffix(suffix).read_bytes()


def test_says_in_words_what_it_shows_for_its_letters_are_outlines(tmp_path: Path) -> None:
    made = picture("Operated", "The <rest>", tests=["Log-rank test: p = 0.138"], banners=["Simulated data"])
    write_figure(made, tmp_path / "figure")
    words = "Simulated data. Survival (%) by months since diagnosis; a curve for Operated; The &lt;rest&gt;. Log-rank test: p = 0.138. "
    svg = (tmp_path / "figure.svg").read_text(encoding="utf-8")
    assert '<svg role="img" ' in svg and f"<title>{words}The numbers stand in the tables of this folder</title>" in svg
    assert b"Description\x00Simulated data. Survival" in (tmp_path / "figure.png").read_bytes()


@pytest.mark.parametrize("is_at_ticks", [True, False])
def test_no_words_lie_on_one_another_or_leave_the_figure(is_at_ticks: bool) -> None:
    banner = "Simulated data: no patient stands behind any number; " * 3
    made = picture(LONG, "Short", LONG[::-1], title=LONG, tests=[LONG, LONG], banners=[banner], undrawn=[LONG], is_at_ticks=is_at_ticks)
    drawing = drawn(made)
    boxes = [text.get_window_extent() for text in drawing.texts]
    axes = drawing.axes[0]
    legend = axes.get_legend()
    assert legend is not None
    of_axes = [
        axes.yaxis.label.get_window_extent(),
        axes.xaxis.label.get_window_extent(),
        *(t.get_window_extent() for t in legend.get_texts()),
    ]
    for box in (*boxes, *of_axes):
        assert drawing.bbox.x0 <= box.x0 and box.x1 <= drawing.bbox.x1 and drawing.bbox.y0 <= box.y0 and box.y1 <= drawing.bbox.y1
    assert not [(a, b) for place, a in enumerate(boxes) for b in boxes[:place] if a.shrunk(0.9, 0.6).overlaps(b.shrunk(0.9, 0.6))]


def test_draws_the_band_to_the_end_of_the_last_step() -> None:
    band = drawn(picture("All")).axes[0].collections[0].get_datalim(drawn(picture("All")).axes[0].transData)
    assert band.x1 == pytest.approx(400 / 30)


def test_says_which_arms_have_no_curve() -> None:
    words = [text.get_text() for text in drawn(picture("One", undrawn=["Two", "Three"])).texts]
    assert "Not drawn (see survival.csv): Two; Three." in words


def test_tells_more_arms_than_colours_apart() -> None:
    lines = drawn(picture(*(f"Arm {place}" for place in range(8)))).axes[0].get_lines()
    looks = {(line.get_color(), line.get_linestyle()) for line in lines if line.get_linestyle() != "None"}
    assert len(looks) == 8


@pytest.mark.parametrize("is_at_ticks", [True, False])
def test_tells_arms_apart_where_it_is_printed_in_black(is_at_ticks: bool) -> None:
    lines = drawn(picture("One", "Other", "Third", is_at_ticks=is_at_ticks)).axes[0].get_lines()
    looks = {str(line.get_marker() if is_at_ticks else line.get_linestyle()) for line in lines}
    assert looks >= ({"o", "s", "^"} if is_at_ticks else {"-", "--", ":"})


def test_writes_only_ticks_that_can_be_read() -> None:
    months = [0, 1, 2, 3, 6, 12, 24, 119, 120]
    at_risk = pl.DataFrame([("a0", month, 1234) for month in months], schema=["arm", "months", "at_risk"], orient="row")
    made = replace(picture("One"), at_risk=at_risk)
    drawing = drawn(made)
    assert list(drawing.axes[0].get_xticks()) == [0, 12, 24, 120]
    assert [text.get_text() for text in drawing.texts].count("1234") == 4


@pytest.mark.parametrize(("days", "place"), [((10, 300), "lower left"), ((1, 2), "upper right")])
def test_puts_the_legend_where_no_curve_is(days: tuple[int, int], place: str) -> None:
    times = pl.DataFrame([(0, day, True, 10) for day in days], schema=COUNTED, orient="row")
    curves = pl.concat([kaplan_meier.curve(times, "log").with_columns(arm=pl.lit(arm)) for arm in ("a0", "a1")])
    assert legend_place(replace(picture("One", "Two"), curves=curves)) == place


@pytest.mark.parametrize(
    ("months", "horizon", "end"), [((0, 6, 12), None, 12), ((0, 6), 10.0, 10), ((0,), 10.0, 10), ((0,), None, 400 / 30)]
)
def test_shows_the_curve_to_the_last_tick_or_the_horizon(months: tuple[int, ...], horizon: float | None, end: float) -> None:
    made = picture("One", horizon=horizon)
    shown = drawn(replace(made, at_risk=made.at_risk.filter(pl.col("months").is_in(months)))).axes[0]
    assert shown.get_xlim() == (0, pytest.approx(end))


def test_keeps_the_incidences_at_the_last_tick_inside_the_axis() -> None:
    rows = [
        (arm, cause, days, 9, 0, 0.1 * place) for arm in ("a0", "a1") for place, cause in enumerate(("event", "death")) for days in (0, 360)
    ]
    names = ["arm", "cause", "days", "at_risk", "censored", "survival"]
    curves = pl.DataFrame(rows, schema=names, orient="row").with_columns(lower=pl.col("survival"), upper=pl.col("survival"))
    causes = [("event", "Recurrence"), ("death", "Death")]
    axes = drawn(replace(picture("One", "Other"), curves=curves, causes=causes, is_at_ticks=True)).axes[0]
    # four marks, the last of them three steps of 0.35 months after month 12
    assert max(float(line.get_xdata().max()) for line in axes.lines) == pytest.approx(axes.get_xlim()[1]) == 12 + 3 * 0.35


@pytest.mark.parametrize(("upper", "n_hatched"), [([1.0, 0.9, 0.8], 0), ([1.0, 0.95, 0.8], 1)])
def test_draws_no_envelope_where_the_dates_leave_nothing_open(upper: list[float], n_hatched: int) -> None:
    """A band between months is as high as the step between them, so of exact dates it would be drawn and not explained."""
    axes = Figure().subplots()
    band = pl.DataFrame({"days": [0.0, 30.0, 60.0], "lower": [1.0, 0.9, 0.8], "upper": upper})
    draw_envelope(axes, band, "#000000", 30.0, None)
    assert len(axes.collections) == n_hatched
