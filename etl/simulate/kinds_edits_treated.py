"""Defects of treatment and events that only an edit finds: values that a column may have, and that contradict others."""

from __future__ import annotations

import polars as pl

from etl.simulate.defects import Cell
from etl.simulate.kinds_dates import DIAGNOSIS, ITEMS, RECURRENCES, SERIAL, SHEET
from etl.simulate.kinds_dates import TREATED as TREATED_ON
from etl.simulate.kinds_order import ALIVE, DIED, IN_A, SEEN, moved
from etl.simulate.paper import WINDOW
from etl.simulate.wording import EXCEL_EPOCH
from etl.simulate.workbook import DATE, NUMBER

RADIATION, CHEMOTHERAPY = pl.col("Radiation Treatment"), pl.col("Chemotherapy Regimen")
IS_GIVEN = pl.col("Radiation Given") == "Yes"
WRONG_FRACTIONS, IN_WEEKS = NUMBER + pl.lit("5"), NUMBER + pl.lit("3")
# blocks whose days between cycles the regimen does not say, so that the column alone tells them
UNPACED = r"^(?:Neoadjuvant )?(?:CMFx6|ACx4|FECx6)$"
PLAIN = r"^(?:Neoadjuvant )?(?:CMF|FAC|FEC|TC)x(\d)$"
EVENT, SIDE, VALUE = pl.col("Event"), pl.col("Side"), pl.col("VALUE")
FOUND, RESECTED, STARTED = pl.col("f_distant_date"), pl.col("f_resection_date"), pl.col(TREATED_ON)
IS_RESECTION, HAS_NONE = EVENT == "Metastasectomy", RESECTED.is_null()
FIRST_DISTANT = (EVENT == "Distant recurrence") & (pl.col("EventNo") == "1") & HAS_NONE
# a resection so late lies before the last contact, and before the progression that followed the true one
LATE, LATE_DAY, PROGRESSED = "200d", FOUND + pl.duration(days=200), pl.col("f_progression_date")
HAS_TIME = (pl.col("f_distant") == 1) & (LATE_DAY < SEEN) & (PROGRESSED.is_null() | (LATE_DAY < PROGRESSED))
STARTS_LATER = (STARTED - DIAGNOSIS).dt.total_days() > 2
OTHER_SIDE = {"Left": "Right", "Right": "Left"}
OTHER_PLACE = {
    "Craniotomy and excision of tumour": "Liver",
    "Liver resection": "Lung",
    "Thoracoscopic wedge resection of lung": "Liver",
    "Curettage with bone grafting": "Lung",
}
OTHER_OPERATION = {
    "Craniotomy and excision of tumour": "Liver resection", "Liver resection": "Craniotomy and excision of tumour",
    "Thoracoscopic wedge resection of lung": "Liver resection", "Curettage with bone grafting": "Liver resection",
}  # fmt: skip


def workbook_date(days: pl.Expr) -> pl.Expr:
    """A real date of the workbook from its serial number."""
    return DATE + days.cast(pl.String)


def earlier(column: str, days: int) -> pl.Expr:
    """A date of the workbook so many days earlier (later with a minus)."""
    return workbook_date(pl.col(column).str.extract(SERIAL, 1).cast(pl.Int32) - days)


def is_real(column: str) -> pl.Expr:
    """Cells of the workbook that are real dates."""
    return pl.col(column).str.contains(SERIAL)


TREATED = (
    Cell(
        "radiation_digit_lost", SHEET, "Radiation Treatment", RADIATION.str.replace("^50", "5"), "edit RAD-002",
        IN_A & RADIATION.str.contains("^50"),
    ),
    Cell("fractions_of_the_boost", SHEET, "Radiation Fractions", WRONG_FRACTIONS, "edit RAD-003", IN_A),
    Cell(
        "total_dose_as_boost", SHEET, "Radiation Treatment", RADIATION.str.replace("+10Gy", "+60Gy", literal=True), "edit RAD-004",
        IN_A & RADIATION.str.contains("+10Gy", literal=True),
    ),
    Cell(
        "too_many_fields", SHEET, "Radiation Treatment", RADIATION.str.replace(r"\d fields", "8 fields"), "edit RAD-005",
        IN_A & RADIATION.str.contains("fields"),
    ),
    Cell("not_given_yet_a_dose", SHEET, "Radiation Given", pl.lit("No"), "edit TRT-001", IN_A & IS_GIVEN),
    Cell(
        "given_yet_a_reason_why_not", SHEET, "Radiation Not Given", pl.lit("Declined by the patient"), "edit TRT-002",
        IN_A & IS_GIVEN, fills=True,
    ),
    Cell(
        "cycles_digit_too_many", SHEET, "Chemotherapy Regimen", CHEMOTHERAPY.str.replace(r"x(\d)$", "x1$1"), "edit TRT-003",
        IN_A & CHEMOTHERAPY.str.contains(PLAIN),
    ),
    Cell(
        "interval_in_weeks", SHEET, "Chemotherapy Block 1 Interval", IN_WEEKS, "edit TRT-004",
        IN_A & CHEMOTHERAPY.str.contains(UNPACED) & pl.col("Chemotherapy Block 1 Start").is_not_null(), fills=True,
    ),
    Cell(
        "trastuzumab_before_it_existed", SHEET, "Trastuzumab Start", earlier("Trastuzumab Start", 10_957), "edit TRT-006",
        IN_A & is_real("Trastuzumab Start"),
    ),
    Cell(
        "end_before_begin", SHEET, "Radiation End", workbook_date(pl.col("Radiation Start").str.extract(SERIAL, 1).cast(pl.Int32) - 60),
        "edit DATE-021", IN_A & is_real("Radiation Start") & is_real("Radiation End"),
    ),
    Cell(
        "planned_end_after_death", SHEET, "Radiation End", workbook_date((DIED - EXCEL_EPOCH).dt.total_days() + 30), "edit DATE-022",
        IN_A & DIED.is_not_null() & is_real("Radiation End"),
    ),
    Cell(
        "completed_after_recurrence", SHEET, "Hormonal Treatment", pl.col("Hormonal Treatment") + " †", "edit TRT-005",
        IN_A & ~pl.col("Hormonal Treatment").str.contains("†", literal=True) & ((FOUND - STARTED).dt.total_days() < 1700)
        & (pl.col("Tumour No") == "1"),
    ),
    Cell(
        "treatment_in_future", SHEET, "Radiation Start", earlier("Radiation Start", -19_723), "edit DATE-027",
        IN_A & ALIVE & is_real("Radiation Start"),
    ),
)  # fmt: skip

