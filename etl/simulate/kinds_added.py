"""Rows that should not be there: events filed with a woman who has none such, a death registered again, a person without a tumour."""

from __future__ import annotations

import polars as pl

from etl.simulate.defects import AT, HELD, Injury, Label
from etl.simulate.kinds_dates import DEATHS, DIAGNOSIS, NO_EVENT, PATIENTS, RECURRENCES, TREATED, TUMOURS
from etl.simulate.kinds_order import ENTERED, IN_A, ONE_TUMOUR, SEEN
from etl.simulate.sheets import LINE, PERSON, TUMOUR

STARTED = pl.col(TREATED)
# Women of hospital A without any event, in no trial, whose tumour the two files of it name alike.
QUIET = IN_A & NO_EVENT & ENTERED.is_null() & (pl.col(TUMOUR) == 1) & SEEN.is_not_null()
NOT_STAGE_IV = pl.col("f_stage_code").is_not_null() & (pl.col("f_stage_code") != "IV") & pl.col("TNM").str.contains("M0")


def _added_event(injury: Injury, kind: str, edit: str, where: pl.Expr, day: pl.Expr, *, at_most: int | None = None, **cells: str) -> None:
    """A row of the file of recurrences for women who have no such event; `cells`: its columns, beside the day."""
    chosen = injury.pick(kind, TUMOURS, where, at_most=at_most)
    said = {"Event": "", "EventNo": "1", "Site": None, "Side": None, "Operation": None, "Lesions": None, "Margin": None} | cells
    rows = chosen.select(
        "PID", pl.col("Tumour No").alias("TumourNo"), day.dt.strftime("%-d/%-m/%Y").alias("Date"),
        *(pl.lit(cell, pl.String).alias(name) for name, cell in said.items()), PERSON, TUMOUR, LINE,
    )  # fmt: skip
    sheet = injury.sheets[RECURRENCES]
    injury.insert(Label(kind, RECURRENCES, f"edit {edit}"), rows.select(*sheet.columns_of_file(AT), PERSON, TUMOUR, LINE))


def endpoint_before_entry(injury: Injury) -> None:
    """The endpoint of a trial, with a day before the woman entered it."""
    day, before = ENTERED - pl.duration(days=3), ENTERED.is_not_null() & IN_A
    at_most = min(injury.count, HELD)
    _added_event(
        injury, "endpoint_before_entry", "DATE-016", before, day, at_most=at_most, Event="Recurrence or death, whichever came first"
    )


def nodes_at_diagnosis_as_recurrence(injury: Injury) -> None:
    """Nodes that were there at diagnosis, entered as a regional recurrence on the day before treatment."""
    fits = QUIET & ((STARTED - DIAGNOSIS).dt.total_days() > 2)
    day = STARTED - pl.duration(days=1)
    _added_event(
        injury, "nodes_at_diagnosis_as_recurrence", "DATE-007", fits, day, Event="Regional recurrence", Site="Axillary node",
    )  # fmt: skip


def resection_without_recurrence(injury: Injury) -> None:
    """A metastasectomy whose recurrence was not delivered."""
    fits = QUIET & NOT_STAGE_IV & (SEEN > STARTED)
    _added_event(
        injury, "resection_without_recurrence", "EVT-002", fits, SEEN, Event="Metastasectomy", Site="Liver", Operation="Liver resection",
    )  # fmt: skip


def progression_without_resection(injury: Injury) -> None:
    """A progression of a woman who had no metastasectomy."""
    _added_event(injury, "progression_without_resection", "EVT-010", QUIET & (SEEN > STARTED), SEEN, Event="Progression", Site="Liver")


def death_registered_twice(injury: Injury) -> None:
    """A second entry of the registry for the same death, with another day."""
    died = pl.col("f_death_date")
    fits = IN_A & ONE_TUMOUR & died.is_not_null()
    chosen = injury.pick("death_registered_twice", DEATHS, fits, at_most=min(injury.count, HELD))
    again = (died + pl.duration(days=40)).dt.strftime("%Y-%m-%d").alias("DATE_OF_DEATH")
    rows = chosen.with_columns(again, pl.lit("2").alias("ENTRY"), pl.lit(None, pl.Int64).alias(TUMOUR))
    columns = injury.sheets[DEATHS].columns_of_file(AT)
    injury.insert(Label("death_registered_twice", DEATHS, "edit FUP-003"), rows.select(*columns, PERSON, TUMOUR, LINE))


def person_without_tumour(injury: Injury) -> None:
    """A patient of the master file who has no tumour: somebody whose tumour was never sent."""
    made = injury.sheets[PATIENTS].rows.filter(pl.col(PERSON).is_not_null()).head(injury.count)
    number = pl.int_range(1, made.height + 1)
    rows = made.with_columns(
        pl.format("Y{}B", (number * 7_919).cast(pl.String).str.zfill(7)).alias("PID"),
        pl.format("Somebody{}, Without Tumour", (number * 37).cast(pl.String)).alias("Name"),
        pl.lit(None, pl.Int64).alias(PERSON),
        *(pl.lit(None, pl.String).alias(name) for name in ("Died", "Cause")),
        pl.lit("Alive").alias("Status"),
    )
    columns = injury.sheets[PATIENTS].columns_of_file(AT)
    injury.insert(Label("person_without_tumour", PATIENTS, "edit TUM-009"), rows.select(*columns, PERSON, TUMOUR, LINE))


ADDED = (
    endpoint_before_entry, nodes_at_diagnosis_as_recurrence, resection_without_recurrence, progression_without_resection,
    death_registered_twice, person_without_tumour,
)  # fmt: skip
HOLDING = frozenset({"endpoint_before_entry", "death_registered_twice"})
