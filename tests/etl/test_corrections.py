"""Reviewed corrections: applied only where the old value still stands, in the lineage, shown by `explain`; else a finding."""

import datetime

import polars as pl
import pytest
from two_hospitals import written

from etl.check import check_project
from etl.corrections import in_force, judge, outcomes
from etl.normalise.corrected import RECORD_PLACES, Corrections, corrected, told_whether_read
from etl.normalise.row_key import row_keys
from schemas.contract import Contract
from schemas.core.errors import ConfigurationError
from schemas.core.frames import FINDINGS
from schemas.corrections import COLUMNS, Correction
from schemas.findings import identified
from schemas.project import load_project
from schemas.reading_edits import findings

NO_KEY = "0123456789ab-01234567"
HEAD = ",".join(COLUMNS) + "\n"
WITH_KEY = ",".join((*COLUMNS, "row_key")) + "\n"
DAY = datetime.date(2020, 1, 1)
CONTRACT = Contract.model_validate({
    "contract": "a", "contract_version": 1, "title": "A", "source": "a", "files": ("a.csv",), "null_tokens": ("?",),
    "fields": {"no": {}, "side": {"header": "Side"}}, "records": ({"rule": "r", "record": "patient", "set": {"patient_id": "no"}},),
})  # fmt: skip
ROWS = pl.DataFrame(
    {"source_row": [2, 3, 4], "no": ["1", "2", "3"], "side": ["left", "right", None]}, schema_overrides={"source_row": pl.Int64}
)
KEYS = dict(zip(ROWS["source_row"], row_keys(ROWS, CONTRACT, "s")["row_key"], strict=True))


def to_cells(rows, *corrections, source_file="a.csv", **says):
    return Corrections(corrections).to_cells(rows, CONTRACT.model_copy(update=says), source_file, "s")


def correction(line=2, row=2, expected="left", value="right", expires=None, **more):
    said = {
        "target": f"a.csv:{row}",
        "column": "Side",
        "source_file": "a.csv",
        "source_row": row,
        "row_key": KEYS.get(row, "f" * 21),
        **more,
    }
    return Correction(line=line, expected=expected, value=value, reason="chart", author="AB", date=DAY, expires=expires, **said)


@pytest.mark.parametrize(
    ("row", "expected", "value", "sides"),
    [
        (2, "left", "right", ["right", "right", None]),
        (2, "right", "left", ["left", "right", None]),
        (3, "right", "", ["left", None, None]),
        (3, "right", "?", ["left", None, None]),
        (4, "", "left", ["left", "right", "left"]),
        (4, "?", "left", ["left", "right", "left"]),
        (9, "left", "right", ["left", "right", None]),
    ],
)
def test_changes_a_cell_only_where_the_old_value_still_stands(row, expected, value, sides):
    changed, places = to_cells(ROWS, correction(row=row, expected=expected, value=value))
    assert changed["side"].to_list() == sides
    assert places.height == (0 if sides == ROWS["side"].to_list() else 1)


def test_changes_every_field_that_reads_the_header_and_tells_of_it_once():
    long = CONTRACT.model_copy(update={"fields": {**CONTRACT.fields, "cell": CONTRACT.fields["side"]}})
    rows = ROWS.with_columns(cell=pl.col("side"))
    changed, places = Corrections((correction(row_key=row_keys(rows, long, "s")["row_key"][0]),)).to_cells(rows, long, "a.csv", "s")
    assert changed.select("side", "cell").row(0) == ("right", "right")
    delivered = {"treatment": [pl.DataFrame({"source_row": [2], "rule": ["r"]})]}
    told = corrected(long, delivered, told_whether_read(places, long, pl.DataFrame(schema=FINDINGS)), pl.DataFrame(schema=RECORD_PLACES), 7)
    assert told.select("line", "record").rows() == [(2, None)]  # no rule reads either of them


@pytest.mark.parametrize("says", [{"delivery": "append", "files": ("*.csv",)}, {"files": ("b.csv",)}])
def test_changes_nothing_in_another_file(says):
    changed, places = to_cells(ROWS, correction(), source_file="b.csv", **says)
    assert changed.equals(ROWS)
    assert places.is_empty()


