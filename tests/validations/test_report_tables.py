"""What stands in the tables of the report: a ledger that adds up, bars, findings, shares."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from report_examples import frame

from schemas.core.frames import LEDGER
from validations.report import ReportInput, numbers, tables_view
from validations.report.ledger_view import by_file
from validations.report.problems import problems
from validations.report.verdict import verdicts

LINE = [
    ("a.csv", "read", "row", "goes_on", "", 4), ("a.csv", "read", "row", "not_data", "header", 1),
    ("a.csv", "normalise", "row", "goes_on", "", 3), ("a.csv", "normalise", "row", "no_record", "", 1),
    ("a.csv", "normalise", "record", "goes_on", "", 6), ("a.csv", "link", "record", "goes_on", "", 5),
    ("a.csv", "link", "record", "merged", "", 1),
    ("a.csv", "edit", "record", "goes_on", "", 5), ("a.csv", "load", "record", "loaded", "", 5),
]  # fmt: skip


def test_says_that_a_whole_ledger_adds_up() -> None:
    file = by_file(frame(LINE, LEDGER))[0]
    assert file.balances
    assert [(block.stage, block.unit, block.total, block.expected) for block in file.blocks] == [
        ("read", "row", 5, None), ("normalise", "row", 4, 4), ("normalise", "record", 6, None), ("link", "record", 6, 6),
        ("edit", "record", 5, 5), ("load", "record", 5, 5),
    ]  # fmt: skip


@pytest.mark.parametrize("lost", [i for i, line in enumerate(LINE) if line[1] in ("link", "edit", "load") or line[3] == "no_record"])
def test_sees_a_ledger_line_that_is_missing(lost: int) -> None:
    broken = frame(LINE[:lost] + LINE[lost + 1 :], LEDGER)
    # A whole stage may vanish only with its file; a stage between two others is seen where the sums differ.
    if LINE[lost][1] == "edit":
        assert by_file(broken)[0].balances, "what went on from link is what arrives at load: nothing is lost"
        return
    assert not by_file(broken)[0].balances
    data = ReportInput("x", "r", date(2020, 1, 1), rows={"dim_patient": 1}, ledger=broken)
    assert {verdict.level for verdict in verdicts(data)} == {"unfit"}
    assert "does not add up" in problems(data)[0].title


def test_lays_a_bar_end_to_end() -> None:
    bar = tables_view.segments([("a", "a", 1), ("b", "b", 0), ("c", "c", 3)])
    assert [(s.name, s.start, s.width) for s in bar] == [("a", 0.0, 25.0), ("c", 25.0, 75.0)]


def test_shows_the_thin_parts_of_a_bar() -> None:
    bar = tables_view.segments([("violated", "violated", 15), ("possible", "possible", 1), ("satisfied", "satisfied", 1484)])
    assert [one.width for one in bar] == [tables_view.LEAST_WIDTH, tables_view.LEAST_WIDTH, 100 - 2 * tables_view.LEAST_WIDTH]
    assert sum(one.width for one in bar) == 100


def test_names_each_row_of_a_finding_once() -> None:
    rows = [(f"{n}", "a.csv", "E-1", "warning", "violated", "tumour", 220, "grade") for n in range(3)]
    names = ("finding_id", "source_file", "edit", "severity", "outcome", "record", "source_row", "columns")
    texts = pl.DataFrame({"edit": ["E-1"], "title": ["t"], "reason": ["r"], "action": ["a"]})
    (block,) = tables_view.findings(pl.DataFrame(rows, schema=names, orient="row"), texts)
    assert [place["rows"] for place in block["places"]] == [[220]]
    assert (block["n"], block["more"]) == (3, 0)


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 0, ""), (0, 9, "0 %"), (9, 9, "100 %"), (1, 1_000_000, "<0.1 %"), (999_999, 1_000_000, ">99.9 %"), (1, 3, "33.3 %")],
)
def test_never_rounds_a_share_to_nothing_or_all(part: int, whole: int, text: str) -> None:
    assert numbers.percent(part, whole).replace("\N{NO-BREAK SPACE}", " ") == text


def test_words_within_a_sentence_keep_their_abbreviations() -> None:
    assert [numbers.within(words) for words in ("Date of birth", "ICD-O-3 topography", "T category", "")] == [
        "date of birth", "ICD-O-3 topography", "T category", "",
    ]  # fmt: skip
