"""A slow and obvious meaning of interval dates: write down every day each may be, and look at all the pairs.

An open end reaches OPEN_DAYS further than any day of the tests, which is as good as for ever there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

OPEN_DAYS = 40


@dataclass(frozen=True)
class Dated:
    """One date: first and last day on the calendar, first and last day on the axis of `anchor`; None = open or absent."""

    earliest: date | None = None
    latest: date | None = None
    first: int | None = None
    last: int | None = None
    anchor: str | None = None

    def calendar(self) -> list[int]:
        return _days(*(end.toordinal() if end else None for end in (self.earliest, self.latest)))

    def offsets(self, anchor: str | None) -> list[int]:
        return _days(self.first, self.last) if anchor and anchor == self.anchor else []

    def columns(self, name: str) -> dict[str, object]:
        return {
            f"{name}_earliest_date": self.earliest, f"{name}_latest_date": self.latest, f"{name}_precision": None,
            f"{name}_earliest_offset_days": self.first, f"{name}_latest_offset_days": self.last, f"{name}_anchor": self.anchor,
        }  # fmt: skip


def _days(start: int | None, end: int | None) -> list[int]:
    if start is None and end is None:
        return []
    first = start if start is not None else end - OPEN_DAYS
    last = end if end is not None else start + OPEN_DAYS
    return list(range(first, last + 1))


Verdict = tuple[bool | None, bool | None]


def differences(a: Dated, b: Dated) -> list[set[int]]:
    """For each axis both lie on: every number of days that b may be after a."""
    axes = [(a.calendar(), b.calendar()), (a.offsets(b.anchor), b.offsets(a.anchor))]
    return [{late - early for early in start for late in end} for start, end in axes if start and end]


def judge(axes: list[set[int]], holds: Callable[[int], bool]) -> Verdict:
    """(certain, possible) that `holds` for the true number of days, which lies in every axis's set."""
    if not axes:
        return None, None
    common = set.intersection(*axes)
    if common:
        return all(map(holds, common)), any(map(holds, common))
    # The axes contradict each other: what one proves counts, unless the other proves the contrary.
    proved, disproved = any(all(map(holds, axis)) for axis in axes), any(not any(map(holds, axis)) for axis in axes)
    return (None, None) if proved == disproved else (proved, proved)


def before(a: Dated, b: Dated) -> Verdict:
    return judge(differences(a, b), lambda days: days > 0)


def kleene_and(values: Iterable[bool | None]) -> bool | None:
    known = list(values)
    return False if False in known else None if None in known else True


def negated(verdict: Verdict) -> Verdict:
    certain, possible = verdict
    return (None if possible is None else not possible), (None if certain is None else not certain)


def both(*verdicts: Verdict) -> Verdict:
    return kleene_and(v[0] for v in verdicts), kleene_and(v[1] for v in verdicts)


def either(*verdicts: Verdict) -> Verdict:
    return negated(both(*map(negated, verdicts)))


def plain(value: bool | None) -> Verdict:
    return value, value


def outcome(applies: Verdict, violated: Verdict) -> str:
    """The five outcomes, in the words of the specification."""
    (a_certain, a_possible), (v_certain, v_possible) = applies, violated
    if a_possible is False:
        return "not_applicable"
    if a_possible is None:
        return "not_judgeable"
    if a_certain and v_certain:
        return "violated"
    if v_possible is False:
        return "satisfied"
    if v_possible and (v_certain is False or not a_certain):
        return "possible"
    return "not_judgeable"
