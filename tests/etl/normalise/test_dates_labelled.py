"""A certain date that is wrong is the worst mistake: true dates are written, and misread, in every way known, and read again."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from date_cells import column

Write = Callable[[date, random.Random], str]
SPAN = (date(1931, 1, 1), date(2029, 12, 31))  # within the hundred years from 1930, which the columns with a pivot declare
MARKS = "/.- "
DECLARED_PIVOT = 1930
PARTIAL = [
    "%Y", "%Y-%m", "%m/%Y", "%Y%m", "%Y%m99", "%Y9999", "XX.%m.%Y", "00/%m/%Y", "UN-%b-%Y", "%b %Y", "%Y~", "~%Y-%m", "ca. %Y", "%Y-%m-??",
]  # fmt: skip
PLAIN = [
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d 23:59", "%d %b %Y", "%d-%B-%Y", "%d%b%Y", "%B %d, %Y",
    "%Y-%b-%d",
]  # fmt: skip


def numeric(form: str) -> Write:
    """One form with one separator, as one system writes it."""
    return lambda day, _: day.strftime(form)


def serial(day: date, epoch: int = 1900) -> str:
    return str((day - (date(1899, 12, 30) if epoch == 1900 else date(1904, 1, 1))).days)


def partial(day: date, chance: random.Random) -> str:
    return day.strftime(chance.choice(PARTIAL))


def plain(day: date, chance: random.Random) -> str:
    """Forms that leave nothing open."""
    return day.strftime(chance.choice(PLAIN))


def none(_: date, chance: random.Random) -> str:
    return chance.choice(["", "unknown", "99/99/9999", "31/12/2999", "1900-01-01", "30/02/2009", "2009-02-30", "soon", "0000-00-00"])


@dataclass
class Column:
    """Cells with the date each was written for (None: it was written for none), and what the contract declares."""

    name: str
    texts: list[tuple[str, date | None]] = field(default_factory=list)
    typed: list[tuple[str, date | None]] = field(default_factory=list)
    declared: dict[str, object] = field(default_factory=dict)

    def wrong(self) -> list[tuple[str, object]]:
        """Cells whose interval leaves out the true date, or that are a date where there is none."""
        read = column([text for text, _ in self.texts], [text for text, _ in self.typed], **self.declared)
        truths = [truth for _, truth in self.texts + self.typed]
        found = zip(read.select("raw", "earliest", "latest").rows(), truths, strict=True)
        return [(row[0], truth) for row, truth in found if row[1] is not None and (truth is None or not row[1] <= truth <= row[2])]

    def certain(self) -> Counter[str]:
        read = column([text for text, _ in self.texts], [text for text, _ in self.typed], **self.declared)
        return Counter(read["precision"].fill_null("none").to_list())


def by_one_system(chance: random.Random) -> Column:
    """One order, one separator, years of four or two digits, some of them partial or none."""
    order, mark = chance.choice(["%d{0}%m{0}", "%m{0}%d{0}"]).format(chance.choice(MARKS)), chance.choice(["%Y", "%y"])
    own, n = numeric(order + mark), chance.choice([3, 15, 40, 120])
    found = Column("one system", declared=chance.choice([{}, {"pivot": DECLARED_PIVOT}]))
    for day in days(chance, n):
        write = chance.choices([own, partial, plain, none], [8, 1, 1, 1])[0]
        found.texts.append((write(day, chance), None if write is none else day))
    if chance.random() < 0.4:
        found.declared = {"order": "dmy" if order.startswith("%d") else "mdy", **found.declared}
    return found


def by_two_systems(chance: random.Random) -> Column:
    """Two orders, each with a separator of its own; or with the same one, and then cells that give it away."""
    marks = chance.sample(MARKS, 2) if chance.random() < 0.5 else [chance.choice(MARKS)] * 2
    writers = [numeric(form.format(mark)) for form, mark in zip(("%d{0}%m{0}%Y", "%m{0}%d{0}%Y"), marks, strict=True)]
    shares = chance.choice([(9, 1), (1, 1), (1, 9)])
    found = Column("two systems")
    for day in days(chance, chance.choice([10, 60, 150])):
        found.texts.append((chance.choices(writers, shares)[0](day, chance), day))
    given_away = date(2009, 3, 25)
    found.texts += [(write(given_away, chance), given_away) for write in writers if marks[0] == marks[1]]
    return found


def opened_by_excel(chance: random.Random) -> Column:
    """A text file of one order opened by Excel in the same or in the other: what it can read becomes a real date or a bare number."""
    own, other = chance.choice([("%d/%m/%Y", "%m/%d/%Y"), ("%m/%d/%Y", "%d/%m/%Y")])
    reads = chance.choice([own, other])
    found = Column("opened by Excel", declared={"serials": 1900})
    for day in days(chance, chance.choice([2, 10, 60, 150])):
        text = day.strftime(own)
        seen = _as_excel_reads(text, reads)
        if seen is None:
            found.texts.append((text, day))
        elif chance.random() < 0.15:
            found.texts.append((serial(seen), day))
        else:
            found.typed.append((seen.isoformat() + chance.choice(["", "T10:30:00"]), day))
    if not found.texts:  # Excel read every cell: nothing in the file tells that one stood for another day
        found.typed = []
    if all(text.isdigit() for text, _ in found.texts):
        found.texts = found.typed = []
    return found


def _as_excel_reads(text: str, form: str) -> date | None:
    first, second, year = (int(part) for part in text.split("/"))
    day, month = (first, second) if form.startswith("%d") else (second, first)
    return date(year, month, day) if month <= 12 else None


def by_day_numbers(chance: random.Random) -> Column:
    epoch = chance.choice([1900, 1904])
    found = Column("day numbers", declared=chance.choice([{"serials": epoch}, {}]))
    for day in days(chance, 40):
        text = chance.choice([serial(day, epoch), serial(day, epoch) + ".5", day.isoformat(), partial(day, chance)])
        found.texts.append((text, day))
    return found


def by_declared_formats(chance: random.Random) -> Column:
    forms = chance.choice([["%d/%m/%Y", "%Y-%m-%d"], ["%d.%m.%y"], ["%m/%d/%Y"], ["%d/%m/%Y", "%m/%d/%Y"], ["%d-%b-%Y", "%Y"]])
    found = Column("declared formats", declared={"formats": tuple(forms), **chance.choice([{}, {"pivot": DECLARED_PIVOT}])})
    for day in days(chance, chance.choice([5, 60])):
        found.texts.append((day.strftime(chance.choice(forms)), day))
    # two declared formats that contradict each other in one column give themselves away
    found.texts += [(date(2009, 3, 25).strftime(form), date(2009, 3, 25)) for form in forms]
    return found


def changed_overnight(chance: random.Random) -> Column:
    """The contract declares one order, the file comes in the other."""
    found = Column("changed overnight", declared=chance.choice([{"order": "dmy"}, {"formats": ("%d/%m/%Y",)}]))
    found.texts = [(day.strftime("%m/%d/%Y"), day) for day in days(chance, chance.choice([3, 8, 60, 200]))]
    found.texts += [("03/25/2009", date(2009, 3, 25))]
    return found


def as_instants(chance: random.Random) -> Column:
    """Days as programs write them that keep moments: by UTC, by the clock of the place, or midnight for every day."""
    zone = chance.choice(["Europe/Berlin", "Europe/London", "America/New_York", "Asia/Singapore", "Pacific/Honolulu", "Pacific/Auckland"])
    way, hour = chance.choice(["midnight here", "noon here", "any time", "with its offset", "midnight of UTC"]), 0
    found = Column("instants", declared=chance.choice([{}, {"zone": zone}]))
    for day in days(chance, chance.choice([1, 4, 30, 120])):
        hour = {"noon here": 12, "any time": chance.randrange(24), "with its offset": chance.randrange(24)}.get(way, 0)
        moment = datetime(day.year, day.month, day.day, hour, tzinfo=UTC if way == "midnight of UTC" else ZoneInfo(zone))
        shown = moment if way == "with its offset" else moment.astimezone(UTC)
        found.texts.append((shown.isoformat().replace("+00:00", "Z"), day))
    found.texts += chance.choice([[], [("2009-03-14", date(2009, 3, 14))]])
    return found


def days(chance: random.Random, n: int) -> list[date]:
    span = (SPAN[1] - SPAN[0]).days
    return [SPAN[0] + timedelta(chance.randrange(span)) for _ in range(n)]


MAKERS = [by_one_system, by_two_systems, opened_by_excel, by_day_numbers, by_declared_formats, changed_overnight, as_instants]


@pytest.mark.parametrize("make", MAKERS)
def test_is_never_certain_and_wrong(make: Callable[[random.Random], Column]) -> None:
    wrong = [(number, cell) for number in range(10) for cell in make(random.Random(number)).wrong()]
    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("make", MAKERS)
def test_is_never_certain_and_wrong_in_many_columns(make: Callable[[random.Random], Column]) -> None:
    wrong = [(number, cell) for number in (*range(10, 25), *range(1_000, 1_200)) for cell in make(random.Random(number)).wrong()]
    assert wrong == []


def test_is_certain_of_most_dates_of_one_system_that_are_many_or_declared() -> None:
    chance = random.Random(1)
    cells = [(day.strftime("%d/%m/%Y"), day) for day in days(chance, 400)]
    for declared in ({}, {"order": "dmy"}):
        assert Column("one system", cells, declared=declared).certain() == {"day": 400}


def test_cannot_know_of_a_swap_that_leaves_no_trace() -> None:
    # the limit: one cell of a proved column written in the other order, both numbers up to 12, is wrong and certain
    cells = [(f"{day:02d}/03/2009", date(2009, 3, day)) for day in range(1, 32)]
    assert Column("a slip", [*cells, ("03/04/2009", date(2009, 3, 4))]).wrong() == [("03/04/2009", date(2009, 3, 4))]


def test_reads_every_true_date_into_its_interval_on_both_sides_of_a_leap_day() -> None:
    chance = random.Random(2)
    span = [date(2003, 12, 1) + timedelta(number) for number in range(460)]
    cells = [(write(day, chance), day) for day in span for write in (plain, partial)]
    read = column([text for text, _ in cells])
    truth = pl.Series([day for _, day in cells])
    assert ((read["earliest"] <= truth) & (truth <= read["latest"])).all()
