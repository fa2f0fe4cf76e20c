"""Random people for laws and oracles: every kind of date, most of them plausible, some of them not."""

from __future__ import annotations

import datetime
import random
from typing import Any

ANCHORS = ("treatment_start", "diagnosis", "metastasectomy")
KINDS = ("local_recurrence", "regional_recurrence", "distant_recurrence", "recurrence_or_death", "metastasectomy", "progression")


def people(number: int, seed: int) -> dict[str, dict[str, Any]]:
    """`number` people by pseudonym, in the form of the cases of edits."""
    chance = random.Random(seed)
    return {f"person {n}": _person(chance) for n in range(number)}


def _person(chance: random.Random) -> dict[str, Any]:
    tumours = range(1, chance.choice((2, 2, 2, 3)))
    return {
        "patient": [{**_dated(chance, "birth", 1950)}],
        "tumour": [_tumour(chance, no) for no in tumours],
        "treatment": [_treatment(chance, no, n) for no in tumours for n in range(1, chance.randint(1, 3))],
        "event": [_event(chance, no, kind, n) for no in tumours for kind in KINDS for n in range(1, chance.choice((1, 1, 2, 3)))],
        "follow_up": [_follow_up(chance, n) for n in range(1, chance.choice((1, 2, 2, 3, 4)))],
    }


def _tumour(chance: random.Random, no: int) -> dict[str, Any]:
    dates = _dated(chance, "diagnosis", 2009) | _dated(chance, "treatment_start", 2009) | _dated(chance, "enrolment", 2009, 0.3)
    return {"tumour_no": no, **dates}


def _treatment(chance: random.Random, no: int, component: int) -> dict[str, Any]:
    dates = _dated(chance, "treatment", 2010) | _dated(chance, "treatment_end", 2010, 0.5)
    return {"tumour_no": no, "component_no": component, "is_given": chance.choice((True, True, False, None)), **dates}


def _event(chance: random.Random, no: int, kind: str, n: int) -> dict[str, Any]:
    return {"tumour_no": no, "event_type_code": kind, "event_no": n, **_dated(chance, "event", 2011)}


def _follow_up(chance: random.Random, n: int) -> dict[str, Any]:
    status = chance.choice(("alive", "dead", None))
    return {"follow_up_no": n, "vital_status_code": status, **_dated(chance, "contact", 2012), **_dated(chance, "death", 2013, 0.4)}


def _dated(chance: random.Random, name: str, year: int, share: float = 0.9) -> dict[str, str]:
    return {name: _date(chance, year)} if chance.random() < share else {}


def _date(chance: random.Random, year: int) -> str:
    day = datetime.date(year, 6, 15) + datetime.timedelta(chance.randint(-900, 900))
    later = day + datetime.timedelta(chance.randint(0, 200))
    low = chance.randint(-300, 900)
    offset = f"days {low}..{low + chance.choice((0, 0, 30))} from {chance.choice(ANCHORS)}"
    return chance.choice((str(day), str(day), str(day)[:7], str(day)[:4], f"{day}..{later}", f"{day}..", f"..{later}", offset, offset))
