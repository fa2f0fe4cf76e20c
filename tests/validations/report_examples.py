"""Report inputs made by hand: a realistic load, a hostile one and an empty one."""

from __future__ import annotations

from datetime import date

import polars as pl

from schemas.core.frames import EDIT_COUNTS, LEDGER
from validations.report.measures import COMPLETENESS, PRECISION
from validations.report.report_input import EDITS, REPORTED_FINDINGS, RESULTS, SOURCES, UNMAPPED, ReportInput, StudyLink

SHA = "9f2c4e5a1b7d" + "0" * 52
HOSTILE = "<script>alert('x')</script>\"><img src=https://evil.example/x onerror=alert(1)>"


def frame(rows: list[tuple[object, ...]], schema: dict[str, pl.DataType]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=schema, orient="row")


def line(file: str, read: tuple[int, int, int], records: tuple[int, int, int, int]) -> list[tuple[object, ...]]:
    """The ledger of one file: rows read, not data, without record; records delivered, merged, quarantined, held."""
    rows, not_data, no_record = read
    delivered, merged, quarantined, held = records
    data, linked = rows - not_data, delivered - merged
    loaded = linked - quarantined - held
    return [
        (file, "land", "file", "goes_on", "", 1),
        (file, "read", "row", "goes_on", "", data),
        (file, "read", "row", "not_data", "header", 1),
        (file, "read", "row", "not_data", "comment", not_data - 1),
        (file, "normalise", "row", "goes_on", "", data - no_record),
        (file, "normalise", "row", "no_record", "condition not met", no_record),
        (file, "normalise", "record", "goes_on", "", delivered),
        (file, "link", "record", "goes_on", "", linked),
        (file, "link", "record", "merged", "same natural key", merged),
        (file, "edit", "record", "goes_on", "", loaded),
        (file, "edit", "record", "quarantined", "DATE-003", quarantined),
        (file, "edit", "record", "held", "DATE-011", held),
        (file, "load", "record", "loaded", "", loaded),
    ]


