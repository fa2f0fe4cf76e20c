"""What a load as a whole must look like, judged by Great Expectations on a small warehouse."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import polars as pl
import pytest

from schemas.core.errors import ConfigurationError
from schemas.items import columns, tables
from validations.expectations import Expectations, check
from validations.expecting.anchor import Anchors
from validations.expecting.baseline import Counted, all_from
from validations.expecting.checks import check_registry
from validations.expecting.data_docs import clean
from validations.expecting.plan import plan
from validations.expecting.rules import rules
from validations.reference import Reference

SENTINEL = "Zq7Sentinel"
Rows = dict[str, list[dict[str, Any]]]


def build(path: Path, rows: Rows) -> Path:
    """A warehouse file with every star table of the dictionary and the given rows; columns not named are null."""
    with duckdb.connect(str(path)) as con:
        for table in tables("star"):
            declared = ", ".join(f'"{column.name}" {column.duckdb}' for column in columns(table, "star"))
            con.execute(f"create table {table} ({declared})").fetchall()
            if rows.get(table):
                con.register("given", pl.DataFrame(rows[table], infer_schema_length=None).to_arrow())
                con.execute(f"insert into {table} by name select * from given").fetchall()
                con.unregister("given")
    return path


def registry(contact: date) -> Rows:
    """Ten women: sex known in all, grade in seven, stage in none; contacts on the calendar; no treatment at all."""
    women = range(1, 11)
    return {
        "release": [{"run_id": "r", "registry": "x", "as_of": date(2020, 1, 1), "code_version": "0", "is_simulated": False}],
        "dim_patient": [
            {"patient_key": i, "patient_pseudonym": f"{SENTINEL}{i}", "subject_label": SENTINEL, "sex_code": "female"} for i in women
        ],
        "dim_tumour": [
            {
                "tumour_key": i,
                "patient_key": i,
                "tumour_no": 1,
                "grade_code": SENTINEL if i <= 7 else None,
                "age_at_diagnosis_years": 40 + i,
            }
            for i in women
        ],
        "fact_follow_up": [
            {
                "follow_up_key": i,
                "patient_key": i,
                "follow_up_no": 1,
                "contact_earliest_date": contact,
                "contact_latest_date": contact,
                "contact_precision": "day",
                "vital_status_code": SENTINEL,
            }
            for i in women
        ],
        # The required tumour_key is missing: a broken promise of the dictionary.
        "fact_event": [{"event_key": 1, "patient_key": 1, "event_type_code": SENTINEL, "event_no": 1, "event_latest_offset_days": 9}],
    }


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Expectations, Path]]:
    """One run for the module: importing Great Expectations takes seconds. No connection may leave the machine."""
    folder = tmp_path_factory.mktemp("expectations")
    warehouse = build(folder / "with $dollar.duckdb", registry(date(2019, 12, 1)))
    previous = {"dim_patient": 30, "dim_tumour": 10, "fact_biomarker": 4, "dim_tumour.grade_code": 10, "dim_tumour.stage_code": 9}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", _no_network)
        earlier = all_from(rules({}), Counted("0123456789ab", "2019-11-01", previous))
        held_to = Reference({"age_known": {"min": 1.0}}, (earlier, Anchors()))
        result = check(warehouse, folder / "docs", held_to, place=("ba9876543210", "2020-01-01"))
    yield result, folder / "docs"


def _no_network(*_: object) -> None:
    raise AssertionError("an expectation reached for the network")


def outcome(result: Expectations, name: str) -> tuple[bool | None, str]:
    row = result.results.filter(name=name).to_dicts()
    assert len(row) == 1, name
    return row[0]["success"], row[0]["detail"].replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("name", "success", "detail"),
    [
        ("women_loaded", True, "10 rows, expected at least 1"),
        ("sex_known", True, "10 of 10 (100 %), expected at least 99 %"),
        ("grade_known", False, "7 of 10 (70.0 %), expected at least 80 %"),
        ("age_known", True, "10 of 10 (100 %), expected at least 100 %"),
        ("mostly_women", True, "10 of 10 (100 %), expected at least 97 %"),
        ("women_against_previous", False, "10 now, 30 in release 0123456789ab of 2019-11-01, expected at least 15"),
        ("tumours_against_previous", True, "10 now, 10 in release 0123456789ab of 2019-11-01, expected at least 5"),
        ("biomarkers_against_previous", False, "0 now, 4 in release 0123456789ab of 2019-11-01, expected at least 2"),
        ("fresh_contacts", True, "10 of 10 (100 %) calendar dates within 400 days of the as-of date, expected at least 2 %"),
        ("dim_tumour_grade_code_kept", False, "7 now, 10 in release 0123456789ab of 2019-11-01, expected at least 8"),
        ("dim_tumour_columns", True, "columns as declared"),
        ("dim_patient_patient_key_required", True, "10 rows, none empty"),
        ("fact_event_tumour_key_required", False, "empty in some of 1 rows"),
        # Known in nine women last time and in none now: that is a failure, not a field nobody delivers.
        ("stage_known", False, "0 of 10 (0 %), expected at least 80 %"),
    ],
)
def test_judges_with_counts(judged: tuple[Expectations, Path], name: str, success: bool, detail: str) -> None:
    assert outcome(judged[0], name) == (success, detail)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("drug_known", "no row concerns it"),
        ("diagnosis_date_known", "no source delivers it"),
        ("receptor_result_known", "no row to judge"),
        ("treatments_against_previous", "no row in an earlier release to compare with"),
        ("fact_treatment_treatment_key_required", "the table is empty"),
        ("dates_of_first_of_january", "no row to judge"),
    ],
)
def test_never_counts_as_met_what_cannot_be_judged(judged: tuple[Expectations, Path], name: str, why: str) -> None:
    assert outcome(judged[0], name) == (None, f"not judgeable: {why}")


def test_stops_the_publish_only_for_a_critical_failure(judged: tuple[Expectations, Path]) -> None:
    result = judged[0]
    assert result.critical_failed
    harmless = Expectations(result.results.filter(name="grade_known"), {})
    assert harmless.failed.height == 1
    assert not harmless.critical_failed


def test_hands_on_the_counts_the_next_release_compares_with(judged: tuple[Expectations, Path]) -> None:
    counts = judged[0].counts
    assert (counts["dim_patient"], counts["dim_tumour.grade_code"], counts["fact_event.event"]) == (10, 7, 1)


def test_the_next_release_is_compared_with_the_last_one_that_met_each_expectation(judged: tuple[Expectations, Path]) -> None:
    base = judged[0].baselines
    assert (base["tumours_against_previous"].run_id, base["tumours_against_previous"].counts) == ("ba9876543210", {"dim_tumour": 10})
    assert (base["women_against_previous"].run_id, base["women_against_previous"].counts) == ("0123456789ab", {"dim_patient": 30})
    assert base["dim_tumour_grade_code_kept"].counts["dim_tumour.grade_code"] == 10
    assert base["stage_known"].counts["dim_tumour.stage_code"] == 9, "no source delivers it any more: that is told every night"


def test_writes_docs_without_any_cell_text_or_outside_resource(judged: tuple[Expectations, Path]) -> None:
    pages = sorted(judged[1].iterdir())
    assert {"index.html", "dim_patient.html", "fact_follow_up.html"} <= {page.name for page in pages}
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert SENTINEL not in text
        assert not re.search(r"https?:|<script|<iframe|@import|url\((?!#)", text), page.name
        assert str(judged[1].parent) not in text, "a page names a path of this machine"


def test_links_only_pages_that_exist(judged: tuple[Expectations, Path]) -> None:
    links = re.findall(r'href="([^"#]+\.html)"', (judged[1] / "index.html").read_text(encoding="utf-8"))
    assert [link for link in links if not link.startswith("../") and not (judged[1] / link).is_file()] == []


def test_works_without_calendar_dates(tmp_path: Path) -> None:
    rows = registry(date(2019, 12, 1))
    rows["fact_follow_up"] = [
        {"follow_up_key": 1, "patient_key": 1, "follow_up_no": 1, "contact_earliest_offset_days": 5, "contact_latest_offset_days": 5}
    ]
    planned, _ = plan(build(tmp_path / "w.duckdb", rows), rules({}), {})
    problems = {one.rule.name: one.problem for one in planned}
    assert problems["fresh_contacts"] == "no calendar date is delivered"
    assert problems["contact_known"] == "", "an offset from an anchor is a known contact"
    assert not any(name.endswith("_kept") for name in problems), "nothing can be lost before a first release"


def test_says_stale_when_no_contact_is_recent(tmp_path: Path) -> None:
    # 400 days before 2020-01-01 is 2018-11-27.
    for day, hits in ((date(2018, 11, 26), 0), (date(2018, 11, 27), 10)):
        planned, _ = plan(build(tmp_path / f"{day}.duckdb", registry(day)), rules({}), {})
        assert next(one.hits for one in planned if one.rule.name == "fresh_contacts") == hits


def test_names_every_wrong_threshold_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        check_registry({"stage_knwon": {"min": 0.5}, "grade_known": {"where": "true"}, "sex_known": {"min": "much"}}, {})
    text = str(caught.value)
    assert "did you mean stage_known" in text
    assert "'where' cannot be set" in text
    assert "sex_known" in text


@pytest.mark.parametrize(
    "info",
    [{"raised_exception": True, "exception_message": SENTINEL}, {"MetricId": {"raised_exception": True, "exception_message": SENTINEL}}],
)
def test_never_counts_a_check_that_could_not_run_as_met(info: dict[str, Any]) -> None:
    from validations.expecting.run import successes

    raised = SimpleNamespace(expectation_config=SimpleNamespace(meta={"name": "a"}), success=True, exception_info=info)
    fine = SimpleNamespace(expectation_config=SimpleNamespace(meta={"name": "b"}), success=True, exception_info={"raised_exception": False})
    assert successes({"dim_patient": SimpleNamespace(results=[raised, fine])}) == {"a": None, "b": True}


@pytest.mark.parametrize(
    ("page", "kept"),
    [
        ("<p>5 < 6</p><script>alert(1)</script>", "<p>5 &lt; 6</p>"),
        ("<td onclick='x'>a<img src='https://x.example/y'>b</td>", "<td>ab</td>"),
        ("<nav><a href='https://x.example'>out</a></nav><h5 style='x'>Table</h5>", "<h5>Table</h5>"),
        ("<p>&lt;script&gt;</p></div></p>", "<p>&lt;script&gt;</p>"),
        ('<td><i class="fas fa-times text-danger"></i></td>', '<td><span class="not-met">not met</span></td>'),
    ],
)
def test_keeps_only_plain_elements_of_a_data_docs_page(page: str, kept: str) -> None:
    assert clean(page) == kept


def stages(**counts: int) -> Rows:
    """Tumours by stage."""
    told = [stage for stage, n in counts.items() for _ in range(n)]
    return {
        "release": registry(date(2019, 12, 1))["release"],
        "dim_tumour": [{"tumour_key": i, "patient_key": i, "tumour_no": 1, "stage_code": stage} for i, stage in enumerate(told)],
    }


@pytest.mark.parametrize(
    ("now", "before", "success", "detail"),
    [
        # |0.5 - 0.5| + |0.5 - 0.5|
        ({"I": 100, "IIA": 100}, {"I": 50, "IIA": 50}, True, "shares did not move since release r of 2019-11-01, expected at most 10 %"),
        # (|0.4 - 0.5| + |0.6 - 0.5|) / 2 = 0.1: as far as it may
        ({"I": 80, "IIA": 120}, {"I": 50, "IIA": 50}, True, "shares moved by 10.0 %"),
        ({"I": 79, "IIA": 121}, {"I": 50, "IIA": 50}, False, "shares moved by 10.5 %"),
        # a code that is new counts with its whole share, one that is gone likewise
        ({"I": 160, "IV": 40}, {"I": 160, "III": 40}, False, "shares moved by 20.0 % (most: III, 20 % before and 0 % now) since release r"),
        ({"I": 99}, {"II": 198}, None, "fewer than 100 known rows in one of the two releases"),
        # fewer than half of the tumours with a stage: it fell silent; a few from the first tell nothing
        ({"I": 249}, {"I": 500}, False, "fell silent: known in 249 rows now, in 500 in release r of 2019-11-01, expected at least 250"),
        ({}, {"I": 20}, False, "fell silent: known in 0 rows now, in 20 in release r of 2019-11-01, expected at least 1"),
        ({"I": 1}, {"I": 20}, None, "fewer than 100 known rows in one of the two releases"),
        ({}, {"I": 19}, None, "fewer than 100 known rows in one of the two releases"),
        ({"I": 500}, {"I": 99}, None, "fewer than 100 known rows in one of the two releases"),
        ({"I": 500}, {}, None, "nothing known in an earlier release to compare with"),
        ({}, {"I": 500}, False, "fell silent: known in 0 rows now"),
    ],
)
def test_judges_how_far_the_shares_of_a_code_moved(
    tmp_path: Path, now: dict[str, int], before: dict[str, int], success: bool | None, detail: str
) -> None:
    warehouse = build(tmp_path / "w.duckdb", stages(**now))
    (er,) = (rule for rule in rules({}) if rule.name == "er_shares")
    silence = {"minimum": er.minimum, "fewest": er.fewest}  # of shares of rows of one kind, of which nothing else tells that they are gone
    drifts = tuple(rule.model_copy(update=silence) for rule in rules({}) if rule.name == "stage_shares")
    planned, measured = plan(warehouse, drifts, all_from(drifts, Counted("r", "2019-11-01", shares={"stage_shares": before})))
    assert dict(measured.shares["stage_shares"]) == {code: n for code, n in sorted(now.items()) if n}
    if success is None:
        assert planned[0].problem == detail
        return
    from validations.expecting.run import _query
    from validations.expecting.words import detail as told

    with duckdb.connect(str(warehouse), read_only=True) as con:
        unexpected = con.sql(_query(planned[0]).replace("{batch}", "dim_tumour")).fetchall()
    assert (unexpected == []) == success
    assert told(planned[0], met=success).replace("\N{NO-BREAK SPACE}", " ").startswith(detail)


def test_great_expectations_judges_a_drift(tmp_path: Path) -> None:
    from validations.expecting import run

    warehouse = build(tmp_path / "w.duckdb", stages(I=79, IIA=121))
    (er,) = (rule for rule in rules({}) if rule.name == "er_shares")
    silence = {"minimum": er.minimum, "fewest": er.fewest}  # of shares of rows of one kind, of which nothing else tells that they are gone
    drifts = tuple(rule.model_copy(update=silence) for rule in rules({}) if rule.name == "stage_shares")
    planned, _ = plan(warehouse, drifts, all_from(drifts, Counted("r", "", shares={"stage_shares": {"I": 50, "IIA": 50}})))
    assert run.successes(run.judge(warehouse, planned)) == {"stage_shares": False}


def test_shares_are_handed_on_and_the_silence_rule_is_not_for_the_warehouse(judged: tuple[Expectations, Path]) -> None:
    assert judged[0].shares["grade_shares"] == {SENTINEL: 7}
    assert "edits_judged" not in judged[0].results["name"].to_list()
