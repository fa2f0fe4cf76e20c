"""What Great Expectations cannot see in the warehouse of one release: the shares of each source, and what creeps since an older one.

Judged here on the counts that the suite is judged on, and told with it as rows of their own: one for all sources (`shares_by_source`)
and one for all older releases (`since_anchor`), and one for each that is not met (`NAME.SOURCE`, `NAME.since_anchor`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from validations.expecting.anchor import Anchors, anchored, creeps
from validations.expecting.baseline import VOLUMES, Baselines, said
from validations.expecting.chance import beyond_chance
from validations.expecting.drift import ROUNDING
from validations.expecting.plan import Measured, Planned, against
from validations.expecting.rows import Row, warning
from validations.expecting.rules import (
    BY_SOURCE,
    KEPT_BY_SOURCE,
    LOST_SINCE_LAST,
    OF_SOURCES,
    SINCE,
    SINCE_ANCHOR,
    SINCE_LAST,
    Rule,
    rule_of_kind,
)
from validations.expecting.source_shares import source_rules
from validations.expecting.words import detail
from validations.reference import Reference


@dataclass(frozen=True)
class JudgedComparisons:
    """`rows` (of RESULTS), the rules of the suite with those of the sources, and how each ended: against the last release, and against
    that and the anchor; `days`: how old an anchor may be.
    """

    rows: list[Row]
    rules: tuple[Rule, ...]
    success: dict[str, bool | None]
    since_anchor: dict[str, bool | None]
    days: float


def judged_beside(rules: tuple[Rule, ...], measured: Measured, met: Mapping[str, bool | None], held_to: Reference) -> JudgedComparisons:
    """Judge each source, and everything that compares against its anchor. met: what Great Expectations made of `rules`."""
    (earlier, anchors), thresholds = held_to.compared, held_to.thresholds
    whole, slow = rule_of_kind(OF_SOURCES, thresholds), rule_of_kind(SINCE_ANCHOR, thresholds)
    by_source = source_rules(rules, [*measured.shares, *earlier], thresholds, held_to.fills)
    sources = [(one, meets(one)) for one in (against(rule, measured, earlier.get(rule.name)) for rule in by_source)]
    success = {**met, **{one.rule.name: ended for one, ended in sources}}
    older = [(one, meets(one)) for one in _since_anchors((*rules, *by_source), measured, anchors, thresholds)]
    shown = [(one, ended) for one, ended in older if success.get(one.rule.name) is not False]  # else it is told already
    lost = _not_compared(rules, earlier, {one.rule.name for one, ended in sources if ended is not None}, whole)
    rows = [
        *_told(whole, sources, f"of one source{lost}", "two sources and an earlier release"),
        *_told(slow, shown, "with an older release", "an older release"),
        *_lost_since_last((*rules, *by_source), measured, earlier, success, held_to.last),
    ]
    both = {name: ended for name, ended in success.items() if ended is not None}
    both |= {one.rule.name: ended and both.get(one.rule.name, True) for one, ended in older if ended is not None}
    return JudgedComparisons(rows, (*rules, *by_source), success, {**success, **both}, slow.days)


def _not_compared(rules: Iterable[Rule], earlier: Baselines, judged: Collection[str], whole: Rule) -> str:
    """How many parts could be compared by what an earlier release counted, and are not any more, in words."""
    parts = {name: one for name, one in earlier.items() if "." in name and name not in judged}
    kinds = {rule.name: rule for rule in rules if rule.kind in BY_SOURCE}
    lost = [
        name
        for name, one in parts.items()
        if (rule := kinds.get(name.partition(".")[0])) is not None
        and said(rule.model_copy(update={"kind": BY_SOURCE[rule.kind]}), one.counts) >= whole.few
    ]
    return f"; {len(lost):,} compared before {'is' if len(lost) == 1 else 'are'} not any more" if lost else ""


def meets(one: Planned) -> bool | None:
    """Whether a comparison is met; None where it cannot be judged. Shares must move further than `max`, and than chance moves them."""
    if one.problem or one.against is None:
        return None
    if one.rule.kind == KEPT_BY_SOURCE and one.hits < (one.minimum or 0):
        return not beyond_chance(one.shares, one.against.counts)
    if one.drift is not None:
        return one.drift.distance <= (one.maximum or 0) + ROUNDING or not beyond_chance(one.shares, one.against.counts)
    return one.hits >= (one.minimum or 0) and (one.maximum is None or one.hits <= one.maximum)


def _since_anchors(
    rules: Iterable[Rule], measured: Measured, anchors: Anchors, thresholds: Mapping[str, Mapping[str, Any]]
) -> Iterable[Planned]:
    """Each rule against its anchor."""
    for rule in rules:
        anchor = anchors.old.get(rule.name)
        if creeps(rule) and anchor is not None and said(rule, anchor.counts):
            yield against(anchored(rule, thresholds), measured, anchor)


def _lost_since_last(
    rules: Iterable[Rule], measured: Measured, earlier: Baselines, success: Mapping[str, bool | None], last: Baselines
) -> Iterable[Row]:
    """Warnings for too few rows compared with the last release, where that release did not meet the expectation itself.

    They stop nothing: fewer rows may be what mends that release.
    """
    for rule in rules:
        before = last.get(rule.name)
        compared = earlier.get(rule.name)
        if rule.kind not in VOLUMES or rule.minimum is None or before is None or success.get(rule.name) is False:
            continue
        one = against(rule, measured, before)
        if meets(one) is False and (compared is None or compared.run_id != before.run_id):
            of = rule.name.partition(".")[2]
            told = f"{of}: {detail(one, met=False)}" if of else detail(one, met=False)
            yield warning(f"{rule.name}.{SINCE_LAST}", rule.subject, told, LOST_SINCE_LAST)


def _told(rule: Rule, judged: list[tuple[Planned, bool | None]], words: str, needs: str) -> list[Row]:
    """One row for all that the rule stands for, then one for each that is not met."""
    n = sum(ended is not None for _, ended in judged)
    failed = [one for one, ended in judged if ended is False]
    success = not failed if n else None
    said_of_all = f"not met in {len(failed):,} of {n:,} comparisons {words}" if n else f"not judgeable: needs {needs}"
    suffix = f".{SINCE}" if rule.kind == SINCE_ANCHOR else ""
    rows: list[Row] = [(rule.name, rule.table, False, success, said_of_all, rule.reason)]
    for one in failed:
        critical = rule.critical if suffix else one.rule.critical
        of = one.rule.name.partition(".")[2]
        told = f"{of}: {detail(one, met=False)}" if of else detail(one, met=False)
        rows.append((f"{one.rule.name}{suffix}", one.rule.subject, critical, False, told, rule.reason if suffix else one.rule.reason))
    return rows
