"""An edit that judged nothing, or far less than in the release before."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from schemas.core.errors import ConfigurationError
from schemas.core.frames import EDIT_COUNTS, FINDINGS
from validations.edit import critical_codes
from validations.expecting.anchor import Anchors, Compared
from validations.expecting.baseline import Baseline, Baselines
from validations.expecting.checks import Parts, check_registry
from validations.load import built_in_edits, counted
from validations.report.rests_on import reads_of_all
from validations.silence import EDIT, fallen, fallen_silent, listen, multiplied, silence_findings

CODE = "DATE-010"
NAME, EARLIER = f"edits_judged.{CODE}", "release 0123456789ab of 2026-01-01"
TONIGHT = ("ba9876543210", "2026-01-02")


def counts(n: int) -> dict[str, int]:
    """What one edit judged: n records, a third of them violated."""
    return {"violated": n // 3, "possible": 0, "satisfied": n - n // 3}


def judged(n: int) -> pl.DataFrame:
    """One edit that judged n records, and looked at 500 others in vain."""
    return pl.DataFrame([(CODE, "error", *counts(n).values(), 100, 400)], schema=EDIT_COUNTS, orient="row")


def before(n: int, run_id: str = "0123456789ab") -> Baselines:
    return {NAME: Baseline(run_id, "2026-01-01", counts(n))}


def since(n: int, anchor: int | None = None) -> Compared:
    """The last release in which it was heard, and an older one."""
    return before(n), Anchors(before(anchor, "00000000000a")) if anchor is not None else Anchors()


@pytest.mark.parametrize(
    ("then", "now", "is_silent"),
    [
        (40, 20, False),  # exactly half
        (40, 19, True),
        (41, 20, True),  # half of 41 is 20.5
        (20, 9, True),
        (19, 1, False),  # under 20 a fall may be chance; it judged something
        (19, 0, True),
        (5, 0, True),
        (4, 0, False),  # one woman mended or moved away
        (0, 0, False),
        (0, 9, False),
    ],
)
def test_an_edit_is_silent_under_half_or_at_nothing(then: int, now: int, is_silent: bool) -> None:
    assert fallen_silent({CODE: counts(now)}, since(then), ()).height == is_silent


def test_an_edit_that_comes_to_nothing_but_possible_is_silent() -> None:
    possible = {"violated": 0, "possible": 100, "satisfied": 0}
    silent = fallen_silent({CODE: possible}, since(100), {CODE})
    assert silent.select("edit", "how", "judged", "before", "critical").rows() == [(CODE, "judged for certain", 0, 100, True)]
    frame = pl.DataFrame([(CODE, "error", *possible.values(), 100, 400)], schema=EDIT_COUNTS, orient="row")
    told = listen(frame, since(100), {CODE}, {}, TONIGHT).results
    assert told["detail"][1] == f"0 judged for certain now, 100 in {EARLIER}, expected at least 50"
    assert fallen_silent({CODE: possible}, ({NAME: Baseline("a", "b", possible)}, Anchors()), {CODE}).is_empty()  # it never judged more


def test_an_edit_that_is_no_more_is_silent_by_right() -> None:
    assert fallen_silent({}, since(100), {CODE}).is_empty()
    assert fallen_silent({CODE: counts(0)}, ({}, Anchors()), {CODE}).is_empty()
    gone = listen(pl.DataFrame(schema=EDIT_COUNTS), since(100, 100), {CODE}, {}, TONIGHT)
    assert (gone.baselines, gone.anchors) == ({}, Anchors()), "nothing more is handed on of it"


@pytest.mark.parametrize("code", ["READ-NO-CONTRACT", "OVR-STALE", "CORR-STALE", "WORK-NOT-FIXED"])
def test_what_judges_files_of_tonight_or_what_people_wrote_is_silent_by_right(code: str) -> None:
    """A folder that is emptied after each night, or work lists filed away, are no change at a source."""
    then = {f"edits_judged.{code}": Baseline("0123456789ab", "2026-01-01", counts(300))}
    now = pl.DataFrame([(code, "notice", 0, 0, 1, 0, 0)], schema=EDIT_COUNTS, orient="row")
    heard = listen(now, (then, Anchors(then)), (), {}, TONIGHT)
    assert heard.silent.is_empty()
    assert not heard.baselines and not heard.anchors.old


def test_an_edit_that_judges_a_little_less_every_night_falls_silent_by_and_by() -> None:
    """No night is under half of the one before; none stops the publish, for readers would be left with no better a release."""
    compared, heard = since(100, 100), []
    for night, n in enumerate((90, 70, 51, 49, 40, 55), start=2):
        silence = listen(judged(n), compared, {CODE}, {}, (f"{night:012x}", f"2026-01-{night:02}"))
        heard.append(silence.silent.select("slowly", "critical", "against").rows())
        assert silence.overnight == []
        compared = silence.baselines, silence.anchors
    fell = [(True, False, "release 00000000000a of 2026-01-01")]
    assert heard == [[], [], [], fell, fell, []]
    named = listen(judged(30), compared, {CODE}, {}, TONIGHT).results.row(1, named=True)
    assert (named["name"], named["critical"]) == (f"{NAME}.since_anchor", False)
    assert named["detail"] == "30 judged now, 100 in release 00000000000a of 2026-01-01, expected at least 50"


@pytest.mark.parametrize(
    ("critical", "thresholds", "stops"),
    [
        ((), {}, False),
        ((CODE,), {}, True),
        ((), {"edits_judged": {"critical": True}}, True),
        ((CODE,), {f"edits_judged.{CODE}": {"critical": False}}, False),
        ((CODE,), {f"edits_judged.{CODE}": {"min": 0.05}}, None),
        ((CODE,), {"edits_judged": {"min": 0}}, None),
        ((CODE,), {"edits_judged.DATE-011": {"min": 0}}, True),
        ((CODE,), {"edits_judged": {"few": 500}}, None),
    ],
)
def test_the_registry_may_say_how_far_it_may_fall(critical: tuple[str, ...], thresholds: dict[str, Any], stops: bool | None) -> None:
    silent = fallen_silent({CODE: counts(10)}, since(100), critical, thresholds)
    assert silent["critical"].to_list() == ([] if stops is None else [stops])


def test_is_told_as_expectation_and_as_finding() -> None:
    silence = listen(judged(3), since(100), {CODE}, {}, TONIGHT)
    assert silence.results.select("name", "critical", "success", "detail").rows() == [
        ("edits_judged", False, False, "1 of 1 edits that judged in an earlier release fell silent"),
        (f"edits_judged.{CODE}", True, False, f"3 judged now, 100 in {EARLIER}, expected at least 50"),
    ]
    found = silence_findings(silence.silent)
    assert found.schema == pl.Schema(FINDINGS)
    assert found.select("edit", "severity", "outcome", "record", "columns").rows() == [(EDIT, "warning", "violated", "edit", CODE)]


def test_a_silent_night_is_no_measure_for_the_next_one() -> None:
    first = listen(judged(3), since(100, 100), {CODE}, {}, TONIGHT)
    assert first.baselines == since(100)[0]
    assert listen(judged(60), (first.baselines, first.anchors), {CODE}, {}, TONIGHT).baselines[NAME].run_id == TONIGHT[0]


def test_a_first_release_cannot_be_judged() -> None:
    told = listen(judged(3), ({}, Anchors()), {CODE}, {}, TONIGHT)
    assert told.results.select("success", "detail").rows() == [(None, "not judgeable: no earlier release to compare with")]
    assert told.baselines[NAME].counts == counts(3)


@pytest.mark.parametrize(
    ("name", "values", "says"),
    [
        ("edits_judged.DATE-999", {"min": 0.1}, "no edit has the code 'DATE-999'"),
        ("women_loaded.DATE-010", {"min": 1}, "no expectation is named 'women_loaded.DATE-010'"),
        ("women_loaded", {"few": 1}, "'few' cannot be set"),
        ("edits_judged", {"few": True}, "'few' must be a number"),
        ("since_anchor", {"days": "long"}, "'days' must be a number"),
        ("shares_by_source", {"max": 0.1}, "'max' cannot be set"),
        ("stage_shares.hospital_c", {"max": 0.3}, "no source has the name 'hospital_c'"),
    ],
)
def test_a_threshold_that_fits_nothing_is_named(name: str, values: dict[str, Any], says: str) -> None:
    parts = Parts(counted(built_in_edits()), ["hospital_a"])
    check_registry({"since_anchor": {"days": 90, "min": 0.9}, "stage_shares.hospital_a": {"max": 0.3, "few": 200}}, {}, parts=parts)
    with pytest.raises(ConfigurationError, match=r"registry\.yml") as raised:
        check_registry({name: values}, {}, parts=parts)
    assert says in str(raised.value)


def test_critical_are_edits_on_which_survival_hangs_and_not_all() -> None:
    critical = critical_codes(built_in_edits())
    assert {"DATE-010", "DATE-019", "FUP-002", "FUP-003"} <= critical
    assert len(critical) < len(built_in_edits()) / 3


@pytest.mark.parametrize(("then", "now", "stays"), [(241, 597, True), (241, 300, False), (0, 20, True), (20, 0, False)])
def test_on_a_night_unlike_those_before_what_multiplied_is_no_measure(then: int, now: int, stays: bool) -> None:
    assert multiplied(before(then), before(now, "ba9876543210")) == (before(then) if stays else {})


READS = {CODE: ["fact_follow_up.death"], "DATE-012": ["dim_tumour.diagnosis"]}


@pytest.mark.parametrize(
    ("odd", "now", "stays"),
    [
        ("fact_follow_up.death", 126, True),
        ("fact_follow_up.death", 241, True),
        ("fact_follow_up", 126, True),
        ("fact_follow_up.death", 250, False),
        ("fact_follow_up.contact", 126, False),
        ("dim_tumour.diagnosis", 126, False),
    ],
)
def test_what_falls_with_a_field_that_empties_is_no_measure(odd: str, now: int, stays: bool) -> None:
    assert fallen(before(242), before(now, "ba9876543210"), READS, {odd}) == (before(242) if stays else {})
    assert fallen(before(242), before(now, "ba9876543210"), READS, ()) == {}


def test_what_an_edit_reads_of_other_records_counts_too() -> None:
    assert {"dim_tumour.diagnosis", "fact_follow_up.death"} <= set(reads_of_all(built_in_edits())[CODE])


def test_what_is_judged_for_the_first_time_on_a_night_unlike_those_before_it_is_no_measure() -> None:
    first = listen(judged(242), ({}, Anchors()), (), {}, TONIGHT)
    assert NAME in first.baselines and NAME in first.anchors.old
    unlike = first.heard_before(({}, Anchors()))
    assert NAME not in unlike.baselines and NAME not in unlike.anchors.old
    assert first.heard_before((before(242), Anchors(before(242)))) == first
