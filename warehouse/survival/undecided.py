"""Why it cannot be told what ended a time: the data cut-off or a competing event may have come first, or may not."""

from __future__ import annotations

import polars as pl

from schemas.study import UNDETERMINED, Competing, Endpoint, Study

Obstacle = tuple[pl.Expr, str]
OPEN, NO_CALENDAR = "open", "no_calendar"


def is_undecided() -> pl.Expr:
    """Times of which another reason than their dates alone says why they are not estimated."""
    return pl.col("cut_off_state").fill_null("").is_in([OPEN, NO_CALENDAR]) | (pl.col("cause").fill_null("") == UNDETERMINED)


def obstacles(study: Study, endpoint: Endpoint, flags: dict[str, str]) -> list[Obstacle]:
    """What keeps such a time from an estimator, as a condition and its words ({k} of {n}); `flags`: who has had what may have no date."""
    state, many = pl.col("cut_off_state").fill_null(""), f"for {{k}} of {{n}} {study.subjects}"
    bare = pl.col("earliest_days").is_null() & pl.col("latest_days").is_null()
    unsure = (pl.col("cause").fill_null("") == UNDETERMINED) & ~state.is_in([OPEN, NO_CALENDAR])
    cut, convention = f"the data cut-off {study.data_cut_off}", f"(date_convention {study.date_convention})"
    found = [
        (state == OPEN, f"whether the time ends by {cut} is not certain {many} {convention}; {_certain(study, endpoint)}"),
        (state == NO_CALENDAR, f"{cut} cannot be applied {many}: '{endpoint.origin}' has no calendar date; take 'data_cut_off' out"),
        (unsure, f"which came first, the event or a competing one, is not certain {many} {convention}{_dated(endpoint, flags)}"),
    ]
    for other in endpoint.competing:
        words = f"the event '{other.competing}' happened on a day not delivered {many}; {_day(study, other)}"
        found.append((bare & (pl.col("cause") == other.competing), words))
    return found


def step(keep: str) -> str:
    """A step that leaves out those who stand in the way; the words are filled in later, so braces of a condition stay as they are."""
    return f'to leave them out, write a step with keep: "{keep}"'.replace("{", "{{").replace("}", "}}")


def _certain(study: Study, endpoint: Endpoint) -> str:
    """Who is certainly on one side stays: a condition or its opposite holds."""
    after = [f"before(date '{study.data_cut_off}', {name})" for name in (endpoint.origin, *endpoint.dates)]
    names = (endpoint.origin, *endpoint.dates)
    return step(" and ".join(f"({name} is null or {test} or not {test})" for name, test in zip(names, after, strict=True)))


def _dated(endpoint: Endpoint, flags: dict[str, str]) -> str:
    """Where a date may be missing of what has happened: the step that asks for it."""
    names = [name for name in dict.fromkeys((*endpoint.event_dates, *(n for c in endpoint.competing for n in c.end))) if name in flags]
    tests = " and ".join(f"(not {flags[name]} or {name} is not null)" for name in names)
    return f"; where a date is missing, {step(tests)}" if names else ""


def _day(study: Study, other: Competing) -> str:
    tests = " or ".join(f"{name} is not null" for name in other.end)
    hint = step(f"not ({other.event}) or {tests}")
    return f"{hint}, or declare death_date: last_contact" if "death" in other.end and study.death_date != "last_contact" else hint
