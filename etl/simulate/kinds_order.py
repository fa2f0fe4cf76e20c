"""Defects of dates and states that contradict others: days that are none, out of order, older than another source knows.

An error of these holds all records of the woman (`holds`): nothing is loaded of her, and she counts towards `max_held_share` of the
study unless what is not in doubt certainly excludes her.
"""

from __future__ import annotations

import polars as pl

from etl.simulate.defects import Cell
from etl.simulate.kinds_dates import CONTACTS, DEATHS, DIAGNOSIS, PATIENTS, RECURRENCES, REGISTRY, TUMOURS, known_elsewhere

IN_A, IN_B, IN_BOTH = (pl.col("f_hospital") == name for name in ("a", "b", "both"))
ONE_TUMOUR, ENTERED = pl.col("f_tumours") == 1, pl.col("f_enrolment_date")
BORN, DIED, SEEN = pl.col("f_birth_date"), pl.col("f_death_date"), pl.col("f_contact_date")
ALIVE, BEFORE_CLOSE = DIED.is_null(), pl.date(2017, 6, 1) > DIED
SENTINEL = "finding NORM-DATE-SENTINEL"


def moved(date: pl.Expr, by: str, pattern: str) -> pl.Expr:
    """A true date so much later (earlier with a minus), in the form of its file."""
    return date.dt.offset_by(by).dt.strftime(pattern)


CELLS = (
    # no days: what each contract or schemas/sentinel_dates.csv knows as "not known"; the registry of deaths tells the birth of the dead
    Cell(
        "date_sentinel_1900", PATIENTS, "Birth", pl.lit("01.01.1900"),
        pl.when(IN_A & ALIVE).then(pl.lit("null")).otherwise(pl.lit("restored")),
        # without the birth nothing brings the two numbers together of a woman of both hospitals whose national number B does not know
        IN_A | pl.col("f_is_nric_known_b"),
    ),
    Cell("date_sentinel_1900", REGISTRY, "date_of_birth", pl.lit("19000101"), SENTINEL, IN_B & ALIVE & ONE_TUMOUR),
    Cell("date_sentinel_9999", PATIENTS, "Last Contact", pl.lit("31.12.9999"), known_elsewhere("null")),
    Cell("date_sentinel_9999", CONTACTS, "contact_date", pl.lit("9999-12-31"), SENTINEL, IN_B),
    Cell("missing_last_contact", PATIENTS, "Last Contact", pl.lit(None, pl.String), "null", IN_A),
    Cell("missing_last_contact", CONTACTS, "contact_date", pl.lit(None, pl.String), "null", IN_B),
    # out of order
    Cell("date_in_future", PATIENTS, "Last Contact", pl.lit("01.06.2071"), "edit DATE-025", ALIVE, holds=True),
    Cell("date_in_future", CONTACTS, "contact_date", pl.lit("2071-06-01"), "edit DATE-025", ALIVE & IN_B, holds=True),
    Cell(
        "birth_century", REGISTRY, "date_of_birth", pl.concat_str(pl.lit("20"), pl.col("date_of_birth").str.slice(2)), "edit DATE-001",
        BORN.dt.year().is_between(1918, 1999) & IN_B & ALIVE, holds=True,
    ),
    Cell("treatment_before_birth", TUMOURS, "First Treatment", moved(BORN, "-3y", "%d/%m/%Y"), "edit DATE-002", IN_A, holds=True),
    Cell(
        "treatment_before_birth", REGISTRY, "date_of_first_treatment", moved(BORN, "-3y", "%Y%m%d"), "edit DATE-002", IN_B, holds=True,
    ),
    Cell("treatment_long_before_diagnosis", TUMOURS, "First Treatment", moved(DIAGNOSIS, "-2y", "%d/%m/%Y"), "edit TUM-001", IN_A),
    Cell(
        "death_before_diagnosis", DEATHS, "DATE_OF_DEATH", moved(DIAGNOSIS, "-1y", "%Y-%m-%d"), "edit DATE-010", ONE_TUMOUR,
        holds=True,
    ),
    Cell(
        "contact_after_death", PATIENTS, "Last Contact", moved(DIED, "100d", "%d.%m.%Y"), "edit DATE-019",
        DIED.is_between(pl.date(1980, 1, 1), pl.date(2017, 6, 1)), holds=True,
    ),
    Cell(
        "contact_after_death", CONTACTS, "contact_date", moved(DIED, "100d", "%Y-%m-%d"), "edit DATE-019",
        DIED.is_between(pl.date(1980, 1, 1), pl.date(2017, 6, 1)), holds=True,
    ),
    Cell("recurrence_before_diagnosis", RECURRENCES, "Date", moved(DIAGNOSIS, "-1y", "%-d/%-m/%Y"), "edit DATE-004", IN_A, holds=True),
    Cell("recurrence_after_death", RECURRENCES, "Date", moved(DIED, "30d", "%-d/%-m/%Y"), "edit DATE-018", BEFORE_CLOSE, holds=True),
    # states and contacts: the latest contact wins, and a death beats an earlier state of being alive
    Cell("alive_in_hospital_dead_in_registry", PATIENTS, "Status", pl.lit("Alive"), "restored", DIED.is_not_null()),
    Cell("contact_older_in_other_hospital", CONTACTS, "contact_date", moved(SEEN, "-200d", "%Y-%m-%d"), "restored", IN_BOTH),
    Cell("contact_older_in_other_hospital", PATIENTS, "Last Contact", moved(SEEN, "-90d", "%d.%m.%Y"), "restored", IN_BOTH),
)  # fmt: skip
