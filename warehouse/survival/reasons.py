"""Why a time is not estimated, and the step that a study could write to leave out those who stand in the way."""

from __future__ import annotations

import polars as pl

from schemas.study import Endpoint, Study
from warehouse.study_inputs import named_columns

TO_MEND = 'to leave them out, write a step with keep: "{keep}"'


def why_not(rows: pl.DataFrame, estimator: str, study: Study, endpoint: Endpoint) -> str:
    """The reason why these times are not estimated; empty where they can be.

    `rows`: columns arm, entry_days, earliest_days, point_days, latest_days, is_event and n.
    """
    n = int(rows["n"].sum())
    if not n:
        return f"no {study.subjects} with this endpoint"
    found = [(int(rows.filter(condition)["n"].sum()), text) for condition, text in _obstacles(estimator, study, endpoint)]
    return "; ".join(text.format(k=k, n=n) for k, text in found if k)


def _obstacles(estimator: str, study: Study, endpoint: Endpoint) -> list[tuple[pl.Expr, str]]:
    """What keeps a time from an estimator, as a condition and its words ({k} of {n})."""
    many = f"for {{k}} of {{n}} {study.subjects}"
    needed = named_columns(endpoint.event)
    no_point = pl.col("point_days").is_null()
    bare = pl.col("earliest_days").is_null() & pl.col("latest_days").is_null()
    before = pl.any_horizontal(pl.col("latest_days") < 0, pl.col("earliest_days") + pl.col("latest_days") < 0).fill_null(False)
    # Where there are several ends, the last is where follow-up ends: an event has one of the others, or no time.
    dateless = no_point & bare & pl.col("is_event").fill_null(False) & (len(endpoint.end) > 1)
    return [
        (dateless, f"the event happened on a day not delivered {many}; {_with_date(study, endpoint)}"),
        (no_point & bare & ~dateless, f"the time is not delivered {many}; {_with_dates(endpoint)}"),
        (no_point & ~bare & before, f"the time is negative {many}; {_in_order(endpoint)}"),
        (no_point & ~bare & ~before, f"the dates are not certain to the day {many} (date_convention {study.date_convention})"),
        (
            pl.col("is_event").is_null() & (estimator == "kaplan_meier"),
            f"whether the event happened is not known {many} (it needs {', '.join(needed)}); "
            + _kept(" and ".join(f"{name} is not null" for name in needed)),
        ),
    ]


def _kept(condition: str) -> str:
    # The words are filled in with str.format later: braces of a condition stay as they are.
    return TO_MEND.format(keep=condition).replace("{", "{{").replace("}", "}}")


def _any(names: tuple[str, ...]) -> str:
    tests = " or ".join(f"{name} is not null" for name in names)
    return f"({tests})" if len(names) > 1 else tests


def _with_date(study: Study, endpoint: Endpoint) -> str:
    hint = _kept(f"not ({endpoint.event}) or {_any(endpoint.end[:-1])}")
    is_open = "death" in endpoint.end[:-1] and study.death_date != "last_contact"
    return f"{hint}, or declare death_date: last_contact" if is_open else hint


def _with_dates(endpoint: Endpoint) -> str:
    return _kept(f"{endpoint.origin} is not null and {_any(endpoint.end)}")


def _in_order(endpoint: Endpoint) -> str:
    return _kept(" and ".join(f"coalesce(days_between({endpoint.origin}, {name}), 0) >= 0" for name in endpoint.end))
