"""Why a release is refused by expectations, and how it is accepted where it is right as it is."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

from validations.expecting.accepted import line
from validations.expecting.anchor import Compared
from validations.expecting.rules import BY_SOURCE, COMPARING, DELIVERED_ROWS, OF_EDITS, SINCE_LAST, VOLUME, WHOLE, kinds, plain
from validations.report.not_met import WHOLE as WHOLE_FILES
from validations.report.not_met import not_met

ACCEPT = "where the release is right as it is, put this under 'accepted:' in registry.yml, in the place of a line of the same name,"
# Of a truncated export dozens of edits fall silent: the first ones say it, the pages all.
SHOWN = 5
# Of a night on which much is gone, so many lines to accept it by parts.
MOST_LINES = 12


def refusal(results: pl.DataFrame, run_id: str, lost: Collection[str] = ()) -> str:
    """Why the release is refused, and the lines for registry.yml that make it the new normal where it is right as it is. lost: releases
    that registry.yml accepts and that are not kept (`not_kept`).
    """
    failed = not_met(results).filter(pl.col("critical"))
    stops = failed["name"].to_list()
    there = f"release {run_id} is refused; see share/quality/expectations/index.html there"
    said = [f"critical expectations are not met: {', '.join(stops)} ({there})"]
    whole = failed.filter(pl.col("reason").str.starts_with(WHOLE_FILES))["reason"].unique(maintain_order=True)
    said += [f"{reason[:1].lower()}{reason[1:]}" for reason in whole.head(SHOWN)]
    said += [f"- {name}: {told}" for name, told in failed.select("name", "detail").head(SHOWN).iter_rows()]
    said += [f"- and {failed.height - SHOWN:,} more"] if failed.height > SHOWN else []
    if lines := [f"  {line(name, run_id)}" for name in acceptable(stops)]:
        said.append(f"{ACCEPT} and run again:")
        said += lines if len(lines) == 1 else [f"  {line(WHOLE, run_id)}", "or, of all that it counted, only:", *lines]
        if others := [name for name in stops if _kind(name) not in COMPARING]:
            said.append(f"that does not help {', '.join(others)}: what compares with no release has its limit under 'thresholds:'")
    return "\n".join([*said, *(lost_line(one) for one in lost)])


def not_kept(compared: Compared) -> list[str]:
    """Releases accepted in registry.yml that are no longer kept and had not counted yet: accepting them changes nothing."""
    baselines, anchors = compared
    return sorted({one.missing for some in (baselines, anchors.old) for one in some.values() if one.missing})


def lost_line(run_id: str) -> str:
    """What to say of such a release."""
    return f"registry.yml accepts the release {run_id}, which is not kept here: the line changes nothing; correct it or take it out"


def warning(names: Collection[str], run_id: str, last: str) -> list[str]:
    """How to accept a release of which these expectations (of its run.json) are not met and stop nothing: words, then lines to paste under
    `accepted` as they are. last: the release before.
    """
    told = []
    lost = [name for name in names if name.endswith(f".{SINCE_LAST}")]
    if lines := acceptable([name for name in names if name not in lost]):
        told.append(f"{ACCEPT} and the next run compares with it:")
        told += _lines(lines, run_id)
    if lost and last:
        told += [
            f"the release {last} before it has more rows than the last one that was a measure (.{SINCE_LAST}):",
            "where that one was wrong (sent or read twice), this one mends it, and nothing is to be done about it;",
            f"where it was right, this one is cut off: {'instead' if lines else 'then'} put this under 'accepted:' and run again:",
            line(WHOLE, last),  # of its parts those for growth would have to be accepted too
        ]
    return told


def _lines(names: Sequence[str], run_id: str) -> list[str]:
    """One line for all where there are several, then one for each."""
    every = [line(name, run_id) for name in names]
    whole = [line(WHOLE, run_id), "or, of all that it counted, only:"] if len(every) > 1 else []
    return [*whole, *every[:MOST_LINES], *([f"and {len(every) - MOST_LINES:,} more"] if len(every) > MOST_LINES else [])]


def acceptable(stops: Collection[str]) -> list[str]:
    """What to accept, in the order of the suite: a whole speaks for its parts, a volume for the edits too; without one an edit, of several
    all at once.
    """
    every = list(dict.fromkeys(plain(name) for name in stops if _takes(name)))
    comparing = [name for name in every if "." not in name or name.partition(".")[0] not in every]
    edits = [name for name in comparing if _kind(name) == OF_EDITS]
    others = [name for name in comparing if name not in edits]
    if any(_kind(name) == VOLUME and "." not in name for name in others):
        return others
    return [*others, *(edits if len(edits) < 2 else [edits[0].partition(".")[0]])]


def _takes(name: str) -> bool:
    """Whether it compares with an earlier release: of fresh contacts the parts alone do."""
    return name.startswith(f"{DELIVERED_ROWS}.") or _kind(name) in COMPARING or (_kind(name) in BY_SOURCE and "." in name)


def _kind(name: str) -> str:
    return kinds().get(name.partition(".")[0], "")
