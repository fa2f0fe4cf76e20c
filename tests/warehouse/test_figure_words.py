"""What a Kaplan-Meier figure says under its curves: how far it is drawn, how p was made, what was decided about uncertain dates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from small_registry import SURVIVAL, study
from test_figure import LONG, drawn, picture

from schemas.study import AS_PUBLISHED, TIME_DEPENDENT
from warehouse.survival.analyses import Analysis, analysis
from warehouse.survival.analysis_words import among, conventions, p_text, test_line
from warehouse.survival.figure_legend import legend_place
from warehouse.survival.figure_letters import drawable
from warehouse.survival.figure_notes import notes
from warehouse.survival.late_logrank import SIMULATION
from warehouse.survival.permutation import PERMUTATION

test_line.__test__ = False  # type: ignore[attr-defined]  # no test of ours
ARMS = [("operated", "Operated"), ("rest", "The rest")]
TESTED = {"tests": ["Log-rank test: p = 0.138"]}
WHOLE = "the test is of the whole follow-up."


def of(name: str = AS_PUBLISHED, **parts: Any) -> Analysis:
    arms = (
        {"arm": "operated", "label": "Operated", "when": "has_metastasectomy", "decided": "metastasectomy"},
        {"arm": "rest", "label": "The rest", "residual": True},
    )
    made = study(endpoints=(SURVIVAL,), analyses=(AS_PUBLISHED, TIME_DEPENDENT), arms=arms, **parts)
    found = analysis(made, name, made.endpoints[0])
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("shown", "more", "note"),
    [
        ((0, 6, 12), TESTED, f"Drawn to month 12; {WHOLE}"),  # the curves end on day 400 = month 13.3
        ((0, 6), TESTED, f"Drawn to month 6; {WHOLE}"),
        ((0, 6), {}, "Drawn to month 6; follow-up goes on."),
        ((0, 6), {"tests": ["one", "other"]}, "Drawn to month 6; the tests are of the whole follow-up."),
        ((0, 6), TESTED | {"horizon": 10.0}, ""),  # cut there, the test too
        ((0, 6, 12), TESTED | {"days_per_month": 40.0}, ""),  # day 400 is month 10
    ],
)
def test_says_how_far_the_curves_are_drawn_where_they_go_on(shown: tuple[int, ...], more: dict[str, Any], note: str) -> None:
    made = picture("One", "Other", **more)
    said = notes(replace(made, at_risk=made.at_risk.filter(pl.col("months").is_in(shown))))
    assert [line for line in said if line.startswith("Drawn to")] == ([note] if note else [])


@pytest.mark.parametrize(
    ("known", "at_risk", "said"),
    [
        ((0, 6, 12), (9, 6, 3), "Drawn to month 12"),
        ((0, 6, 12), (9, 6, None), "Drawn to month 12"),  # nothing is told of a hidden number
        ((0, 6, 12), (9, 6, 0), ""),
        ((0, 6), (9, 6, 3), "Drawn to month 6"),  # what comes after is hidden
    ],
)
def test_says_how_far_points_are_shown(known: tuple[int, ...], at_risk: tuple[int | None, ...], said: str) -> None:
    there = pl.DataFrame(
        [("a0", month, n) for month, n in zip((0, 6, 12), at_risk, strict=True)], schema=["arm", "months", "at_risk"], orient="row"
    )
    points = [("a0", month * 30, 0.5 if month in known else None) for month in (0, 6, 12)]
    curves = pl.DataFrame(points, schema=["arm", "days", "survival"], orient="row")
    told = [line for line in notes(replace(picture("One", is_at_ticks=True), at_risk=there, curves=curves)) if line.startswith("Drawn")]
    assert told == ([f"{said}; follow-up goes on."] if said else [])


@pytest.mark.parametrize(
    ("name", "method", "said"),
    [
        (AS_PUBLISHED, "chi-square", "Log-rank test: p = 0.042"),
        (AS_PUBLISHED, PERMUTATION, f"Log-rank test: p = 0.042, by {PERMUTATION}"),
        (AS_PUBLISHED, SIMULATION, f"Log-rank test: p = 0.042, by {SIMULATION}"),
        (TIME_DEPENDENT, "chi-square", "Mantel-Byar test: p = 0.042"),
    ],
)
def test_says_how_p_was_made(name: str, method: str, said: str) -> None:
    assert test_line(of(name), {"arms": "operated, rest", "p": 0.042, "method": method}, ARMS, is_exact=True) == said


@pytest.mark.parametrize(("p", "said"), [(0.98, "p = 0.98"), (0.1, "p = 0.10"), (0.012, "p = 0.012"), (0.00012, "p < 0.001")])
def test_prints_no_digit_that_is_not_shared(p: float, said: str) -> None:
    assert test_line(of(), {"arms": "operated, rest", "p": p, "method": "chi-square"}, ARMS, is_exact=False) == f"Log-rank test: {said}"


ROWS = pl.DataFrame(
    {
        "estimator": ["kaplan_meier"] * 2, "arm": ["operated", "rest"], "n": [9, 20], "uncertain": [2, 0], "widest_days": [30, 0],
        "left_out": [0, 1],
    }
)  # fmt: skip
RULE = "Dates not certain to the day: the middle is taken; left out where more than 730 days are open."


@pytest.mark.parametrize(
    ("parts", "is_exact", "said"),
    [
        ({}, True, []),
        ({"date_convention": "midpoint"}, True, [
            "Middle taken of times not certain to the day (at most 30 days open): Operated 2 of 9.",
            "Left out (see survival.csv): The rest 1.",
        ]),
        ({"date_convention": "midpoint"}, False, [RULE]),  # no count: two women are fewer than min_cell
        ({"date_convention": "envelope"}, False, [RULE]),
        ({"death_date": "last_contact"}, True, ["A death without a date is counted on the day of the last contact."]),
    ],
)  # fmt: skip
def test_says_what_was_decided_about_uncertain_dates(parts: dict[str, Any], is_exact: bool, said: list[str]) -> None:
    assert list(conventions(of(**parts), ARMS, ROWS, is_exact=is_exact)) == said


@pytest.mark.parametrize(
    ("labels", "place"), [(["A", "B"], "lower left"), (["A"] * 5, ""), ([LONG, LONG], ""), (["A" * 110, "B"], "lower left")]
)
def test_puts_the_names_under_the_axis_where_they_would_cover_a_curve_or_are_many(labels: list[str], place: str) -> None:
    # the curves of `picture` end at 0 in month 13.3, so that they are low at the right only
    made = picture(*labels)
    shown = replace(made, curves=made.curves.filter(pl.col("days") < 400)) if place else made
    assert legend_place(shown) == place
    legend = drawn(shown).axes[0].get_legend()
    assert legend is not None and (legend.get_window_extent().y1 < drawn(shown).axes[0].get_window_extent().y0) == (not place)


@pytest.mark.parametrize("is_at_ticks", [True, False])
def test_tells_six_arms_apart_where_it_is_printed_in_black(is_at_ticks: bool) -> None:
    lines = drawn(picture(*"ABCDEF", is_at_ticks=is_at_ticks)).axes[0].get_lines()
    looks: set[object] = {line.get_marker() for line in lines} - {"|"} if is_at_ticks else {str(line._dash_pattern) for line in lines}  # type: ignore[attr-defined]
    assert len(looks - {"None", "_"}) >= 6


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, ""),
        ("has_recurrence", "Only women with: any recurrence delivered"),
        (" stage_code in\n('I', 'II') ", "Only women for whom: stage_code in ('I', 'II')"),
        ("stage_code = '乳'", "Only women for whom: the study's condition 'among'"),
    ],
)
def test_names_whom_the_endpoint_is_among(text: str | None, said: str) -> None:
    found = analysis(
        study(endpoints=(SURVIVAL | {"among": text},)), AS_PUBLISHED, study(endpoints=(SURVIVAL | {"among": text},)).endpoints[0]
    )
    assert found is not None and among(found) == said


@pytest.mark.parametrize(
    ("label", "shown"), [("Östrogen ≥ 10 %", "Östrogen ≥ 10 %"), ("Рак", "Рак"), ("乳がん", "arm_1"), ("유방암", "arm_1"), ("שלום", "שלום")]
)
def test_draws_no_boxes_in_the_place_of_letters(label: str, shown: str) -> None:
    assert drawable(label, "arm_1") == shown


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0009, "p < 0.001"),
        (0.001, "p = 0.001"),
        (0.0005, "p < 0.001"),
        (0.0475, "p = 0.048"),
        (0.0625, "p = 0.063"),  # Fisher's exact test of 1 in 16: half up, as every printed number is
        (0.0135, "p = 0.014"),
        (0.99, "p = 0.990"),
        (0.991, "p > 0.99"),
        (0.9995, "p > 0.99"),
        (1.0, "p > 0.99"),
        (0.0, "p < 0.001"),
    ],
)
def test_prints_p_values_as_journals_do(p: float, text: str) -> None:
    assert p_text(p) == text
