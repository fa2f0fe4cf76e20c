"""An edit that judged nothing, or far less than in the release before."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from schemas.core.errors import ConfigurationError
from schemas.core.frames import EDIT_COUNTS, FINDINGS
from validations.edit import critical_codes
from validations.expectation_rules import check_thresholds, silence_rule
from validations.load import built_in_edits, counted
from validations.silence import EDIT, fallen_silent, results, silence_findings

CODE = "DATE-010"


def judged(n: int) -> pl.DataFrame:
    """One edit that judged n records, a third of them violated, and looked at 500 others in vain."""
    return pl.DataFrame([(CODE, "error", n // 3, 0, n - n // 3, 100, 400)], schema=EDIT_COUNTS, orient="row")


@pytest.mark.parametrize(
    ("before", "now", "is_silent"),
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
def test_an_edit_is_silent_under_half_or_at_nothing(before: int, now: int, is_silent: bool) -> None:
    assert fallen_silent(judged(now), judged(before), ()).height == is_silent


def test_an_edit_that_comes_to_nothing_but_possible_is_silent() -> None:
    possible = pl.DataFrame([(CODE, "error", 0, 100, 0, 100, 400)], schema=EDIT_COUNTS, orient="row")
    silent = fallen_silent(possible, judged(100), {CODE})
    assert silent.select("edit", "how", "judged", "before", "critical").rows() == [(CODE, "judged for certain", 0, 100, True)]
    detail = results(silent, judged(100), silence_rule({}))["detail"][1]
    assert detail == "0 judged for certain now, 100 in the earlier release, expected at least 50"
    assert fallen_silent(possible, possible, {CODE}).is_empty()  # it never judged more


def test_an_edit_that_is_no_more_is_silent_by_right() -> None:
    assert fallen_silent(pl.DataFrame(schema=EDIT_COUNTS), judged(100), {CODE}).is_empty()
    assert fallen_silent(judged(0), pl.DataFrame(schema=EDIT_COUNTS), {CODE}).is_empty()


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
    silent = fallen_silent(judged(10), judged(100), critical, thresholds)
    assert silent["critical"].to_list() == ([] if stops is None else [stops])


def test_is_told_as_expectation_and_as_finding() -> None:
    silent = fallen_silent(judged(3), judged(100), {CODE})
    told = results(silent, judged(100), silence_rule({}))
    assert told.select("name", "critical", "success", "detail").rows() == [
        ("edits_judged", False, False, "1 of 1 edits that judged in the earlier release fell silent"),
        (f"edits_judged.{CODE}", True, False, "3 judged now, 100 in the earlier release, expected at least 50"),
    ]
    found = silence_findings(silent)
    assert found.schema == pl.Schema(FINDINGS)
    assert found.select("edit", "severity", "outcome", "record", "columns").rows() == [(EDIT, "warning", "violated", "edit", CODE)]


def test_a_first_release_cannot_be_judged() -> None:
    nothing = pl.DataFrame(schema=EDIT_COUNTS)
    told = results(fallen_silent(judged(3), nothing, {CODE}), nothing, silence_rule({}))
    assert told.select("success", "detail").rows() == [(None, "not judgeable: no earlier release to compare with")]


@pytest.mark.parametrize(
    ("name", "values", "says"),
    [
        ("edits_judged.DATE-999", {"min": 0.1}, "no edit has the code 'DATE-999'"),
        ("women_loaded.DATE-010", {"min": 1}, "no expectation is named 'women_loaded.DATE-010'"),
        ("women_loaded", {"few": 1}, "'few' cannot be set"),
        ("edits_judged", {"few": True}, "'few' must be a number"),
    ],
)
def test_a_threshold_that_fits_nothing_is_named(name: str, values: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigurationError, match=r"registry\.yml") as raised:
        check_thresholds({name: values}, edits=counted(built_in_edits()))
    assert says in str(raised.value)


def test_critical_are_edits_on_which_survival_hangs_and_not_all() -> None:
    critical = critical_codes(built_in_edits())
    assert {"DATE-010", "DATE-019", "FUP-002", "FUP-003"} <= critical
    assert len(critical) < len(built_in_edits()) / 3