def test_finds_its_row_in_the_next_delivery_of_a_snapshot_whatever_that_is_called():
    moved = ROWS.with_columns(source_row=pl.Series([9, 2, 3], dtype=pl.Int64))
    changed, places = to_cells(moved, correction(), source_file="a_2019-02-28.csv", files=("a*.csv",))
    assert changed["side"].to_list() == ["right", "right", None]
    assert places.select("line", "source_row").rows() == [(2, 9)]
    unbound, _ = to_cells(ROWS, correction(row_key=""), source_file="a_2019-02-28.csv", files=("a*.csv",))
    assert unbound.equals(ROWS)


def test_is_the_same_when_applied_twice():
    once, _ = to_cells(ROWS, correction())
    twice, places = to_cells(once, correction())
    assert twice.equals(once)
    assert places.is_empty()


@pytest.mark.parametrize(("expires", "is_active"), [(None, True), (DAY, True), (DAY - datetime.timedelta(days=1), False)])
def test_holds_up_to_and_with_the_day_on_which_it_expires(expires, is_active):
    assert bool(in_force((correction(expires=expires),), DAY).active) is is_active


def test_applies_none_of_two_that_contradict_each_other():
    two = (correction(line=2, value="right"), correction(line=3, value="unknown"))
    assert outcomes(two, DAY) == {2: "conflict", 3: "conflict"}
    assert in_force(two, DAY).active == ()


def test_applies_one_of_two_that_say_the_same():
    two = (correction(line=2), correction(line=3))
    assert outcomes(two, DAY) == {}
    assert [one.line for one in in_force(two, DAY).active] == [2]


def test_does_not_call_an_expired_one_a_contradiction():
    two = (correction(line=2, value="unknown", expires=DAY - datetime.timedelta(days=1)), correction(line=3))
    assert outcomes(two, DAY) == {2: "expired"}


GOOD = "a.csv:2,Side,left,right,chart seen,AB,2019-12-01,"
MISTAKES = [
    ("a.csv:2,Side,left,left,chart,AB,2019-12-01,", "'new_value' is what 'expected_old_value' says already"),
    ("a.csv:2,Side,left,right,,AB,2019-12-01,", "'reason' is empty"),
    ("a.csv:2,Side,left,right,chart,,2019-12-01,", "'author' is empty"),
    ("a.csv:2,Side,left,right,chart,AB,1.12.2019,", "'date' is no date"),
    ("a.csv:2,Side,left,right,chart,AB,2019-12-01,2019-11-30", "'expires' is before 'date'"),
    ("c.csv:2,Side,left,right,chart,AB,2019-12-01,", "no contract reads the file that 'target' names"),
    ("a.csv:2,Sid,left,right,chart,AB,2019-12-01,", "the contract a has no such column (did you mean Side?)"),
    ("a.csv,Side,left,right,chart,AB,2019-12-01,", "'target' names neither a row of a file nor a record"),
    ("tumor/p/1,laterality_code,left,right,chart,AB,2019-12-01,", "(did you mean tumour?)"),
    ("tumour/p,laterality_code,left,right,chart,AB,2019-12-01,", "the key of 'tumour' is patient_pseudonym/tumour_no"),
    ("tumour/p/1,side,left,right,chart,AB,2019-12-01,", "'tumour' has no such column"),
    ("tumour/p/1,laterality_code,left,rite,chart,AB,2019-12-01,", "'new_value' is no code of 'laterality'"),
    ("tumour/p/1,laterality_code,,right,chart,AB,2019-12-01,", "an empty value of a record has no place"),
    ("tumour/p/1,diagnosis,2009-03,3/2009,chart,AB,2019-12-01,", "'new_value' is no date: write YYYY-MM-DD"),
    ("tumour/p/1,nodes_positive,3,300,chart,AB,2019-12-01,", "'new_value' is no number that 'nodes_positive' can hold"),
    ("tumour/p/1,laterality_code,left,right,chart,AB,2019-12-01,,0123456789ab-01234567", "'row_key' belongs to FILE:ROW"),
    ("a.csv:2,Side,left,right,chart,AB,2019-12-01,,Lim Mary", "'row_key' is no key of a row (`oncomart explain FILE:ROW --raw`"),
    ("event/p/1/progression/1,site_code,bone,lung,chart,AB,2019-12-01,", "other columns follow from 'site_code'"),
]


