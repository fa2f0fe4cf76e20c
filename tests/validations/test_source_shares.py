"""One hospital's swapped column is told of by its name, and a small source that differs by chance is not."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

import duckdb
import pytest

from validations.by_source import by_source
from validations.expecting.anchor import Anchors
from validations.expecting.baseline import Counted, all_from
from validations.expecting.beside import judged_beside, meets
from validations.expecting.chance import beyond_chance, quantile
from validations.expecting.plan import Measured, against
from validations.expecting.rules import rules
from validations.expecting.source_shares import source_rules
from validations.reference import Reference

ER = "er_shares"
RULES = tuple(rule for rule in rules({}) if rule.name == ER)
Counts = Mapping[str, int]


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """Receptor results of two hospitals; one row of both, one HER2, one without a result; a laboratory told of a time only."""
    path = tmp_path / "w.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create table dim_source (source_key bigint, source varchar)").fetchall()
        con.execute("insert into dim_source values (1, 'a'), (2, 'b'), (3, 'b'), (4, 'laboratory')").fetchall()
        con.execute("create table fact_biomarker (biomarker_key bigint, marker_code varchar, result_code varchar)").fetchall()
        con.execute("""insert into fact_biomarker values
            (1, 'er', 'positive'), (2, 'er', 'negative'), (3, 'er', 'positive'), (4, 'her2', 'positive'), (5, 'er', null)""").fetchall()
        con.execute("create table lineage (table_name varchar, row_key bigint, source_key bigint, step varchar)").fetchall()
        con.execute("""insert into lineage values
            ('fact_biomarker', 1, 1, 'delivered'), ('fact_biomarker', 1, 1, 'merged'), ('fact_biomarker', 2, 2, 'delivered'),
            ('fact_biomarker', 2, 3, 'merged'), ('fact_biomarker', 3, 1, 'delivered'), ('fact_biomarker', 3, 3, 'merged'),
            ('fact_biomarker', 3, 3, 'corrected'), ('fact_biomarker', 3, 4, 'merged'), ('fact_biomarker', 4, 1, 'delivered'),
            ('fact_biomarker', 5, 2, 'delivered'), ('dim_tumour', 2, 1, 'delivered')""").fetchall()
    return path


def test_a_row_counts_once_for_each_source_that_delivered_it_and_fills_the_column(warehouse: Path) -> None:
    fills = {("a", "fact_biomarker.result_code"), ("b", "fact_biomarker.result_code"), ("laboratory", "fact_biomarker.tested")}
    with duckdb.connect(str(warehouse), read_only=True) as con:
        assert by_source(con, RULES, fills=fills) == {"er_shares.a": {"positive": 2}, "er_shares.b": {"negative": 1, "positive": 1}}
        assert set(by_source(con, RULES, fills=frozenset())) == {"er_shares.a", "er_shares.b", "er_shares.laboratory"}
        assert by_source(con, RULES, fills={("a", "fact_biomarker.result_code")}) == {"er_shares.a": {"positive": 2}}
        assert source_rules(RULES, ["er_shares.a"], {}) == (), "of one alone the whole tells"


def told(now: Mapping[str, Counts], before: Mapping[str, Counts], **thresholds: Mapping[str, float]) -> list[tuple[str, bool | None, str]]:
    """Name, outcome and detail of what is said of sources, each given by its ER: positive, negative."""
    shares = {f"{ER}.{source}": counts for source, counts in now.items()}
    measured = Measured({}, {}, None, {ER: total(now), **shares})
    parts = source_rules(RULES, [f"{ER}.{source}" for source in before], {})
    counted = Counted("0123456789ab", "2020-01-01", shares={ER: total(before), **{f"{ER}.{name}": one for name, one in before.items()}})
    earlier = all_from((*RULES, *parts), counted)
    met = {ER: meets(against(RULES[0], measured, earlier.get(ER)))}
    limits = {name.replace("__", "."): one for name, one in thresholds.items()}
    given = tuple(rule for rule in rules(limits) if rule.name == ER)
    rows = judged_beside(given, measured, met, Reference(limits, (earlier, Anchors()))).rows
    return [(name, success, detail.replace("\N{NO-BREAK SPACE}", " ")) for name, _, _, success, detail, _ in rows if name != "since_anchor"]


def total(by_source: Mapping[str, Counts]) -> dict[str, int]:
    return {code: sum(one.get(code, 0) for one in by_source.values()) for code in ("positive", "negative")}


def er(positive: int, negative: int) -> Counts:
    return {"positive": positive, "negative": negative}


LARGE = {"a": er(7000, 3000), "b": er(7000, 3000)}


def test_a_column_swapped_at_one_hospital_is_told_by_its_name() -> None:
    before = {**LARGE, "c": er(140, 60)}
    whole, named = told({**LARGE, "c": er(60, 140)}, before)
    assert whole == ("shares_by_source", False, "not met in 1 of 3 comparisons of one source")
    assert named == (
        "er_shares.c",
        False,
        "c: shares moved by 40.0 % (most: negative, 30 % before and 70 % now) since release 0123456789ab of 2020-01-01, "
        "expected at most 10 %",
    )
    assert told(before, before) == [("shares_by_source", True, "not met in 0 of 3 comparisons of one source")]


def test_a_few_rows_say_nothing_of_a_source() -> None:
    assert told({**LARGE, "c": er(9, 90)}, {**LARGE, "c": er(90, 9)}) == [
        ("shares_by_source", True, "not met in 0 of 2 comparisons of one source")
    ]
    assert [name for name, *_ in told({**LARGE, "c": er(10, 90)}, {**LARGE, "c": er(90, 10)})] == ["shares_by_source", "er_shares.c"]


def test_a_first_release_and_a_new_source_cannot_be_judged() -> None:
    assert told(LARGE, {}) == [("shares_by_source", None, "not judgeable: needs two sources and an earlier release")]
    assert told({**LARGE, "new": er(1, 500)}, LARGE)[0][2] == "not met in 0 of 2 comparisons of one source"


def test_the_registry_may_set_the_limit_of_one_source() -> None:
    now, before = {**LARGE, "c": er(60, 140)}, {**LARGE, "c": er(140, 60)}
    assert len(told(now, before, er_shares__c={"max": 0.5})) == 1
    assert len(told(now, before, er_shares={"max": 0.5})) == 1
    assert len(told(now, before, shares_by_source={"few": 201})) == 1
    assert len(told(now, before, er_shares__b={"max": 0.5})) == 2


@pytest.mark.parametrize("n", [100, 150, 300, 1000])
def test_a_source_that_delivers_other_women_every_night_is_not_told_of_by_chance(n: int) -> None:
    """Twelve codes, nothing but chance: without the test a source of a hundred rows would be told of every third night."""
    drawn = random.Random(1)
    weights = [20, 18, 15, 12, 10, 8, 6, 4, 3, 2, 1, 1]

    def night() -> dict[str, int]:
        codes = drawn.choices(range(12), weights, k=n)
        return {str(code): codes.count(code) for code in sorted(set(codes))}

    pairs = [(night(), night()) for _ in range(400)]
    assert sum(beyond_chance(now, before) for now, before in pairs) <= 2
    moved = {"0": n // 2, "1": n // 2}
    assert beyond_chance(moved, night())


@pytest.mark.parametrize(("free", "exact"), [(1, 10.828), (2, 13.816), (3, 16.266), (5, 20.515), (10, 29.588), (30, 59.703)])
def test_the_quantile_is_that_of_the_tables_or_a_little_more(free: int, exact: float) -> None:
    assert exact <= quantile(free) <= 1.031 * exact


def test_one_code_alone_never_differs() -> None:
    assert not beyond_chance({"a": 100}, {"a": 5})


SILENT = "fell silent: known in {} rows now, in 200 in release 0123456789ab of 2020-01-01, expected at least 100"


@pytest.mark.parametrize("left", [er(0, 0), er(0, 99), {}])
def test_a_source_whose_column_goes_empty_fell_silent(left: Counts) -> None:
    before = {**LARGE, "c": er(140, 60)}
    whole, named = told({**LARGE, "c": left}, before)
    assert whole == ("shares_by_source", False, "not met in 1 of 3 comparisons of one source")
    assert named == ("er_shares.c", False, f"c: {SILENT.format(sum(left.values()))}")
    gone, named = told(LARGE, before)
    assert (gone[1], named[2]) == (False, f"c: {SILENT.format(0)}"), "not even named any more"


def test_what_can_be_compared_no_more_is_counted_and_few_rows_tell_only_that_nothing_is_left() -> None:
    before = {**LARGE, "c": er(90, 30)}
    assert told({**LARGE, "c": er(60, 10)}, before) == [
        ("shares_by_source", True, "not met in 0 of 2 comparisons of one source; 1 compared before is not any more")
    ]
    few = {**LARGE, "c": er(10, 10)}
    assert [name for name, *_ in told({**LARGE, "c": er(1, 0)}, few)] == ["shares_by_source"]
    assert [name for name, *_ in told({**LARGE, "c": er(0, 0)}, few)] == ["shares_by_source", "er_shares.c"]
    assert len(told({**LARGE, "c": er(0, 0)}, {**LARGE, "c": er(9, 10)})) == 1


def test_a_source_that_is_out_of_the_registry_is_silent_by_right_and_a_limit_may_be_its_own() -> None:
    names = [f"{ER}.{one}" for one in "abc"]
    assert [rule.name for rule in source_rules(RULES, names, {}, {("a", "x"), ("b", "x")})] == names[:2]
    assert source_rules(RULES, names, {}, {("a", "x")}) == ()
    assert len(told({**LARGE, "c": er(30, 20)}, {**LARGE, "c": er(140, 60)}, er_shares__c={"min": 0.2})) == 1
