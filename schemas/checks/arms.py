"""Checks of the arms of a study: each can take somebody, and is told from the others by its label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from schemas.checks.contract import repeated
from schemas.checks.endpoints import condition_parts
from schemas.study import LANDMARK, TIME_DEPENDENT, Study
from schemas.yaml_lines import Source

# Analyses in which a woman is in one arm before another is decided.
CHANGING = frozenset({LANDMARK, TIME_DEPENDENT})


def check_arms(source: Source, study: Study) -> None:
    """Report an arm that nobody can be in, and labels given twice: a figure and a table name arms by them."""
    before: dict[str, frozenset[str]] = {}
    for number, arm in enumerate(study.arms):
        parts = condition_parts(study, arm.when)
        for message, hint in _never(arm.arm, parts, before) if parts is not None else ():
            source.report(("arms", number, "when"), message, hint)
        # Until an arm is decided, whoever meets its condition is in another.
        if parts is not None and not (arm.decided is not None and CHANGING & {*study.analyses}):
            before[arm.arm] = parts
    for number in repeated(arm.label for arm in study.arms):
        source.report(("arms", number, "label"), f"two arms are called '{study.arms[number].label}'", "tables and figures show the labels")


def _never(name: str, parts: frozenset[str], before: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, str]]:
    """Why nobody is in an arm, or in those after it, and what to do."""
    taken = next((other for other, needed in before.items() if needed <= parts), None)
    if "FALSE" in parts:
        yield f"nobody is in arm '{name}': its condition never holds", "leave the arm out"
    elif taken is not None:
        yield f"nobody is in arm '{name}': arm '{taken}' before it takes whoever meets its condition", "put the narrower condition first"
    elif not parts:
        yield f"everyone is in arm '{name}': the arms after it take nobody", "leave 'when' out and write 'residual: true'"
