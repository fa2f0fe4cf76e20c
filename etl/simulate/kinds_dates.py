"""Defects of dates: partial, ambiguous, impossible, in other forms, as Excel leaves them."""

from __future__ import annotations

import polars as pl

from etl.simulate.defects import Cell
from etl.simulate.paper import AS_OF

TUMOURS, RECURRENCES, PATIENTS = "hospital_a/tumours.csv", "hospital_a/recurrences.tsv", "hospital_a/patients.csv"
SHEET, REGISTRY, ITEMS = "hospital_a/treatment.xlsx", "hospital_b/registry.txt", "hospital_b/items.csv"
CONTACTS, DEATHS = "hospital_b/contacts.csv", "deaths/deaths.csv"
SERIAL = r"^(?:date|number):(\d+)$"


def shown(column: str, pattern: str) -> pl.Expr:
    """A true date in another form."""
    return pl.col(column).dt.strftime(pattern)


def iso_parts(column: str) -> pl.Expr:
    """A cell YYYY-MM-DD with day and month exchanged and slashes: 2009-03-04 as 04/03/2009 is day first, as 03/04/2009 month first."""
    return pl.col(column).str.replace(r"^(\d{4})-(\d\d)-(\d\d)$", "$3/$2/$1")


def known_elsewhere(otherwise: str, also: str = "restored") -> pl.Expr:
    """What is expected of a cell of hospital A: hospital B tells the same of the women of both."""
    return pl.when(pl.col("f_hospital") == "both").then(pl.lit(also)).otherwise(pl.lit(otherwise))


DIAGNOSIS, NO_EVENT = pl.col("f_diagnosis_date"), pl.col("f_events") == 0
ONE_DISTANT = pl.col("f_distant") <= 1  # no second recurrence takes the place of the first and brings the woman into the window
# an item that alone tells its date (a course of drugs has its blocks beside it), and a day that can be the month
LOW_DAY = r"^\d{4}-\d\d-(?:0\d|1[0-2])$"
MONTH, DAY = pl.col("DATE").str.slice(5, 2), pl.col("DATE").str.slice(8, 2)
# written with two digits: what lies more than twenty years after the as-of date has not happened (docs/dates.md)
THIS_CENTURY = pl.col("Date").str.slice(-2).cast(pl.Int32, strict=False) <= AS_OF.year + 20 - 2000
ONE_CENTURY = pl.when(THIS_CENTURY).then(pl.lit("interval")).otherwise(pl.lit("restored"))
TELLS_ALONE = pl.col("ITEM").str.contains("^(?:SURGERY_.|RADIATION|HORMONAL)$")
HAS_TWO_READINGS = pl.col("DATE").str.contains(LOW_DAY) & (MONTH != DAY) & TELLS_ALONE
TREATED = "f_treatment_start_date"
SAID, LOST = known_elsewhere("finding NORM-DATE", "restored NORM-DATE"), "finding NORM-DATE"
PART = known_elsewhere("interval")
WORDS = "Diagnosis Date"
CELLS = (
    Cell("date_month_only", TUMOURS, WORDS, shown("f_diagnosis_date", "%m/%Y"), PART),
    Cell("date_month_only", RECURRENCES, "Date", pl.col("Date").str.replace(r"^\d+/", ""), "interval", ONE_DISTANT),
    Cell("date_month_name_only", TUMOURS, WORDS, shown("f_diagnosis_date", "%b %Y"), PART),
    Cell("date_year_only", TUMOURS, WORDS, shown("f_diagnosis_date", "%Y"), PART),
    Cell("date_year_only", TUMOURS, "First Treatment", shown(TREATED, "%Y"), PART),
    Cell("date_month_name", TUMOURS, WORDS, shown("f_diagnosis_date", "%d-%B-%Y"), "restored", restorable=True),
    Cell("date_other_separator", TUMOURS, WORDS, shown("f_diagnosis_date", "%d.%m.%Y"), "restored", restorable=True),
    Cell("date_other_separator", TUMOURS, "First Treatment", shown(TREATED, "%d-%m-%Y"), "restored", restorable=True),
    Cell("date_month_first", TUMOURS, WORDS, shown("f_diagnosis_date", "%m/%d/%Y"), SAID, DIAGNOSIS.dt.day() > 12),
    Cell("date_30_february", TUMOURS, WORDS, shown("f_diagnosis_date", "30/02/%Y"), SAID, DIAGNOSIS.dt.month() == 2),
    Cell("date_impossible_month", TUMOURS, "First Treatment", shown(TREATED, "%d/13/%Y"), SAID),
    Cell("date_letter_for_digit", ITEMS, "DATE", pl.col("DATE").str.replace("0", "O", literal=True), LOST, NO_EVENT & TELLS_ALONE),
    Cell("date_letter_for_digit", TUMOURS, WORDS, shown("f_diagnosis_date", "%d/%m/%Y").str.replace("0", "O", literal=True), SAID),
    Cell("date_ambiguous_order", ITEMS, "DATE", iso_parts("DATE"), "interval", NO_EVENT & HAS_TWO_READINGS),
    Cell("date_with_time", ITEMS, "DATE", pl.col("DATE") + " 00:00:00", "restored", restorable=True),
    Cell("date_two_digit_year", RECURRENCES, "Date", pl.col("Date").str.replace(r"/(?:19|20)(\d\d)$", "/$1"), ONE_CENTURY),
    Cell(
        "date_serial_in_text_file", RECURRENCES, "Date",
        (pl.col("Date").str.to_date("%d/%m/%Y", strict=False) - pl.date(1899, 12, 30)).dt.total_days().cast(pl.String), LOST, ONE_DISTANT,
    ),
    Cell(
        "date_serial_as_text", SHEET, "Radiation Start", pl.col("Radiation Start").str.extract(SERIAL, 1), "restored",
        pl.col("Radiation Start").str.contains(SERIAL), restorable=True,
    ),
    Cell("date_unknown_day_99", REGISTRY, "date_of_diagnosis", shown("f_diagnosis_date", "%Y%m99"), PART),
    Cell("date_unknown_month_99", REGISTRY, "date_of_diagnosis", shown("f_diagnosis_date", "%Y9999"), PART),
    Cell("date_blank_day", REGISTRY, "date_of_diagnosis", shown("f_diagnosis_date", "%Y%m"), PART),
)  # fmt: skip
