"""The defect benchmark at a small size: every promise holds, and the report says what a reader needs.

400 women are few, so each kind has one case at most and some rare kinds have none; `python -m tests.benchmarks.defects` has them all.
"""

from __future__ import annotations

import dataclasses

import polars as pl
import pytest

from etl.simulate.kinds_plausible import REASONS
from tests.benchmarks import defects
from tests.benchmarks.defects import Measured, measured, report
from tests.benchmarks.promises import FALSE_ALARMS, false_alarms, none
from tests.expectations_met import expectations_met

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made() -> Measured:
    with expectations_met():
        return measured(400, 1)


def test_keeps_every_promise(made: Measured) -> None:
    assert [f"{one.what}: {one.number}" for one in made.promises if not one.holds] == []


def test_finds_no_wrong_value_that_nothing_contradicts(made: Measured) -> None:
    hopeless = made.judged.filter(word="undetectable")
    assert set(hopeless["kind"]) <= set(REASONS)
    assert not hopeless["is_found"].any()


def test_prints_lines_that_fit_and_do_not_wrap(made: Measured) -> None:
    lines = report(made)
    assert max(len(line) for line in lines) <= 120
    assert all(any(line.startswith(f"{kind} ") for line in lines) for kind in made.judged["kind"].unique())
    assert all(any(reason in line for line in lines) for reason in REASONS.values())


def test_says_beside_the_number_what_a_false_alarm_is(made: Measured) -> None:
    lines = report(made)
    (told,) = [line for line in lines if "(false alarms)" in line]
    assert "0 errors, 0 warnings, 0 notices; " in told
    assert lines[-len(FALSE_ALARMS) :] == list(FALSE_ALARMS)


def test_counts_a_notice_as_a_false_alarm_too() -> None:
    found = pl.DataFrame({"severity": ["notice"]})
    assert false_alarms(found, found.clear()) == (
        "clean: findings that are not true (false alarms)", "0 errors, 0 warnings, 1 notices; 0 findings are true", False,
    )  # fmt: skip


def test_ends_with_1_where_a_promise_does_not_hold(
    made: Measured, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for promises, ends in ((made.promises, 0), ([*made.promises, none("dates that are wrong", 1)], 1)):
        monkeypatch.setattr(defects, "measured", lambda *_, said=promises: dataclasses.replace(made, promises=said))
        assert defects.main(["--women", "400"]) == ends
    assert "FAILED dates that are wrong" in capsys.readouterr().out


def test_keeps_every_promise_where_the_last_row_of_a_file_is_drawn() -> None:
    """Seed 55501 draws the last row of contacts.csv for a row that breaks off: that would be a file cut off, and refused."""
    with expectations_met():
        made = measured(1_500, 55501)
    assert [f"{one.what}: {one.number}" for one in made.promises if not one.holds] == []
