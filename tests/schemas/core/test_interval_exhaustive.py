"""Conditions over two interval dates against the slow reference, on every pair within a span that crosses a leap day, and their laws."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations_with_replacement, product

import polars as pl
import pytest
import reference_interval as reference
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_interval import Dated, Verdict
from test_three_valued import CONDITIONS, DATES, computed
from test_three_valued import frame_of as judged_frame

from schemas.core.interval import parse_dates

BEFORE = "before(birth, death)"
# 29 February exists in 2004, not in 2003 and 1900.
SPANS = {"leap year": date(2004, 2, 26), "no leap year": date(2003, 2, 26), "1900": date(1900, 2, 26)}
LENGTH = 7
TEXTS = ("{y}", "{y}-02", "{y}-03", "01/03/{y}", "02/03/{y}", "{y}-02/{y}-03", "../{y}-02", "{y}-03/..", "~{y}-02", "Q1 {y}")


def every_range(first: date) -> list[Dated]:
    """All pairs of first and last day within the span."""
    days = [first + timedelta(number) for number in range(LENGTH)]
    return [Dated(*pair) for pair in combinations_with_replacement(days, 2)]


def every_date(first: date) -> list[Dated]:
    """Every precision: all ranges of the span, open at one end, month, year, ambiguous, about; nothing; and all offsets on two axes."""
    days = [first + timedelta(number) for number in range(LENGTH)]
    open_ends = [ends for day in days for ends in (Dated(day, None), Dated(None, day))]
    texts = pl.Series([text.format(y=first.year) for text in TEXTS])
    coarse = [Dated(*row) for row in parse_dates(texts).select("earliest", "latest").rows()]
    pairs = [*combinations_with_replacement(range(-2, 3), 2), (0, None), (None, 1)]
    offsets = [Dated(None, None, *pair, anchor) for pair in pairs for anchor in ("treatment_start", "metastasectomy")]
    both = [Dated(day, day + timedelta(1), number, number + 1, "treatment_start") for day, number in product(days[2:5], (0, 1))]
    return [*every_range(first), *open_ends, *coarse, Dated(), *offsets, *both]


def answers(pairs: list[tuple[Dated, Dated]], *texts: str) -> dict[str, list[Verdict]]:
    """(certain, possible) of each condition over `birth` and `death`, for every pair of dates."""
    facts: dict[str, object] = {"vital_status_code": "dead", "limit_days": 5}
    rows = [facts | _columns([birth, Dated(), Dated(), death]) for birth, death in pairs]
    return computed(judged_frame(rows), dict.fromkeys(texts))


@pytest.mark.parametrize("span", SPANS)
def test_agrees_with_the_reference_on_every_pair_of_the_span(span: str) -> None:
    pairs = list(product(every_date(SPANS[span]), repeat=2))
    axes = [reference.differences(*pair) for pair in pairs]
    got = answers(pairs, BEFORE, "days_between(birth, death) > 2", "days_between(birth, death) >= -1")
    for text, holds in zip(got, (lambda days: days > 0, lambda days: days > 2, lambda days: days >= -1), strict=True):
        assert got[text] == [reference.judge(each, holds) for each in axes], text


def test_never_holds_in_both_directions() -> None:
    pairs = list(product(every_date(SPANS["leap year"]), repeat=2))
    got = answers(pairs, BEFORE, "before(death, birth)")
    assert [pair for pair, there, back in zip(pairs, *got.values(), strict=True) if there[0] and back[1]] == []


def test_keeps_a_definite_verdict_for_every_narrower_pair() -> None:
    ranges = every_range(SPANS["leap year"])
    nested = [(wide, fine) for wide in ranges for fine in ranges if wide.earliest <= fine.earliest and fine.latest <= wide.latest]  # type: ignore[operator]
    pairs = list(product(ranges, repeat=2))
    verdict = dict(zip(pairs, answers(pairs, BEFORE)[BEFORE], strict=True))
    broken = [
        (a, b)
        for (a, fine_a), (b, fine_b) in product(nested, nested)
        if verdict[a, b][0] == verdict[a, b][1] and verdict[fine_a, fine_b] != verdict[a, b]
    ]
    assert len(nested) ** 2 > 40_000
    assert broken == []


DAYS = [date(2003, 12, 1) + timedelta(number) for number in range(500)]  # crosses 29 February 2004 and two turns of the year
READ = [
    Dated(*row)
    for row in parse_dates(pl.Series([d.strftime(f) for f in ("%Y", "%Y-%m", "%Y-%m-%d") for d in DAYS]))
    .select("earliest", "latest")
    .rows()
]


def precise() -> st.SearchStrategy[tuple[Dated, Dated, Dated]]:
    """One day as its year, as its month and as itself: what a source delivers with growing precision."""
    return st.sampled_from(list(zip(READ[:500], READ[500:1000], READ[1000:], strict=True)))


@given(st.lists(st.tuples(*[precise()] * len(DATES), *[st.integers(0, 2)] * len(DATES)), min_size=5, max_size=15))
@settings(max_examples=12, deadline=None)
def test_only_becomes_more_definite_as_precision_grows_in_every_condition(cases: list[tuple[object, ...]]) -> None:
    facts: dict[str, object] = {"vital_status_code": "dead", "limit_days": 5}
    coarse, exact = [], []
    for case in cases:
        dates, levels = case[: len(DATES)], case[len(DATES) :]
        coarse.append(facts | _columns([forms[level] for forms, level in zip(dates, levels, strict=True)]))  # type: ignore[index]
        exact.append(facts | _columns([forms[2] for forms in dates]))  # type: ignore[index]
    for text, answers in computed(judged_frame(coarse + exact), CONDITIONS).items():
        for wide, fine in zip(answers[: len(cases)], answers[len(cases) :], strict=True):
            assert wide[0] != wide[1] or wide == fine, text


def _columns(dates: list[Dated]) -> dict[str, object]:
    return {column: value for name, dated in zip(DATES, dates, strict=True) for column, value in dated.columns(name).items()}
