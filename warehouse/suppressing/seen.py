"""What was found possible for the cells of some counts, so that fewer linear programs are asked which cells can be large.

What lies between two possible numbers of women is possible too. That shows of most small cells that they can be `min_cell` or more where
one count more is shown, in a thousandth of the time of a linear program; of the others it is asked as ever, so that nothing else is hidden.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from warehouse.suppressing.disclosure import System

Cell = TypeVar("Cell", bound=Hashable)
# Below this a multiplier or a shortfall is what floating point leaves over.
TOLERANCE = 1e-7
# So far a sum of numbers of a linear program may be from what it was asked for.
SLACK = 1e-6
# So many numbers of women are kept: each two are compared.
MOST_SEEN = 400


class Seen(Generic[Cell]):
    """Numbers of women in the cells that were found possible, the true ones first. `small`: the cells that must be able to be large."""

    def __init__(self, women: Mapping[Cell, int], small: Sequence[Cell]) -> None:
        import numpy as np  # noqa: PLC0415  # late: only where something is to be hidden

        self.place = {cell: number for number, cell in enumerate(women)}
        self.small = small
        self.found: NDArray[np.float64] = np.array([[*women.values()]], dtype=float)

    def keep(self, system: System[Cell, Any]) -> None:
        """Adds what the linear programs of a system found."""
        import numpy as np  # noqa: PLC0415

        more = np.zeros((len(system.solutions), len(self.place)))
        if system.solutions:
            more[:, [self.place[cell] for cell in system.cells]] = system.solutions
        self.found = np.concatenate([self.found, more])[-MOST_SEEN:]

    def settle(self, system: System[Cell, Any]) -> None:
        """Leaves out what is not possible beside all that a system shows."""
        import numpy as np  # noqa: PLC0415

        columns = [self.place[cell] for cell in system.cells]
        is_empty = (np.delete(self.found, columns, axis=1) <= TOLERANCE).all(axis=1)
        self.found = self.found[system.holds(self.found[:, columns].T) & is_empty]

    def not_safe_beside(self, cells: Collection[Cell], value: int, min_cell: int) -> list[Cell]:
        """The small cells of which it is not seen that they can be large where the sum of some cells is a value; the least one first."""
        import numpy as np  # noqa: PLC0415

        total = self.found[:, [self.place[cell] for cell in cells if cell in self.place]].sum(axis=1) - value
        hers = self.found[:, [self.place[cell] for cell in self.small]]
        below, above = (np.flatnonzero(side) for side in (total <= SLACK, total >= -SLACK))
        is_open = ~((hers[below] >= min_cell).any(axis=0) & (hers[above] >= min_cell).any(axis=0))
        apart = total[above][None, :] - total[below][:, None]
        part = np.divide(-total[below][:, None], apart, out=np.zeros_like(apart), where=apart > SLACK).clip(0.0, 1.0)[:, :, None]
        most: dict[Cell, float] = {}
        for place in np.flatnonzero(is_open).tolist():
            low, high = hers[below][:, None, [place]], hers[above][None, :, [place]]
            most[self.small[place]] = float((low + part * (high - low)).max(initial=0.0))
        return sorted((cell for cell, n in most.items() if n < min_cell - TOLERANCE), key=lambda cell: most[cell])
