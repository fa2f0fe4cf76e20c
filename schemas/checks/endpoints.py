"""Checks of the endpoints and comparisons of a study: their dates, what is named twice, what could only be negative."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache

from sqlglot import exp

from schemas.candidate import Known, known
from schemas.checks.contract import repeated
from schemas.conditions import Conditions
from schemas.core.errors import did_you_mean
from schemas.core.expression import ExpressionError
from schemas.date_order import date_order
from schemas.stand_ins import PLACEHOLDER
from schemas.study import EVENT as OWN
from schemas.study import UNDETERMINED, Endpoint, Study
from schemas.yaml_lines import Path, Source

# Dates of mart_candidate as date_order.csv calls them: the first of a kind of event is an event of any kind.
OWNERS = {"birth": "patient.birth", "contact": "person.contact", "death": "person.death"}
OF_TUMOUR = ("diagnosis", "treatment_start", "enrolment")
EVENT = "event.event"


def check_endpoints(conditions: Conditions, study: Study) -> None:
    """Report every mistake of the endpoints: unknown dates, dates named twice, a time that would be zero or negative for everyone."""
    source, dates = conditions.source, known(study.columns).dates
    for number, endpoint in enumerate(study.endpoints):
        path = ("endpoints", number)
        one_of(source, (*path, "origin"), "date", endpoint.origin, dates)
        if endpoint.entry is not None:
            check_entry(source, (*path, "entry"), endpoint, dates)
        for key, names in (("end", endpoint.end), ("censored", endpoint.censored)):
            for place, name in enumerate(names):
                one_of(source, (*path, key, place), "date", name, dates)
                _after_origin(source, (*path, key, place), endpoint, name)
            once(source, (*path, key), key, names)
        _last_contact(source, path, endpoint)
        once(source, (*path, "estimators"), "estimators", endpoint.estimators)
        conditions.add((*path, "event"), endpoint.event)
        conditions.add((*path, "among"), endpoint.among)
        for key in ("event", "among"):
            if "FALSE" in (condition_parts(study, getattr(endpoint, key)) or ()):
                source.report((*path, key), f"'{key}' never holds: the endpoint has no {'event' if key == 'event' else study.subjects}")
        check_competing(conditions, study, endpoint, path)
        _told_apart(source, study, number)
        _month_apart(source, study, number)


def check_competing(conditions: Conditions, study: Study, endpoint: Endpoint, path: Path) -> None:
    """Report every mistake of the competing events: their dates, their names, one that is the event itself or another of them."""
    source, named = conditions.source, known(study.columns)
    before = {_same(named, endpoint.event): "the event of the endpoint"}
    for number, other in enumerate(endpoint.competing):
        here = (*path, "competing", number)
        for place, name in enumerate(other.end):
            one_of(source, (*here, "end", place), "date", name, named.dates)
            _after_origin(source, (*here, "end", place), endpoint, name)
        once(source, (*here, "end"), "end", other.end)
        conditions.add((*here, "event"), other.event)
        _named_apart(source, here, endpoint, number)
        if same := before.get(_same(named, other.event)):
            source.report((*here, "event"), f"'{other.competing}' is {same}", "what competes is another event: change its condition")
        before.setdefault(_same(named, other.event), f"'{other.competing}' again")


def _named_apart(source: Source, path: Path, endpoint: Endpoint, number: int) -> None:
    """The name of a competing event is no other's; underscores are the only signs a name has, so it cannot share a number_id."""
    name = endpoint.competing[number].competing
    if name in (OWN, UNDETERMINED):
        source.report((*path, "competing"), f"'{name}' is a cause that every endpoint has", "name the competing event otherwise")
    if name in [other.competing for other in endpoint.competing[:number]]:
        source.report((*path, "competing"), f"'competing' names '{name}' twice")


def _told_apart(source: Source, study: Study, number: int) -> None:
    """Endpoint and cause stand together in a number_id: they must not read like another endpoint, whose name is longer."""
    endpoint = study.endpoints[number]
    for name in (OWN, *(other.competing for other in endpoint.competing)) if endpoint.competing else ():
        for other in (one.endpoint for one in study.endpoints if len(one.endpoint) > len(endpoint.endpoint)):
            if f"_{other}_" in f"_{endpoint.endpoint}_{name}_":
                message = f"'{endpoint.endpoint}' with its cause '{name}' would read like the endpoint '{other}' in an id"
                source.report(("endpoints", number, "endpoint"), message, "name the endpoint otherwise")


def _month_apart(source: Source, study: Study, number: int) -> None:
    """A curve at a tick is called after the month: no name may be that of another with `_month` behind it."""
    endpoint = study.endpoints[number]
    if any(endpoint.endpoint == f"{other.endpoint}_month" for other in study.endpoints):
        message = f"the days of '{endpoint.endpoint}' would read like the ticks of '{endpoint.endpoint.removesuffix('_month')}' in an id"
        source.report(("endpoints", number, "endpoint"), message, "name the endpoint otherwise")
    causes = (OWN, *(other.competing for other in endpoint.competing))
    for place, other in enumerate(endpoint.competing):
        if any(other.competing == f"{name}_month" for name in causes):
            message = f"the days of '{other.competing}' would read like the ticks of '{other.competing.removesuffix('_month')}' in an id"
            source.report(("endpoints", number, "competing", place, "competing"), message, "name the competing event otherwise")


