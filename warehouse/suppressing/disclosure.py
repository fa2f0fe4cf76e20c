"""Which counts must be hidden so that nobody can tell a small one: the audit that statistical offices make, as a small search.

Every count shown is a sum of cells that do not overlap. Whoever reads the file knows those sums, and that a cell is not
negative: a small cell is safe where, for all that, it might as well be `min_cell` or more. The greatest value that it
can have is found by linear programming; while that is too small, one more of the sums that bind it is hidden. What was hidden
early, and is not needed after what was hidden later, is shown again.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from warehouse.suppressing.seen import SLACK, TOLERANCE, Seen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Cell = TypeVar("Cell", bound=Hashable)
Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True)
class Sums(Generic[Cell, Name]):
    """Counts to be shown. `cells`: women in each cell; `shown`: the cells each count is the sum of; `known`: what a reader
    knows from elsewhere, so that it cannot be hidden here; `cost`: counts of higher cost are hidden later (default 0); `same`: cells
    and other cells of the same women, as where two tables count them: a reader knows that, and not how many they are; `within`: cells
    whose women are among those of other cells; `at_most`: cells that hold no more than so many; `free`: cells that no count is of and that
    may be told, as what three tables have in common."""

    cells: Mapping[Cell, int]
    shown: Mapping[Name, frozenset[Cell]]
    known: tuple[frozenset[Cell], ...] = ()
    cost: Mapping[Name, int] = field(default_factory=dict)
    same: tuple[tuple[frozenset[Cell], frozenset[Cell]], ...] = ()
    within: tuple[tuple[frozenset[Cell], frozenset[Cell]], ...] = ()
    at_most: tuple[tuple[frozenset[Cell], int], ...] = ()
    free: frozenset[Cell] = frozenset()

    def value(self, cells: frozenset[Cell]) -> int:
        """The sum of some cells."""
        return sum(self.cells.get(cell, 0) for cell in cells)

    def small(self, min_cell: int) -> list[Cell]:
        """The cells that must not be told."""
        return [cell for cell, n in self.cells.items() if 0 < n < min_cell and cell not in self.free]

    def in_order(self) -> Sums[Cell, Name]:
        """The same with cells and counts by their text: of several solutions the one that is found hangs on their order."""
        cells = dict(sorted(self.cells.items(), key=lambda one: str(one[0])))
        return replace(self, cells=cells, shown=dict(sorted(self.shown.items(), key=lambda one: str(one[0]))))


def hide(sums: Sums[Cell, Name], min_cell: int, first: Collection[Name] = ()) -> set[Name]:
    """The names of counts that must not be shown: those under `min_cell` (0 may be shown), and what would give a small cell away.

    The same whatever the order in which they are given, so that two releases of the same data hide the same: what is hidden in one and
    shown in the other would tell of both. The texts of cells and names must not hang on the process (no sets in them). `first`: what to
    hide to begin with.
    """
    sums = sums.in_order()
    values = {name: sums.value(cells) for name, cells in sums.shown.items()}
    small = {name for name, value in values.items() if 0 < value < min_cell}
    cells = sums.small(min_cell)
    seen = Seen(sums.cells, cells)
    hidden = _enough(sums, small | {*first}, cells, min_cell, seen)
    dearest: list[Name] = sorted(hidden - small, key=lambda name: (-sums.cost.get(name, 0), -values[name], str(name)))
    seen.settle(System(sums, _without(sums, hidden)))
    for name in (name for name in dearest if name in hidden):
        same = _same(sums, name)
        system = System(sums, _without(sums, hidden - same))
        is_told = system.bound(seen.not_safe_beside(sums.shown[name], values[name], min_cell), min_cell)
        seen.keep(system)
        if is_told is None:
            hidden -= same
            seen.settle(system)
    return hidden


def is_safe(sums: Sums[Cell, Name], min_cell: int) -> bool:
    """Whether, with all that is shown and known, each small cell could be `min_cell` or more; not where the cells break a limit."""
    if any(sums.value(few) > most for few, most in sums.at_most) or any(sums.value(few) > sums.value(many) for few, many in sums.within):
        return False
    sums = sums.in_order()
    return System(sums, sums.shown).bound(sums.small(min_cell), min_cell) is None


def _same(sums: Sums[Cell, Name], name: Name) -> set[Name]:
    """The counts of the same cells: to show one is to show all."""
    return {other for other, cells in sums.shown.items() if cells == sums.shown[name]}


def _without(sums: Sums[Cell, Name], hidden: Collection[Name]) -> dict[Name, frozenset[Cell]]:
    return {name: cells for name, cells in sums.shown.items() if name not in hidden}


def _enough(sums: Sums[Cell, Name], small: set[Name], waiting: list[Cell], min_cell: int, seen: Seen[Cell]) -> set[Name]:
    """Counts to hide, one after another, until no small cell can be told; some of the first may not be needed in the end."""
    hidden = set(small)
    values = {name: (sums.cost.get(name, 0), (n := sums.value(cells)) == 0, n, str(name)) for name, cells in sums.shown.items()}
    while waiting:
        shown = _without(sums, hidden)
        system = System(sums, shown)
        found = system.bound(waiting, min_cell)
        seen.keep(system)
        if found is None:
            return hidden
        cell, binding = found
        waiting = [other for other in waiting if other not in system.safe]
        candidates = binding or [name for name, cells in shown.items() if cell in cells] or list(shown)
        if not candidates:
            return hidden
        worst = min(candidates, key=values.__getitem__)
        hidden |= _same(sums, worst)
    return hidden


class System(Generic[Cell, Name]):
    """What a reader knows, as equations (and inequalities) over the cells; `safe`: cells found to be able to be large."""

    def __init__(self, sums: Sums[Cell, Name], shown: Mapping[Name, frozenset[Cell]]) -> None:
        import numpy as np  # noqa: PLC0415  # late: only where something is to be hidden

        equations: list[tuple[Name | None, frozenset[Cell]]] = [*shown.items(), *((None, cells) for cells in sums.known)]
        empty: frozenset[Cell] = frozenset().union(*(cells for _, cells in equations if not sums.value(cells)))
        self.cells = [cell for cell in sums.cells if cell not in empty]
        place = {cell: number for number, cell in enumerate(self.cells)}
        kept = [(name, [place[cell] for cell in cells if cell in place]) for name, cells in equations if sums.value(cells)]
        self.names = [*(name for name, _ in kept), *(None for _ in sums.same)]
        self.matrix: NDArray[np.float64] = np.zeros((len(kept) + len(sums.same), len(self.cells)))
        for row, (_, columns) in enumerate(kept):
            self.matrix[row, columns] = 1.0
        self.within: NDArray[np.float64] = np.zeros((len(sums.within) + len(sums.at_most), len(self.cells)))
        self.limits = np.array([*(0 for _ in sums.within), *(most for _, most in sums.at_most)], dtype=float)
        for row, (few, _) in enumerate(sums.at_most, len(sums.within)):
            self.within[row, [place[cell] for cell in few if cell in place]] = 1.0
        for matrix, start, pairs in ((self.matrix, len(kept), sums.same), (self.within, 0, sums.within)):
            for row, sides in enumerate(pairs, start):
                for side, sign in zip(sides, (1.0, -1.0), strict=True):
                    matrix[row, [place[cell] for cell in side if cell in place]] = sign
        self.totals = self.matrix @ np.array([sums.cells[cell] for cell in self.cells], dtype=float)
        self.safe: set[Cell] = set()
        self.solutions: list[NDArray[np.float64]] = []
        self.sparse: tuple[Any, Any] | None = None

    def bound(self, cells: list[Cell], min_cell: int) -> tuple[Cell, list[Name]] | None:
        """The first cell that cannot be `min_cell` or more, and the names of the counts that bind it; None where there is none."""
        for cell in cells:
            if cell in self.safe:
                continue
            solution = self._greatest(cell)
            if solution is None:
                self.safe.add(cell)
                continue
            values, multipliers = solution
            self.solutions.append(values)
            self.safe |= {other for other, value in zip(self.cells, values, strict=True) if value >= min_cell - TOLERANCE}
            if cell not in self.safe:
                pairs = zip(self.names, multipliers, strict=True)
                return cell, [name for name, multiplier in pairs if name is not None and abs(multiplier) > TOLERANCE]
        return None

    def holds(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """By column of numbers of women in the cells whether everything that a reader knows holds of them."""
        equal = (abs(self.matrix @ values - self.totals[:, None]) <= SLACK).all(axis=0)
        is_held: NDArray[np.bool_] = equal & (self.within @ values <= self.limits[:, None] + SLACK).all(axis=0)
        return is_held

    def _greatest(self, cell: Cell) -> tuple[Any, Any] | None:
        """A solution in which the cell is as large as can be, and the multipliers of the equations; None where it has no bound."""
        if not self.names:
            return None
        import numpy as np  # noqa: PLC0415
        from scipy.optimize import linprog  # noqa: PLC0415  # 0.5 s
        from scipy.sparse import csc_array  # noqa: PLC0415

        aim = np.zeros(len(self.cells))
        aim[self.cells.index(cell)] = -1.0
        if self.sparse is None:  # nearly all is 0, and to look through that takes longer than the program
            self.sparse = csc_array(self.matrix), csc_array(self.within)
        matrix, within = self.sparse
        parts = {"A_ub": within, "b_ub": self.limits} if len(self.within) else {}
        made = linprog(aim, A_eq=matrix, b_eq=self.totals, bounds=(0, None), method="highs", **parts)
        return (made.x, made.eqlin.marginals) if made.status == 0 else None
