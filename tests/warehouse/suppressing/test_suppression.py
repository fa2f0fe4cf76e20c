"""Small cells hidden in what is shared, and what would give them away."""

from __future__ import annotations

import polars as pl
import pytest
from small_registry import SURVIVAL, study

from warehouse.cohort import COLUMNS
from warehouse.suppressing.analyses import HERS, Shown, gridded, women_by_counts
from warehouse.suppressing.cells import SUPPRESSED, counts_of, suppress_counts, suppress_table_1, variable_sums
from warehouse.suppressing.disclosure import Sums, hide
from warehouse.suppressing.survival import suppress_survival, without_counts
from warehouse.survival.analyses import BETWEEN
from warehouse.table_1 import COLUMNS as TABLE_1

STUDY = study(min_cell=5)


def table(cells: dict[str, int], **sums: str) -> set[str]:
    """Hidden counts of a table: each cell by itself, and sums of cells by their letters."""
    shown = {cell: frozenset({cell}) for cell in cells} | {name: frozenset(letters) for name, letters in sums.items()}
    return hide(Sums(cells, shown, cost=dict.fromkeys(sums, 1)), 5)


def test_hides_nothing_where_every_count_is_0_or_large() -> None:
    assert table({"a": 0, "b": 5, "c": 7}, whole="abc") == set()


def test_hides_the_next_smallest_beside_a_single_small_count() -> None:
    assert table({"a": 3, "b": 9, "c": 20}, whole="abc") == {"a", "b"}


def test_hides_more_where_two_small_counts_would_still_be_told() -> None:
    # 1 and 1 beside a known total of 2 are told: a third count joins them
    assert table({"a": 1, "b": 1, "c": 7, "d": 9}, whole="abcd") == {"a", "b", "c"}


def test_sees_through_a_sum_of_sums() -> None:
    # a is small; b protects it in ab, but abc - c gives ab, and the rest follows
    assert "a" in table({"a": 2, "b": 30, "c": 40}, ab="ab", whole="abc")
    assert table({"a": 2, "b": 30, "c": 40}, ab="ab", whole="abc") == {"a", "b"}


def test_hides_the_same_in_whatever_order_cells_and_counts_come() -> None:
    cells, sums = {"a": 3, "b": 3, "c": 9, "d": 9}, {"left": "ac", "right": "bd", "whole": "abcd"}
    turned = dict(reversed(cells.items())), dict(reversed(sums.items()))
    assert table(cells, **sums) == table(turned[0], **turned[1])


def test_knows_women_by_counts_in_one_order_whatever_that_of_a_set_is_today() -> None:
    made = study(analyses=("as_published", "landmark"), endpoints=(SURVIVAL | {"landmark_days": 30},), ticks_months=(0, 6, 12))
    row = ("a", 400, True, "event", "at_risk", BETWEEN.join(("landmark", "a", "at_risk", "0", "370", "true", "event")), 7)
    together = pl.DataFrame([row], schema=list(HERS), orient="row")
    cells = women_by_counts(together, gridded(made, made.endpoints[0]), {"a": 7}, {"a", "all"})
    assert [cell for cell in cells if cell.counts != tuple(sorted(cell.counts))] == []
    assert max(len(cell.counts) for cell in cells) > 5, "of both analyses"


def test_shows_an_arm_again_where_a_step_has_to_be_hidden_all_the_same() -> None:
    # of 203 women 22 leave at a first step and one at a second. The arm of 85 was hidden first, though 180 - 95 gives it
    cells = {"t": 95, "n": 85, "left": 1, "early_left": 22}
    shown = {cell: frozenset({cell}) for cell in cells}
    sums = {"analysed": ("t", "n"), "early": ("t", "n", "left"), "her2": tuple(cells)}
    shown |= {name: frozenset(parts) for name, parts in sums.items()}
    assert hide(Sums(cells, shown, cost={"analysed": 2, "early": 1, "her2": 1}), 5) == {"left", "early_left", "early"}


def test_hides_a_cell_that_alone_joins_two_rings() -> None:
    # each line of the table hides two counts, and yet x, between the rings, would be told by the sums of lines
    cells = {"a": 4, "b": 4, "c": 4, "d": 4, "x": 2, "e": 4, "f": 4, "g": 4, "h": 4}
    rows, columns = {"r1": "ab", "r2": "cdx", "r3": "ef", "r4": "gh"}, {"c1": "ac", "c2": "bd", "c3": "xeg", "c4": "fh"}
    assert table(cells, **rows, **columns) & {"r1", "r2", "r3", "r4", "c1", "c2", "c3", "c4"}


def rows_of(variable: str, arm: str, **n: int) -> list[tuple[object, ...]]:
    total = sum(count for level, count in n.items() if level != "missing")
    rows: list[tuple[object, ...]] = []
    for level, count in n.items():
        if level == "missing":
            rows.append((variable, "", arm, "missing", float(count), str(count), f"{variable}.{arm}.missing"))
            continue
        rows.append((variable, level, arm, "n", float(count), str(count), f"{variable}.{level}.{arm}.n"))
        rows.append((variable, level, arm, "percent", 100 * count / total, "x", f"{variable}.{level}.{arm}.percent"))
    return rows


