"""The edit views keep the grain of their record, and document every column."""

from __future__ import annotations

from importlib.resources import files

import pytest
import sqlglot
from edit_cases import AS_OF, records_of
from random_people import people

from schemas import vocabulary
from schemas.core.expression import unportable_functions
from schemas.items import RECORDS, columns, intervals
from validations.computed import computed, no_dates, read_computed
from validations.knowledge import knowledge
from validations.views.set import domain, opened, origin, view_columns, view_dates
from validations.views.text import KEY, PARTS, view

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


@pytest.mark.parametrize("needed", [None, {"tumour": {"patient_pseudonym"}}])
def test_names_the_person_of_a_record_that_has_her_key_only(needed: dict[str, set[str]] | None) -> None:
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


def test_tells_with_its_line_what_a_computed_column_cannot_read() -> None:
    lines = ["# grain", "column,domain,reads,siblings,of,label", "first,,tumour.diagnosis tumour.grade_code,,,x", "other,,tumour.grade,,,x"]
    found, mistakes = read_computed("\n".join(lines))
    assert [(one.file, one.line, one.message) for one in (*mistakes, *no_dates(found, ["first", "birth"]))] == [
        ("validations/views/computed.csv", 4, "'reads' names no column 'tumour.grade'"),
        ("validations/views/computed.csv", 3, "the date 'first' reads 'tumour.grade_code', which is no date"),
    ]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("a,,,ja,,x", ["'siblings' is yes or empty"]),
        ("a,marker_results,,,,x", ["'domain' knows no word 'marker_results' (did you mean marker_result or marker_reason?)"]),
        ("a,,,yes,progresion,x", ["'of' knows no word 'progresion' (did you mean progression?)"]),
        (",,tumour.grade_code,,,", ["'column' is empty", "'label' is empty"]),
        ("b,,,,,x", ["'b' is given twice"]),
        ("a,marker_result,biomarker.result_code,yes,er,x", []),
    ],
)
def test_tells_what_else_is_wrong_in_a_line_of_computed_columns(row: str, told: list[str]) -> None:
    _, mistakes = read_computed(f"column,domain,reads,siblings,of,label\nb,,,,,x\n{row}")
    assert [(mistake.line, mistake.told) for mistake in mistakes] == [(3, one) for one in told]
