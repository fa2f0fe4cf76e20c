"""A correction of FILE:ROW belongs to the row it was reviewed on, whatever number that row has tomorrow, and to no other woman."""

import shutil
from types import SimpleNamespace

import polars as pl
import pytest
from answered_wards import plain_release, ran
from test_corrections import CONTRACT, HEAD, WITH_KEY, correction, to_cells
from test_corrections_published import key_of
from two_hospitals import FILES

from etl.corrections import judge
from etl.normalise.corrected import Corrections
from etl.normalise.result import CORRECTED
from etl.normalise.row_key import row_keys
from etl.row_of_file import explain_row
from schemas.core.errors import ConfigurationError
from schemas.project import load_project
from tests.made_once import made_once

A = FILES["exports/a.csv"]
HEADER, MARY, MAY, ANN, _ = A.splitlines()
NEW = "S0000009J,Koh Jo,1966-06-06,1,left,2015-05-05,2016-01-01"


def rows(*said, first=2):
    """A file of rows `number side`, from physical row 2 on."""
    cells = [text.split() for text in said]
    numbers = range(first, first + len(cells))
    frame = {"source_row": list(numbers), "no": [c[0] if c[0] != "-" else None for c in cells], "side": [c[1] for c in cells]}
    return pl.DataFrame(frame, schema={"source_row": pl.Int64, "no": pl.String, "side": pl.String})


def key(text):
    return row_keys(rows(text), CONTRACT, "s")["row_key"][0]


@pytest.mark.parametrize(
    ("reviewed", "today", "sides"),
    [
        # reviewed: row 2 says `1 left`, which is to be `right`
        ("1 left", ["1 left", "2 left"], ["right", "left"]),
        ("1 left", ["9 left", "1 left"], ["left", "right"]),  # a woman put in above: her row is found
        ("1 left", ["9 left", "2 left"], ["left", "left"]),  # she is gone: nothing is changed
        ("1 left", ["1 right", "9 left"], ["right", "left"]),  # mended at the source
        ("1 left", ["9 left", "1 left", "1 left"], ["left", "right", "right"]),  # the source says it twice: it is as wrong twice
        ("1 left", ["1 left", "1 left"], ["right", "right"]),
        ("- left", ["- left", "- left"], ["right", "left"]),  # of nobody: they need not be one woman's
        ("- left", ["2 left", "- left", "- left"], ["left", "left", "left"]),
        ("- left", ["- left", "2 left"], ["right", "left"]),
        ("- left", ["2 left", "- right"], ["left", "right"]),
    ],
)  # fmt: skip
def test_finds_the_row_it_was_reviewed_on_or_none(reviewed, today, sides):
    changed, _ = to_cells(rows(*today), correction(row=2, row_key=key(reviewed)))
    assert changed["side"].to_list() == sides


def more(*said):
    """Rows with a third column that is not corrected: `number side seen`."""
    seen = [text.split()[2] for text in said]
    return rows(*said).with_columns(pl.Series("seen", seen))


WIDE = CONTRACT.model_validate({**CONTRACT.model_dump(by_alias=True), "fields": {"no": {}, "side": {"header": "Side"}, "seen": {}}})


@pytest.mark.parametrize(
    ("today", "sides"),
    [
        (["9 left 2010", "1 left 2012"], ["left", "right"]),  # one row per woman: she was seen since
        (["9 left 2010", "1 right 2012"], ["left", "right"]),  # but mended meanwhile: nothing to do
        (["1 left 2012", "1 left 2013"], ["left", "left"]),  # several rows of hers: which of them is not certain
        (["9 left 2010", "9 left 2011", "1 left 2012"], ["left", "left", "left"]),  # not a file with one row per woman
    ],
)
def test_a_row_that_tells_more_is_hers_only_in_a_file_of_one_row_per_woman(today, sides):
    bound = row_keys(more("1 left 2011"), WIDE, "s")["row_key"][0]
    changed, _ = Corrections((correction(row=2, row_key=bound),)).to_cells(more(*today), WIDE, "a.csv", "s")
    assert changed["side"].to_list() == sides


