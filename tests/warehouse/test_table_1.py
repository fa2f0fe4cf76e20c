"""Table 1 as numbers and as a reader sees it."""

from __future__ import annotations

import hashlib
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from small_registry import Woman, registry, study

from warehouse.cohort import count_cohort
from warehouse.mart import build_mart
from warehouse.numbers import Numbers
from warehouse.suppressing.cells import suppress_table_1
from warehouse.table_1 import table_1
from warehouse.table_1_print import printed_table_1
from warehouse.tables import HEAD, LEVEL, PLAIN, PrintedTable, html_page, workbook

OPERATED = {"events": [{"event_type_code": "metastasectomy"}]}
STAGE = {"variable": "stage", "label": "Stage", "level": "stage_code", "levels": ("I", "IIB")}
NODES = {"variable": "nodes", "label": "Nodes", "value": "nodes_positive", "statistics": ("median", "min", "max")}


def made(tmp_path: Path, variable: dict[str, Any], *women: Woman) -> tuple[pl.DataFrame, PrintedTable]:
    con = registry(tmp_path, *women)
    of = study(table_1=(variable,))
    build_mart(con, [of])
    numbers = Numbers(of.study)
    cohort = count_cohort(con, of, numbers)
    table = table_1(con, of, cohort.arms, numbers)
    return table, printed_table_1(of, cohort, table, cohort.counts)


def cells(table: pl.DataFrame, arm: str) -> dict[tuple[str, str], float | None]:
    return {(r["level"], r["statistic"]): r["value"] for r in table.filter(pl.col("arm") == arm).iter_rows(named=True)}


WOMEN = ({"stage_code": "I", **OPERATED}, {"stage_code": "IIB"}, {"stage_code": "IIB"}, {"stage_code": "IV"}, {})


def test_takes_percentages_of_the_women_with_a_known_value(tmp_path: Path) -> None:
    table, _ = made(tmp_path, STAGE, *WOMEN)
    assert cells(table, "all") == {
        ("I", "n"): 1,
        ("I", "percent"): 25,
        ("IIB", "n"): 2,
        ("IIB", "percent"): 50,
        ("IV", "n"): 1,
        ("IV", "percent"): 25,
        ("", "missing"): 1,
    }


def test_shows_a_level_that_the_study_did_not_list_after_those_it_did(tmp_path: Path) -> None:
    table, _ = made(tmp_path, STAGE, *WOMEN)
    assert table.filter(pl.col("statistic") == "n")["level"].unique(maintain_order=True).to_list() == ["I", "IIB", "IV"]


def test_gives_each_arm_with_women_and_all(tmp_path: Path) -> None:
    table, _ = made(tmp_path, STAGE, *WOMEN)
    assert table["arm"].unique(maintain_order=True).to_list() == ["operated", "rest", "all"]


@pytest.mark.parametrize(("stages", "is_said"), [(("I", "IIA", "IIB"), True), (("I", "IIA"), False), ((), False)])
def test_says_where_percentages_do_not_add_up(tmp_path: Path, stages: tuple[str, ...], is_said: bool) -> None:
    # three thirds are printed as 33.3 + 33.3 + 33.3 = 99.9
    _, printed = made(tmp_path, STAGE, *({"stage_code": stage} for stage in stages))
    assert printed.notes[0].endswith("because they are rounded.") == is_said


def test_names_the_arms_without_women(tmp_path: Path) -> None:
    _, printed = made(tmp_path, STAGE, {"stage_code": "I"})
    assert printed.notes[1] == "No women, and no column: Operated."


def test_leaves_medians_unrounded_and_counts_who_has_none(tmp_path: Path) -> None:
    table, _ = made(tmp_path, NODES, {"nodes_positive": 1}, {"nodes_positive": 2}, {})
    assert cells(table, "all") == {("", "n"): 2, ("", "median"): 1.5, ("", "min"): 1, ("", "max"): 2, ("", "missing"): 1}


def test_knows_no_median_of_nobody(tmp_path: Path) -> None:
    table, printed = made(tmp_path, NODES, {})
    assert cells(table, "all")["", "median"] is None
    assert list(printed.rows) == [(PLAIN, ["Nodes, median (range)", "–"]), (LEVEL, ["Not known", "1"])]


def test_prints_the_mean_of_one_woman_who_has_no_deviation(tmp_path: Path) -> None:
    _, printed = made(tmp_path, {**NODES, "statistics": ("mean", "sd")}, {"nodes_positive": 3})
    assert list(printed.rows) == [(PLAIN, ["Nodes, mean (SD)", "3.0"])]
    assert not any("no value known" in note for note in printed.notes)


def test_prints_levels_in_words_with_n_and_percent(tmp_path: Path) -> None:
    _, printed = made(tmp_path, STAGE, *WOMEN)
    assert list(printed.heads) == ["Characteristic", "Operated (n\u00a0=\u00a01)", "The rest (n\u00a0=\u00a04)", "All (n\u00a0=\u00a05)"]
    assert list(printed.rows)[:2] == [(HEAD, ["Stage", "", "", ""]), (LEVEL, ["Stage I", "1 (100.0)", "0 (0.0)", "1 (25.0)"])]
    assert list(printed.rows)[-1] == (LEVEL, ["Not known", "0", "1", "1"])


