"""Why a time is not estimated, and the step that a study could write to leave out those who stand in the way."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from schemas.candidate import known
from schemas.study import CURVES, EVENT, Endpoint, Study
from warehouse.study_inputs import named_columns
from warehouse.survival.analyses import AMONG_UNKNOWN
from warehouse.survival.undecided import is_undecided, obstacles

# Dates that may be empty although what they are the day of has happened, and the flag that says whether it has.
HAPPENED = {
    "recurrence": "has_recurrence", "distant_recurrence": "has_distant_recurrence", "metastasectomy": "has_metastasectomy",
    "progression": "has_progression", "operation": "(operation_code is not null)",
}  # fmt: skip
# No step leaves out those whose dates are both there and cannot be subtracted: the contract must put them on one axis.
_BARE = "a date is missing, or one counts in days and the other is on the calendar: then deliver both alike"
TO_MEND = 'to leave them out, write a step with keep: "{keep}"'


def why_not(rows: pl.DataFrame, estimator: str, study: Study, endpoint: Endpoint) -> str:
    """The reason why these times are not estimated; empty where they can be.

    `rows`: columns arm, entry_days, earliest_days, point_days, latest_days, is_event, cause, cut_off_state and n.
    """
    n = int(rows["n"].sum())
    if not n:
        return f"no {study.subjects} with this endpoint"
    undecided = _counted(rows, obstacles(study, endpoint, HAPPENED))
    decided = rows.filter(~is_undecided(), ~_is_competing_bare())
    found = _counted(decided, _obstacles(estimator, study, endpoint)) + undecided
    return "; ".join(text.format(k=k, n=n) for k, text in found if k)


def why_not_hers(rows: pl.DataFrame, study: Study, endpoint: Endpoint) -> str:
    """The reason why it is not known of all whether the endpoint is about them; empty where it is. `rows`: columns risk_state and n."""
    k = int(rows.filter(pl.col("risk_state") == AMONG_UNKNOWN)["n"].sum())
    if not k or endpoint.among is None:
        return ""
    needed, among, columns = ", ".join(named_columns(study.columns, endpoint.among)), endpoint.among, known(study.columns)
    # `coalesce` takes no date: of one that is open it is not for a study to say that it is none.
    means_no = "" if {*columns.dates} & columns.named(among) else f'where not known means no, write among: "coalesce({among}, false)"; '
    return (
        f"whether the endpoint is about them (among) is not known for {k} of {int(rows['n'].sum())} {study.subjects} (it needs {needed}); "
        f'{means_no}to leave them out of the study, write a step with keep: "({among}) or not ({among})"'
    )


def _counted(rows: pl.DataFrame, obstacles: Sequence[tuple[pl.Expr, str]]) -> list[tuple[int, str]]:
    """How many each condition is true of, with its words."""
    counts = rows.select(pl.col("n").filter(condition).sum().alias(f"{place}") for place, (condition, _) in enumerate(obstacles)).row(0)
    return [(int(k), text) for k, (_, text) in zip(counts, obstacles, strict=True)]


def _is_competing_bare() -> pl.Expr:
    """A competing event on a day not delivered: it has a reason of its own."""
    happened = pl.col("cause").is_not_null() & ~pl.col("is_event").fill_null(True)
    return happened & pl.col("earliest_days").is_null() & pl.col("latest_days").is_null()


def _obstacles(estimator: str, study: Study, endpoint: Endpoint) -> list[tuple[pl.Expr, str]]:
    """What keeps a time from an estimator, as a condition and its words ({k} of {n})."""
    many = f"for {{k}} of {{n}} {study.subjects}"
    needed = named_columns(study.columns, endpoint.event, *(other.event for other in endpoint.competing))
    no_point = pl.col("point_days").is_null()
    bare = pl.col("earliest_days").is_null() & pl.col("latest_days").is_null()
    negative = (pl.col("latest_days") < 0).fill_null(False)
    undated_event = bare & (pl.col("cause").fill_null("") == EVENT)  # beside a data cut-off not known to be one that counts
    is_event = pl.col("is_event").fill_null(False) | undated_event
    # Where follow-up ends on another date than the event, an event has one of its own dates or no time.
    dateless = no_point & bare & is_event & (endpoint.event_dates != endpoint.censoring_dates)
    # A recurrence on a day not delivered came before the death that has one, or may have.
    endings = dict.fromkeys((*endpoint.event_dates, *(name for other in endpoint.competing for name in other.end)))
    flagged = [name for name in endings if name in HAPPENED] if len(endings) > 1 else []
    happened = is_event | pl.col("cause").is_not_null()
    may_lack_day = bool(flagged) or not {column.column for column in study.columns}.isdisjoint(endings)
    headless = no_point & pl.col("earliest_days").is_null() & pl.col("latest_days").is_not_null() & happened & may_lack_day
    undated = no_point & ~bare & ~headless
    first = "what came" if endpoint.competing else "a date that may have come"
    return [
        (dateless, f"the event happened on a day not delivered {many}; {_with_date(study, endpoint)}"),
        (headless, f"{first} first has no day {many}{_all_dated(flagged, endpoint)}"),
        (no_point & bare & ~dateless, f"the time is not delivered {many} ({_BARE}); {_with_dates(endpoint)}"),
        (undated & negative, f"the time is negative {many}; {_in_order(endpoint)}"),
        (undated & ~negative, f"the dates are not certain to the day {many} (date_convention {study.date_convention})"),
        (
            pl.col("is_event").is_null() & ~undated_event & (estimator in CURVES),
            f"whether the event happened is not known {many} (it needs {', '.join(needed)}); " + _judged(endpoint, needed),
        ),
    ]


def kept(condition: str) -> str:
    """The words that name a step which keeps those for whom a condition holds."""
    # The words are filled in with str.format later: braces of a condition stay as they are.
    return TO_MEND.format(keep=condition).replace("{", "{{").replace("}", "}}")


def _judged(endpoint: Endpoint, needed: tuple[str, ...]) -> str:
    """Whoever can be judged stays: of a living woman no cause of death is needed to know that she did not die of it."""
    if len(needed) == 1:
        # A list of the dead says nothing of those who live: to leave out whom it does not name would leave the dead alone.
        named = f'where a source names only those to whom it happened, write event: "coalesce({endpoint.event}, false)"; '
        return named.replace("{", "{{").replace("}", "}}") + kept(f"{needed[0]} is not null")
    judged = [f"({event}) or not ({event})" for event in (endpoint.event, *(other.event for other in endpoint.competing))]
    return kept(judged[0] if len(judged) == 1 else " and ".join(f"({test})" for test in judged))


def _any(names: tuple[str, ...]) -> str:
    tests = " or ".join(f"{name} is not null" for name in names)
    return f"({tests})" if len(names) > 1 else tests


def _all_dated(names: list[str], endpoint: Endpoint) -> str:
    """Whose date may be earlier than any day leaves, also where an upper bound is there: of hers it is not known whether it is in order.

    Nothing tells of a date that a study makes itself whether there is one without a day.
    """
    tests = [f"(not {HAPPENED[name]} or not before({name}, {endpoint.origin}))" for name in names]
    return f"; {kept(' and '.join(tests))}" if names else ""


def _with_date(study: Study, endpoint: Endpoint) -> str:
    hint = kept(f"not ({endpoint.event}) or {_any(endpoint.event_dates)}")
    is_open = "death" in endpoint.event_dates and study.death_date != "last_contact"
    return f"{hint}, or declare death_date: last_contact" if is_open else hint


def _with_dates(endpoint: Endpoint) -> str:
    return kept(f"{endpoint.origin} is not null and {_any(endpoint.dates)}")


def _in_order(endpoint: Endpoint) -> str:
    return kept(" and ".join(f"({name} is null or not before({name}, {endpoint.origin}))" for name in endpoint.dates))