def _same(named: Known, condition: str) -> str:
    """A condition without what makes no difference; as it stands where it cannot be read."""
    try:
        return named.parsed(condition).sql("duckdb")
    except ExpressionError:
        return condition


def condition_parts(study: Study, text: str | None) -> frozenset[str] | None:
    """What has to hold for a condition, each part in one spelling (none for `true`); None where it cannot be read."""
    try:
        tree = known(study.columns).parsed(text or "")
    except ExpressionError:
        return None
    parts = tree.flatten() if isinstance(tree, exp.And) else [tree]
    spelt = frozenset(part.unnest().sql("duckdb") for part in parts) - {"TRUE"}
    return spelt | {"FALSE"} if any(f"NOT {part}" in spelt for part in spelt) else spelt


def _last_contact(source: Source, path: Path, endpoint: Endpoint) -> None:
    """The last contact comes before or with the event that ends a time: beside dates of the event it would be taken for its day."""
    if "contact" in endpoint.event_dates and len(endpoint.end) > 1:
        dates = ", ".join(name for name in endpoint.end if name != "contact")
        message = "'contact' would be the day of the event of whoever was seen before it: 'end' names the dates of the event"
        hint = f"end: [{dates}]" if endpoint.censored else f"end: [{dates}, contact], where the last date is that of censoring"
        source.report((*path, "end"), message, hint)


def _after_origin(source: Source, path: Path, endpoint: Endpoint, name: str) -> None:
    if name == endpoint.origin:
        source.report(path, f"the time would end on the day it begins: '{name}' is its origin")
    elif _named(endpoint.origin) in _later(_named(name)):
        source.report(path, f"'{name}' never comes after '{endpoint.origin}': the time would be negative", "change origin and end")


def check_entry(source: Source, path: Path, endpoint: Endpoint, dates: Collection[str]) -> None:
    """Report an entry that is no date, or that lies at the origin or before it for everyone."""
    name = endpoint.entry or ""
    one_of(source, path, "date", name, dates)
    if not may_follow(name, endpoint.origin):
        why = "is the origin" if name == endpoint.origin else f"never comes after '{endpoint.origin}'"
        source.report(path, f"'{name}' {why}: nobody enters late", "leave 'entry' out, or change the origin")


def may_follow(name: str, origin: str) -> bool:
    """Whether a date may lie after the origin of a time: it is another date, and no pair of date_order.csv says that it comes before."""
    return name != origin and _named(origin) not in _later(_named(name))


def one_of(source: Source, path: Path, kind: str, name: str, known: Collection[str]) -> None:
    """Report a name that is none of the known ones; nothing where one of those could not be read: it may be that."""
    if name not in known and PLACEHOLDER not in known:
        source.report(path, f"there is no {kind} '{name[:40]}'", did_you_mean(name, known) or f"known: {', '.join(known)}")


def once(source: Source, path: Path, key: str, names: Iterable[str]) -> None:
    """Report what a list names a second time."""
    listed = list(names)
    for place in repeated(listed):
        source.report((*path, place), f"'{key}' names '{listed[place]}' twice")


def _named(name: str) -> str:
    return OWNERS.get(name) or (f"tumour.{name}" if name in OF_TUMOUR else EVENT)


@cache
def _later(earlier: str) -> frozenset[str]:
    """The dates that cannot come before one: the error pairs, one after another."""
    found: set[str] = set()
    asked = [earlier]
    while asked:
        one = asked.pop()
        new = {pair.later for pair in date_order() if pair.severity == "error" and pair.earlier == one} - found
        found |= new
        asked += new
    return frozenset(found)


def check_comparisons(source: Source, study: Study) -> None:
    """Report every mistake of the comparisons: unknown endpoints and arms, nothing to compare, one comparison given twice."""
    for number, comparison in enumerate(study.comparisons):
        path = ("comparisons", number)
        one_of(source, (*path, "endpoint"), "endpoint", comparison.endpoint, [e.endpoint for e in study.endpoints])
        if any(e.endpoint == comparison.endpoint and e.competing for e in study.endpoints):
            message = f"'{comparison.endpoint}' has competing events: a log-rank test would take them for censored"
            source.report((*path, "endpoint"), message, "compare an endpoint of its own whose 'event' is either of them")
        elif any(e.endpoint == comparison.endpoint and "kaplan_meier" not in e.estimators for e in study.endpoints):
            source.report((*path, "endpoint"), f"'{comparison.endpoint}' is not estimated by 'kaplan_meier': there is nothing to compare")
        for place, arm in enumerate(comparison.arms):
            one_of(source, (*path, "arms", place), "arm", arm, [known.arm for known in study.arms])
        for place in repeated(comparison.arms):
            source.report((*path, "arms", place), f"the comparison names '{comparison.arms[place]}' twice")
    asked = [(comparison.endpoint, *sorted(comparison.arms)) for comparison in study.comparisons]
    for number in (place for place, one in enumerate(asked) if one in asked[:place]):
        source.report(("comparisons", number), f"'{asked[number][0]}' is compared between these arms before")
