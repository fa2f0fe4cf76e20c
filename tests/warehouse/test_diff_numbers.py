"""Numbers of two releases matched by what they say, and what is suppressed in one of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl
import pytest

from warehouse.differing.numbers import NOT_AVAILABLE, SUPPRESSED, Change, changes, curves, is_counted, lost_files, outputs
from warehouse.differing.sides import AFTER, BEFORE, Side
from warehouse.survival.estimate import Estimates

COUNTS = "step,label,parent,arm,n,number_id"
SURVIVAL = "analysis,endpoint,arm,estimator,ci,n,events,median_days,reason,number_id"


def released(folder: Path, exact: dict[str, float | None], **tables: Iterable[str]) -> tuple[Side, pl.DataFrame]:
    """A release of study `s` with these files, lines each, and the exact values that its warehouse has."""
    place = folder / "share" / "studies" / "s"
    place.mkdir(parents=True)
    for name, lines in tables.items():
        (place / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    schema = {"number_id": pl.String, "exact": pl.Float64}
    return Side(folder, {}), pl.DataFrame(list(exact.items()), schema=schema, orient="row")


def compared(before: tuple[Side, pl.DataFrame], after: tuple[Side, pl.DataFrame]) -> list[Change]:
    return changes({BEFORE: before[0], AFTER: after[0]}, {BEFORE: before[1], AFTER: after[1]})


def count(step: str, n: object, arm: str = "all") -> str:
    return f"{step},A label,,{arm},{'' if n is None else n},s.cohort_counts.{step}.n.{arm}"


def counts(folder: Path, exact: dict[str, int], shown: dict[str, int | None]) -> tuple[Side, pl.DataFrame]:
    """Cohort counts: what the warehouse has, and what the file shows (None: an empty cell; not there: no row)."""
    known = {f"s.cohort_counts.{step}.n.all": float(n) for step, n in exact.items()}
    return released(folder, known, cohort_counts=[COUNTS, *(count(step, n) for step, n in shown.items())])


def test_matches_by_what_a_row_says_and_not_by_its_place(tmp_path: Path) -> None:
    before = counts(tmp_path / "a", {"one": 9, "two": 8}, {"one": 9, "two": 8})
    after = counts(tmp_path / "b", {"two": 7, "one": 9}, {"two": 7, "one": 9})
    (change,) = compared(before, after)
    assert (change.ids, change.before, change.after, change.difference) == (("s.cohort_counts.two.n.all",) * 2, "8", "7", -1.0)
    assert change.has_people


def test_tells_new_and_gone_numbers_with_the_id_of_their_side(tmp_path: Path) -> None:
    found = compared(counts(tmp_path / "a", {"old": 9}, {"old": 9}), counts(tmp_path / "b", {"new": 8}, {"new": 8}))
    assert [(change.ids, change.before, change.after, change.difference) for change in found] == [
        (("", "s.cohort_counts.new.n.all"), "", "8", None),
        (("s.cohort_counts.old.n.all", ""), "9", "", None),
    ]


@pytest.mark.parametrize("after", [{"one": None}, {}], ids=["an empty cell", "no row"])
def test_makes_no_difference_of_a_number_that_became_suppressed_and_names_nobody_behind_it(
    after: dict[str, int | None], tmp_path: Path
) -> None:
    (change,) = compared(counts(tmp_path / "a", {"one": 5}, {"one": 5}), counts(tmp_path / "b", {"one": 4}, after))
    assert (change.before, change.after, change.difference, change.has_people) == ("5", SUPPRESSED, None, False)


def test_makes_no_difference_of_a_number_that_was_suppressed(tmp_path: Path) -> None:
    (change,) = compared(counts(tmp_path / "a", {"one": 4}, {"one": None}), counts(tmp_path / "b", {"one": 5}, {"one": 5}))
    assert (change.before, change.after, change.difference, change.has_people) == (SUPPRESSED, "5", None, False)


@pytest.mark.parametrize(
    ("exact", "before", "after"),
    [
        ((4, 3), {"one": None}, {"one": None}),
        ((4, 3), {"one": None}, {}),
        ((4, None), {"one": None}, {}),
        ((None, 3), {}, {"one": None}),
    ],
)
def test_does_not_say_that_a_number_changed_which_is_shown_on_neither_side(
    exact: tuple[int | None, int | None], before: dict[str, int | None], after: dict[str, int | None], tmp_path: Path
) -> None:
    known = [{} if n is None else {"one": n} for n in exact]
    assert compared(counts(tmp_path / "a", known[0], before), counts(tmp_path / "b", known[1], after)) == []


def test_names_the_number_of_each_column_of_a_row_and_why_it_is_not_available(tmp_path: Path) -> None:
    row = "as_published,death,all,kaplan_meier,log,{},s.survival.as_published_death_kaplan_meier.median_days.all"
    ids = {name: f"s.survival.as_published_death_kaplan_meier.{name}.all" for name in ("n", "events", "median_days")}
    before = released(tmp_path / "a", dict.fromkeys(ids.values(), 1.0), survival=[SURVIVAL, row.format("9,4,100,")])
    after = released(
        tmp_path / "b", {ids["n"]: 9.0, ids["events"]: 4.0, ids["median_days"]: None}, survival=[SURVIVAL, row.format("9,5,,few")]
    )
    found = compared(before, after)
    assert [(change.ids, change.after, change.reason) for change in found] == [
        ((ids["events"],) * 2, "5", ""),
        ((ids["median_days"],) * 2, NOT_AVAILABLE, "few"),
    ]
    assert [change.has_people for change in found] == [True, False], "who stood behind a median that is not made left nothing"


def test_does_not_say_of_a_suppressed_row_which_of_its_numbers_there_are(tmp_path: Path) -> None:
    row = "as_published,death,all,kaplan_meier,log,{},s.survival.as_published_death_kaplan_meier.median_days.all"
    before = released(tmp_path / "a", {}, survival=[SURVIVAL, row.format("9,4,100,")])
    after = released(tmp_path / "b", {}, survival=[SURVIVAL, row.format(",,,suppressed: an arm has few women or events")])
    found = compared(before, after)
    assert [(change.after, change.reason, change.is_open) for change in found] == [(SUPPRESSED, "", False)] * 3


def test_tells_for_sharing_only_that_a_number_is_not_shown() -> None:
    told = [Change("s", "survival", ("a", "a"), "9", word, is_open=True).for_sharing() for word in (SUPPRESSED, NOT_AVAILABLE, "", "8")]
    assert [(change.before, change.after) for change in told] == [("9", "not shown")] * 3 + [("9", "8")]


def test_tells_tables_in_their_order_and_the_greatest_difference_of_a_table_first(tmp_path: Path) -> None:
    tables = [
        released(
            tmp_path / name,
            {},
            at_risk=["analysis,endpoint,arm,months,at_risk,number_id", f"a,e,all,0,{9 - n},s.at_risk.a_e_0.at_risk.all"],
            cohort_counts=[COUNTS, count("one", 9 - n), count("two", 9 - 3 * n)],
            table_9=["place,n,number_id", f"1,{n},s.table_9.1.n.all"],
        )
        for n, name in enumerate(("a", "b"))
    ]
    names = [change.number_id.split(".")[1:3] for change in compared(*tables)]
    assert names == [["cohort_counts", "two"], ["cohort_counts", "one"], ["at_risk", "a_e_0"], ["table_9", "1"]]


def test_only_counts_the_values_of_curves(tmp_path: Path) -> None:
    head = "analysis,endpoint,arm,ci,days,at_risk,events,censored,survival,number_id"
    before, after = (
        released(tmp_path / name, {}, km=[head, f"a,e,all,log,{day},9,1,0,{s},s.km.a_e_{day}.survival.all"])
        for name, day, s in (("a", 10, 0.9), ("b", 10, 0.8))
    )
    assert [(change.output, is_counted(change)) for change in compared(before, after)] == [("km", True)]


def test_tells_of_a_curve_once_with_an_id_of_each_side_and_of_none_of_which_a_value_is_suppressed(tmp_path: Path) -> None:
    head = "analysis,endpoint,arm,ci,days,at_risk,events,censored,survival,number_id"
    line = "a,e,{},log,{},9,1,0,{},s.km.a_e_{}.survival.{}"
    before, after = (
        released(
            tmp_path / name, {"s.km.a_e_10.survival.few": 1.0},
            km=[head, line.format("all", 10, s, 10, "all"), line.format("all", day, s, day, "all"), line.format("few", 10, few, 10, "few")],
        )
        for name, day, s, few in (("a", 20, 0.9, 0.5), ("b", 21, 0.8, ""))
    )  # fmt: skip
    found = {curve.curve: curve for curve in curves(compared(before, after))}
    assert {name: (curve.n, curve.ids[0] != "", curve.ids[1] != "", curve.has_people) for name, curve in found.items()} == {
        "a e all log": (9, True, True, True), "a e few log": (1, True, True, False),
    }  # fmt: skip


def test_tells_rows_apart_that_say_the_same_and_levels_with_blanks(tmp_path: Path) -> None:
    head = "variable,level,arm,statistic,value,number_id"
    row = "v,{},{},n,{},s.table_1.v_{}.n.{}"
    levels = (("x y", "z", 0), ("x", "y z", 1), ("d", "z", 0), ("d", "z", 1))

    def lines(n: int) -> list[str]:
        return [head, *(row.format(level, arm, 5 + n * more, at, at) for at, (level, arm, more) in enumerate(levels, 1))]

    before, after = (released(tmp_path / str(n), {}, table_1=lines(n)) for n in (0, 1))
    assert sorted((change.ids, change.before, change.after) for change in compared(before, after)) == [
        (("s.table_1.v_2.n.2",) * 2, "5", "6"), (("s.table_1.v_4.n.4",) * 2, "5", "6"),
    ]  # fmt: skip


def test_says_of_each_table_what_its_numbers_are_matched_by() -> None:
    assert all(output.keys and output.values and set(output.order) for output in outputs().values())
    assert {name for name, output in outputs().items() if output.is_counted} == {"km", "cuminc"}


@pytest.mark.parametrize("name", ["survival", "logrank", "cox", "envelope", "at_risk", "cuminc", "km"])
def test_compares_columns_that_the_table_has_and_matches_by_all_that_tells_its_rows_apart(name: str) -> None:
    every = Estimates(has_competing=True, has_cox=True, has_envelope=True).frames()[name]
    known = outputs()[name]
    assert {*known.keys, *known.values, *known.order} <= {*every.columns}
    assert {"analysis", "endpoint", "arm", "arms", "estimator", "cause", "months"} & {*every.columns} <= {*known.keys}


def test_calls_a_column_new_and_not_suppressed_where_the_release_before_had_none(tmp_path: Path) -> None:
    name, row = "s.survival.x_kaplan_meier.median_days.all", "as_published,x,all,kaplan_meier,log,9,3,400"
    before = released(tmp_path / "a", {name: 400.0}, survival=[SURVIVAL, f"{row},,{name}"])
    after = released(tmp_path / "b", {name: 400.0}, survival=[f"among_unknown,{SURVIVAL}", f"0,{row},,{name}"])
    (later,) = compared(before, after)
    assert (later.before, later.after, later.has_people) == ("", "0", False)
    (earlier,) = compared(after, before)
    assert (earlier.before, earlier.after) == ("0", "")


def test_keeps_a_row_suppressed_where_its_file_has_no_row_at_all(tmp_path: Path) -> None:
    name = "s.survival.x_kaplan_meier.median_days.all"
    before = released(tmp_path / "a", {name: 400.0}, survival=[SURVIVAL])
    after = released(tmp_path / "b", {name: 400.0}, survival=[SURVIVAL, f"as_published,x,all,kaplan_meier,log,9,3,400,,{name}"])
    assert {change.before for change in compared(before, after)} == {SUPPRESSED}


def test_a_release_of_an_earlier_version_had_more_digits_and_no_other_numbers(tmp_path: Path) -> None:
    def tests(folder: Path, statistic: float) -> tuple[Side, pl.DataFrame]:
        name = "s.logrank.os.chi_square.all"
        return released(folder, {name: statistic}, logrank=["analysis,endpoint,arms,chi_square,number_id", f"a,os,all,{statistic},{name}"])

    more, now, other = 1.9344357853680336, 1.93443578537, 1.93443578538
    assert compared(tests(tmp_path / "a", more), tests(tmp_path / "b", now)) == []
    assert len(compared(tests(tmp_path / "c", more), tests(tmp_path / "d", other))) == 1


def test_claims_that_are_not_shared_are_not_lost(tmp_path: Path) -> None:
    release, known = counts(tmp_path, {"one": 9}, {"one": 9})
    known = known.with_columns(study=pl.lit("s"), output=pl.lit("claims"))
    sides = {BEFORE: release, AFTER: release}
    assert [one[1] for one in lost_files(sides, {BEFORE: known, AFTER: known})] == ["claims", "claims"]
    closed = tmp_path / "internal" / "studies" / "s"
    closed.mkdir(parents=True)
    (closed / "claims.csv").write_text("claim\n", encoding="utf-8")
    assert lost_files(sides, {BEFORE: known, AFTER: known}) == []
