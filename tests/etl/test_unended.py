"""Whoever says of a run that did not come to its end what it had published, says what `current` leads to."""

from __future__ import annotations

import errno
import json
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from etl.outcome import Attempt, Outcome
from etl.process import unexpected
from etl.unended import NOTHING, after_death, published_before
from schemas.core.errors import ConfigurationError, LockedError, Mistake, RefusedError
from warehouse.lock import Died, run_lock
from warehouse.publish import begin
from warehouse.runs import record_run

BEGAN, ENDED = "2026-01-02T02:00:00+00:00", "2026-01-02T02:01:00+00:00"
CURRENT = "release {} had been published and is current"


def release(out: Path, run_id: str) -> None:
    folder = begin(out, run_id)
    folder.warehouse.write_bytes(b"")
    folder.publish(3)


def line(out: Path, outcome: str, run_id: str = "", ended: str = "2026-01-01T02:01:00+00:00") -> None:
    record_run(out, {"started": ended, "ended": ended, "run_id": run_id, "outcome": outcome})


def lines(out: Path) -> list[dict[str, object]]:
    return [json.loads(text) for text in (out / "runs.jsonl").read_text(encoding="utf-8").splitlines()]


# The release that was current when the run took the lock, the one that is now, the lines since then, and what is noted of the death
# (None: nothing). All of it may fall into one second, and the clock may be set back: only the order of the lines counts.
DEATHS: dict[str, tuple[str, str, list[str], tuple[str, str] | None]] = {
    "killed before its release was current": ("a", "a", [], ("", NOTHING)),
    "killed after it": ("a", "b", [], ("b", CURRENT.format("b"))),
    "killed after the first one was": ("", "b", [], ("b", CURRENT.format("b"))),
    "killed after it, while a second one was turned away": ("a", "b", ["locked"], ("b", CURRENT.format("b"))),
    "killed after it had noted the death of another": ("a", "a", ["died"], ("", NOTHING)),
    "killed before, while one that had failed wrote its line": ("a", "a", ["failed"], ("", NOTHING)),
    "killed after it was noted": ("a", "b", ["published"], None),
    "killed after it was noted, while a second one was turned away": ("a", "b", ["published", "locked"], None),
    "killed after it was noted as unchanged": ("a", "a", ["unchanged"], None),
}  # fmt: skip


@pytest.mark.parametrize("ended", ["2026-01-01T02:01:00+00:00", BEGAN, ENDED])
@pytest.mark.parametrize("case", DEATHS)
def test_a_death_is_noted_with_what_was_published_by_then(case: str, ended: str, tmp_path: Path) -> None:
    before, now, since, noted = DEATHS[case]
    for outcome in ("published", "unchanged"):  # of nights before, whatever their clock said
        line(tmp_path, outcome, before, ended)
    size = (tmp_path / "runs.jsonl").stat().st_size
    release(tmp_path, now)
    for outcome in since:
        line(tmp_path, outcome, now, ended)
    after_death(tmp_path, Died(BEGAN, size, before))
    died = [(one["run_id"], one["reason"]) for one in lines(tmp_path)[2 + len(since) :]]
    assert died == ([] if noted is None else [(noted[0], f"killed, or the machine stopped; {noted[1]}")])


# What stood in runs.jsonl when a run of an earlier version was killed, which noted no more than when it began, and the rest as above.
EARLIER: dict[str, tuple[list[tuple[str, ...]], str, tuple[str, str] | None]] = {
    "killed before its release was current": ([("published", "a")], "a", ("", NOTHING)),
    "killed after it": ([("published", "a")], "b", ("b", CURRENT.format("b"))),
    "killed after it was noted": ([("published", "a"), ("published", "b", ENDED)], "b", None),
}


@pytest.mark.parametrize("case", EARLIER)
def test_a_death_of_an_earlier_version_is_noted_by_the_clock(case: str, tmp_path: Path) -> None:
    stood, name, noted = EARLIER[case]
    release(tmp_path, name)
    for one in stood:
        line(tmp_path, *one)
    after_death(tmp_path, Died(BEGAN))
    died = [(one["run_id"], one["reason"]) for one in lines(tmp_path)[len(stood) :]]
    assert died == ([] if noted is None else [(noted[0], f"killed, or the machine stopped; {noted[1]}")])