EVENTS = (
    Cell(
        "distant_recurrence_before_treatment", RECURRENCES, "Date", moved(STARTED, "-1d", "%-d/%-m/%Y"), "edit DATE-005",
        FIRST_DISTANT & STARTS_LATER, holds=True,
    ),
    Cell(
        "distant_recurrence_at_diagnosis", RECURRENCES, "Date", moved(DIAGNOSIS, "60d", "%-d/%-m/%Y"), "edit EVT-009",
        FIRST_DISTANT & ((STARTED - DIAGNOSIS).dt.total_days() < 60) & ~(DIAGNOSIS + pl.duration(days=60)).is_between(*WINDOW),
    ),
    Cell(
        "local_recurrence_before_treatment", RECURRENCES, "Date", moved(STARTED, "-1d", "%-d/%-m/%Y"), "edit DATE-006",
        (EVENT == "Local recurrence") & STARTS_LATER,
    ),
    Cell("resection_long_before_recurrence", RECURRENCES, "Date", moved(FOUND, "-60d", "%-d/%-m/%Y"), "edit EVT-001", IS_RESECTION),
    Cell(
        "resection_long_before_recurrence", ITEMS, "DATE", moved(FOUND, "-60d", "%Y-%m-%d"), "edit EVT-001",
        pl.col("ITEM") == "METASTASECTOMY",
    ),
    Cell("resection_before_recurrence", RECURRENCES, "Date", moved(FOUND, "-5d", "%-d/%-m/%Y"), "edit DATE-008", IS_RESECTION),
    Cell(
        "resection_before_recurrence", ITEMS, "DATE", moved(FOUND, "-5d", "%Y-%m-%d"), "edit DATE-008",
        pl.col("ITEM") == "METASTASECTOMY",
    ),
    Cell("resection_long_after_recurrence", RECURRENCES, "Date", moved(FOUND, LATE, "%-d/%-m/%Y"), "edit EVT-011", IS_RESECTION & HAS_TIME),
    Cell(
        "resection_long_after_recurrence", ITEMS, "DATE", moved(FOUND, LATE, "%Y-%m-%d"), "edit EVT-011",
        (pl.col("ITEM") == "METASTASECTOMY") & HAS_TIME,
    ),
    Cell(
        "progression_on_day_of_resection", RECURRENCES, "Date", moved(RESECTED, "0d", "%-d/%-m/%Y"), "edit DATE-009",
        EVENT == "Progression",
    ),
    Cell(
        "resection_of_another_organ", RECURRENCES, "Site", pl.col("Operation").replace_strict(OTHER_PLACE, default=None), "edit EVT-003",
        IS_RESECTION & pl.col("Operation").is_in(list(OTHER_PLACE)) & (pl.col("f_distant") == 1),
    ),
    Cell(
        "resection_on_other_side", RECURRENCES, "Side", SIDE.replace_strict(OTHER_SIDE, default=None), "edit EVT-004",
        IS_RESECTION & SIDE.is_in(list(OTHER_SIDE)) & (pl.col("f_distant") == 1),
    ),
    Cell(
        "resection_on_other_side", ITEMS, "VALUE",
        pl.when(VALUE.str.starts_with("Left")).then(VALUE.str.replace("Left", "Right")).otherwise(VALUE.str.replace("Right", "Left")),
        "edit EVT-004", (pl.col("ITEM") == "METS_SITE") & VALUE.str.contains("^(?:Left|Right) ") & (pl.col("f_distant") == 1),
    ),
    Cell(
        "operation_of_another_organ", RECURRENCES, "Operation", pl.col("Operation").replace_strict(OTHER_OPERATION, default=None),
        "edit EVT-005",
        IS_RESECTION & pl.col("Operation").is_in(list(OTHER_OPERATION)),
    ),
    Cell(
        "distant_recurrence_in_chest_wall", RECURRENCES, "Site", pl.lit("Chest wall"), "edit EVT-007",
        (EVENT == "Distant recurrence") & HAS_NONE,
    ),
    Cell("local_recurrence_in_liver", RECURRENCES, "Site", pl.lit("Liver"), "edit EVT-008", EVENT == "Local recurrence"),
)  # fmt: skip

CELLS = (*TREATED, *EVENTS)
