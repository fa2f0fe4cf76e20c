"""Conditions of a study that nobody can meet: outside what a column can hold, or against a step or an arm above it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlglot import exp

from schemas.candidate import Known, known, of_rows
from schemas.checks.endpoints import may_follow
from schemas.checks.never import Limits, never
from schemas.domains import ranges
from schemas.study import Study
from schemas.yaml_lines import Path

# Dates of mart_candidate whose order the error edits hold; an operation may come before a diagnosis, and so may a date of the study's own.
ORDERED = frozenset({
    "birth", "diagnosis", "treatment_start", "enrolment", "recurrence", "distant_recurrence", "metastasectomy", "progression", "contact",
    "death",
})  # fmt: skip
HINT = "only an over-ride of an error edit could let somebody through"


def unmet(study: Study) -> Iterator[tuple[Path, str, str]]:
    """The conditions that nobody can meet, with their places."""
    over = known(study.columns)
    limits, kept = _limits(over), list[exp.Expr]()
    for number, step in enumerate(study.steps):
        tree = over.parsed(step.keep)
        found = list(_unmet(("steps", number, "keep"), [tree], kept, limits))
        yield from found
        kept += [] if found or step.step in study.assume_met or isinstance(tree, exp.Boolean) else [tree]
    for path, texts in _parts(study):
        yield from _unmet(path, [over.parsed(text) for text in texts], kept, limits)
    for number, column in enumerate(study.columns):
        rows = of_rows(study.columns[:number], column)
        yield from _unmet(("columns", number, "where"), [rows.parsed(column.where)], [], Limits(whole=_whole(rows)))


def _parts(study: Study) -> Iterator[tuple[Path, list[str]]]:
    """Each condition on who is left after the steps, with that of the arm or the endpoint it belongs to behind it."""
    arms = {arm.arm: arm.when for arm in study.arms}
    yield from ((("arms", number, "when"), [arm.when]) for number, arm in enumerate(study.arms) if arm.when is not None)
    for number, group in enumerate(study.subgroups):
        yield ("subgroups", number, "when"), [group.when, *([when] if (when := arms.get(group.arm)) is not None else [])]
    yield from ((("table_1", number, "of"), [one.of]) for number, one in enumerate(study.table_1) if one.of is not None)
    for number, endpoint in enumerate(study.endpoints):
        among = [endpoint.among] if endpoint.among is not None else []
        yield from ((("endpoints", number, "among"), [text]) for text in among)
        yield ("endpoints", number, "event"), [endpoint.event, *among]
        for place, other in enumerate(endpoint.competing):
            yield ("endpoints", number, "competing", place, "event"), [other.event, *among]


def _unmet(path: Path, parts: list[exp.Expr], kept: list[exp.Expr], limits: Limits) -> Iterator[tuple[Path, str, str]]:
    """What is said of a condition (the first of `parts`) that nobody can meet; of one written as `false` nothing, for that is meant."""
    if isinstance(parts[0], exp.Boolean):
        return
    for asked, who in ((parts[:1], "nobody"), ([*parts, *kept], "nobody who meets what stands above")):
        if why := never(asked, limits):
            hint = "" if never(asked, replace(limits, in_order=Limits().in_order)) else HINT
            yield path, f"{who} can meet '{path[-1]}': {why}", hint
            return


def _limits(over: Known) -> Limits:
    """Of a column that the study makes no range is known: a sum may be greater than any of its parts."""
    dates = ORDERED & {*known().dates}
    return Limits(ranges(known().columns), _whole(over), lambda a, b: {a, b} <= dates and not may_follow(a, b))


def _whole(over: Known) -> frozenset[str]:
    return frozenset(item.column for item in over.items if item.type in ("int", "bigint"))
