"""Who moved from one release to the next, in which order they are told, and who has another pseudonym."""

from __future__ import annotations

import duckdb
import polars as pl

from warehouse.differing.numbers import NOT_AVAILABLE, Change
from warehouse.differing.people import ENTERED, LEFT, MOVED, STAYED, Moves, _was, _ways
from warehouse.differing.rows import ALIKE, CHANGED, NEW, Differing, Row
from warehouse.number_sources import StarSource


def moved(*rows: tuple[int, str, str]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=MOVED, orient="row")


def test_tells_who_has_changed_records_first_then_who_moved_in_most() -> None:
    made = Moves(
        moved((1, "a", LEFT), (1, "b", LEFT), (2, "a", ENTERED), (3, "b", STAYED), (4, "a", STAYED), (4, "b", STAYED)), {5: ("row",)}
    )
    assert made.people(pl.Series([3, 5], dtype=pl.Int64)) == [3, 5, 1, 2, 4]
    assert made.counts() == {"a": (1, 1, 1), "b": (0, 1, 2)}
    assert made.of([1, 5]) == {1: {LEFT: ("a", "b")}, 5: {}}


def test_reads_a_row_where_one_of_its_differing_columns_is_read_of_a_record_of_that_kind() -> None:
    told = [
        {"table_name": "fact_event", "columns": "event site_code", "event_type_code": "distant_recurrence"},
        {"table_name": "fact_event", "columns": "lesion_count", "event_type_code": "distant_recurrence"},
        {"table_name": "fact_event", "columns": "event", "event_type_code": "progression"},
        {"table_name": "dim_tumour", "columns": "event"},
        # it was one before, and is none any more; its day is the same
        {"table_name": "fact_event", "columns": "event_type_code", "event_type_code": "distant_recurrence progression"},
    ]
    alike = pl.DataFrame([{name: row.get(name) for name in ALIKE} for row in told], schema=ALIKE).with_row_index("alike")
    rows = Differing(alike, pl.DataFrame({"patient_key": [1, 2, 3, 4, 5], "alike": range(5), "n": 1}))
    source = StarSource("fact_event", frozenset({"event"}), {"event_type_code": frozenset({"distant_recurrence"})})
    assert sorted(rows.read_by([source])) == [1, 5]
    assert rows.read_by([]).is_empty()


def test_tells_of_an_estimate_that_is_not_made_any_more_whose_cells_differ_and_that_nobody_left() -> None:
    def ways(after: str, keys: list[int]) -> dict[str, list[int]]:
        change = Change("s", "survival", ("a", "a"), "9", after, is_open=True)
        before, now, differing = (pl.Series("patient_key", made, dtype=pl.Int64) for made in ([1, 2, 3], keys, [2, 3, 8]))
        return {way: found.to_list() for way, found in _ways(change, before, now, differing).items()}

    assert ways(NOT_AVAILABLE, []) == {STAYED: [2, 3]}
    assert ways("8", [2, 4]) == {ENTERED: [4], LEFT: [1, 3], STAYED: [2]}


def test_names_the_pseudonym_that_the_same_row_of_the_same_file_had_before() -> None:
    def person(key: int, kind: str, *places: tuple[str, int, bool]) -> list[Row]:
        return [Row("dim_patient", key, kind, ("sex_code",), (), places)]

    with duckdb.connect() as con:
        con.execute("attach ':memory:' as before").fetchall()
        for made in (
            "before.dim_source as select * from (values (1, 'a.csv')) as t(source_key, source_file)",
            "before.dim_patient as select * from (values (10, 'ten'), (20, 'twenty')) as t(patient_key, patient_pseudonym)",
            "before.lineage as select * from (values ('dim_patient', 10, 1, 5), ('dim_patient', 20, 1, 6), ('dim_tumour', 7, 1, 8)) "
            "as t(table_name, row_key, source_key, source_row)",
        ):
            con.execute(f"create table {made}").fetchall()
        own = {
            11: person(11, NEW, ("a.csv", 5, True)),
            12: person(12, NEW, ("a.csv", 6, False)),
            20: person(20, CHANGED, ("a.csv", 6, True)),
            13: person(13, NEW, ("a.csv", 8, True)),
        }
        assert _was(con, own) == {11: "ten"}
