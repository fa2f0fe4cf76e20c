"""Slow drift: each comparing expectation is also compared with an older release, the anchor, so that small steps add up to an alarm.

The anchor of an expectation is the first release that it was judged on, or the one that registry.yml accepted last. It gives way
only when it is older than `days`, and only to a release that met the expectation against it: while it is not met, the anchor stays.
It is between `days` / 2 and `days` old, so that two releases are enough to keep (`old`, and `young`, which takes its place). History
(DESIGN 2.1): counts only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from validations.expecting.accepted import with_accepted
from validations.expecting.accepted_parts import with_wholes
from validations.expecting.baseline import BASELINES, VOLUMES, Baseline, Baselines, Counted, as_frame, counts_of, from_frame, said
from validations.expecting.rules import COMPARING, KEPT_BY_SOURCE, SINCE_ANCHOR, VOLUME, Rule, rule_of_kind

# Baselines of both roles: `old` (the anchor) and `young` (the release that follows it in that place).
ANCHORS: dict[str, type[pl.DataType]] = {"role": pl.String, **BASELINES}


def creeps(rule: Rule) -> bool:
    """Whether the rule is held to an anchor."""
    return rule.kind in COMPARING


@dataclass(frozen=True)
class Anchors:
    """The anchor of each expectation by its name, and the release that will take its place."""

    old: Baselines = field(default_factory=dict)
    young: Baselines = field(default_factory=dict)


# What each expectation is compared with: the last release that met it, and the anchors.
Compared = tuple[Baselines, Anchors]


def anchored(rule: Rule, thresholds: Mapping[str, Mapping[str, Any]]) -> Rule:
    """The rule as it is held to its anchor: rows and fields with the limits of `since_anchor`, or with those registry.yml gives them."""
    if rule.kind in ("drift", KEPT_BY_SOURCE):
        return rule
    slow, own = rule_of_kind(SINCE_ANCHOR, thresholds), thresholds.get(rule.name, {})
    least = own.get("min", slow.minimum) if rule.minimum is not None else None
    most = own.get("max", slow.maximum) if rule.maximum is not None else None
    # small registries multiply by right
    few = {"few": slow.few, "days": slow.days} if rule.kind in VOLUMES and rule.minimum is None else {}
    return rule.model_copy(update={"minimum": least, "maximum": most, **few})


def accepting(
    anchors: Anchors, accepted: Mapping[str, str], rules: Iterable[Rule], counted: Callable[[str], Counted | None],
    thresholds: Mapping[str, Mapping[str, Any]] | None = None,
) -> Anchors:  # fmt: skip
    """The anchors, with the releases that registry.yml accepts in their place; the days count anew from there."""
    known = {rule.name: rule for rule in rules if creeps(rule)}
    before = {name: one for name, one in anchors.old.items() if name in known}
    old = with_accepted(before, accepted, known.values(), counted)
    old = with_wholes(old, before, [anchored(rule, thresholds or {}) for rule in known.values() if rule.kind in VOLUMES], counted)
    moved = {name for name, one in old.items() if name in before and one.run_id != before[name].run_id}
    return Anchors(old, {name: one for name, one in anchors.young.items() if name not in moved})


def renewed(rules: Iterable[Rule], anchors: Anchors, now: Counted, success: Mapping[str, bool | None], days: float) -> Anchors:
    """The anchors that the next release is compared with. success: whether this release met the expectation, against the last release
    and against the anchor; None where neither could be judged.
    """
    old, young = dict(anchors.old), dict(anchors.young)
    for rule in rules:
        name = rule.name
        if not creeps(rule) or success.get(name) is False or not said(rule, counts_of(rule, now)):
            continue
        before = old.get(name)
        this = Baseline(now.run_id, now.as_of, counts_of(rule, now), before.accepted if before is not None else "")
        if before is None or said(rule, before.counts) < max(1, rule.few * (rule.kind in ("drift", KEPT_BY_SOURCE, VOLUME))):
            old[name] = this  # one of which nothing can be said gives way
        elif success.get(name) and (age := _days(before.as_of, now.as_of)) >= days / 2:
            if name in young and age >= days and _days(young[name].as_of, now.as_of) >= days / 2:
                old[name] = Baseline(young[name].run_id, young[name].as_of, young[name].counts, before.accepted)
                young[name] = this
            else:
                young.setdefault(name, this)
    return Anchors(old, young)


def _days(earlier: str, later: str) -> int:
    """Days between the days of two releases; 0 where one has none."""
    return (date.fromisoformat(later) - date.fromisoformat(earlier)).days if earlier and later else 0


def anchors_frame(anchors: Anchors) -> pl.DataFrame:
    """ANCHORS, sorted."""
    frames = [
        as_frame(one).select(pl.lit(role).alias("role"), *BASELINES) for role, one in (("old", anchors.old), ("young", anchors.young))
    ]
    return pl.concat(frames)


def anchors_from(frame: pl.DataFrame) -> Anchors:
    """What `anchors_frame` wrote."""
    return Anchors(*(from_frame(frame.filter(pl.col("role") == role).select(BASELINES.keys())) for role in ("old", "young")))
