"""What is no mistake in a study but worth a second look: who leaves in silence, who counts as having none, times that cannot run."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from sqlglot import exp

from schemas.candidate import NEVER_UNDELIVERED, Known, known
from schemas.checks.analyses import curves, envelope_notices
from schemas.checks.study_never import unmet
from schemas.core.date_shapes import FIRST_YEAR
from schemas.core.errors import Mistake
from schemas.cut_off import cut_off_notices
from schemas.study import AS_PUBLISHED, Study
from schemas.yaml_lines import Path, Source

# Tests that are not true where one of their columns is empty, unless something in them asks for that.
STRICT = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In, exp.Like, exp.Anonymous)
ASKING = (exp.Coalesce, exp.Case, exp.If, exp.Is)


def study_notices(source: Source, study: Study, as_of: datetime.date | None) -> Iterator[Mistake]:
    """What is worth a second look in a study.

    Conditions that use what became known after the cut-off; curves without an envelope; arms whose condition cannot be judged where a
    column is not delivered; conditions that ask whether a date of the study is known; arms decided when a time ends; an odd cut-off;
    conditions that nobody can meet; published rows beside hidden counts.
    """
    yield from cut_off_notices(source, study)
    yield from envelope_notices(source, study)
    for path, message, hint in (
        *_unjudged(study),
        *_undated(study),
        *_ended(study),
        *_odd_cut_off(study, as_of),
        *unmet(study),
        *_shown_rows(study),
    ):
        yield Mistake(source.file, source.line(path), message, hint)


def _unjudged(study: Study) -> Iterator[tuple[Path, str, str]]:
    """Whoever cannot be judged falls out at the step `arm`; of whoever is left after the steps, what they ask is known."""
    named, asked = known(study.columns), _known_after_steps(study)
    for number, arm in enumerate(study.arms):
        for name in _unguarded(arm.when, named) if arm.when is not None else ():
            if name not in asked:
                message = (
                    f"arm '{arm.arm}' cannot be judged where '{name}' was not delivered: who is in no earlier arm leaves at the step 'arm'"
                )
                instead = f"{name} is not null and ..." if name in named.dates else f"coalesce({name}, ...)"
                yield ("arms", number, "when"), message, f"if not delivered means no: {instead}"


def _unguarded(text: str, known_: Known) -> list[str]:
    """Columns that may not have been delivered and are neither coalesced nor asked whether they are, sorted."""
    tree, nullable = known_.parsed(text), {item.column for item in known_.items if item.nullable} - NEVER_UNDELIVERED
    named = {column.name: column for column in tree.find_all(exp.Column) if column.name in nullable}
    guards = [*tree.find_all(exp.Coalesce), *(test for test in tree.find_all(exp.Is) if isinstance(test.expression, exp.Null))]
    guarded = {column.name for guard in guards for column in guard.find_all(exp.Column)}
    return sorted(named.keys() - guarded)


def _known_after_steps(study: Study) -> frozenset[str]:
    """Columns and dates that are not empty of anyone whom the steps keep; a step that is assumed met tells nothing."""
    kept = (step.keep for step in study.steps if step.step not in study.assume_met)
    return frozenset().union(*(needs(known(study.columns).parsed(text)) for text in kept))


def needs(node: exp.Expr, *, holds: bool = True) -> frozenset[str]:
    """The columns that cannot be empty where a condition certainly holds (or, with `holds=False`, certainly does not)."""
    if isinstance(node, exp.Paren):
        return needs(node.this, holds=holds)
    if isinstance(node, exp.Not):
        return needs(node.this, holds=not holds)
    if isinstance(node, (exp.And, exp.Or)):
        parts = [needs(part, holds=holds) for part in node.flatten()]
        return frozenset.union(*parts) if isinstance(node, exp.And) is holds else frozenset.intersection(*parts)
    if isinstance(node, exp.Is):
        return frozenset({node.this.name}) if isinstance(node.expression, exp.Null) and not holds else frozenset()
    is_strict = isinstance(node, (exp.Column, *STRICT)) and not list(node.find_all(*ASKING))
    return frozenset(column.name for column in node.find_all(exp.Column)) if is_strict else frozenset()


def _undated(study: Study) -> Iterator[tuple[Path, str, str]]:
    """Who has such a record on a day not delivered has no date, and would count as having none."""
    own = {column.column for column in study.columns} & {*known(study.columns).dates}
    for path, text in _deciding(study) if own else ():
        tests = known(study.columns).parsed(text).find_all(exp.Is)
        for name in sorted({test.this.name for test in tests} & own):
            message = (
                f"'{path[-1]}' asks whether the date '{name}' is known: who has such a record on a day not delivered counts as having none"
            )
            yield path, message, "to ask whether there is one, make a column with 'take: any' of the same records"


def _deciding(study: Study) -> Iterator[tuple[Path, str]]:
    """The conditions that put a woman on one side or the other."""
    yield from ((("arms", number, "when"), arm.when) for number, arm in enumerate(study.arms) if arm.when is not None)
    yield from ((("subgroups", number, "when"), group.when) for number, group in enumerate(study.subgroups))
    for number, endpoint in enumerate(study.endpoints):
        yield ("endpoints", number, "event"), endpoint.event
        yield from ((("endpoints", number, "competing", place, "event"), other.event) for place, other in enumerate(endpoint.competing))


def _ended(study: Study) -> Iterator[tuple[Path, str, str]]:
    """An arm that is decided on the day that ends a time has nobody at risk in that time."""
    others = [analysis for analysis in study.analyses if analysis != AS_PUBLISHED]
    for number, arm in enumerate(study.arms) if others else ():
        for _, endpoint in curves(study):
            if arm.decided in (*endpoint.event_dates, *(name for other in endpoint.competing for name in other.end)):
                message = f"arm '{arm.arm}' is decided on '{arm.decided}', which ends '{endpoint.endpoint}': nobody is at risk in it"
                yield ("arms", number, "decided"), message, f"of {', '.join(others)} this endpoint says nothing of the arm"


def _odd_cut_off(study: Study, as_of: datetime.date | None) -> Iterator[tuple[Path, str, str]]:
    if study.data_cut_off is not None and study.data_cut_off.year < FIRST_YEAR:
        yield ("data_cut_off",), f"'data_cut_off' {study.data_cut_off} lies before all dates: it leaves no time", "is its year right?"
    if study.data_cut_off is not None and as_of is not None and study.data_cut_off > as_of:
        message = f"'data_cut_off' {study.data_cut_off} lies after 'as_of' {as_of} of registry.yml: it cuts nothing"
        yield ("data_cut_off",), message, "a cut-off is a day that all who are followed had reached when the exports were made"


def _shown_rows(study: Study) -> Iterator[tuple[Path, str, str]]:
    """Rows of women in the folder that hides counts of them."""
    if study.min_cell > 1 and study.table_2 is not None and study.table_2.published:
        arm, least = study.table_2.arm, study.min_cell
        message = f"'published: true' shows one row per person of the arm '{arm}', whose counts 'min_cell: {least}' is to hide"
        hint = "leave 'published' out (the table then stands in internal/), or say 'min_cell: 1' with its 'min_cell_reason'"
        yield ("table_2", "published"), message, hint
