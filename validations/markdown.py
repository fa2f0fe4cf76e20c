"""Tables of the generated pages; cells may hold Markdown."""

from __future__ import annotations

from collections.abc import Iterable


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """The lines of a table, and an empty one."""
    names = list(header)
    cells = ([cell.replace("|", "\\|") for cell in row] for row in rows)
    return [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}", *(f"| {' | '.join(row)} |" for row in cells), ""]
