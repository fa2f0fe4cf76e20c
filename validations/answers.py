"""What people have said of findings, before a run: which answers count on its day, and what the over-rides in force silence."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from schemas.core.errors import Mistake
from schemas.core.ids import text_key
from schemas.overrides import Answer
from schemas.reading_edits import CONFIRMABLE, reading_edits
from validations.views.text import KEY

# One row per finding that an over-ride in force silences.
SILENCED: dict[str, type[pl.DataType]] = {"edit": pl.String, "record": pl.String, KEY: pl.Int64, "fingerprint": pl.String}
# Why an answer does not count.
EXPIRED, CONFLICT, REPLACED, UNKNOWN, FUTURE = "expired", "conflict", "replaced", "edit_unknown", "in_future"
REPEATED = "repeated"


@dataclass(frozen=True)
class Said:
    """The answers of a project on one day: `out` has the outcome of those that do not count, by their place in `answers`.

    `logic`: what the fingerprints of each edit show of its logic now. `unusable`: what is wrong with lines and rows that are no answer.
    """

    answers: tuple[Answer, ...] = ()
    out: Mapping[int, str] = field(default_factory=dict)
    logic: Mapping[str, str] = field(default_factory=dict)
    unusable: tuple[Mistake, ...] = ()

    @property
    def in_force(self) -> list[Answer]:
        """The answers that count."""
        return [answer for place, answer in enumerate(self.answers) if place not in self.out]

    @property
    def silenced(self) -> pl.DataFrame:
        """What the over-rides in force silence (SILENCED), each once."""
        rows = {one.bound_to for one in self.in_force if one.is_override}
        return pl.DataFrame(sorted(rows, key=str), schema=SILENCED, orient="row")


def said(answers: Sequence[Answer], logic: Mapping[str, str], as_of: datetime.date, unusable: Sequence[Mistake] = ()) -> Said:
    """Which answers count on that day. `logic`: by code of the edits that a run judges what their fingerprints show of them.

    An answer counts from its date on. Of several to one finding those of the latest day count, whichever file they stand in; where
    these contradict each other, none of them does; where they say the same, the first of them does.
    """
    out: dict[int, str] = {}
    standing: dict[str, list[int]] = {}
    for place, one in enumerate(answers):
        if one.edit not in logic and (one.is_override or one.edit not in reading_edits()):
            out[place] = UNKNOWN
        elif one.date > as_of:
            out[place] = FUTURE
        else:
            standing.setdefault(name_of(one), []).append(place)
    for places in standing.values():
        out |= _of_one_finding({place: answers[place] for place in places}, as_of)
    return Said(tuple(answers), out, logic, tuple(unusable))


def _of_one_finding(given: Mapping[int, Answer], as_of: datetime.date) -> dict[int, str]:
    """What keeps each of the answers to one finding from counting. One that has expired does not let an earlier one rise again."""
    last = max(one.date for one in given.values())
    out = {place: REPLACED if one.date < last else EXPIRED for place, one in given.items() if one.date < last or one.is_expired(as_of)}
    left = [place for place in given if place not in out]
    if len({given[place].says for place in left}) > 1:
        return out | dict.fromkeys(left, CONFLICT)
    return out | dict.fromkeys(left[1:], REPEATED)  # a copy of the same work list says nothing new


def bound(given: Said, found: pl.DataFrame, as_of: datetime.date) -> Said:
    """The answers with the names that findings of the linkage have now. `found`: all findings (IDENTIFIED).

    Of one record several may stand, a row of a file each: they are told apart by what they compare, and by their number only in the order
    of that. So an answer goes to the finding on its values, whatever its number has become; a line of overrides.csv tells no number.
    """
    asked = {one.edit for one in given.answers if one.fingerprint} & set(CONFIRMABLE)
    if not asked:
        return given
    hers = found.filter(pl.col("edit").is_in(list(asked)), pl.col("fingerprint").is_not_null())
    names: dict[tuple[object, ...], list[str]] = {}
    for *says, name in hers.select(*SILENCED, "finding_id").iter_rows():
        names.setdefault(tuple(says), []).append(name)
    here = [names.get(one.bound_to, []) for one in given.answers]
    moved = {known[0] for one, known in zip(given.answers, here, strict=True) if known and name_of(one) not in known}
    answers = [_renamed(one, known, moved) for one, known in zip(given.answers, here, strict=True)]
    return said(answers, given.logic, as_of, given.unusable)


def _renamed(one: Answer, known: Sequence[str], moved: Collection[str]) -> Answer:
    """An answer under the name of the finding on its values. Where none is, and another finding has taken over its name, it has none."""
    name = name_of(one)
    if known:
        return one if name in known else replace(one, finding_id=known[0])
    return replace(one, finding_id=f"{name}-{one.fingerprint}") if name in moved else one


def name_of(one: Answer) -> str:
    """The finding an answer is about: its id, which an over-ride does not give but says."""
    return one.finding_id or finding_id(one.edit, one.record, one.record_key)


def finding_id(edit: str, record: str, record_key: int | None) -> str:
    """The id of what an edit finds on a record, as `schemas.findings.identified` makes it."""
    return f"{edit}-{text_key(edit, record, record_key, 0)}"
