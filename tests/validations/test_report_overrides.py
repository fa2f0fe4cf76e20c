"""The section of over-rides: which are in force, which silence nothing and why, where and until when; never the reason given."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
import report_examples
from report_page import Page, rendered

from validations import answered, answers
from validations.answered import REPORT
from validations.report.overrides_view import MOST, STATES, overrides, shown
from validations.report.page import context
from validations.report.report_input import OVERRIDES

SECRET = "Mrs Zyxwv says so"
SOURCES = pl.DataFrame({"source_file": ["b.csv"], "source": ["hospital_b"]})


def told(outcome: str, edit: str = "DATE-018", answer: str = "overridden", author: str = "AB", row: int | None = 7) -> tuple[object, ...]:
    place = ("b.csv", row) if row is not None else (None, None)
    return (f"overrides.csv line {row}", "f", edit, "event", 1, *place, answer, outcome, SECRET, author, "2020-01-02", "2021-01-01")


def report(*rows: tuple[object, ...]) -> pl.DataFrame:
    return shown(pl.DataFrame(rows, schema=REPORT, orient="row"), SOURCES, "overridden")


def test_has_the_columns_declared_and_neither_reasons_nor_other_answers_nor_what_was_replaced() -> None:
    frame = report(told("applied"), told("applied", answer="cannot_tell"), told(answers.REPLACED))
    assert frame.schema == pl.Schema(OVERRIDES)
    assert frame.rows() == [("overrides.csv line 7", "DATE-018", "hospital_b", "b.csv", 7, "AB", "2020-01-02", "2021-01-01", "applied")]


@pytest.mark.parametrize(
    ("author", "is_shown"), [("AB", True), ("Jö", True), (SECRET, False), ("Mary", True), ("O'Ne", False), ("A1", False)]
)
def test_shows_who_only_where_it_has_the_form_of_initials(author: str, is_shown: bool) -> None:
    assert report(told("applied", author=author))["author"].to_list() == [author if is_shown else None]


def test_does_not_repeat_the_code_of_an_edit_that_there_is_not() -> None:
    assert SECRET not in str(report(told(answers.UNKNOWN, edit=SECRET)).rows())


def test_every_outcome_of_an_over_ride_has_words() -> None:
    others = {answers.REPLACED, answers.REPEATED, answered.MENDED, answered.NOT_MENDED, answered.PERHAPS}
    assert set(STATES) == {answered.APPLIED, *answered.EDITS} - others


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    rows = report(told("applied", row=9), told("applied"), told(answered.REWRITTEN, row=3), told(answered.GONE, row=None, author=SECRET))
    data = report_examples.realistic()
    stands = data.findings.with_columns(status=pl.lit("overridden"))
    return rendered(tmp_path_factory.mktemp("page"), replace(data, overrides=rows, findings=stands))


@pytest.mark.parametrize(
    "words",
    [
        "2 over-rides in force", "2 silence nothing and need a look", "stale: the edit was rewritten", "stale: the record is gone",
        "hospital_b", "b.csv 7", "see internal/",
    ],
)  # fmt: skip
def test_says(page: Page, words: str) -> None:
    assert words.replace(" ", "") in page.text.replace("\N{NO-BREAK SPACE}", " ").replace(" ", "")


def test_is_linked_from_the_navigation_and_from_the_counts(page: Page) -> None:
    assert sum(link.get("href") == "#overrides" for link in page.all("a")) >= 2
    assert [section for section in page.all("section") if section.get("id") == "overrides"]
    assert (page.unbalanced, page.open) == ([], [])
    assert "Zyxwv" not in page.text


def test_is_left_out_where_nobody_has_overridden_anything(tmp_path: Path) -> None:
    page = rendered(tmp_path, report_examples.realistic())
    assert not [one for one in page.elements if one[1].get("id") == "overrides" or one[1].get("href") == "#overrides"]


def test_a_long_list_is_cut_and_says_so() -> None:
    frame = report(*(told("applied", row=row) for row in range(MOST + 5)))
    said = overrides(frame.sample(fraction=1, shuffle=True, seed=1))
    assert (len(said["in_force"]), said["n_in_force"], said["in_force"][0]["source_row"]) == (MOST, MOST + 5, 0)
    assert ("overrides", "Over-rides") in context(replace(report_examples.empty(), overrides=frame))["sections"]
