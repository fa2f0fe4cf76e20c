from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest
import sqlglot
from sqlglot import exp
from tiny_star import TABLES, TinyVocabularies, built, inputs, record, records

from schemas import items
from schemas.core import frames
from schemas.core.errors import RefusedError
from schemas.core.ids import source_row_id, text_key
from schemas.core.sql_subset import unportable_functions
from schemas.domains import grain
from schemas.findings import identified
from warehouse import ddl
from warehouse.build import build, filled, model
from warehouse.content import content_hash
from warehouse.inputs import calendar, loaded

STAR = items.tables("star")


def ask(path: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(path), read_only=True) as con:
        return con.sql(query).fetchall()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("build"), inputs())


def test_leaves_one_file_and_no_wal(path: Path) -> None:
    assert [file.name for file in path.parent.iterdir()] == ["warehouse.duckdb"]


def test_refuses_to_build_over_a_file(path: Path) -> None:
    with pytest.raises(FileExistsError):
        built(path.parent, inputs())


def test_makes_every_table_of_star_and_mart(path: Path) -> None:
    made = {name for (name,) in ask(path, "select table_name from duckdb_tables()")}
    views = {name for (name,) in ask(path, "select view_name from duckdb_views() where not internal and comment is not null")}
    assert views == ddl.VIEWS
    assert made | views == {*items.tables("star"), *items.tables("stored"), *items.tables("mart")}


def test_gives_every_table_its_grain_and_every_column_its_label(path: Path) -> None:
    assert dict(ask(path, "select table_name, comment from duckdb_tables()"))["dim_patient"] == grain("dim_patient")
    assert ask(path, "select count(*) from duckdb_tables() where comment is null") == [(0,)]
    assert ask(path, "select count(*) from duckdb_columns() where not internal and comment is null") == [(0,)]


@pytest.mark.parametrize("table", [table for layer in ("staging", "star", "mart") for table in items.tables(layer)])
def test_knows_the_grain_of_every_table_of_the_dictionary(table: str) -> None:
    assert grain(table).startswith("One row per ")
    assert ", identified by " in grain(table)


def test_declares_keys_on_dimensions_and_none_on_large_facts(path: Path) -> None:
    keyed = {name for (name,) in ask(path, "select table_name from duckdb_constraints() where constraint_type = 'PRIMARY KEY'")}
    dimensions = {table for table in STAR if table.startswith("dim_")}
    assert keyed == dimensions | {"release", "mart_number", "lineage_rule", "unread_person"}
    referring = {name for (name,) in ask(path, "select table_name from duckdb_constraints() where constraint_type = 'FOREIGN KEY'")}
    assert referring == {"bridge_regimen_drug"}


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("update dim_tumour set nodes_positive = 91", "CHECK"),
        ("update dim_tumour set nodes_positive = 90", ""),
        ("update dim_tumour set stage_code = 'IV' where stage_code = 'I'", "CHECK"),
        ("update dim_tumour set diagnosis_precision = 'week'", "CHECK"),
        ("update dim_tumour set diagnosis_earliest_date = date '2009-04-03' where stage_code = 'IIIA'", "CHECK"),
        ("update dim_tumour set diagnosis_earliest_date = date '2009-04-02' where stage_code = 'IIIA'", ""),
        ("update fact_event set event_latest_offset_days = 113", "CHECK"),
        ("update fact_event set event_type_code = null", "NOT NULL"),
        ("insert into dim_patient (patient_key, patient_pseudonym) select patient_key, 'cc' from dim_patient", "uplicate key"),
    ],
)
def test_holds_what_the_dictionary_declares(tmp_path: Path, statement: str, what: str) -> None:
    with duckdb.connect(str(built(tmp_path))) as con:
        if what:
            with pytest.raises(duckdb.ConstraintException, match=what):
                con.execute(statement).fetchall()
        else:
            con.execute(statement).fetchall()


def test_quotes_reserved_words_and_texts() -> None:
    statement = ddl.create_table("mart_number", TinyVocabularies()).sql("duckdb")
    assert '"row" TEXT NOT NULL' in statement
    assert any("the block''s regimen" in comment.sql("duckdb").lower() for comment in ddl.comments("fact_treatment"))


def test_gives_a_row_the_same_key_as_python(path: Path) -> None:
    assert ask(path, "select tumour_key from dim_tumour where stage_code = 'IIIA'") == [(text_key("aa", 1),)]
    assert ask(path, "select course_id from fact_treatment") == [(text_key("aa", 1, "first"),)]