def test_a_release_from_before_the_run_is_none_of_it(tmp_path: Path) -> None:
    release(tmp_path, "a")  # its line is lost
    after_death(tmp_path, Died("2026-01-01T00:00:00+00:00", 0, "a"))
    assert NOTHING in str(lines(tmp_path)[0]["reason"])


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt(), ZeroDivisionError()])
def test_a_failure_after_the_release_was_current_says_so(error: BaseException, tmp_path: Path) -> None:
    with suppress(type(error)), Attempt(tmp_path):
        release(tmp_path, "b")
        raise error
    [noted] = lines(tmp_path)
    assert (noted["outcome"], noted["exit_code"], noted["run_id"]) == ("failed", 1, "b")
    assert str(noted["reason"]).endswith(CURRENT.format("b"))
    assert published_before(error) == CURRENT.format("b")
    if isinstance(error, Exception):
        assert CURRENT.format("b") in unexpected(error) and NOTHING not in unexpected(error)


def test_what_the_library_makes_of_an_interruption_says_it_too(tmp_path: Path) -> None:
    try:
        try:
            with Attempt(tmp_path):
                release(tmp_path, "b")
                raise KeyboardInterrupt
        except KeyboardInterrupt:
            raise SystemExit(130)  # noqa: B904  as the library does
    except SystemExit as ended:
        assert published_before(ended) == CURRENT.format("b")
    assert published_before(SystemExit(130)) == NOTHING


def test_what_a_killed_run_left_makes_room_for_its_own_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release(tmp_path, "a")
    begin(tmp_path, "b").warehouse.write_bytes(b"all the room there is")
    left: list[list[str]] = []

    def written(out: Path, *_: str) -> None:
        left.append([path.name for path in (out / "releases").iterdir()])

    monkeypatch.setattr("etl.unended.record_death", written)
    after_death(tmp_path, Died(BEGAN, 0, "a"))
    assert left == [["a"]]


FAILURES = [ZeroDivisionError(), KeyboardInterrupt(), RefusedError("a gate"), ConfigurationError([Mistake("registry.yml", None, "none")])]


@pytest.mark.parametrize("error", FAILURES, ids=lambda error: type(error).__name__)
def test_a_failure_is_noted_once_and_while_the_run_has_the_lock(error: BaseException, tmp_path: Path) -> None:
    held: list[str] = []
    with suppress(type(error)), Attempt(tmp_path) as attempt, run_lock(tmp_path), ExitStack() as before_it_is_empty:
        before_it_is_empty.callback(lambda: held.extend((tmp_path / ".lock").read_text(encoding="utf-8") for _ in lines(tmp_path)))
        with attempt.under_lock():
            raise error
    [noted] = lines(tmp_path)
    assert (len(held), noted["under_lock"], noted["outcome"] in ("failed", "refused", "configuration")) == (1, True, True)
    started = json.loads(held[0])
    after_death(tmp_path, Died(started["started"], started["noted"], started["current"]))  # killed there: it has its line
    assert len(lines(tmp_path)) == 1


def test_a_run_that_is_turned_away_is_not_noted_as_having_the_lock(tmp_path: Path) -> None:
    with run_lock(tmp_path), suppress(LockedError), Attempt(tmp_path) as attempt, run_lock(tmp_path), attempt.under_lock():
        pass
    assert [(one["outcome"], one.get("under_lock")) for one in lines(tmp_path)] == [("locked", None)]


def test_a_run_is_noted_while_it_has_the_lock(tmp_path: Path) -> None:
    with Attempt(tmp_path) as attempt:
        attempt.ended(Outcome("r", "t", tmp_path, "unchanged", 0, tmp_path / "releases/a"))
        assert [one["outcome"] for one in lines(tmp_path)] == ["unchanged"]
    assert len(lines(tmp_path)) == 1
    assert datetime.fromisoformat(str(lines(tmp_path)[0]["ended"])) <= datetime.now(UTC)
