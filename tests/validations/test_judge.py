"""Judging gives every record one of five outcomes under every edit of its kind, whatever the order of rows."""

from __future__ import annotations

import datetime

import polars as pl
import pytest
from edit_cases import AS_OF, records_of
from polars.testing import assert_frame_equal
from random_people import people

from schemas.core.errors import RefusedError
from schemas.core.frames import EDIT_COUNTS, FINDINGS
from schemas.core.three_valued import OUTCOMES
from schemas.items import RECORDS
from validations.edit import Edit
from validations.judge import judge
from validations.load import built_in_edits
from validations.views.set import calendar_only, view_dates
from validations.views.text import KEY


def edit(**changes: str) -> Edit:
    given = {
        "edit": "TRY-001", "title": "Diagnosed before 2010", "severity": "warning", "record": "tumour", "applies": "grade_code = '3'",
        "violated": "before(diagnosis, date '2010-01-01')", "reason": "a reason", "action": "an action",
    }  # fmt: skip
    return Edit(**(given | changes))


FIVE = {
    "violated": {"tumour": {"grade_code": "3", "diagnosis": "2009-12-31"}},
    "possible": {"tumour": {"grade_code": "3", "diagnosis": "2009-06-01..2010-06-01"}},
    "satisfied": {"tumour": {"grade_code": "3", "diagnosis": "2010-01-01"}},
    "not_applicable": {"tumour": {"grade_code": "2", "diagnosis": "2009-12-31"}},
    "not_judgeable": {"tumour": {"grade_code": "3"}},
}


def test_gives_each_of_the_five_outcomes() -> None:
    judged = judge(records_of(FIVE), [edit()], AS_OF)
    assert judged.counts.rows() == [("TRY-001", "warning", 1, 1, 1, 1, 1)]
    keys = records_of(FIVE)["tumour"].select("patient_pseudonym", KEY)
    got = keys.join(judged.outcomes["tumour"], on=KEY).select("patient_pseudonym", "TRY-001").rows()
    assert {name: OUTCOMES[code] for name, code in got} == {name: name for name in FIVE}


def test_finds_only_what_is_violated_or_possible() -> None:
    records = records_of(FIVE)
    findings = judge(records, [edit()], AS_OF).findings
    names = findings.join(records["tumour"], on=KEY).select("outcome", "patient_pseudonym").rows()
    assert sorted(names) == [("possible", "possible"), ("violated", "violated")]


def test_says_where_a_finding_is_and_what_was_read() -> None:
    records = records_of({"one": FIVE["satisfied"], "two": FIVE["violated"]})
    (row,) = judge(records, [edit()], AS_OF).findings.rows(named=True)
    second = records["tumour"].filter(pl.col("patient_pseudonym") == "two")
    (expected,) = second.select(KEY, "patient_key", "source_key", "source_row").rows(named=True)
    assert row == {
        "edit": "TRY-001", "severity": "warning", "outcome": "violated", "record": "tumour", "columns": "grade_code diagnosis",
            "fingerprint": row["fingerprint"], **expected,
    }  # fmt: skip
    assert row["source_row"] == 3  # the second tumour of a file whose first line is the header


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_counts_every_record_once_under_every_edit(seed: int) -> None:
    records = records_of(people(60, seed))
    counts = judge(records, built_in_edits(), AS_OF).counts
    total = counts.select("edit", n=pl.sum_horizontal(OUTCOMES))
    kinds = {one.edit: one.record for one in built_in_edits()}
    assert dict(total.iter_rows()) == {code: records[kind].height for code, kind in kinds.items()}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [3])
def test_does_not_depend_on_the_order_of_rows(seed: int) -> None:
    records = records_of(people(40, seed))
    shuffled = {name: frame.sample(fraction=1.0, shuffle=True, seed=seed) for name, frame in records.items()}
    first, second = judge(records, built_in_edits(), AS_OF), judge(shuffled, built_in_edits()[::-1], AS_OF)
    assert_frame_equal(first.counts, second.counts)
    assert_frame_equal(first.findings, second.findings)