def suppressed(*rows: tuple[object, ...], open_: tuple[str, ...] = ("all",)) -> dict[str, str]:
    table = pl.DataFrame(list(rows), schema=TABLE_1, orient="row")
    sums = {variable: variable_sums(exact, open_) for variable, exact in counts_of(table).items()}
    made = suppress_table_1(table, STUDY, {variable: of.shown.keys() - hide(of, 5) for variable, of in sums.items()})
    assert made.filter(pl.col("text") == SUPPRESSED)["value"].null_count() == made.filter(pl.col("text") == SUPPRESSED).height
    return dict(made.select("number_id", "text").iter_rows())


def test_hides_a_small_level_its_percentage_and_a_partner() -> None:
    shown = suppressed(*rows_of("er", "all", positive=20, negative=3, missing=9))
    assert shown["er.negative.all.n"] == shown["er.negative.all.percent"] == SUPPRESSED
    assert shown["er.all.missing"] == SUPPRESSED
    assert shown["er.positive.all.n"] == "20"


def test_hides_every_percentage_where_the_known_total_would_tell_who_is_missing() -> None:
    shown = suppressed(*rows_of("er", "all", positive=20, negative=30, missing=2))
    assert shown["er.positive.all.percent"] == shown["er.negative.all.percent"] == SUPPRESSED
    assert shown["er.negative.all.n"] == "30"


def test_hides_the_whole_column_of_an_arm_that_is_not_shown() -> None:
    arms = [*rows_of("er", "x", positive=9, negative=9), *rows_of("er", "y", positive=20, negative=20)]
    shown = suppressed(*arms, *rows_of("er", "all", positive=29, negative=29), open_=("y", "all"))
    assert {text for name, text in shown.items() if ".x." in name} == {SUPPRESSED}
    assert shown["er.positive.all.n"] == "29"


def test_hides_least_and_greatest_values() -> None:
    rows = [("age", "", "all", name, value, "x", f"age.{name}") for name, value in (("n", 10.0), ("min", 31.0), ("median", 50.0))]
    assert suppressed(*rows) == {"age.n": "x", "age.min": SUPPRESSED, "age.median": "x"}


@pytest.mark.parametrize(("n", "hidden"), [(9, {"median", "q1", "q3"}), (10, {"q1", "q3"}), (19, {"q1", "q3"}), (20, set())])
def test_hides_a_median_and_quartiles_that_mark_off_few_women(n: int, hidden: set[str]) -> None:
    # of five women median and quartiles are the values of three, and mean and sd give the other two
    given = {"n": float(n), "median": 50.0, "q1": 40.0, "q3": 60.0, "mean": 50.0, "sd": 9.0}
    found = suppressed(*(("age", "", "all", name, value, "x", name) for name, value in given.items()))
    assert {name for name, text in found.items() if text == SUPPRESSED} == hidden


def counts(*rows: tuple[str, str, str, int]) -> list[int | None]:
    frame = pl.DataFrame([(step, step, parent, arm, n, "") for step, parent, arm, n in rows], schema=COLUMNS, orient="row")
    return suppress_counts(frame, STUDY)["n"].to_list()


ARMS = (("analysed", "b", "all", 42), ("analysed", "b", "x", 20), ("analysed", "b", "y", 22))


def test_hides_a_step_whose_difference_to_another_is_small() -> None:
    found = counts(("a", "", "all", 60), ("b", "a", "all", 42), ("b.left", "a", "all", 3), ("held", "a", "all", 15), *ARMS)
    assert found == [60, 42, None, None, 42, 20, 22]  # 60 - 42 are 18, of whom 3 left and 15 are held


def test_hides_who_left_beside_who_could_not_be_judged() -> None:
    found = counts(("a", "", "all", 50), ("b", "a", "all", 42), ("b.left", "a", "all", 8), ("b.undetermined", "b.left", "all", 6), *ARMS)
    assert found == [50, 42, 8, None, 42, 20, 22]  # 8 - 6 are the two who could


def test_hides_a_small_arm_with_its_groups_and_a_partner() -> None:
    found = counts(
        ("a", "", "all", 40),
        ("analysed", "a", "all", 40),
        ("analysed", "a", "x", 3),
        ("analysed", "a", "y", 12),
        ("analysed", "a", "z", 25),
        ("x.g", "analysed", "x", 2),
        ("z.g", "analysed", "z", 24),
        ("z.h", "analysed", "z", 0),
    )
    assert found == [40, 40, None, None, 25, None, None, 0]  # 25 - 24 = 1 woman in no group of z


def test_takes_the_numbers_out_of_a_reason() -> None:
    said = without_counts("the time is negative for 3 of 1,013 women; to leave them out, write a step")
    assert said == "the time is negative for some of the women; to leave them out, write a step"


def test_hides_a_point_of_a_curve_with_the_women_at_risk_there() -> None:
    # S = 0.27 with a standard error of 0.20 is only where the last event was one of two women's
    events = ("events_to", 0, "x")
    assert not Shown(frozenset({events}), (360.0,)).has_curve("x", 360)
    assert Shown(frozenset({events, ("at_risk", 0, "x")}), (360.0,)).has_curve("x", 360)


@pytest.mark.parametrize("name", ["km", "survival"])
def test_leaves_everything_where_min_cell_is_1(name: str) -> None:
    frames = {"km": pl.DataFrame({"a": [1]}), "survival": pl.DataFrame({"a": [1]})}
    assert suppress_survival(frames, study(), (), {})[name].equals(frames[name])
