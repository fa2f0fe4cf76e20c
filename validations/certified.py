"""What cases show of what they certify: the verdict, and the mutants that no case can tell because they mean the same."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

EQUIVALENT = "equivalent.csv"
Listed = Mapping[tuple[str, str, str], str]  # edit (or view), part, text of the mutant -> why it means the same


class Alive(Protocol):
    """A mutant that no case tells: the part in which it differs, and its text."""

    @property
    def part(self) -> str: ...  # noqa: D102

    @property
    def text(self) -> str: ...  # noqa: D102


@dataclass(frozen=True)
class Verdict:
    """What the cases of one edit or view show of it: cases it does not meet, mutants that they do not tell from it."""

    name: str
    unmet: tuple[str, ...]
    n_mutants: int
    survivors: tuple[str, ...]  # without the listed ones
    n_listed: int
    stale: tuple[str, ...]  # listed, and no survivor

    @property
    def is_certified(self) -> bool:
        """Whether nothing is left to do."""
        return not (self.unmet or self.survivors or self.stale)


def verdict(name: str, unmet: Sequence[str], n_mutants: int, alive: Sequence[Alive], listed: Listed) -> Verdict:
    """The verdict, the listed mutants taken out of those alive."""
    names = {(name, mutant.part, mutant.text) for mutant in alive}
    survivors = tuple(f"{part}: {text}" for code, part, text in names if (code, part, text) not in listed)
    stale = tuple(f"{part}: {text}" for code, part, text in listed if code == name and (code, part, text) not in names)
    return Verdict(name, tuple(unmet), n_mutants, tuple(sorted(survivors)), len(alive) - len(survivors), stale)


def equivalent(path: Path) -> Listed:
    """The mutants listed as meaning the same; empty without the file (columns edit or view, part, mutant, reason)."""
    if not path.is_file():
        return {}
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return {(name, part, mutant): reason for name, part, mutant, reason in list(csv.reader(lines))[1:]}


def told(one: Verdict) -> Iterator[str]:
    """The lines that say it."""
    killed = one.n_mutants - len(one.survivors) - one.n_listed
    yield f"{one.name}: {one.n_mutants} mutants, {killed} killed, {one.n_listed} equivalent, {len(one.survivors)} survive"
    yield from (f"  the case '{case}' has another outcome" for case in one.unmet)
    yield from (f"  survives: {mutant}" for mutant in one.survivors)
    yield from (f"  listed in {EQUIVALENT} and no survivor: {text}" for text in one.stale)


def summed(verdicts: Sequence[Verdict], word: str) -> str:
    """The line that sums up all verdicts on edits or on views."""
    n, listed = sum(one.n_mutants for one in verdicts), sum(one.n_listed for one in verdicts)
    survive = sum(len(one.survivors) for one in verdicts)
    return f"{len(verdicts)} {word}: {n} mutants, {n - listed - survive} killed, {listed} equivalent, {survive} survive"
