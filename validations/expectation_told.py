"""Why a release is refused by expectations, and how it is accepted where it is right as it is."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from validations.accepted import VOLUME, line
from validations.anchor import SINCE
from validations.expectation_rules import COMPARING, OF_EDITS, WHOLE, kinds
from validations.report.not_met import not_met


def refusal(results: pl.DataFrame, run_id: str) -> str:
    """Why the release is refused, and the lines for registry.yml that make it the new normal where it is right as it is."""
    stops = not_met(results).filter(pl.col("critical"))["name"].to_list()
    there = f"release {run_id} is refused; see share/quality/expectations/index.html there"
    said = [f"critical expectations are not met: {', '.join(stops)} ({there})"]
    if lines := [f"  {line(name, run_id)}" for name in _acceptable(stops)]:
        said.append("where the release is right as it is, put this under 'accepted:' in registry.yml and run again:")
        said += lines if len(lines) == 1 else [f"  {line(WHOLE, run_id)}", "or, of all that it counted, only:", *lines]
        if others := [name for name in stops if _kind(name) not in COMPARING]:
            said.append(f"that does not help {', '.join(others)}: what compares with no release has its limit under 'thresholds:'")
    return "\n".join(said)


def _acceptable(stops: Collection[str]) -> list[str]:
    """What to accept, in the order of the suite: a volume speaks for the edits too; without one an edit, of several all at once."""
    comparing = list(dict.fromkeys(name.removesuffix(f".{SINCE}") for name in stops if _kind(name) in COMPARING))
    edits = [name for name in comparing if _kind(name) == OF_EDITS]
    others = [name for name in comparing if name not in edits]
    if any(_kind(name) == VOLUME for name in others):
        return others
    return [*others, *(edits if len(edits) < 2 else [edits[0].partition(".")[0]])]


def _kind(name: str) -> str:
    return kinds().get(name.partition(".")[0], "")