@pytest.mark.parametrize(("line", "says"), MISTAKES)
def test_check_names_file_and_line_of(tmp_path, line, says):
    project = load_project(written(tmp_path, corrections_csv=f"{WITH_KEY}{GOOD},\n{line}{',' * (9 - len(line.split(',')))}\n"))
    assert [(one.file, one.line) for one in project.unusable_corrections] == [("corrections.csv", 3)]
    assert says in str(project.unusable_corrections[0])
    assert [one.line for one in project.corrections] == [2], "the other line is applied all the same"
    assert f"worth a second look: {project.unusable_corrections[0]}" in check_project(project.folder)


UNREAD = "corrections.csv:2: 'new_value' is not understood where '{}' is read: the cell would be empty"


@pytest.mark.parametrize(
    ("column", "old", "new", "field"),
    [
        ("Side", "left", "rihgt", "side"),
        ("Side", "left", "right", None),
        ("Side", "left", "", None),
        ("seen", "2011-01-01", "spring", "seen"),
        ("seen", "2011-01-01", "2011-01-02", None),
        ("no", "S0000001I", "unbekannt", "no"),
    ],
)
def test_check_names_the_line_whose_new_value_is_not_understood(tmp_path, column, old, new, field):
    folder = written(tmp_path, corrections_csv=f"{WITH_KEY}a.csv:2,{column},{old},{new},chart seen,AB,2019-12-01,,{NO_KEY}\n")
    said = [line for line in check_project(folder).splitlines() if "is not understood" in line]
    assert [UNREAD.format(field) in line for line in said] == ([True] if field else [])
    assert not said or not new or f"'{new}'" not in said[0], "no message repeats a value"


def test_names_a_correction_that_was_applied_and_is_not_understood():
    """Row 2 is to be `rihgt`, which no vocabulary knows; row 3 is emptied, which is understood."""
    found = findings(pl.DataFrame({"edit": ["NORM-UNMAPPED"] * 2, "source_row": [2, 3], "columns": "Side"}))
    _, places = to_cells(ROWS, correction(value="rihgt"), correction(line=3, row=3, expected="right", value=""))
    told = told_whether_read(places, CONTRACT, found)
    assert sorted(told.select("line", "is_unread").rows()) == [(2, True), (3, False)]


@pytest.mark.parametrize("text", ["a.csv:2,Side,left", "\n", "'\"a.csv:2,Side"])
def test_a_line_that_breaks_off_does_not_stop_the_night(tmp_path, text):
    project = load_project(written(tmp_path, corrections_csv=f"{WITH_KEY}{GOOD},\n{text}\n"))
    assert [one.line for one in project.corrections] == [2]
    assert [one.line for one in project.unusable_corrections] == ([] if text == "\n" else [3])


def test_check_says_which_column_of_the_file_is_missing(tmp_path):
    with pytest.raises(ConfigurationError, match=r"corrections.csv:1: column expires is missing"):
        load_project(written(tmp_path, corrections_csv=HEAD.replace(",expires", "")))


def test_a_finding_about_a_correction_keeps_its_name_when_lines_are_put_in_above_it():
    """Corrections of rows that no file has any more, on lines 2 and 3, then on 3 and 5."""
    schema = {"source_key": [7], "source_file": ["a.csv"], "contract": ["ward"]}
    named = []
    for lines in ((2, 3), (3, 5)):
        stale = [correction(row=row, line=line, value=value) for row, line, value in zip((2, 2), lines, ("right", "both"), strict=True)]
        judged = judge(stale, DAY, [], [])
        named.append(identified(judged.findings, pl.DataFrame(schema), judged.said)["finding_id"].to_list())
    assert named[0] == named[1]
    assert len(set(named[0])) == 2