def test_files_a_stage_without_edition_under_edition_unknown(path: Path) -> None:
    query = "select stage_code, s.tnm_edition_code from dim_tumour join dim_stage s using (stage_key, stage_code) order by 1"
    assert ask(path, query) == [("I", "7"), ("IIIA", "unknown")]


def test_keeps_the_whole_vocabulary_so_that_every_key_exists(path: Path) -> None:
    assert ask(path, "select (select count(*) from dim_stage), (select count(*) from dim_site)") == [(4, 1)]
    query = "select b.cycles from bridge_regimen_drug b join dim_regimen using (regimen_key) join dim_drug using (drug_key)"
    assert ask(path, query) == [(4,)]


def test_leads_facts_to_their_dimensions(path: Path) -> None:
    query = "select regimen_key is not null, drug_key is not null, procedure_key is null from fact_treatment"
    assert ask(path, query) == [(True, True, True)]
    assert ask(path, "select s.label from fact_event join dim_site s using (site_key)") == [("Brain",)]


def test_makes_one_day_for_each_day_a_date_can_be(path: Path) -> None:
    assert ask(path, 'select count(*), min("date"), max("date") from dim_date') == [(4, date(2009, 3, 30), date(2009, 4, 2))]
    assert ask(path, "select quarter, iso_weekday from dim_date where month = 4 and day = 1") == [(2, 3)]  # a Wednesday


def test_makes_no_day_where_no_date_is_given() -> None:
    assert calendar({"event": record("event", [])}).is_empty()


@pytest.mark.parametrize(
    ("first", "last", "made"),
    [
        (date(1850, 1, 1), date(2150, 12, 31), (date(1850, 1, 1), date(2150, 12, 31))),
        (date(1849, 12, 31), date(2009, 3, 31), (date(1850, 1, 1), date(2009, 3, 31))),
        (date(2009, 3, 31), date(2151, 1, 1), (date(2009, 3, 31), date(2150, 12, 31))),
        (date(209, 3, 31), date(210, 3, 31), (None, None)),
    ],
)
def test_makes_no_day_outside_300_years_and_refuses_no_night(first: date, last: date, made: tuple[date | None, date | None]) -> None:
    days = calendar({"event": record("event", [{"event_earliest_date": first, "event_latest_date": last}])})["date"]
    assert (days.min(), days.max()) == made


def test_traces_a_line_that_is_merged_twice_once(tmp_path: Path) -> None:
    made = inputs()
    merged = made.lineage.lazy().with_columns(step=pl.lit("merged"))
    path = built(tmp_path, replace(made, lineage=pl.concat([made.lineage.lazy(), merged, merged.tail(2), merged.head(3)])))
    assert ask(path, "select step, count(*), min(source_row) from lineage group by step order by step") == [
        ("delivered", 8, 2),
        ("merged", 8, 2),
    ]


def test_shows_of_each_line_what_its_number_and_its_rule_say(tmp_path: Path) -> None:
    lines = [("tumour", 7, source_row_id(2**31 - 1, 2**32 - 1), "merged", "b"), ("patient", 5, source_row_id(1, 2), "delivered", "a")]
    path = built(tmp_path, replace(inputs(), lineage=pl.DataFrame(lines, schema=frames.LINEAGE, orient="row")))
    assert ask(path, "select * exclude source_row_id from lineage order by row_key") == [
        ("dim_patient", 5, 1, 2, "delivered", "a"),
        ("dim_tumour", 7, 2**31 - 1, 2**32 - 1, "merged", "b"),
    ]
    assert ask(path, "select rule_no, rule from lineage_rule order by rule_no") == [(1, "a"), (2, "b")]


@pytest.mark.slow
def test_spends_the_records_where_it_may_and_builds_the_same(tmp_path: Path) -> None:
    kept, spent = records(), records()
    build(tmp_path / "kept.duckdb", inputs(kept))
    build(tmp_path / "spent.duckdb", inputs(spent), spend=True)
    assert (len(kept), len(spent)) == (len(items.RECORDS), 0)
    assert content_hash(tmp_path / "kept.duckdb") == content_hash(tmp_path / "spent.duckdb")