@pytest.mark.slow
def test_says_the_same_in_portions_of_whole_persons(monkeypatch: pytest.MonkeyPatch) -> None:
    records = records_of(people(40, 5))
    whole = judge(records, built_in_edits(), AS_OF)
    monkeypatch.setattr("validations.judge.ROWS_AT_ONCE", 150)
    portions = judge(records, built_in_edits(), AS_OF)
    assert_frame_equal(portions.counts, whole.counts)
    assert_frame_equal(portions.findings, whole.findings)
    for record, outcomes in whole.outcomes.items():
        assert_frame_equal(portions.outcomes[record].sort("record_key"), outcomes.sort("record_key"))


def test_counts_nothing_where_there_are_no_records() -> None:
    judged = judge({}, built_in_edits(), AS_OF)
    assert judged.counts.height == len(built_in_edits())
    assert judged.counts.select(pl.sum_horizontal(OUTCOMES).sum()).item() == 0
    assert dict(judged.findings.schema) == FINDINGS
    assert dict(judged.counts.schema) == EDIT_COUNTS


def test_takes_the_as_of_date_as_given() -> None:
    rule = edit(applies="true", violated="before(as_of, diagnosis)")
    records = records_of({"one": {"tumour": {"diagnosis": "2015-05-05"}}})
    early = judge(records, [rule], datetime.date(2015, 5, 4)).counts["violated"].item()
    assert (early, judge(records, [rule], datetime.date(2015, 5, 5)).counts["violated"].item()) == (1, 0)


def test_does_not_take_a_missing_value_for_a_satisfied_edit() -> None:
    rule = edit(applies="true", violated="nodes_positive > nodes_examined")
    counts = judge(records_of({"one": {"tumour": {"nodes_positive": 3}}}), [rule], AS_OF).counts
    assert counts.select("violated", "satisfied", "not_judgeable").row(0) == (0, 0, 1)


def test_names_the_edit_that_cannot_be_computed_and_no_value() -> None:
    rules = [edit(), edit(edit="TRY-002", applies="true", violated="nodes_positive * 2147483647 > 1")]
    with pytest.raises(RefusedError, match=r"^edits that cannot be computed on the records of tumour: TRY-002$") as caught:
        judge(records_of({"one": {"tumour": {"nodes_positive": 77}}}), rules, AS_OF)
    assert caught.value.__context__ is None


def without_anchors(records: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The records with the calendar only: nothing on a relative axis."""
    relative = pl.selectors.ends_with("_offset_days", "_anchor")
    return {name: frame.with_columns(pl.lit(None, kind).alias(column) for column, kind in frame.select(relative).schema.items())
            for name, frame in records.items()}  # fmt: skip


@pytest.mark.parametrize("seed", [5, pytest.param(6, marks=pytest.mark.slow)])
def test_gives_the_same_answers_where_it_knows_that_no_date_has_an_anchor(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    records = without_anchors(records_of(people(60, seed)))
    assert all(calendar_only(records, record) == set(view_dates(record)) for record in RECORDS)
    known = judge(records, built_in_edits(), AS_OF)
    monkeypatch.setattr("validations.judge.calendar_only", lambda *_: frozenset())
    asked = judge(records, built_in_edits(), AS_OF)
    assert known.findings.height > 0
    assert_frame_equal(known.findings, asked.findings)
    assert_frame_equal(known.counts, asked.counts)
    for record, frame in known.outcomes.items():
        assert_frame_equal(frame.sort(KEY), asked.outcomes[record].sort(KEY))


def test_knows_which_dates_have_an_anchor() -> None:
    records = records_of({"one": {"tumour": {}, "event": {"event": "days 10..20 from treatment_start"}}})
    assert {"event", "distant_recurrence"} & calendar_only(records, "event") == set()
    assert {"diagnosis", "birth", "as_of", "death"} <= calendar_only(records, "event")


def test_says_nothing_of_a_value_where_a_fact_cannot_be_computed() -> None:
    given = {"tumour": {}, "treatment": [{"setting_code": "neoadjuvant", "cycles": 2**31 - 1, "interval_days": 2**31 - 1}]}
    needs = edit(applies="neoadjuvant_days > 1", violated="grade_code = '3'")
    with pytest.raises(RefusedError, match="tumour_facts") as caught:
        judge(records_of({"one": given}), [needs], AS_OF)
    assert "2147483647" not in str(caught.value)
