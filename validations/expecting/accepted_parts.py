"""When accepting a smaller volume of one source also accepts the smaller volume of the whole.

It does where that source alone explains the loss, that is, where every other source is within its own limits: then the whole need not
be accepted in a line of its own. There is no such rule for shares and fields: counts do not tell how much a source weighs in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from validations.expecting.accepted import remembered
from validations.expecting.baseline import Baseline, Baselines, Counted, counts_of, said
from validations.expecting.rules import ROWS_BY_SOURCE, VOLUME, Rule


def with_wholes(
    found: Baselines, before: Baselines, rules: Iterable[Rule], counted: Callable[[str], Counted | None]
) -> dict[str, Baseline]:
    """`found` with each whole volume at the release that was accepted for one of its sources, where that explains it alone.

    `before`: the same before anything was accepted; `rules`: of the wholes that may follow, and of their sources, with the limits that
    they are held to.
    """
    given = {rule.name: rule for rule in rules}
    sources = {name: rule for name, rule in given.items() if rule.kind == ROWS_BY_SOURCE and name in found}
    moved = {name for name, one in found.items() if name in before and one.run_id != before[name].run_id}
    result = dict(found)
    for rule in given.values():
        parts = [part for name, part in sources.items() if name.partition(".")[0] == rule.name]
        taken = [release for part in parts if part.name in moved and (release := counted(found[part.name].run_id)) is not None]
        if rule.kind != VOLUME or rule.name in moved or rule.name not in found or not taken:
            continue
        last = max(taken, key=lambda release: (release.started, release.run_id))
        if all(_is_within(part, last, found[part.name]) for part in parts):
            memory = remembered(found[rule.name].accepted, (last.run_id,))
            result[rule.name] = Baseline(last.run_id, last.as_of, counts_of(rule, last), memory)
    return result


def _is_within(rule: Rule, release: Counted, compared: Baseline) -> bool:
    now, then = said(rule, counts_of(rule, release)), said(rule, compared.counts)
    is_grown = rule.maximum is not None and rule.enough(now, then) and now > rule.maximum * then
    return now >= (rule.minimum or 0) * then and not is_grown
