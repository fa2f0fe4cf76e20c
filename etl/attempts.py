"""The history of runs for `oncomart runs`; a module of its own because it needs none of the imports of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from etl.progress import Lasting
from schemas.core.errors import ConfigurationError, Mistake, no_folder
from warehouse.publish import current
from warehouse.runs import runs

# What stands before each column, and how wide it is: the outcome is the longest word of all that a run can end with.
HEADS = (("started", 16), ("run", 14), ("exit", 4), ("outcome", 23), ("patients", 8))


def history(out: Path) -> None:
    """Print every attempt, oldest first: when, how it ended, which release; below it why not, or what was refused.

    Raises ConfigurationError where there is no such folder.
    """
    if not out.is_dir():
        raise ConfigurationError([Mistake("--out", None, no_folder(out, "output folder"))])
    release = current(out)
    console = Lasting(highlight=False, soft_wrap=True, markup=False)
    console.print(f"runs of {out}")
    console.print(_line([head for head, _ in HEADS]))
    for entry in runs(out):
        for line in _attempt(entry, release.name if release is not None else None):
            console.print(line)
    console.print("* current" if release is not None else "nothing is published")


def _attempt(entry: Mapping[str, Any], current_name: str | None) -> Iterator[str]:
    """One attempt as a line, and below it each reason as one of its own: a table that folds them breaks the names of files."""
    name, code = str(entry.get("run_id", "")), entry.get("exit_code")
    yield _line(
        [
            str(entry.get("started", ""))[:16].replace("T", " "),
            f"{name} *" if name and name == current_name else name,
            "" if code is None else str(code),
            str(entry.get("outcome", "")),
            f"{entry.get('rows', {}).get('dim_patient', ''):>8}",
        ]
    )
    told = [str(entry.get("reason", "")), *(str(refusal.get("message", "")) for refusal in entry.get("refusals", ()))]
    yield from (f"    {text.splitlines()[0]}" for text in dict.fromkeys(told) if text)


def _line(cells: list[str]) -> str:
    return "  ".join(cell.ljust(width) for cell, (_, width) in zip(cells, HEADS, strict=True)).rstrip()
