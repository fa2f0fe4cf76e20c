"""What one source says against another: told by file and row, and whether what was said to be mended came anew."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from answered_wards import answer, deliver, findings, project, ran
from two_hospitals import FILES

from etl.worklists.contradicted import contradicted, said_against
from etl.worklists.raw_rows import RAW
from etl.worklists.telling import TOLD, delivers
from schemas.project import load_project
from validations.concerned import not_read, statements
from validations.load import built_in_edits

EDITS = {edit.edit: edit for edit in built_in_edits()}
TRUST = ("deaths", "a", "b")
NOT_KEPT = {"record_key": pl.Int64, "source_file": pl.String, "source_row": pl.Int64, "columns": pl.String}


def test_every_statement_is_something_that_its_edit_reads() -> None:
    assert {code: wrong for code, edit in EDITS.items() if (wrong := not_read(edit))} == {}


def test_dates_in_order_are_two_statements_unless_one_is_the_as_of_date() -> None:
    assert EDITS["DATE-018"].between == ("event", "follow_up.death")
    assert EDITS["DATE-019"].between == ("contact", "death follow_up.death")
    assert EDITS["DATE-023"].between is None
    assert len(statements(EDITS["DATE-001"])) == 2


def told(edit: str, *rows: tuple[str, int, bool, str, str, int]) -> pl.DataFrame:
    """What rows deliver of finding f: record, its key, whether it is the record judged, column, source and row of its file."""
    made = [
        {"finding_id": "f", "edit": edit, "record": record, "record_key": key, "is_own": own, "column": column, "source": source,
         "source_file": f"{source}.csv", "source_row": row, "sha256": source, "header": column}
        for record, key, own, column, source, row in rows
    ]  # fmt: skip
    return pl.DataFrame(made, schema=TOLD)


def pair(said: pl.DataFrame, raw: str = "{}", lost: tuple[Any, ...] | None = None, **died: pl.DataFrame) -> list[tuple[Any, ...]]:
    """Source and row of both sides; `raw`: row 2 of a.csv as delivered; `lost`: NOT_KEPT of one row; `died`: the records known."""
    gone = pl.DataFrame([lost] if lost else [], schema=NOT_KEPT, orient="row")
    rows = pl.DataFrame([("a.csv", 2, raw, "{}")], schema=RAW, orient="row")
    found = contradicted(said_against(EDITS.values(), said, gone, died), rows, TRUST)
    return found.select("source", "source_row", "other_source", "other_row").rows()


def deaths(*days: str) -> pl.DataFrame:
    """The days of death of records 1, 2 and so on: a day, or a month that may be any of its days."""
    made = [
        {"record_key": key, "death_earliest_date": date.fromisoformat(day if len(day) > 7 else f"{day}-01"),
         "death_latest_date": date.fromisoformat(day if len(day) > 7 else f"{day}-28")}
        for key, day in enumerate(days, 1)
    ]  # fmt: skip
    offsets = {f"death_{end}_offset_days": pl.lit(None, pl.Int32) for end in ("earliest", "latest")}
    return pl.DataFrame(made).with_columns(**offsets, death_anchor=pl.lit(None, pl.String))


SEEN, DIED = ("event", 1, True, "event", "a", 2), ("follow_up", 2, False, "death", "deaths", 9)


def test_names_the_rows_of_two_sources_that_cannot_both_be_true() -> None:
    assert pair(told("DATE-018", SEEN, DIED)) == [("a", 2, "deaths", 9)]


def test_leaves_out_what_one_source_says_itself() -> None:
    both = (*DIED[:4], "a", 2)
    assert pair(told("DATE-018", SEEN, both)) == []
    assert pair(told("DATE-018", SEEN, DIED, both)) == []


def test_an_empty_cell_says_nothing() -> None:
    assert pair(told("DATE-018", SEEN, DIED, (*DIED[:4], "a", 2)), '{"death":null,"event":"2010"}') == [("a", 2, "deaths", 9)]


def test_a_word_that_was_not_kept_says_nothing() -> None:
    contact, died = ("follow_up", 2, True, "contact"), ("follow_up", 2, True, "death", "deaths", 9)
    earlier = told("DATE-019", (*contact, "a", 2), (*contact, "b", 3), died)
    assert pair(earlier, lost=(2, "a.csv", 2, "contact")) == [("b", 3, "deaths", 9)]


def died(key: int, source: str, row: int) -> tuple[str, int, bool, str, str, int]:
    return ("follow_up", key, False, "death", source, row)


@pytest.mark.parametrize(
    ("days", "rows", "named"),
    [
        (("2010-01-01", "2012-02-02"), [(1, "a", 2), (2, "b", 3)], [("a", 2, "b", 3)]),
        (("2010-01-01", "2012-02-02"), [(1, "a", 2), (2, "a", 3)], []),
        # hospital a agrees with the first of two days of the registry of deaths, which contradicts itself
        (("2010-01-01", "2010-01-01", "2012-02-02"), [(1, "deaths", 2), (2, "a", 2), (3, "deaths", 9)], []),
        # one that says the same day in two records does not contradict itself
        (("2010-01-01", "2010-01-01", "2012-02-02"), [(1, "a", 2), (2, "a", 3), (3, "deaths", 9)], [("deaths", 9, "a", 2)]),
        # of three sources the two that agree are no pair; nor are a month and a day of it
        (("2010-01-01", "2010-01-01", "2012-02-02"), [(1, "deaths", 2), (2, "a", 2), (3, "b", 9)], [("deaths", 2, "b", 9)]),
        (("2010-01", "2010-01-09"), [(1, "a", 2), (2, "b", 3)], []),
    ],
)  # fmt: skip
def test_two_dates_of_death_are_between_sources_where_no_source_says_both(
    days: tuple[str, ...], rows: list[tuple[int, str, int]], named: list[tuple[Any, ...]]
) -> None:
    assert pair(told("FUP-003", *(died(*row) for row in rows)), follow_up=deaths(*days)) == named


def test_a_grammar_delivers_what_no_mapping_sets() -> None:
    bundled = load_project(Path(__file__).resolve().parents[2] / "etl" / "examples" / "registry").contracts
    of = delivers(bundled).filter(contract="b_items", rule="hormonal")
    assert {"drug_code", "treatment", "course_code"} <= set(of["column"])
    assert of.filter(column="drug_code")["header"].to_list() == ["TEXT"]


CODE = "DATE-019"


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """A death before the last contact, said to be fixed; then its files come anew, one after the other."""
    folder = tmp_path_factory.mktemp("contradicted")
    mine, out, seen = project(folder / "project"), folder / "out", {}
    early = FILES["exports/deaths.csv"].replace("2016-02-03", "2014-02-03")
    (mine / "exports" / "deaths.csv").write_text(early, encoding="utf-8")
    for night, *change in (
        ("found",),
        ("answered",),
        ("one side anew", "deaths.csv", None, early + "S0000009Z,2001-01-01\n"),
        ("all anew", "b.csv", "Koh Joy", "Koh Joyce"),
        ("fixed", "b.csv", "2015-06-01", "2013-06-01"),
    ):
        if night == "answered":
            answer(out, mine / "worklist" / "june.xlsx", CODE, a_2=("fixed at source", ""))
        if change and change[1] is None:
            (mine / "exports" / change[0]).write_text(change[2], encoding="utf-8")
        elif change:
            deliver(mine, *change)
        if night == "all anew":
            deliver(mine, "a.csv", "Ng Ann", "Ng Anne")
        outcome = ran(mine, out)
        assert outcome.outcome.startswith("published"), outcome.reason
        every = pl.read_csv(out / "current/internal/findings.csv", infer_schema=False)
        about = every.filter(edit="WORK-NOT-FIXED")
        seen[night] = {
            "status": findings(out, CODE)["status"].to_list(),
            "about": about.select("outcome", "columns").rows(),
            "counts": pl.read_csv(out / "current/share/quality/edits.csv").filter(edit="WORK-NOT-FIXED").rows(),
            "pairs": _pairs(out),
            "page": (out / "current/share/quality/index.html").read_text(encoding="utf-8").replace("<wbr>", ""),
        }
    return seen


def _pairs(out: Path) -> list[tuple[Any, ...]]:
    path = out / "current/internal/contradictions.csv"
    shown = ("edit", "source_file", "source_row", "other_file", "other_row")
    return pl.read_csv(path).select(shown).rows() if path.is_file() else []


@pytest.mark.slow
def test_the_report_tells_both_rows_and_leads_to_the_finding(nights: dict[str, dict[str, Any]]) -> None:
    # a tells of an earlier contact, which contradicts nothing
    assert nights["found"]["pairs"] == [(CODE, "b.csv", 2, "deaths.csv", 2)]
    page = nights["found"]["page"]
    assert '<a href="#f-DATE-019">' in page and 'id="f-DATE-019"' in page
    assert "2&nbsp;/&nbsp;2</td>" in page and "b: Date of last contact" in page and "deaths: Date of death" in page
    assert nights["fixed"]["pairs"] == []


@pytest.mark.slow
def test_what_is_said_to_be_fixed_waits_until_a_side_came_anew(nights: dict[str, dict[str, Any]]) -> None:
    assert nights["answered"]["status"] == ["fixed_at_source"]
    assert nights["answered"]["about"] == []


@pytest.mark.slow
def test_it_is_perhaps_not_fixed_while_another_side_has_not_come(nights: dict[str, dict[str, Any]]) -> None:
    ((outcome, says),) = nights["one side anew"]["about"]
    assert outcome == "possible"
    assert says == "DATE-019 (worklist/june.xlsx sheet 2 row 2, perhaps_not_mended, not delivered anew: a.csv, b.csv)"
    assert nights["one side anew"]["status"] == ["fixed_at_source"]


@pytest.mark.slow
def test_it_is_not_fixed_once_all_sides_came_and_it_still_stands(nights: dict[str, dict[str, Any]]) -> None:
    ((outcome, says),) = nights["all anew"]["about"]
    assert (outcome, says) == ("violated", "DATE-019 (worklist/june.xlsx sheet 2 row 2, not_mended)")


@pytest.mark.slow
def test_the_side_that_was_mended_need_not_be_that_of_the_finding(nights: dict[str, dict[str, Any]]) -> None:
    assert (nights["fixed"]["status"], nights["fixed"]["about"]) == ([], [])
