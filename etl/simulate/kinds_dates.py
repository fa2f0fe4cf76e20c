"""Defects of dates: partial, ambiguous, swapped, impossible, out of order, as Excel leaves them."""

from __future__ import annotations

import polars as pl

from etl.simulate.defects import Cell

TUMOURS, RECURRENCES, PATIENTS = "hospital_a/tumours.csv", "hospital_a/recurrences.tsv", "hospital_a/patients.csv"
SHEET, REGISTRY, ITEMS = "hospital_a/treatment.xlsx", "hospital_b/registry.txt", "hospital_b/items.csv"
CONTACTS, DEATHS = "hospital_b/contacts.csv", "deaths/deaths.csv"
SERIAL = r"^(?:date|number):(\d+)$"


def shown(column: str, pattern: str) -> pl.Expr:
    """A true date in another form."""
    return pl.col(column).dt.strftime(pattern)


def serial(column: str) -> pl.Expr:
    """A true date as the serial number of Excel."""
    return (pl.col(column) - pl.date(1899, 12, 30)).dt.total_days().cast(pl.String)


def iso_parts(column: str) -> pl.Expr:
    """A cell YYYY-MM-DD with day and month exchanged and slashes: 2009-03-04 as 04/03/2009 is day first, as 03/04/2009 month first."""
    return pl.col(column).str.replace(r"^(\d{4})-(\d\d)-(\d\d)$", "$3/$2/$1")


DIAGNOSIS = pl.col("f_diagnosis_date")
LOW_DAY = r"^\d{4}-\d\d-(?:0\d|1[0-2])$"
CELLS = (
    Cell("date_month_only", TUMOURS, "Diagnosis Date", shown("f_diagnosis_date", "%m/%Y"), "interval"),
    Cell("date_month_name_only", TUMOURS, "Diagnosis Date", shown("f_diagnosis_date", "%b %Y"), "interval"),
    Cell("date_year_only", TUMOURS, "Diagnosis Date", shown("f_diagnosis_date", "%Y"), "interval"),
    Cell("date_month_name", TUMOURS, "Diagnosis Date", shown("f_diagnosis_date", "%d-%B-%Y"), "restored", restorable=True),
    Cell("date_other_separator", TUMOURS, "Diagnosis Date", shown("f_diagnosis_date", "%d.%m.%Y"), "restored", restorable=True),
    Cell(
        "date_month_first",
        TUMOURS,
        "Diagnosis Date",
        shown("f_diagnosis_date", "%m/%d/%Y"),
        "finding",
        where=DIAGNOSIS.dt.day() > 12,
    ),
    Cell(
        "date_30_february",
        TUMOURS,
        "Diagnosis Date",
        shown("f_diagnosis_date", "30/02/%Y"),
        "finding",
        where=DIAGNOSIS.dt.month() == 2,
    ),
    Cell("date_impossible_month", TUMOURS, "First Treatment", shown("f_treatment_start_date", "%d/13/%Y"), "finding"),
    Cell(
        "date_letter_for_digit", ITEMS, "DATE", pl.col("DATE").str.replace("0", "O", literal=True), "finding", where=pl.col("f_events") == 0
    ),
    Cell(
        "date_ambiguous_order",
        ITEMS,
        "DATE",
        iso_parts("DATE"),
        "interval",
        where=(pl.col("f_events") == 0) & pl.col("DATE").str.contains(LOW_DAY),
    ),
    Cell("date_with_time", ITEMS, "DATE", pl.col("DATE") + " 00:00:00", "restored", restorable=True),
    Cell("date_two_digit_year", RECURRENCES, "Date", pl.col("Date").str.replace(r"/(?:19|20)(\d\d)$", "/$1"), "restored|interval|finding"),
    Cell(
        "date_serial_in_text_file",
        RECURRENCES,
        "Date",
        (pl.col("Date").str.to_date("%d/%m/%Y", strict=False) - pl.date(1899, 12, 30)).dt.total_days().cast(pl.String),
        "restored|finding",
    ),
    Cell(
        "date_serial_as_text",
        SHEET,
        "Radiation Start",
        pl.col("Radiation Start").str.extract(SERIAL, 1),
        "restored|finding",
        where=pl.col("Radiation Start").str.contains(SERIAL),
        restorable=True,
    ),
    Cell("date_unknown_day_99", REGISTRY, "date_of_diagnosis", shown("f_diagnosis_date", "%Y%m99"), "interval"),
    Cell("date_unknown_month_99", REGISTRY, "date_of_diagnosis", shown("f_diagnosis_date", "%Y9999"), "interval"),
    Cell("date_blank_day", REGISTRY, "date_of_diagnosis", shown("f_diagnosis_date", "%Y%m"), "interval"),
    Cell("date_sentinel_1900", PATIENTS, "Birth", pl.lit("01.01.1900"), "null|finding|edit TUM-004"),
    Cell("date_sentinel_9999", PATIENTS, "Last Contact", pl.lit("31.12.9999"), "null|finding"),
    Cell("date_in_future", PATIENTS, "Last Contact", pl.lit("01.06.2071"), "edit DATE-025", where=pl.col("f_death_date").is_null()),
    Cell(
        "birth_century",
        REGISTRY,
        "date_of_birth",
        pl.concat_str(pl.lit("20"), pl.col("date_of_birth").str.slice(2)),
        "edit DATE-001|edit DATE-028",
        where=pl.col("f_birth_date").dt.year().is_between(1918, 1999) & (pl.col("f_hospital") == "b"),
    ),
    Cell(
        "treatment_before_birth",
        TUMOURS,
        "First Treatment",
        pl.col("f_birth_date").dt.offset_by("-3y").dt.strftime("%d/%m/%Y"),
        "edit DATE-002",
        where=pl.col("f_hospital") == "a",
    ),
    Cell(
        "treatment_long_before_diagnosis",
        TUMOURS,
        "First Treatment",
        DIAGNOSIS.dt.offset_by("-2y").dt.strftime("%d/%m/%Y"),
        "edit TUM-001",
        where=pl.col("f_hospital") == "a",
    ),
    Cell(
        "death_before_diagnosis",
        DEATHS,
        "DATE_OF_DEATH",
        DIAGNOSIS.dt.offset_by("-1y").dt.strftime("%Y-%m-%d"),
        "edit DATE-010",
        where=pl.col("f_tumours") == 1,
    ),
    Cell(
        "contact_after_death",
        PATIENTS,
        "Last Contact",
        pl.col("f_death_date").dt.offset_by("100d").dt.strftime("%d.%m.%Y"),
        "edit DATE-019",
        where=pl.col("f_death_date").is_between(pl.date(1980, 1, 1), pl.date(2017, 6, 1)),
    ),
    Cell(
        "recurrence_before_diagnosis",
        RECURRENCES,
        "Date",
        DIAGNOSIS.dt.offset_by("-1y").dt.strftime("%-d/%-m/%Y"),
        "edit DATE-004",
        where=pl.col("f_hospital") == "a",
    ),
    Cell(
        "recurrence_after_death",
        RECURRENCES,
        "Date",
        pl.col("f_death_date").dt.offset_by("30d").dt.strftime("%-d/%-m/%Y"),
        "edit DATE-018",
        where=pl.col("f_death_date") < pl.date(2017, 6, 1),
    ),
    Cell("missing_last_contact", PATIENTS, "Last Contact", pl.lit(None, pl.String), "null", where=pl.col("f_hospital") == "a"),
)
