"""The worst problems: each file once, what nobody has answered before what nobody can tell, and answers that did not hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import report_examples
from report_examples import frame
from report_page import rendered

from schemas.core.frames import EDIT_COUNTS, LEDGER
from schemas.statuses import CANNOT_TELL, FIXED, OPEN
from validations.report.problems import Problem, problems
from validations.report.report_input import REPORTED_FINDINGS, RESULTS, SOURCES, ReportInput
from validations.report.tables_view import unused


def load(counts: dict[str, tuple[str, int]], **answered: list[str]) -> ReportInput:
    """A load with so many findings of each edit, answered so."""
    rows = [(code, severity, n, 0, 0, 0, 0) for code, (severity, n) in counts.items()]
    findings = [{"edit": code.replace("_", "-"), "outcome": "violated", "status": one} for code, some in answered.items() for one in some]
    schema = {**REPORTED_FINDINGS, "status": pl.String}
    return replace(
        report_examples.empty(), rows={"dim_patient": 9}, edit_counts=frame(rows, EDIT_COUNTS), ledger=pl.DataFrame(schema=LEDGER),
        findings=pl.DataFrame(findings, schema=schema),
    )  # fmt: skip


def told(data: ReportInput) -> list[tuple[str, str, str]]:
    return [(one.title.split(":")[0], one.level, one.detail) for one in problems(data)]


def test_what_nobody_can_tell_stands_below_what_nobody_has_answered() -> None:
    data = load({"DATE-001": ("error", 9), "DATE-002": ("error", 5), "RAD-001": ("warning", 3)}, DATE_001=[CANNOT_TELL] * 9)
    assert told(data) == [
        ("DATE-002", "unfit", "5 records"),
        ("RAD-001", "care", "3 records"),
        ("DATE-001", "care", "9 records, of all nobody can tell"),
    ]
    some = load({"DATE-001": ("error", 9), "DATE-002": ("error", 5)}, DATE_001=[CANNOT_TELL] * 6, DATE_002=[FIXED, OPEN])
    assert told(some) == [("DATE-002", "unfit", "5 records"), ("DATE-001", "unfit", "9 records, of 6 nobody can tell")]


def test_what_was_said_to_be_mended_and_is_not_is_among_the_worst() -> None:
    errors = {f"DATE-00{n}": ("error", n) for n in range(1, 7)}
    data = load({**errors, "RAD-001": ("warning", 999), "WORK-NOT-FIXED": ("warning", 3)})
    assert [one[0] for one in told(data)] == ["DATE-006", "DATE-005", "DATE-004", "DATE-003", "WORK-NOT-FIXED"]
    missing = replace(data, expectations=frame([("grade_known", "of", False, False, "says", "why")], RESULTS))
    assert [one[0] for one in told(missing)] == ["DATE-006", "DATE-005", "DATE-004", "WORK-NOT-FIXED", "Expectation grade_known (of)"]
    few = load({"RAD-001": ("warning", 999), "WORK-NOT-FIXED": ("warning", 3)})
    assert [one[:2] for one in told(few)] == [("WORK-NOT-FIXED", "care"), ("RAD-001", "care")]
    assert "WORK-NOT-FIXED" not in str(told(load({"RAD-001": ("warning", 999)})))


def test_each_file_that_is_not_used_is_named_once(tmp_path: Path) -> None:
    rows = [
        {"source_file": "a/a.csv", "status": "refused", "message": "a/a.csv: 2 rows, where 9 were"},
        {"source_file": "a/a.csv", "status": "carried_forward", "message": ""},
        {"source_file": "b.csv", "status": "carried_forward", "message": ""},
        {"source_file": "c.csv", "status": "good", "message": ""},
    ]
    data = replace(load({}), sources=pl.DataFrame(rows, schema=SOURCES))
    assert [(one["source_file"], one["status"], one["message"]) for one in unused(data.sources)] == [
        ("a/a.csv", "refused", "2 rows, where 9 were; its last good delivery is carried forward"),
        ("b.csv", "carried forward", ""),
    ]
    found: list[Problem] = list(problems(data))
    assert [(one.title, one.level) for one in found] == [("Refused: a/a.csv", "unfit"), ("Carried forward: b.csv", "care")]
    text = rendered(tmp_path, data).text
    banner = text[text.index("Exports not used") :].partition("The worst problems")[0]
    assert (banner.count("a/a.csv"), banner.count("b.csv")) == (1, 1)
