"""Table 2 rebuilt from the star against the printed one, cell by cell.

What is levelled first (capitals, blanks, <sup>, typos, brands, footnotes in words) stands in data/table_2_spellings.csv;
each difference that is left stands with its reason in data/table_2_differences.csv. A new one fails, and so does a stale one.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small_registry import registry, study

from schemas.study import Table2
from warehouse.mart import build_mart
from warehouse.numbers import Numbers
from warehouse.table_2 import months_note, note, table_2

DATA = Path(__file__).parent / "data"
PRINTED = Path(__file__).parents[2] / "etl" / "examples" / "published" / "exports" / "table2.csv"
KEYS = ["patient", "column"]


def read(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, comment_prefix="# ", infer_schema=False).fill_null("")


def levelled(cell: str) -> str:
    text = " ".join(re.sub(r"</?sup>", " ", cell).lower().split())
    for printed, meant, _ in read(DATA / "table_2_spellings.csv").iter_rows():
        text = re.sub(printed, meant, text)
    return text.strip()


def cells(table: pl.DataFrame, name: str) -> pl.DataFrame:
    long = table.unpivot(index="patient", variable_name="column", value_name=name)
    return long.with_columns(pl.col(name).map_elements(levelled, return_dtype=pl.String))


def test_equals_the_printed_table_but_for_the_listed_differences(bundled_out: Path) -> None:
    rebuilt = read(bundled_out / "published" / "current" / "share" / "studies" / "metastasectomy" / "table_2.csv").drop("number_id")
    printed = read(PRINTED)
    assert rebuilt.columns == printed.columns
    assert rebuilt["patient"].to_list() == printed["patient"].to_list()
    both = cells(printed, "printed").join(cells(rebuilt, "rebuilt"), on=KEYS)
    found = both.filter(pl.col("printed") != pl.col("rebuilt")).select(*KEYS, "printed", "rebuilt")
    listed = read(DATA / "table_2_differences.csv")
    assert sorted(found.rows()) == sorted(listed.drop("reason").rows())
    assert all(listed["reason"])


TREATMENT = {"setting_code": "adjuvant", "course_code": "c"}


def cell(tmp_path: Path, column: dict[str, Any], woman: dict[str, Any], arm: str = "rest") -> str:
    con = registry(tmp_path, woman)
    table = Table2.model_validate({"arm": arm, "order_by": "subject_label", "columns": ({"column": "shown", "label": "Shown", **column},)})
    made = study(table_2=table)
    build_mart(con, [made])
    return str(table_2(con, made, table, Numbers(made.study))["shown"][0])


def treated(tmp_path: Path, *components: dict[str, Any], separator: str = " ") -> str:
    column = {"list": "treatment", "where": "course_code = 'c'", "text": "treatment_text", "separator": separator}
    numbered = [{**TREATMENT, "component_no": number, **component} for number, component in enumerate(components, start=1)]
    return cell(tmp_path, column, {"treatments": numbered})


def test_writes_blocks_in_order_with_a_semicolon_between_them(tmp_path: Path) -> None:
    course = {"setting_code": "neoadjuvant", "course_regimen_code": "AC-T"}
    shown = treated(
        tmp_path,
        {**course, "regimen_code": "AC", "cycles": 4},
        {**course, "drug_code": "paclitaxel", "cycles": 12},
        {**course, "modality_code": "targeted", "drug_code": "trastuzumab", "completion_code": "stopped_early"},
    )
    assert shown == "Neoadjuvant ACx4; Tx12 Trastuzumab**"


def test_writes_one_semicolon_between_blocks_where_the_separator_is_one_too(tmp_path: Path) -> None:
    course = {"setting_code": "adjuvant", "course_regimen_code": "AC-T"}
    blocks = ({**course, "regimen_code": "AC", "cycles": 4}, {**course, "drug_code": "paclitaxel", "cycles": 12})
    assert treated(tmp_path, *blocks, separator="; ") == "ACx4; Tx12"


def test_writes_paclitaxel_in_full_outside_a_course_called_ac_t(tmp_path: Path) -> None:
    assert treated(tmp_path, {"drug_code": "paclitaxel", "cycles": 12}) == "Paclitaxel x12"


def test_writes_dose_boost_fields_and_what_was_stopped(tmp_path: Path) -> None:
    radiation = {"modality_code": "radiation", "dose_gy": 50.0, "boost_gy": 10.0, "fields": 3, "completion_code": "stopped_early"}
    assert treated(tmp_path, radiation) == "50+10Gy; 3 fields**"


def test_writes_no_boost_of_nothing(tmp_path: Path) -> None:
    assert treated(tmp_path, {"modality_code": "radiation", "dose_gy": 50.0, "boost_gy": 0.0}) == "50Gy"


def test_writes_why_nothing_was_given(tmp_path: Path) -> None:
    assert treated(tmp_path, {"modality_code": "hormonal", "is_given": False, "not_given_reason_code": "er_negative"}) == "No (ER negative)"


def test_leaves_a_cell_empty_where_there_is_no_record(tmp_path: Path) -> None:
    assert treated(tmp_path) == ""


def test_says_otherwise_where_there_is_no_record(tmp_path: Path) -> None:
    column = {"list": "event", "where": "event_type_code = 'progression'", "text": "site_text", "separator": "; ", "otherwise": "No"}
    assert cell(tmp_path, column, {}) == "No"


def test_gives_the_side_of_a_site_and_months_of_30_days_rounded_half_up(tmp_path: Path) -> None:
    column = {"list": "event", "where": "true", "text": "concat(site_text, ' (', months_text, ')')", "separator": "; "}
    event = {"event_type_code": "distant_recurrence", "event": 770, "site_code": "brain_temporal", "laterality_code": "left"}
    assert cell(tmp_path, column, {"treatment_start": 0, "events": [event]}) == "Left temporal lobe (25.67)"


def test_counts_a_progression_from_the_metastasectomy(tmp_path: Path) -> None:
    column = {"list": "event", "where": "event_type_code = 'progression'", "text": "months_text", "separator": "; "}
    surgery = {"event_type_code": "metastasectomy", "event": "2010-01-01"}
    progression = {"event_type_code": "progression", "event": "2010-01-31"}
    woman = {"treatment_start": "2005-01-01", "events": [surgery, progression], "stage_code": "I"}
    assert cell(tmp_path, column, woman, arm="operated") == "1.00"


def test_gives_months_as_a_range_where_the_days_are_not_certain(tmp_path: Path) -> None:
    column = {"list": "follow_up", "where": "true", "text": "months_text", "separator": " "}
    woman = {"treatment_start": "2010-01-01", "contacts": [{"contact": ("2010-01-31", "2010-03-02")}]}
    assert cell(tmp_path, column, woman) == "1.00 to 2.00"


def test_sorts_numbers_as_numbers(tmp_path: Path) -> None:
    con = registry(tmp_path, *[{"subject_label": label} for label in ("10", "2", None)])
    table = Table2.model_validate(
        {"arm": "rest", "order_by": "subject_label", "columns": ({"column": "p", "label": "P", "text": "subject_label"},)}
    )
    made = study(table_2=table)
    build_mart(con, [made])
    assert table_2(con, made, table, Numbers(made.study))["p"].to_list() == ["2", "10", ""]


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["FECx6; Trastuzumab", "Liver"], "An empty cell: nothing delivered."),
        (["ACx4**", "50Gy RT"], "** stopped early; RT radiation. An empty cell: nothing delivered."),
        (["Tamoxifen †"], "† hormonal therapy taken for five years. An empty cell: nothing delivered."),
        (["RTOG 0413"], "An empty cell: nothing delivered."),
    ],
)
def test_explains_the_marks_that_stand_in_the_table_and_no_others(texts: list[str], told: str) -> None:
    assert note(texts) == told


FIRST = "Months count from the start of the first treatment"


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        ("treatment", "months_text", f"{FIRST}; a month is 30 days."),
        ("follow_up", "concat('after ', months_text)", f"{FIRST}; a month is 30 days."),
        # list_days.sql: of an event that is a progression from the metastasectomy (the test above shows it)
        ("event", "months_text", f"{FIRST}, those of a progression from the first metastasectomy; a month is 30 days."),
        ("event", "site_text", ""),
        (None, "'months_text'", ""),
    ],
)
def test_says_from_which_day_months_count(kind: str | None, text: str, told: str) -> None:
    of_list = {"list": kind, "where": "true", "separator": " "} if kind else {}
    shown = {"column": "shown", "label": "Shown", "text": text, **of_list}
    table = Table2.model_validate({"arm": "rest", "order_by": "subject_label", "columns": (shown,)})
    assert months_note(study(), table) == told
