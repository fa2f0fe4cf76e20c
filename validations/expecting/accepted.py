"""`accepted` of registry.yml: the release whose counts are the new normal of an expectation, and what else one line speaks for.

A line for a whole speaks for its parts (each source, each edit). One for a volume speaks for the edits too, because they judge what
was loaded; `release` speaks for all. Each line counts once: what compares then moves on as ever, and the line may stay.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

from validations.expecting.baseline import Baseline, Baselines, Counted, counts_of
from validations.expecting.rules import AGAINST_EARLIER, OF_EDITS, VOLUME, WHOLE, Rule, spellings


def with_accepted(
    earlier: Baselines, accepted: Mapping[str, str], rules: Iterable[Rule], counted: Callable[[str], Counted | None]
) -> dict[str, Baseline]:
    """`earlier` with the releases that registry.yml accepts, each once; of several that concern one expectation the latest.

    `rules`: of all that is in `earlier`, and of more where nothing was compared yet. `counted` gives what a release counted, None where
    it is not kept any more.
    """
    found, known = dict(earlier), {rule.name: rule for rule in rules if rule.kind in AGAINST_EARLIER}
    volumes = frozenset(rule.name for rule in known.values() if rule.kind == VOLUME)
    # a line that has counted for anything is no mistake where its release is not kept any more
    counted_once = {run_id for one in earlier.values() for run_id in one.accepted.split()}
    releases = {run_id: counted(run_id) for run_id in sorted(set(accepted.values()))}
    for name, rule in known.items():
        lines = {accepted[line] for line in speaking_for(rule, volumes) if line in accepted}
        if lines:
            found |= _one(rule, found.get(name), lines, releases, counted_once)
    return found


def speaking_for(rule: Rule, volumes: Iterable[str]) -> tuple[str, ...]:
    """The names under `accepted` that concern the rule."""
    whole = (rule.name.partition(".")[0],) if "." in rule.name else ()
    names = (rule.name, *whole, *(volumes if rule.kind == OF_EDITS else ()))
    return (*(word for name in names for word in spellings(name)), WHOLE)


def not_counted(counted: str, run_ids: Collection[str]) -> list[str]:
    """Of the releases that lines accept those that have not counted yet, sorted: each counts once. counted: as `remembered` keeps them."""
    return sorted({*run_ids} - {*counted.split()})


def remembered(counted: str, run_ids: Iterable[str]) -> str:
    """The releases that have counted, with those that do now: sorted, blank-separated, as each release hands them on."""
    return " ".join(sorted({*counted.split(), *run_ids}))


def _one(
    rule: Rule, before: Baseline | None, lines: set[str], releases: Mapping[str, Counted | None], counted_once: Collection[str]
) -> dict[str, Baseline]:
    """By name what the rule is compared with after these lines; nothing where they change nothing. counted_once: lines that have."""
    counted = before.accepted if before is not None else ""
    fresh = not_counted(counted, lines)
    kept = {run_id: release for run_id in fresh if (release := releases[run_id]) is not None}
    if not kept:
        gone = next((one for one in fresh if before is not None and one != before.run_id and one not in counted_once), "")
        return {rule.name: replace(before, missing=gone)} if before is not None and gone else {}
    memory = remembered(counted, kept)
    run_id, release = max(kept.items(), key=lambda one: (one[1].started, one[0]))
    if before is not None and run_id == before.run_id:
        return {rule.name: replace(before, accepted=memory)}
    return {rule.name: Baseline(run_id, release.as_of, counts_of(rule, release), memory)}


def line(name: str, run_id: str) -> str:
    """The line that accepts the release for an expectation, as it stands under `accepted`."""
    return f'{name}: "{run_id}"'
