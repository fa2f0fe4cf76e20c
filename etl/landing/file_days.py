"""The order of deliveries whose names carry a date with the day before the year: `w_31.01.2020` comes before `w_01.02.2020`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date

from etl.landing.delivery import natural
from etl.landing.landed import LandedFile

DAY = re.compile(r"(?<![0-9])(?:([0-9]{1,2})([._-])([0-9]{1,2})\2|([0-9]{2})([0-9]{2}))((?:19|20)[0-9]{2})(?![0-9])")
ORDERS = ("dmy", "mdy")


def in_name_order(names: Iterable[str], *, whole: bool) -> list[str] | None:
    """The names of one contract's files, the last delivery last; numbers count as numbers, dates as days.

    A date with dots has the day first; with other signs or none all names must be dates of the calendar in one order. None where the
    names leave no order, or two that disagree: on the last name, or with `whole` on any.
    """
    there = list(names)
    possible = [_sorted(there, order) for order in ORDERS if all(_reads(name, order) for name in there)]
    if not possible or (len(possible) > 1 and (possible[0] != possible[1] if whole else possible[0][-1:] != possible[1][-1:])):
        return None
    return possible[0]


def delivered(files: Iterable[LandedFile]) -> list[LandedFile]:
    """The files contract by contract, each contract's last delivery last: as `in_name_order` says, or else as names sort."""
    by_contract: dict[str, dict[str, LandedFile]] = defaultdict(dict)
    for file in files:
        by_contract[file.contract.contract][file.name] = file
    return [mine[name] for mine in by_contract.values() for name in as_delivered([*mine])]


def as_delivered(names: Sequence[str]) -> list[str]:
    """The names of one contract's files, the last delivery last; those that leave no order as names sort."""
    return in_name_order(names, whole=True) or sorted(names, key=lambda name: (natural(name), name))


def _sorted(names: Sequence[str], order: str) -> list[str]:
    return sorted(names, key=lambda name: (natural(DAY.sub(lambda found: str(_days(found).get(order, found[0])), name)), name))


def _reads(name: str, order: str) -> bool:
    return all(order in days for days in map(_days, DAY.finditer(name)) if days)


def _days(found: re.Match[str]) -> dict[str, date]:
    """The day that a date of a name is, by order; empty where it is none in any, and a number like others."""
    first, sign, second = found[1] or found[4], found[2], found[3] or found[5]
    days = {}
    for order in ORDERS[:1] if sign == "." else ORDERS:
        day, month = (first, second) if order == "dmy" else (second, first)
        with suppress(ValueError):
            days[order] = date(int(found[6]), int(month), int(day))
    return days