def realistic() -> ReportInput:
    ledger = [
        *line("surgery/theatre_2026w47.xlsx", (4_213, 4, 18), (6_020, 211, 37, 4)),
        *line("registry/notification.csv", (12_877, 3, 0), (25_748, 1_904, 12, 0)),
        *line("lab/receptors.csv", (31_060, 1, 402), (30_657, 95, 0, 0)),
        ("oncology/regimens.csv", "land", "file", "carried_forward", "last good delivery", 1),
        *line("oncology/regimens.csv", (19_044, 2, 0), (19_042, 310, 61, 2))[1:],
        ("pathology/export.xml", "land", "file", "refused", "truncated", 1),
    ]
    edits = [
        ("DATE-003", "Diagnosis not after death", "error", "A tumour cannot be found after death in a hospital registry.",
         "Compare both dates with the notes."),
        ("DATE-011", "Last contact not before diagnosis", "error", "A contact before the diagnosis makes the time negative.",
         "Check the year of the last contact."),
        ("RAD-002", "Boost after mastectomy", "warning", "A boost goes to the tumour bed; after mastectomy it is rare.",
         "Check the operation and the boost."),
        ("REC-004", "ER-negative with an aromatase inhibitor", "warning", "Endocrine drugs are given for receptor-positive tumours.",
         "Check the receptor result."),
        ("STG-010", "Stage given equals stage derived", "warning", "T, N and M give another group than the delivered one.",
         "Mend the stage or its parts."),
        ("HER-001", "HER2-positive without trastuzumab", "notice", "Usual since 2006; may be declined.", "Add why it was not given."),
        ("STG-014", "Stage IIIC before edition 6 applied", "notice", "The group did not exist before 2003.", "Check the edition."),
        ("REG-020", "Cycles within what the regimen allows", "warning", "More cycles than any protocol.", "Check the count."),
    ]  # fmt: skip
    counts = [
        ("DATE-003", "error", 37, 4, 11_902, 640, 311),
        ("DATE-011", "error", 14, 22, 12_301, 401, 156),
        ("RAD-002", "warning", 212, 0, 3_122, 9_310, 250),
        ("REC-004", "warning", 91, 0, 6_004, 5_900, 899),
        ("STG-010", "warning", 377, 0, 8_120, 0, 4_397),
        ("HER-001", "notice", 402, 0, 1_288, 9_700, 1_504),
        ("STG-014", "notice", 0, 16, 2_010, 10_868, 0),
        ("REG-020", "warning", 0, 0, 0, 12_894, 0),
    ]
    findings = [
        (f"{edit.lower()}-{i:05d}", file, edit, severity, outcome, record, i, i, 1, 12 + 7 * i, columns, None)
        for edit, severity, outcome, record, file, columns, n in [
            ("DATE-003", "error", "violated", "tumour", "registry/notification.csv", "diagnosis_date death_date", 37),
            ("DATE-011", "error", "violated", "follow_up", "registry/notification.csv", "last_contact", 14),
            ("RAD-002", "warning", "violated", "treatment", "oncology/regimens.csv", "boost_gy", 152),
            ("RAD-002", "warning", "violated", "treatment", "surgery/theatre_2026w47.xlsx", "boost", 60),
            ("STG-014", "notice", "possible", "tumour", "registry/notification.csv", "stage treatment_start", 16),
        ]
        for i in range(n)
    ]
    completeness = [
        ("dim_patient", "sex_code", 12_894, 0),
        ("dim_patient", "ethnicity_code", 12_894, 1_977),
        ("dim_patient", "birth", 12_894, 3),
        ("dim_tumour", "diagnosis", 13_120, 44),
        ("dim_tumour", "treatment_start", 13_120, 2_790),
        ("dim_tumour", "age_at_diagnosis_years", 13_120, 44),
        ("dim_tumour", "stage_code", 13_120, 1_402),
        ("dim_tumour", "grade_code", 13_120, 2_866),
        ("dim_tumour", "histology_code", 13_120, 390),
        ("dim_tumour", "nodes_positive", 13_120, 5_288),
        ("dim_tumour", "tumour_size_mm", 13_120, 3_601),
        ("dim_tumour", "menopausal_status_code", 13_120, 13_120),
        ("fact_treatment", "drug_code", 15_231, 412),
        ("fact_treatment", "cycles", 8_019, 3_777),
        ("fact_treatment", "dose_gy", 4_420, 515),
        ("fact_treatment", "not_given_reason_code", 0, 0),
        ("fact_treatment", "volume_code", 4_420, 4_420),
        ("fact_event", "event", 3_011, 17),
        ("fact_event", "site_code", 2_590, 301),
        ("fact_event", "resection_margin_code", 212, 199),
        ("fact_follow_up", "contact", 12_894, 120),
        ("fact_follow_up", "death", 4_210, 61),
        ("fact_follow_up", "vital_status_code", 12_894, 388),
        ("fact_biomarker", "result_code", 30_562, 1_840),
    ]
    precision = [
        ("dim_patient", "birth", "day", 12_602),
        ("dim_patient", "birth", "year", 289),
        ("dim_patient", "birth", "not_delivered", 3),
        ("dim_tumour", "diagnosis", "day", 11_240),
        ("dim_tumour", "diagnosis", "month", 1_390),
        ("dim_tumour", "diagnosis", "ambiguous", 446),
        ("dim_tumour", "diagnosis", "not_delivered", 44),
        ("fact_event", "event", "day", 1_740),
        ("fact_event", "event", "relative_window", 1_254),
        ("fact_event", "event", "not_delivered", 17),
        ("fact_follow_up", "contact", "day", 12_011),
        ("fact_follow_up", "contact", "ambiguous", 763),
        ("fact_follow_up", "contact", "not_delivered", 120),
        ("fact_biomarker", "tested", "not_delivered", 30_562),
    ]
    expectations = [
        ("women_loaded", "dim_patient", True, True, "12,894 rows, expected at least 1", "A release without a woman is a failed load."),
        (
            "women_against_previous",
            "dim_patient",
            True,
            True,
            "12,894 now, 12,833 in the earlier release, expected at least 6,417",
            "Half of the women gone overnight is a truncated export.",
        ),
        (
            "stage_known",
            "dim_tumour.stage_code",
            False,
            True,
            "11,718 of 13,120 (89.3 %), expected at least 80 %",
            "A comparison by stage needs stages.",
        ),
        (
            "grade_known",
            "dim_tumour.grade_code",
            False,
            False,
            "10,254 of 13,120 (78.2 %), expected at least 80 %",
            "Grade is in every Table 1.",
        ),
        (
            "fresh_contacts",
            "fact_follow_up.contact",
            False,
            True,
            "3,022 of 12,774 calendar dates within 400 days of the as-of date, expected at least 1",
            "Follow-up must go on.",
        ),
        (
            "dim_tumour_menopausal_status_code_kept",
            "dim_tumour.menopausal_status_code",
            False,
            None,
            "not judgeable: nothing known in an earlier release to compare with",
            "A field that empties was dropped or renamed at the source.",
        ),
    ]
    sources = [
        (1, "surgery/theatre_2026w47.xlsx", "theatre", "theatre", 3, SHA, 812_330, "good", ""),
        (2, "registry/notification.csv", "registry", "notification", 2, SHA[::-1], 9_120_551, "good", ""),
        (3, "lab/receptors.csv", "laboratory", "receptors", 1, SHA, 2_288_400, "good", ""),
        (
            4,
            "oncology/regimens.csv",
            "oncology",
            "regimens",
            5,
            SHA,
            1_900_120,
            "carried_forward",
            "Not delivered; the delivery of 2026-11-22 stands in.",
        ),
        (5, "pathology/export.xml", "pathology", "path_xml", 1, SHA, 77_003, "refused", "The file ends inside a record (line 1,204)."),
    ]
    unmapped = [("regimens", "oncology/regimens.csv", "regimen", 23, 131), ("theatre", "surgery/theatre_2026w47.xlsx", "Procedure", 4, 9)]
    return ReportInput(
        registry_title="Breast unit, General Hospital",
        run_id="3fa91c04be27",
        as_of=date(2026, 11, 24),
        rows={
            "dim_patient": 12_894,
            "dim_tumour": 13_120,
            "fact_treatment": 24_655,
            "fact_event": 3_011,
            "fact_follow_up": 12_894,
            "fact_biomarker": 30_562,
        },
        previous={
            "dim_patient": 12_833,
            "dim_tumour": 13_061,
            "fact_treatment": 24_655,
            "fact_event": 3_019,
            "fact_follow_up": 12_833,
            "fact_biomarker": 30_402,
        },
        ledger=frame([row for row in ledger if row[5]], LEDGER),
        edit_counts=frame(counts, EDIT_COUNTS),
        edits=frame(edits, EDITS),
        findings=frame(findings, REPORTED_FINDINGS),
        expectations=frame(expectations, RESULTS),
        unmapped=frame(unmapped, UNMAPPED),
        completeness=frame(completeness, COMPLETENESS),
        precision=frame(precision, PRECISION),
        sources=frame([(*row, date(2026, 9, 30)) for row in sources], SOURCES),
        studies=[
            StudyLink(
                "metastasectomy",
                "The role of metastasectomy in solitary recurrence",
                "../studies/metastasectomy/table_1.html",
                ["delayed_entry: the clock starts before the arm is known"],
            )
        ],
    )


