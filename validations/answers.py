"""What people have said of findings, before a run: which answers count on its day, and what the over-rides in force silence."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from schemas.core.ids import text_key
from schemas.overrides import Answer
from validations.view_set import KEY

# One row per finding that an over-ride in force silences.
SILENCED: dict[str, type[pl.DataType]] = {"edit": pl.String, "record": pl.String, KEY: pl.Int64, "fingerprint": pl.String}
# Why an answer does not count.
EXPIRED, CONFLICT, REPLACED, UNKNOWN = "expired", "conflict", "replaced", "edit_unknown"


@dataclass(frozen=True)
class Said:
    """The answers of a project on one day: `out` has the outcome of those that do not count, by their place in `answers`."""

    answers: tuple[Answer, ...] = ()
    out: Mapping[int, str] = field(default_factory=dict)

    @property
    def in_force(self) -> list[Answer]:
        """The answers that count."""
        return [answer for place, answer in enumerate(self.answers) if place not in self.out]

    @property
    def silenced(self) -> pl.DataFrame:
        """What the over-rides in force silence (SILENCED), each once."""
        rows = {(one.edit, one.record, one.record_key, one.fingerprint) for one in self.in_force if one.is_override}
        return pl.DataFrame(sorted(rows, key=str), schema=SILENCED, orient="row")


def said(answers: Sequence[Answer], edits: Iterable[str], as_of: datetime.date) -> Said:
    """Which answers count on that day; `edits` are the codes that a run judges.

    Of several answers in work lists to one finding the latest counts: by its date, then by the name of its file. Over-rides of
    one finding that name different values contradict each other, and so does an over-ride to which a work list says
    something else: none of these over-rides is applied.
    """
    known, out = set(edits), {}
    latest: dict[str, tuple[datetime.date, Answer, int]] = {}
    for place, one in enumerate(answers):
        if one.is_override and one.edit not in known:
            out[place] = UNKNOWN
        elif one.is_expired(as_of):
            out[place] = EXPIRED
        elif one.sheet:
            latest[name_of(one)] = max(latest.get(name_of(one), (one.date, one, place)), (one.date, one, place))
    kept = {place for _, _, place in latest.values()}
    out |= {place: REPLACED for place, one in enumerate(answers) if place not in out and one.sheet and place not in kept}
    return Said(tuple(answers), out | _conflicts(answers, out))


def _conflicts(answers: Sequence[Answer], out: Mapping[int, str]) -> dict[int, str]:
    named: dict[str, set[str]] = {}
    otherwise: set[tuple[str, str]] = set()
    mine = [(place, one) for place, one in enumerate(answers) if place not in out]
    for _, one in mine:
        if one.is_override and not one.sheet:
            named.setdefault(name_of(one), set()).add(one.fingerprint)
        elif not one.is_override:
            otherwise.add((name_of(one), one.fingerprint))
    return {
        place: CONFLICT
        for place, one in mine
        if not one.sheet and (len(named[name_of(one)]) > 1 or (name_of(one), one.fingerprint) in otherwise)
    }


def name_of(one: Answer) -> str:
    """The finding an answer is about: its id, which an over-ride does not give but says."""
    return one.finding_id or finding_id(one.edit, one.record, one.record_key)


def finding_id(edit: str, record: str, record_key: int | None) -> str:
    """The id of what an edit finds on a record, as `schemas.findings.identified` makes it."""
    return f"{edit}-{text_key(edit, record, record_key, 0)}"
