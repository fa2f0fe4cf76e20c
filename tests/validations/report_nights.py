"""A report input made by hand that compares with releases before it."""

from __future__ import annotations

from dataclasses import replace

import report_examples
from report_examples import frame

from validations.edit_history import EDIT_HISTORY, RELEASES
from validations.report import ReportInput
from validations.report.registry_measures import CONTRADICTIONS, INDICES, TIMELINESS
from validations.report.report_input import CONTRADICTED, CORRECTIONS, DELIVERED


def counted(number: int, edit: str, found: int, satisfied: int, moves: tuple[int, int, int, int]) -> tuple[object, ...]:
    return number, f"run{number}", f"2026-11-{20 + number}", edit, "error", found, 0, satisfied, 0, 0, *moves, False


def several() -> ReportInput:
    """The realistic load as the third of three releases."""
    edits = [
        counted(1, "DATE-003", 30, 11_800, (30, 30, 0, 0)), counted(2, "DATE-003", 41, 11_850, (41, 11, 0, 0)),
        counted(3, "DATE-003", 37, 11_902, (37, 2, 1, 7)), counted(3, "STG-010", 377, 8_120, (377, 0, 0, 0)),
    ]  # fmt: skip
    releases = [
        (number, f"run{number}", f"2026-11-{20 + number}", name, n)
        for number, women, found in ((1, 12_800, 300), (2, 12_833, 310), (3, 12_894, 306))
        for name, n in (("dim_patient", women), ("findings", found), ("findings_new", 2), ("findings_returned", 1), ("findings_gone", 7),
                        ("numbers", 1_024), ("numbers_changed", 12))
    ]  # fmt: skip
    delivered = [
        ("registry", "tumour", "stage_code", 9_000, 8_100, 90), ("laboratory", "tumour", "stage_code", 400, 0, 0),
        ("laboratory", "biomarker", "result_code", 30_562, 28_722, 0),
    ]  # fmt: skip
    return replace(
        report_examples.realistic(),
        edit_history=frame(edits, EDIT_HISTORY),
        release_history=frame(releases, RELEASES),
        delivered=frame(delivered, DELIVERED),
        indices=frame(
            [("mv", "Microscopically verified", "high", "Proved.", "", 0, 0, 4), ("st", "Stage unknown", "low", "x", "", 200, 9, 0)],
            INDICES,
        ),
        timeliness=frame(
            [("fact_follow_up", "contact", "up to 3 months", 3), ("fact_follow_up", "contact", "over 5 years", 9)], TIMELINESS
        ),
        contradictions=frame([("tumour", "stage_code", "registry", "theatre", 5)], CONTRADICTIONS),
        contradicted=frame(
            [
                *(
                    (f"{f}{n}", "DATE-003", "theatre", "event.event", "SEEN", "t.csv", n, "registry", "follow_up.death", "DIED", "r.csv", 7)
                    for n in range(4, 16)
                    for f in ("f", "twice")
                ),
                ("f1", "DATE-003", "theatre", "event.event", "SEEN", "t.csv", 3, "registry", "follow_up.death", "DIED", "r.csv", 12),
                *(
                    (f"m{n}", "DATE-004", "theatre", "event.event", "SEEN", "u.csv", 3, "registry", "follow_up.death", "DIED", "r.csv", 12)
                    for n in range(40)
                ),
            ],
            CONTRADICTED,
        ),
        corrections=frame([(4, "stale", "sex"), (7, "expired", None)], CORRECTIONS),
        applied=3,
    )
