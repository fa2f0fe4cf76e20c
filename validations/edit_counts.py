"""How often each built-in edit judged and fired on the bundled registries, as the catalogue shows it.

Read from the golden files tests/golden/<registry>/edits.csv: `make golden` makes them from the releases, and a test holds them
to what the registries give.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from validations.load import built_in_edits

GOLDEN = Path(__file__).resolve().parent.parent / "tests" / "golden"


@dataclass(frozen=True)
class Fired:
    """One edit on one registry. judged: records that it found violated, possible or satisfied."""

    edit: str
    registry: str
    judged: int
    violated: int
    possible: int

    @property
    def has_fired(self) -> bool:
        """Whether it found anything."""
        return self.violated + self.possible > 0


def bundled_counts(folder: Path = GOLDEN) -> tuple[Fired, ...]:
    """One row per built-in edit and registry with a file edits.csv below `folder`, by edit and registry."""
    codes = {edit.edit for edit in built_in_edits()}
    found = [fired for file in folder.glob("*/edits.csv") for fired in _of_registry(file) if fired.edit in codes]
    return tuple(sorted(found, key=lambda fired: (fired.edit, fired.registry)))


def _of_registry(file: Path) -> Iterator[Fired]:
    for row in csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()):
        violated, possible, satisfied = (int(row[name]) for name in ("violated", "possible", "satisfied"))
        yield Fired(row["edit"], file.parent.name, violated + possible + satisfied, violated, possible)
