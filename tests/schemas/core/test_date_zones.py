"""The day of an instant: where the contract says the zone, and where nothing does."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
import reference_zone as reference

from schemas.core.date_zones import is_zone
from schemas.core.interval import parse_dates

Days = tuple[str | None, str | None, str | None]
SECOND, THIRD = ("2014-10-02", "2014-10-02", "day"), ("2014-10-03", "2014-10-03", "day")
TIME = "2014-10-02T10:00:00Z"  # of which the column is none of midnights


def days(*texts: str, zone: str | None = None) -> list[Days]:
    rows = parse_dates(pl.Series(texts), zone=zone).select("earliest", "latest", "precision").rows()
    return [(*(str(end) if end else None for end in ends), precision) for *ends, precision in rows]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2014-10-02T22:00:00Z", "Europe/Berlin", THIRD),  # midnight of summer time
        ("2014-10-02T21:59:59Z", "Europe/Berlin", SECOND),
        ("2014-12-31T23:00:00Z", "Europe/Berlin", ("2015-01-01", "2015-01-01", "day")),  # and of winter
        ("2014-10-02T22:00:00Z", "America/New_York", SECOND),
        ("2014-10-02T03:59:00Z", "America/New_York", ("2014-10-01", "2014-10-01", "day")),
        ("2014-10-02T00:00:00+02:00", "Europe/Berlin", SECOND),
        ("2014-10-02T23:30:00-05:00", "Europe/Berlin", THIRD),
        ("20141002T2200Z", "Europe/Berlin", THIRD),
        ("20141002220000+0000", "Europe/Berlin", THIRD),
        ("02 Oct 2014 10:00 PM UTC", "Europe/Berlin", THIRD),
        ("02 Oct 2014 12:30 AM UTC", "Europe/Berlin", SECOND),
        ("2014-10-02 23:00:00", "Europe/Berlin", SECOND),  # no offset: the clock of the place
        ("2014-10-02", "America/New_York", SECOND),
        ("XX.10.2014 23:00Z", "Europe/Berlin", ("2014-10-01", "2014-10-31", "month")),
        ("03/04/2009 23:00Z", "Europe/Berlin", ("2009-03-05", "2009-04-04", "ambiguous")),  # by the order of either
        ("1899-12-31T23:00:00Z", "Europe/Berlin", (None, None, "unknown")),  # 1900-01-01 stands for no date
    ],
)
def test_reads_an_instant_as_the_day_of_the_zone(text: str, zone: str, expected: Days) -> None:
    assert days(text, zone=zone) == [expected]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2014-10-02T22:00:00Z", 2, 3), ("2014-10-02T22:00:00 UTC", 2, 3), ("2014-10-02T22:00:00+00:00", 2, 3),
        ("2014-10-02T09:59:59Z", 1, 2), ("2014-10-02T10:00:00Z", 1, 3), ("2014-10-02T11:59:59Z", 1, 3), ("2014-10-02T12:00:00Z", 2, 3),
        ("2014-10-02T00:00:00.5Z", 1, 2),
        ("2014-10-02T22:00:00+02:00", 2, 2),  # the clock of a place
        ("2014-10-02T00:00:00+02:00", 2, 2), ("2014-10-02T00:00:00.000Z", 1, 2),  # one midnight proves nothing
        ("2014-10-02T19:00:00-05:00", 2, 3),  # midnight of UTC, shown by the clock of a machine
    ],
)  # fmt: skip
def test_leaves_every_day_open_that_an_instant_may_be(text: str, first: int, last: int) -> None:
    assert days(text)[0][:2] == (f"2014-10-{first:02d}", f"2014-10-{last:02d}")


@pytest.mark.parametrize("zone", [None, "America/New_York"])
@pytest.mark.parametrize("form", ["T00:00:00Z", "T00:00:00.000Z", " 00:00:00+00:00", "T0000Z"])
def test_takes_midnight_for_the_day_written_where_the_whole_column_is(form: str, zone: str | None) -> None:
    column = [f"2014-10-0{number}{form}" for number in range(2, 7)]
    assert days(*column, "2014-10-03", zone=zone)[:2] == [SECOND, THIRD]
    assert days(*column[:4], zone=zone)[0][:2] == ("2014-10-01", "2014-10-02")  # four may be midnight by chance
    assert days(*column, TIME, zone=zone)[0][:2] == ("2014-10-01", "2014-10-02" if zone is None else "2014-10-01")
    assert days(*column[:4], zone="Europe/Berlin")[0] == SECOND  # where midnight of UTC is the same day


def test_takes_the_day_written_where_the_contract_says_so() -> None:
    assert days("2014-10-02T22:00:00Z", TIME, "2014-10-02T00:00:00Z", zone="as_written") == [SECOND] * 3


def midnights(zone: str, n: int, first: date = date(2014, 6, 20)) -> list[str]:
    """Days from June on as a program writes them that keeps midnight of a place by UTC."""
    local = (datetime.combine(first + timedelta(9 * number), datetime.min.time(), ZoneInfo(zone)) for number in range(n))
    return [moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for moment in local]


@pytest.mark.parametrize("zone", ["Europe/London", "Europe/Berlin", "Europe/Athens"])
def test_knows_midnight_of_a_place_with_summer_time(zone: str) -> None:
    wanted = [date(2014, 6, 20) + timedelta(9 * number) for number in range(24)]
    assert parse_dates(pl.Series(midnights(zone, 24))).select("earliest", "latest").rows() == [(day, day) for day in wanted]


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        (midnights("Europe/Berlin", 19), "fewer than 20"),
        (midnights("Europe/Berlin", 20, date(2014, 5, 1)), "fewer than 5 in winter"),
        (midnights("Asia/Singapore", 24), "16:00Z is noon in New York too"),
        ([*midnights("Europe/Berlin", 24), TIME], "one is no midnight"),
    ],
)
def test_believes_no_midnight_that_is_not_proved(texts: list[str], why: str) -> None:
    assert {precision for *_, precision in days(*texts)} == {"ambiguous"}, why


ZONES = [None, "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Kiritimati", "Pacific/Pago_Pago"]


@pytest.mark.slow
@pytest.mark.parametrize("zone", ZONES)
def test_agrees_with_python_on_every_hour_of_two_turns_of_the_clock(zone: str | None) -> None:
    chance = random.Random(1)
    begins = (datetime(2014, 3, 29, tzinfo=UTC), datetime(2014, 10, 25, tzinfo=UTC), datetime(2000, 2, 28, 23, 30, tzinfo=UTC))
    moments = [begin + timedelta(hours=hour) for begin in begins for hour in range(60)]
    offsets = [timedelta(minutes=minutes) for minutes in (0, 0, 60, -300, 330, 840)]
    shown = [moment + chance.choice(offsets) for moment in moments]
    texts = [
        f"{when:%Y-%m-%dT%H:%M:%S}" + ("Z" if when == moment else f"{_sign(when - moment)}")
        for when, moment in zip(shown, moments, strict=True)
    ]
    alone = texts[ZONES.index(zone) :: 3 * len(ZONES)]  # of every third text, in one of the zones
    for column in (texts, *([text] for text in alone), texts[:1] * 3, midnights("Europe/Paris", 30)):
        assert parse_dates(pl.Series(column), zone=zone).select("earliest", "latest").rows() == reference.days_of(column, zone)


def _sign(offset: timedelta) -> str:
    minutes = int(offset.total_seconds() // 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def test_knows_the_zones_of_the_database_and_no_bare_offset() -> None:
    assert [name for name in ("Europe/Berlin", "UTC", "+02:00", "europe/berlin", "Europe/Berlim", "") if is_zone(name)] == [
        "Europe/Berlin",
        "UTC",
    ]
