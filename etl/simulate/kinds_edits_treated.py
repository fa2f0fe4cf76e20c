"""Defects of treatment and events that only an edit finds: values that a column may have, and that contradict others."""

from __future__ import annotations

import polars as pl

from etl.simulate.defects import Cell
from etl.simulate.kinds_dates import ITEMS, RECURRENCES, SERIAL, SHEET
from etl.simulate.kinds_order import ALIVE, IN_A, moved
from etl.simulate.workbook import DATE, NUMBER

RADIATION, CHEMOTHERAPY, START = pl.col("Radiation Treatment"), pl.col("Chemotherapy Regimen"), pl.col("Radiation Start")
IS_GIVEN = pl.col("Radiation Given") == "Yes"
WRONG_FRACTIONS, IN_WEEKS = NUMBER + pl.lit("5"), NUMBER + pl.lit("3")
# blocks whose days between cycles the regimen does not say, so that the column alone tells them
UNPACED = r"^(?:Neoadjuvant )?(?:CMFx6|ACx4|FECx6)$"
PLAIN = r"^(?:Neoadjuvant )?(?:CMF|FAC|FEC|TC)x(\d)$"
EVENT, SITE, SIDE = pl.col("Event"), pl.col("Site"), pl.col("Side")
FOUND, RESECTED = pl.col("f_distant_date"), pl.col("f_resection_date")
IS_RESECTION, HAS_NONE = EVENT == "Metastasectomy", RESECTED.is_null()
OTHER_SIDE = {"Left": "Right", "Right": "Left"}
OTHER_PLACE = {"Craniotomy and excision of tumour": "Liver", "Liver resection": "Lung", "Thoracoscopic wedge resection of lung": "Liver", "Curettage with bone grafting": "Lung"}
OTHER_OPERATION = {
    "Craniotomy and excision of tumour": "Liver resection", "Liver resection": "Craniotomy and excision of tumour",
    "Thoracoscopic wedge resection of lung": "Liver resection", "Curettage with bone grafting": "Liver resection",
}  # fmt: skip


def years_earlier(column: str, days: int) -> pl.Expr:
    """A date of the workbook so many days earlier (later with a minus)."""
    return DATE + (pl.col(column).str.extract(SERIAL, 1).cast(pl.Int32) - days).cast(pl.String)


def is_real(column: str) -> pl.Expr:
    """Cells of the workbook that are real dates."""
    return pl.col(column).str.contains(SERIAL)


TREATED = (
    Cell("radiation_digit_lost", SHEET, "Radiation Treatment", RADIATION.str.replace("^50", "5"), "edit RAD-002", IN_A & RADIATION.str.contains("^50")),
    Cell("fractions_of_the_boost", SHEET, "Radiation Fractions", WRONG_FRACTIONS, "edit RAD-003", IN_A),
    Cell(
        "total_dose_as_boost", SHEET, "Radiation Treatment", RADIATION.str.replace("+10Gy", "+60Gy", literal=True), "edit RAD-004",
        IN_A & RADIATION.str.contains("+10Gy", literal=True),
    ),
    Cell("too_many_fields", SHEET, "Radiation Treatment", RADIATION.str.replace(r"\d fields", "8 fields"), "edit RAD-005", IN_A & RADIATION.str.contains("fields")),
    Cell("not_given_yet_a_dose", SHEET, "Radiation Given", pl.lit("No"), "edit TRT-001", IN_A & IS_GIVEN),
    Cell(
        "given_yet_a_reason_why_not", SHEET, "Radiation Not Given", pl.lit("Declined by the patient"), "edit TRT-002",
        IN_A & IS_GIVEN, fills=True,
    ),
    Cell("cycles_digit_too_many", SHEET, "Chemotherapy Regimen", CHEMOTHERAPY.str.replace(r"x(\d)$", "x1$1"), "edit TRT-003", IN_A & CHEMOTHERAPY.str.contains(PLAIN)),
    Cell(
        "interval_in_weeks", SHEET, "Chemotherapy Block 1 Interval", IN_WEEKS, "edit TRT-004",
        IN_A & CHEMOTHERAPY.str.contains(UNPACED) & pl.col("Chemotherapy Block 1 Start").is_not_null(), fills=True,
    ),
    Cell("trastuzumab_before_it_existed", SHEET, "Trastuzumab Start", years_earlier("Trastuzumab Start", 10_957), "edit TRT-006", IN_A & is_real("Trastuzumab Start")),
    Cell("treatment_in_future", SHEET, "Radiation Start", years_earlier("Radiation Start", -19_723), "edit DATE-027", IN_A & ALIVE & is_real("Radiation Start")),
)  # fmt: skip

EVENTS = (
    Cell("resection_long_before_recurrence", RECURRENCES, "Date", moved(FOUND, "-60d", "%-d/%-m/%Y"), "edit EVT-001", IS_RESECTION),
    Cell("resection_long_before_recurrence", ITEMS, "DATE", moved(FOUND, "-60d", "%Y-%m-%d"), "edit EVT-001", pl.col("ITEM") == "METASTASECTOMY"),
    Cell("resection_before_recurrence", RECURRENCES, "Date", moved(FOUND, "-5d", "%-d/%-m/%Y"), "edit DATE-008", IS_RESECTION),
    Cell("resection_before_recurrence", ITEMS, "DATE", moved(FOUND, "-5d", "%Y-%m-%d"), "edit DATE-008", pl.col("ITEM") == "METASTASECTOMY"),
    Cell("progression_on_day_of_resection", RECURRENCES, "Date", moved(RESECTED, "0d", "%-d/%-m/%Y"), "edit DATE-009", EVENT == "Progression"),
    Cell(
        "resection_of_another_organ", RECURRENCES, "Site", pl.col("Operation").replace_strict(OTHER_PLACE, default=None), "edit EVT-003",
        IS_RESECTION & pl.col("Operation").is_in(list(OTHER_PLACE)) & (pl.col("f_distant") == 1),
    ),
    Cell(
        "resection_on_other_side", RECURRENCES, "Side", SIDE.replace_strict(OTHER_SIDE, default=None), "edit EVT-004",
        IS_RESECTION & SIDE.is_in(list(OTHER_SIDE)),
    ),
    Cell(
        "operation_of_another_organ", RECURRENCES, "Operation", pl.col("Operation").replace_strict(OTHER_OPERATION, default=None), "edit EVT-005",
        IS_RESECTION & pl.col("Operation").is_in(list(OTHER_OPERATION)),
    ),
    Cell("distant_recurrence_in_chest_wall", RECURRENCES, "Site", pl.lit("Chest wall"), "edit EVT-007", (EVENT == "Distant recurrence") & HAS_NONE),
    Cell("local_recurrence_in_liver", RECURRENCES, "Site", pl.lit("Liver"), "edit EVT-008", EVENT == "Local recurrence"),
)  # fmt: skip

CELLS = (*TREATED, *EVENTS)
