"""A slow and obvious reading of a column of instants, one moment at a time, by Python's own time zones."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MIDNIGHT = time(0)


def days_of(texts: list[str], zone: str | None) -> list[tuple[date, date]]:
    """The first and the last day that each instant (ISO 8601, with Z or an offset) may be."""
    moments = [datetime.fromisoformat(text) for text in texts]
    is_written = all(moment.time() == MIDNIGHT for moment in moments)
    if is_written and len(set(moments)) >= 5:
        return [(moment.date(), moment.date()) for moment in moments]
    is_shifted = all(moment.astimezone(UTC).time() == MIDNIGHT for moment in moments)
    found = []
    for moment in moments:
        days = _days(moment, zone, is_midnight=_is_midnight(moments))
        days |= ({moment.astimezone(UTC).date()} if is_shifted else set()) | ({moment.date()} if is_written else set())
        found.append((min(days), max(days)))
    return found


def _days(moment: datetime, zone: str | None, *, is_midnight: bool) -> set[date]:
    if zone is not None:
        return {moment.astimezone(ZoneInfo(zone)).date()}
    if moment.utcoffset():
        return {moment.date()}
    if is_midnight:  # the nearest one
        return {(moment + timedelta(hours=12)).date()}
    return {(moment + timedelta(hours=hours)).date() for hours in range(-12, 15)}


def _is_midnight(moments: list[datetime]) -> bool:
    """Whether the moments by UTC are midnight of Europe, in winter and in summer."""
    by_utc = [moment.time() for moment in moments if not moment.utcoffset()]
    counted = {clock: by_utc.count(clock) for clock in by_utc}
    pairs = [{time(0), time(23)}, {time(23), time(22)}, {time(22), time(21)}]
    return set(counted) in pairs and len(by_utc) >= 20 and min(counted.values()) >= 5