def test_prints_one_column_where_one_arm_has_all_women(tmp_path: Path) -> None:
    _, printed = made(tmp_path, NODES, {"nodes_positive": 3})
    assert list(printed.heads) == ["Characteristic", "The rest (n\u00a0=\u00a01)"]
    assert list(printed.rows) == [(PLAIN, ["Nodes, median (range)", "3 (3–3)"])]


def test_prints_a_median_alone_where_the_range_is_not_shared(tmp_path: Path) -> None:
    con = registry(tmp_path, *[{"nodes_positive": n} for n in (1, 2, 3, 4, 5) * 2])
    of = study(min_cell=5, min_cell_reason=None, table_1=(NODES,))
    build_mart(con, [of])
    cohort = count_cohort(con, of, Numbers(of.study))
    shared = suppress_table_1(table_1(con, of, cohort.arms, Numbers("other")), of, {"nodes": {("", "rest"), ("missing", "rest")}})
    assert list(printed_table_1(of, cohort, shared, cohort.counts).rows) == [(PLAIN, ["Nodes, median", "3"])]


def test_prints_a_median_alone_where_its_quartiles_are_not_shared(tmp_path: Path) -> None:
    con = registry(tmp_path, *[{"nodes_positive": n} for n in (1, 2, 3, 4, 5) * 2])
    of = study(min_cell=5, min_cell_reason=None, table_1=({**NODES, "statistics": ("median", "q1", "q3")},))
    build_mart(con, [of])
    cohort = count_cohort(con, of, Numbers(of.study))
    shared = suppress_table_1(table_1(con, of, cohort.arms, Numbers("other")), of, {"nodes": {("", "rest"), ("missing", "rest")}})
    (rest,) = printed_table_1(of, cohort, shared, cohort.counts).rows
    assert rest == (PLAIN, ["Nodes, median (interquartile range)", "3"])


def test_says_to_whom_a_variable_does_not_apply(tmp_path: Path) -> None:
    variable = {"variable": "again", "label": "Again", "level": "has_progression", "levels": ("yes", "no"), "of": "has_metastasectomy"}
    table, _ = made(tmp_path, variable, OPERATED, {})
    assert cells(table, "all") == {
        ("yes", "n"): 0,
        ("yes", "percent"): 0,
        ("no", "n"): 1,
        ("no", "percent"): 100,
        ("", "missing"): 0,
        ("", "not_applicable"): 1,
    }


TABLE = PrintedTable(
    "t",
    "A <b>title</b>",
    "=1+1",
    ("Head & more", "n"),
    ((HEAD, ("=SUM(A1)", "")), (LEVEL, ("<script>", "1"))),
    ("@note <i>*a*</i>",),
    "+banner",
)


def test_escapes_every_text_of_the_page() -> None:
    page = html_page(TABLE)
    assert "<script" not in page
    assert "A &lt;b&gt;title&lt;/b&gt;" in page
    assert "Head &amp; more" in page
    assert "@note &lt;i&gt;*a*&lt;/i&gt;" in page
    assert "&amp;lt;" not in page


def test_fetches_nothing_from_elsewhere() -> None:
    assert re.findall(r"(?:https?:)?//[a-z]|url\(|@import|src=|<link", html_page(TABLE)) == []


@pytest.mark.parametrize("kind", ["html", "xlsx"])
def test_writes_the_same_bytes_twice(kind: str) -> None:
    def digest() -> str:
        content = workbook(TABLE) if kind == "xlsx" else html_page(TABLE).encode()
        return hashlib.sha256(content).hexdigest()

    assert digest() == digest()


def test_the_groups_of_a_sheet_are_no_heads_of_columns_and_the_heads_stand_on_each_page() -> None:
    table = PrintedTable("t", "T", "S", ["", "A"], [(HEAD, ["Stage", ""]), (LEVEL, ["I", "1"])])
    sheet = openpyxl.load_workbook(BytesIO(workbook(table))).active
    head, group = (next(cell for (cell,) in sheet.iter_rows(max_col=1) if cell.row == row) for row in (4, 5))
    assert group.value == "Stage" and group.font.bold
    assert (group.alignment.horizontal, group.alignment.wrap_text, group.border.top.style) == (None, None, None)
    assert head.border.top.style == "medium" and sheet.print_title_rows == "$4:$4"


def test_keeps_texts_that_look_like_formulas_as_texts() -> None:
    book = openpyxl.load_workbook(BytesIO(workbook(TABLE)))
    found = [cell for row in book.active.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in found} == {"s"}
    assert {"=1+1", "=SUM(A1)", "@note <i>*a*</i>", "+banner"} <= {cell.value for cell in found}
    assert book.properties.created.year == 1980