def test_two_that_name_one_cell_in_two_ways_and_differ_change_nothing():
    """The second was reviewed when the row said less, so their keys differ."""
    old, new = (row_keys(more(text), WIDE, "s")["row_key"][0] for text in ("1 left 2011", "1 left 2012"))
    two = (correction(line=2, row_key=old, value="right"), correction(line=3, row_key=new, value="unknown", source_file="a_2.csv"))
    every = WIDE.model_copy(update={"files": ("a*.csv",)})
    changed, places = Corrections(two).to_cells(more("1 left 2012"), every, "a.csv", "s")
    assert changed["side"].to_list() == ["left"]
    assert places.select("line", "is_contested").rows() == [(2, True), (3, True)]
    mended, places = Corrections(two).to_cells(more("1 both 2012"), every, "a.csv", "s")
    assert (mended["side"].to_list(), places.height) == (["both"], 0)
    part = SimpleNamespace(corrected=pl.DataFrame(schema=CORRECTED), contested=frozenset({2, 3}))
    assert judge(two, two[0].date, [part], []).report["outcome"].to_list() == ["conflict", "conflict"]


def test_the_key_tells_nothing_without_the_secret():
    assert key("1 left") != row_keys(rows("1 left"), CONTRACT, "another")["row_key"][0]


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """The project after a first run, not to be changed, and what `oncomart explain a.csv:2` gave as the key of Mary's row."""
    folder = made_once(tmp_path_factory, "plain_wards", plain_release)
    return folder, key_of(folder / "project", folder / "out", "a.csv:2")


@pytest.fixture
def ward(first, tmp_path):
    """A copy of project and output folder, and the key."""
    folder, key = first
    shutil.copytree(folder, tmp_path, symlinks=True, dirs_exist_ok=True)
    return tmp_path / "project", tmp_path / "out", key


def after(project, out, corrections, lines):
    """The corrections and findings of a run with these corrections and these lines of a.csv."""
    (project / "corrections.csv").write_text(corrections, encoding="utf-8")
    (project / "exports/a.csv").write_text("\n".join((HEADER, *lines)) + "\n", encoding="utf-8")
    outcome = ran(project, out)
    assert outcome.outcome == "published", outcome.reason
    internal = out / "current/internal"
    told = pl.read_csv(internal / "corrections.csv").select("outcome", "source_row").rows()
    found = pl.read_csv(internal / "findings.csv").filter(pl.col("edit").str.starts_with("CORR-"))
    return told, found.select("edit", "source_row").rows()


@pytest.mark.slow
def test_a_row_put_in_above_with_the_same_old_value_is_left_alone_and_hers_is_found(ward):
    project, out, mary = ward
    line = f"{WITH_KEY}a.csv:2,Side,left,right,chart seen,AB,2019-12-01,,{mary}\n"
    assert after(project, out, line, [MARY, MAY, ANN]) == ([("applied", 2)], [])
    assert after(project, out, line, [NEW, MARY, MAY, ANN]) == ([("applied", 3)], [("CORR-MOVED", 3)])


@pytest.mark.slow
def test_a_row_that_is_gone_leaves_its_number_to_another_woman_who_is_left_alone(ward):
    project, out, mary = ward
    line = f"{WITH_KEY}a.csv:2,Side,left,right,chart seen,AB,2019-12-01,,{mary}\n"
    assert after(project, out, line, [NEW, MAY, ANN]) == ([("stale", 2)], [("CORR-STALE", 2)])


@pytest.mark.slow
def test_one_without_a_key_is_never_applied_and_said_so(ward):
    project, out, _ = ward
    line = f"{HEAD}a.csv:2,Side,left,right,chart seen,AB,2019-12-01,\n"
    assert after(project, out, line, [NEW, MARY, MAY, ANN]) == ([("unbound", 2)], [("CORR-UNBOUND", 2)])
    [notice] = [one for one in load_project(project).notices if one.file == "corrections.csv"]
    assert notice.line == 2
    assert "it is not applied" in str(notice)


def test_explain_shows_the_cells_of_the_row_only_where_they_are_asked_for(ward):
    project, out, _ = ward
    assert "Lim Mary" not in explain_row(project, out, "a.csv:2")
    assert "Side: left" in explain_row(project, out, "a.csv:2", raw=True)


@pytest.mark.parametrize(("target", "says"), [("a.csv:1", "no row of data"), ("c.csv:2", "did you mean"), ("a.csv", "names no row")])
def test_explain_says_what_is_wrong_with(ward, target, says):
    project, out, _ = ward
    with pytest.raises(ConfigurationError, match=says):
        explain_row(project, out, target)
