"""Tables of one study that count the same women, and what they may show beside each other."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
from small_registry import SURVIVAL, study

from warehouse.suppressing.analyses import EVERYTHING, HERS, Count, N, Published, shown_together
from warehouse.suppressing.cells import in_group, variable_sums
from warehouse.suppressing.disclosure import Sums, hide
from warehouse.suppressing.endpoint import Cell, outside
from warehouse.suppressing.linked import shared_tables, told
from warehouse.suppressing.same_women import COHORT, Group, Places, Same, Table
from warehouse.survival.analyses import BETWEEN

STAGE: Table = ("table_1", "stage")
EARLY: Table = ("table_1", "early")
GRADE: Table = ("table_1", "grade")
TIMED: Table = ("survival", "among")


def places(*women: tuple[str, str, str, int]) -> Places:
    """So many women of an arm, by their rows in two tables."""
    rows = {STAGE: sorted({one[1] for one in women}), EARLY: sorted({one[2] for one in women})}
    each = [(arm, rows[STAGE].index(one), rows[EARLY].index(other)) for arm, one, other, n in women for _ in range(n)]
    return Places(pl.DataFrame(each, schema=["arm", "0", "1"], orient="row"), {table: [*found] for table, found in rows.items()})


def test_knows_what_holds_the_same_women_in_every_arm() -> None:
    same = places(("x", "I", "yes", 1), ("x", "II", "no", 2), ("x", "III", "no", 2), ("y", "II", "no", 9)).same(STAGE, EARLY)
    pair = (STAGE, EARLY)
    assert [*same] == [
        Same(pair, (frozenset({("I", "x")}), frozenset({("yes", "x")}))),
        Same(pair, (frozenset({("I", "y")}), frozenset({("yes", "y")}))),
        Same(pair, (frozenset({("II", "x"), ("III", "x")}), frozenset({("no", "x")}))),
        Same(pair, (frozenset({("II", "y"), ("III", "y")}), frozenset({("no", "y")}))),
    ]


def test_takes_no_chance_in_a_small_arm_for_the_same() -> None:
    # in arm x stage I is early and II is not; in arm y that is not so
    assert [*places(("x", "I", "yes", 1), ("x", "II", "no", 2), ("y", "I", "no", 9), ("y", "II", "yes", 9)).same(STAGE, EARLY)] == []


# Of three arms: whoever is of stage I (yes) is early, and so are some others.
NESTED = places(
    ("x", "no", "yes", 3), ("x", "no", "no", 17), ("y", "yes", "yes", 8), ("y", "no", "yes", 1), ("y", "no", "no", 11),
    ("z", "yes", "yes", 20), ("z", "no", "yes", 10), ("z", "no", "no", 30),
)  # fmt: skip


def flag(**yes: int) -> Sums[tuple[str, str], tuple[str, str]]:
    """A variable of yes and no by arm, of 20 women of x, 20 of y and 60 of z."""
    women = {"x": 20, "y": 20, "z": 60}
    counts = {("yes", arm): n for arm, n in yes.items()} | {("no", arm): women[arm] - n for arm, n in yes.items()}
    whole = {("yes", "all"): sum(yes.values()), ("no", "all"): 100 - sum(yes.values())}
    return variable_sums(counts | whole, {*women, "all"})


def test_holds_a_row_that_is_a_part_of_another_to_it() -> None:
    # 42 are early, 30 of them in z: of the 12 in x and y the 8 of stage I in y leave x no more than 4, so y is shown and z is not
    tables = {STAGE: flag(x=0, y=8, z=20), EARLY: flag(x=3, y=9, z=30)}
    assert shared_tables(tables, NESTED, 5).hidden == {STAGE: set(), EARLY: {(row, arm) for row in ("yes", "no") for arm in "xz"}}
    assert shared_tables(tables, None, 5).hidden == {STAGE: set(), EARLY: {(row, arm) for row in ("yes", "no") for arm in "xy"}}


def test_takes_no_few_women_within_many_for_a_part() -> None:
    # 3 women of stage I, all early as 60 of 70 are: chance does so in 63 of 100
    few = places(("x", "I", "yes", 3), ("x", "II", "yes", 57), ("x", "II", "no", 10))
    assert [*few.parts(STAGE, EARLY)] == []
    assert [*NESTED.parts(STAGE, EARLY)][1] == Same((STAGE, EARLY), (frozenset({("yes", "y")}), frozenset({("yes", "y")})), is_part=True)


WOMEN = places(("x", "I", "yes", 7), ("x", "II", "no", 20), ("x", "missing", "no", 3))
TABLES = {
    STAGE: variable_sums({("I", "x"): 7, ("II", "x"): 20, ("missing", "x"): 3}, {"x"}),
    EARLY: variable_sums({("yes", "x"): 7, ("no", "x"): 23}, {"x"}),
}


def test_hides_alone_what_another_table_would_show() -> None:
    assert shared_tables(TABLES, None, 5).hidden == {STAGE: {("I", "x"), ("missing", "x")}, EARLY: set()}


def test_hides_another_partner_where_the_first_stands_in_another_table() -> None:
    # stage I is 7 beside the 3 of whom the stage is missing, and the same 7 are early: stage II is hidden instead of them
    assert shared_tables(TABLES, WOMEN, 5).hidden == {STAGE: {("II", "x"), ("missing", "x")}, EARLY: set()}


def test_hides_a_level_that_is_a_subgroup_hidden_in_the_cohort_counts() -> None:
    # of 30 women 7 are in the group that is hidden beside one of 3; stage I is the same 7, and its table has no small count
    cells = {in_group("x", group): n for group, n in (("early", 7), ("late", 3), (None, 20))}
    shown = {place: frozenset({place}) for place in cells} | {("analysed", "x"): frozenset(cells)}
    cohort = told(Sums(cells, shown), {("x.early", "x"), ("x.late", "x")})
    women = pl.DataFrame({"arm": ["x"] * 30, "0": [0] * 7 + [1] * 3 + [2] * 20, "1": [0] * 7 + [1] * 23})
    stand = Places(women, {COHORT: [Group("early"), Group("late"), Group(None)], STAGE: ["I", "II"]})
    stage = variable_sums({("I", "x"): 7, ("II", "x"): 23}, {"x"})
    assert shared_tables({COHORT: cohort, STAGE: stage}, stand, 5).hidden[STAGE] == {("I", "x"), ("II", "x")}


def test_shows_the_same_of_a_table_that_has_nothing_in_common() -> None:
    grade = {("1", "x"): 4, ("2", "x"): 26}
    both = shared_tables(TABLES | {GRADE: variable_sums(grade, {"x"})}, WOMEN, 5)
    assert both.hidden[GRADE] == set(grade)
    assert both.joined.keys() == {STAGE, EARLY}


def test_hides_in_another_analysis_what_is_hidden_as_published_for_another_table() -> None:
    # 7 of 30 have a time; stage I is the same 7, hidden beside 3 without a stage while stage II is shown
    made = study(min_cell=5, min_cell_reason=None, endpoints=(SURVIVAL | {"landmark_days": 30},), analyses=("as_published", "landmark"))
    row = ("a", 400, True, "event", "at_risk", BETWEEN.join(("landmark", "a", "at_risk", "0", "370", "true", "event")), 7)
    together = pl.DataFrame([row], schema=list(HERS), orient="row")
    stage: Sums[str, str] = Sums({"I": 7, "II": 20, "missing": 3}, {}, (frozenset({"I", "II", "missing"}), frozenset({"II"})))
    beside_it = Published(frozenset(), stage, {Count(N, EVERYTHING, "a"): frozenset({"I"})})

    def is_shown(published: Published) -> bool:
        return shown_together(together, made, (made.endpoints[0], published), {"a": 30}, {"a"})["landmark", "survival"].has(N, "a")

    assert is_shown(Published(frozenset()))
    assert not is_shown(beside_it)


def test_knows_the_same_times_of_some_of_the_women() -> None:
    # of five women two are among the first endpoint; both endpoints know the same of those
    dead, alive, none = Cell("", 1, event=True), Cell("", 2, event=False), outside("")
    women = pl.DataFrame({"arm": ["x"] * 5, "0": [0, 1, 2, 2, 2], "1": [0, 1, 0, 1, 1]})
    every: Table = ("survival", "all")
    stand = Places(women, {TIMED: [dead, alive, none], every: [dead, alive]})
    cells = [frozenset({cell._replace(arm="x")}) for cell in (dead, alive)]
    assert [*stand.parts(TIMED, every)] == [Same((TIMED, every), (cell, cell), is_part=True) for cell in cells]
    assert [*stand.parts(every, TIMED)] == [*stand.same(every, TIMED)] == []


def test_hides_a_part_that_holds_a_small_count_below_the_limit() -> None:
    # of 12 women 9 are of stage I and 3 are not, both hidden; that 8 of stage I died would leave 4 for the others
    cells = {"I": 9, "II": 3, "died": 8, "lived": 1}
    shown = {name: frozenset({name}) for name in ("I", "II", "died")}
    sums: Sums[str, str] = Sums(cells, shown, (frozenset({"I", "II"}),))
    part = ((frozenset({"died"}), frozenset({"I"})),)
    assert hide(sums, 5) == {"I", "II"}
    assert hide(replace(sums, within=part), 5) == {"I", "II", "died"}
