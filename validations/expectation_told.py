"""Why a release is refused by expectations, and how it is accepted where it is right as it is."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from validations.accepted import line
from validations.anchor import Compared
from validations.expectation_rules import COMPARING, OF_EDITS, VOLUME, WHOLE, kinds, plain
from validations.report.not_met import not_met

# Of a truncated export dozens of edits fall silent: the first ones say it, the pages all.
SHOWN = 5


def refusal(results: pl.DataFrame, run_id: str, lost: Collection[str] = ()) -> str:
    """Why the release is refused, and the lines for registry.yml that make it the new normal where it is right as it is. lost: releases
    that registry.yml accepts and that are not kept (`not_kept`).
    """
    failed = not_met(results).filter(pl.col("critical"))
    stops = failed["name"].to_list()
    there = f"release {run_id} is refused; see share/quality/expectations/index.html there"
    said = [f"critical expectations are not met: {', '.join(stops)} ({there})"]
    said += [f"- {name}: {told}" for name, told in failed.select("name", "detail").head(SHOWN).iter_rows()]
    said += [f"- and {failed.height - SHOWN:,} more"] if failed.height > SHOWN else []
    if lines := [f"  {line(name, run_id)}" for name in _acceptable(stops)]:
        said.append("where the release is right as it is, put this under 'accepted:' in registry.yml and run again:")
        said += lines if len(lines) == 1 else [f"  {line(WHOLE, run_id)}", "or, of all that it counted, only:", *lines]
        if others := [name for name in stops if _kind(name) not in COMPARING]:
            said.append(f"that does not help {', '.join(others)}: what compares with no release has its limit under 'thresholds:'")
    return "\n".join([*said, *(lost_line(one) for one in lost)])


def not_kept(compared: Compared) -> list[str]:
    """The releases that registry.yml accepts, that did not count yet and are not kept: what they are accepted for stays as it was."""
    baselines, anchors = compared
    return sorted({one.missing for some in (baselines, anchors.old) for one in some.values() if one.missing})


def lost_line(run_id: str) -> str:
    """What to say of such a release."""
    return f"registry.yml accepts the release {run_id}, which is not kept here: the line changes nothing; correct it or take it out"


def _acceptable(stops: Collection[str]) -> list[str]:
    """What to accept, in the order of the suite: a volume speaks for the edits too; without one an edit, of several all at once."""
    comparing = list(dict.fromkeys(plain(name) for name in stops if _kind(name) in COMPARING))
    edits = [name for name in comparing if _kind(name) == OF_EDITS]
    others = [name for name in comparing if name not in edits]
    if any(_kind(name) == VOLUME for name in others):
        return others
    return [*others, *(edits if len(edits) < 2 else [edits[0].partition(".")[0]])]


def _kind(name: str) -> str:
    return kinds().get(name.partition(".")[0], "")
