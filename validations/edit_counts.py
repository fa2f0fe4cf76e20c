"""How often each built-in edit judged and fired on the bundled registries: edits/bundled_counts.csv, shown in the catalogue.

`python -m validations.edit_counts OUT` makes the file anew from the releases under OUT (`make pipeline` puts them in out/),
`python -m validations.pages` then the page. A test holds the file to what the bundled registries give.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from validations.load import built_in_edits

FILE = Path(__file__).resolve().parent / "edits" / "bundled_counts.csv"
EDITS_CSV = "current/share/quality/edits.csv"
HEAD = """\
# How often each built-in edit judged and fired on each bundled registry. One row per edit and registry, identified by both.
# judged: records found violated, possible or satisfied. Made by `python -m validations.edit_counts OUT` from the releases under OUT.
# source: the bundled registries (published: Chan et al. 2017, CC BY; trial_days: GBSG-2; registry: simulated).
# licence: Apache-2.0 (as this project). certainty: D.
"""
COLUMNS = ("edit", "registry", "judged", "violated", "possible")


@dataclass(frozen=True)
class Fired:
    """One row of the file."""

    edit: str
    registry: str
    judged: int
    violated: int
    possible: int

    @property
    def has_fired(self) -> bool:
        """Whether it found anything."""
        return self.violated + self.possible > 0


def bundled_counts(file: Path = FILE) -> tuple[Fired, ...]:
    """The rows of the file, in its order."""
    rows = csv.DictReader(line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return tuple(Fired(row["edit"], row["registry"], int(row["judged"]), int(row["violated"]), int(row["possible"])) for row in rows)


def counted(out: Path) -> tuple[Fired, ...]:
    """The rows as the current releases under `out` give them, by edit and registry."""
    codes = {edit.edit for edit in built_in_edits()}
    found = [fired for file in out.glob(f"*/{EDITS_CSV}") for fired in _of_release(file) if fired.edit in codes]
    return tuple(sorted(found, key=lambda fired: (fired.edit, fired.registry)))


def _of_release(file: Path) -> Iterable[Fired]:
    registry = file.parents[3].name
    for row in csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()):
        violated, possible = int(row["violated"]), int(row["possible"])
        yield Fired(row["edit"], registry, violated + possible + int(row["satisfied"]), violated, possible)


def written(rows: Iterable[Fired]) -> str:
    """Text of the file."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([getattr(row, name) for name in COLUMNS] for row in rows)
    return HEAD + text.getvalue()


def main(arguments: Sequence[str]) -> int:
    """Write the file from the releases under the folder named; 2 where there is none."""
    rows = counted(Path(*arguments)) if len(arguments) == 1 else ()
    if not rows:
        sys.stderr.write("name the folder that holds the releases of the bundled registries: python -m validations.edit_counts out\n")
        return 2
    FILE.write_text(written(rows), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