def hostile() -> ReportInput:
    """Every free text is markup, names are endless, one file is refused, counts reach a million, frames hold zeros."""
    name = f"{HOSTILE}/{'very_long_folder_name_' * 12}.csv"
    big = 1_000_000
    return ReportInput(
        registry_title=HOSTILE * 3,
        run_id="deadbeef0123",
        as_of=date(2026, 1, 1),
        is_simulated=True,
        rows={"dim_patient": big, "fact_treatment": 0},
        previous={},
        ledger=frame(
            [
                (name, "read", "row", "goes_on", "", big),
                (name, "read", "row", "not_data", HOSTILE, 1),
                (name, "normalise", "row", "goes_on", "", big - 1),
            ],
            LEDGER,
        ),
        edit_counts=frame([("X" * 80, "error", big, 0, 0, 0, 0), ("Y-1", "notice", 0, 0, 0, 0, 0)], EDIT_COUNTS),
        edits=frame([("X" * 80, HOSTILE * 4, "error", HOSTILE, HOSTILE)], EDITS),
        findings=frame(
            [(f"f{i}", name, "X" * 80, "error", "violated", "tumour", i, i, 1, i, HOSTILE, HOSTILE) for i in range(120)]
            + [("g", None, "Z-9", "notice", "possible", "file", *(None,) * 6)],
            REPORTED_FINDINGS,
        ),
        expectations=frame([(HOSTILE, HOSTILE, True, False, HOSTILE, HOSTILE)], RESULTS),
        unmapped=frame([(HOSTILE, name, HOSTILE, big, big)], UNMAPPED),
        completeness=frame(
            [("dim_patient", HOSTILE, big, 1), ("dim_patient", "sex_code", big, big), ("dim_tumour", "grade_code", 0, 0)], COMPLETENESS
        ),
        precision=frame([("dim_patient", HOSTILE, HOSTILE, big)], PRECISION),
        sources=frame(
            [
                (1, name, HOSTILE, HOSTILE, 1, SHA, big, "refused", HOSTILE, None),
                (None, "gone.csv", None, None, None, None, None, "refused", None, None),
                (2, "twice.csv", "s", "c", 1, SHA, 1, "already_landed", "", None),
            ],
            SOURCES,
        ),
        studies=[StudyLink("x", HOSTILE, "javascript:alert(1)", [HOSTILE])],
    )


def empty() -> ReportInput:
    return ReportInput(registry_title="Nothing yet", run_id="000000000000", as_of=date(2026, 1, 1))
