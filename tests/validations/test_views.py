"""The edit views keep the grain of their record, and document every column."""

from __future__ import annotations

import datetime
from importlib.resources import files

import polars as pl
import pytest
import sqlglot
from edit_cases import AS_OF, records_of
from random_people import people

from schemas import vocabulary
from schemas.core.expression import unportable_functions
from schemas.items import RECORDS, columns, intervals
from validations.knowledge import knowledge
from validations.view_set import KEY, PARTS, computed, domain, opened, origin, view, view_columns, view_dates

SQL = sorted(path.name.removesuffix(".sql") for path in files("validations").joinpath("views").iterdir() if path.name.endswith(".sql"))


def text(name: str) -> str:
    return files("validations").joinpath("views", f"{name}.sql").read_text(encoding="utf-8")


def test_has_a_file_for_every_view_and_no_other() -> None:
    assert sorted((*PARTS, *RECORDS)) == SQL


@pytest.mark.parametrize("name", SQL)
def test_says_its_grain_first(name: str) -> None:
    assert text(name).startswith("-- One row per ")


@pytest.mark.parametrize("name", SQL)
def test_calls_portable_functions_only(name: str) -> None:
    assert unportable_functions(text(name)) == []
    assert len(sqlglot.parse(text(name), read="duckdb")) == 1


@pytest.mark.parametrize("record", RECORDS)
def test_has_one_row_per_record(record: str) -> None:
    records = records_of(people(40, 41))
    with opened(records, AS_OF, knowledge()) as connection:
        found = connection.sql(sqlglot.exp.select(KEY).from_(view(record)).sql("duckdb")).fetchall()
    assert sorted(key for (key,) in found) == sorted(records[record][KEY].to_list())


@pytest.mark.parametrize("needed", [None, {"patient_pseudonym"}])
def test_names_the_person_of_a_record_that_has_her_key_only(needed: set[str] | None) -> None:
    given = records_of(people(5, 41))
    narrow = {name: frame if name == "patient" else frame.drop("patient_pseudonym") for name, frame in given.items()}
    with opened(narrow, AS_OF, knowledge(), needed) as connection:
        found = connection.sql(f"select {KEY}, patient_pseudonym from treatment_view").fetchall()
    assert sorted(found) == sorted(given["treatment"].select(KEY, "patient_pseudonym").rows())


@pytest.mark.parametrize("record", RECORDS)
def test_starts_with_the_columns_of_the_dictionary(record: str) -> None:
    given = {column.name: column.polars for column in columns(record)}
    assert {name: kind for name, kind in view_columns(record).items() if name in given} == given
    assert {*intervals(record), "as_of", "birth", "contact", "death", "diagnosis", "treatment_start"} <= set(view_dates(record))


@pytest.mark.parametrize("record", RECORDS)
def test_documents_every_column(record: str) -> None:
    staged = {kind: {column.item.column for column in columns(kind)} for kind in RECORDS}
    for name in view_columns(record):
        for source in origin(record, name):
            owner, _, column = source.rpartition(".")
            assert column in staged[owner or record], name


def test_computes_nothing_that_no_view_has() -> None:
    seen = {name for record in RECORDS for name in (*view_columns(record), *view_dates(record))}
    assert {name for name in computed() if name not in seen} == set()


def test_knows_the_code_list_of_a_column() -> None:
    known = vocabulary.load(None).domains
    assert domain("event", "tumour_laterality_code") == "laterality"
    assert domain("event", "her2_code") == "marker_result"
    assert domain("tumour", "nodes_positive") == ""
    assert {domain(record, name) for record in RECORDS for name in view_columns(record)} - {""} <= known


def first(record: str, given: dict[str, object], *names: str) -> tuple[object, ...]:
    with opened(records_of({"one": given}), AS_OF, knowledge()) as connection:
        query = sqlglot.exp.select(*names).from_(view(record)).sql("duckdb")
        return tuple(pl.DataFrame(connection.sql(query).to_arrow_table()).row(0))


def test_leaves_the_first_event_open_where_one_has_no_date() -> None:
    names = ("distant_recurrence_earliest_date", "distant_recurrence_latest_date", "n_distant_recurrences")
    dated = {"tumour": {}, "event": [{"event": "2009-03-10"}, {"event_no": 2, "event": "2011-01-01"}]}
    open_ = {"tumour": {}, "event": [{"event": "2009-03-10"}, {"event_no": 2}]}
    assert first("tumour", dated, *names) == (datetime.date(2009, 3, 10), datetime.date(2009, 3, 10), 2)
    assert first("tumour", open_, *names) == (None, datetime.date(2009, 3, 10), 2)


def test_takes_no_offset_from_events_with_different_anchors() -> None:
    events = [{"event": "days 10..10 from treatment_start"}, {"event_no": 2, "event": "days 5..5 from diagnosis"}]
    given = {"event": events, "tumour": {}}
    assert first("tumour", given, "distant_recurrence_latest_offset_days", "distant_recurrence_anchor") == (None, None)


def test_takes_the_last_of_all_contacts() -> None:
    contacts = [{"contact": "2012"}, {"follow_up_no": 2, "contact": "2011-05-06"}, {"follow_up_no": 3}]
    given = {"patient": {}, "follow_up": contacts}
    assert first("patient", given, "contact_earliest_date", "contact_latest_date") == (
        datetime.date(2012, 1, 1),
        datetime.date(2012, 12, 31),
    )


def test_narrows_a_death_by_all_that_say_it() -> None:
    given = {"patient": {}, "follow_up": [{"death": "2012"}, {"follow_up_no": 2, "death": "2012-05"}]}
    expected = (datetime.date(2012, 5, 1), datetime.date(2012, 5, 31), False)
    assert first("patient", given, "death_earliest_date", "death_latest_date", "has_death_conflict") == expected


def test_knows_nothing_of_a_tumour_whose_treatment_was_not_delivered() -> None:
    assert first("tumour", {"tumour": {}}, "has_primary_hormonal", "has_neoadjuvant", "n_treatments") == (None, None, 0)
