"""The records behind a study's own column: who is held because of them, which were counted, what they say of a number."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from small_registry import registry, rows, study
from test_held import con_of, counted, error, kept_back
from test_own_columns import BRAIN, SHOWN, column, given, recurrence

from warehouse.number_sources import mart_columns, number_sources, star_sources
from warehouse.own_records import judged, own_columns


def test_holds_a_woman_where_what_the_column_is_made_of_is_in_doubt(tmp_path: Path) -> None:
    """Both have no recurrence in the brain as delivered; of the first an error edit read the organ, of the second a treatment's dose."""
    made = study(
        columns=(column(column="has_brain", where=BRAIN).model_dump(),),
        steps=({"step": "brain", "label": "Brain", "keep": "has_brain"},),
    )
    behind = kept_back({"events": [recurrence(1, "lung")]}, {"events": [recurrence(1, "lung")]})
    con = con_of(tmp_path, [error(1, "event", "organ_code"), error(2, "treatment", "dose_gy")])
    cohort = counted(con, behind, made)
    said = cohort.counts.filter(pl.col("step").str.starts_with("held")).select("step", "arm", "n").rows()
    assert said == [("held", "all", 2), ("held", "rest", 1), ("held.left", "all", 1)]  # the second certainly leaves at the step


def test_stands_on_its_records_where_it_names_nothing_of_them() -> None:
    made = study(columns=(column(list="other_tumour", take="count").model_dump(),), table_1=SHOWN)
    assert mart_columns(number_sources([made]), "small", "table_1", "it") == ["tumour.diagnosis", "own.it"]


def test_says_of_each_record_whether_it_was_counted_and_what_does_not_hold(tmp_path: Path) -> None:
    made = study(
        columns=(
            column(column="brain", where=BRAIN, take="first", value="event").model_dump(),
            column(column="cyclo", list="drug", where="drug_code = 'cyclophosphamide' and not before(treatment, brain)").model_dump(),
            column(column="other", list="other_tumour", where="laterality_code = 'left'").model_dump(),
        ),
    )
    events = [recurrence(1, "brain", "2011-12-22"), recurrence(2, "lung", "2011-01-01"), recurrence(3, None, "2011-01-01")]
    events += [recurrence(4, "brain", "2012-02-01")]
    drugs = [given("one", regimen_code="AC", treatment="2012-01-01"), given("two", drug_code="cyclophosphamide", treatment="2011-12-01")]
    her = {"person": "x", "tumour_no": 1, "events": events, "treatments": drugs}
    con = registry(tmp_path, her, {"person": "x", "tumour_no": 2, "laterality_code": "left"})
    con.sql("create temp table wanted_tumour as select tumour_key from dim_tumour where tumour_no = 1")
    said = judged(con, own_columns([made]), "small", ["brain", "cyclo", "other"])
    events_no = dict(rows(con, "select event_key, event_no from fact_event"))
    of_events = {events_no[key]: lines for (table, key), lines in said.items() if table == "fact_event"}
    assert of_events == {
        1: ("brain: counted",),
        2: ("brain: not counted, does not hold: organ_code = 'brain'",),
        3: ("brain: open, not known: organ_code = 'brain'",),
        4: ("brain: not counted, does not hold: the first of them",),
    }
    # the first recurrence in the brain may have been that of 2011-01-01, and is so by 2011-12-22 for certain
    of_drugs = [lines for (table, _), lines in sorted(said.items()) if table == "fact_treatment"]
    assert sorted(of_drugs) == [("cyclo: counted",), ("cyclo: open, not known: NOT before(treatment, brain)",)]
    assert [lines for (table, _), lines in said.items() if table == "dim_tumour"] == [("other: counted",)]


def test_traces_a_number_to_the_records_of_the_column() -> None:
    made = study(
        columns=(
            column(column="brain", where=BRAIN, take="first", value="event").model_dump(),
            column(column="drug", list="drug", where="drug_code = 'trastuzumab' and not before(treatment, brain)").model_dump(),
        ),
        table_1=({"variable": "drug", "label": "Drug", "level": "drug"},),
    )
    found = mart_columns(number_sources([made]), "small", "table_1", "drug_yes")
    assert found == [
        "event.event",
        "event.event_type_code",
        "event.organ_code",
        "treatment.drug_code",
        "treatment.regimen_code",
        "treatment.treatment",
        "own.brain",
        "own.drug",
    ]
    assert {source.table for source in star_sources(found)} == {"fact_event", "fact_treatment"}