def test_builds_the_same_of_records_handed_over_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = inputs()
    pieces = {name: pl.concat([frame.head(1), frame[1:]], rechunk=False) for name, frame in made.records.items()}
    (whole := tmp_path / "whole").mkdir()
    (parts := tmp_path / "parts").mkdir()
    one = content_hash(built(whole, made))
    monkeypatch.setattr("warehouse.build.ROWS_AT_ONCE", 3)
    assert content_hash(built(parts, replace(made, records=pieces, lineage=made.lineage.lazy()))) == one


def test_counts_what_was_loaded_by_file() -> None:
    assert loaded(records()).rows() == [("table.csv", "load", "record", "loaded", "", 8)]


def test_refuses_a_repeated_key_without_naming_it(tmp_path: Path) -> None:
    twice = records()
    twice["patient"] = pl.concat([twice["patient"], twice["patient"]])
    with pytest.raises(RefusedError, match=r"^dim_patient: two rows have the same key$") as caught:
        built(tmp_path, inputs(twice))
    assert str(text_key("aa")) not in str(caught.value)


def finding(**values: object) -> dict[str, object]:
    return {"edit": "DATE-001", "severity": "error", "outcome": "violated", "record": "tumour", "record_key": 5, "source_row": 2} | values


def names(*found: dict[str, object]) -> list[str]:
    made = inputs()
    source = made.sources["source_key"][0]
    frame = pl.DataFrame([{"source_key": source} | one for one in found], schema=frames.FINDINGS)
    return identified(frame, made.sources)["finding_id"].to_list()


def test_names_a_finding_by_its_record_wherever_it_stands_in_the_file() -> None:
    assert names(finding(source_row=2)) == names(finding(source_row=9))
    assert names(finding(record_key=5)) != names(finding(record_key=6))


def test_names_a_finding_about_a_cell_by_file_and_line() -> None:
    assert names(finding(record_key=None, source_row=2)) != names(finding(record_key=None, source_row=9))


def test_names_two_findings_about_one_cell_apart() -> None:
    assert len(set(names(finding(record_key=None), finding(record_key=None)))) == 2


def test_has_the_same_content_when_built_again(path: Path, tmp_path: Path) -> None:
    shuffled = {name: frame.sample(fraction=1.0, shuffle=True, seed=1) for name, frame in records().items()}
    assert content_hash(path) == content_hash(built(tmp_path, inputs(shuffled)))


@pytest.mark.slow
@pytest.mark.parametrize(
    "statement",
    [
        "update dim_patient set ethnicity_code = '' where subject_label = '1'",  # an empty text is not a null
        "update dim_tumour set nodes_positive = 0 where stage_code = 'I'",  # a zero is not a null
        "update fact_treatment set boost_gy = 1e-9",
        "update dim_tumour set histology_code = stage_code, stage_code = null",  # the same values in another column
        "delete from fact_follow_up where patient_key = (select max(patient_key) from fact_follow_up)",
        "alter table ledger add column extra integer",
    ],
)
def test_has_another_content_hash_after_any_change(path: Path, tmp_path: Path, statement: str) -> None:
    changed = built(tmp_path)
    with duckdb.connect(str(changed)) as con:
        con.execute(statement).fetchall()
    assert content_hash(changed) != content_hash(path)


@pytest.mark.parametrize("table", STAR)
def test_has_one_model_file_that_gives_exactly_the_columns_of_the_dictionary(table: str) -> None:
    text = (Path(ddl.__file__).parent / "model" / f"{table}.sql").read_text(encoding="utf-8")
    assert text.startswith(f"-- {grain(table)}\n")
    assert model(table).named_selects == [column.name for column in items.columns(table)]


@pytest.mark.parametrize("table", STAR)
def test_calls_only_portable_functions_in_the_model(table: str) -> None:
    assert unportable_functions(model(table).sql("duckdb")) == []
    assert isinstance(model(table), exp.Select | exp.Union)
    assert len(sqlglot.parse(model(table).sql("duckdb"), dialect="duckdb")) == 1


def test_reads_nothing_but_the_relations_it_is_given() -> None:
    read = {source.name for table in filled() for source in model(table).find_all(exp.Table)}
    vocabularies = {f"v_{name}" for name in TABLES}
    assert read == {
        *items.RECORDS,
        *vocabularies,
        "calendar",
        "findings",
        "ledger_in",
        "lineage_in",
        "lineage_rule_in",
        "source_in",
        "release_in",
        "unread_in",
    }
