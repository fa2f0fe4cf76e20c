"""How many rows a file should have: what its contract expects, and what its own last line says."""

from __future__ import annotations

import polars as pl

from etl.readers.parsed import Parsed, unreadable
from schemas.contract import Contract


def check_row_count(name: str, parsed: Parsed, contract: Contract, gone: int) -> None:
    """Refuse a file with fewer or more data rows than expected, or than its trailer counts: mostly it was cut off.

    `gone`: rows that it held when it was delivered, of persons who are erased.
    """
    rows = parsed.rows.height + parsed.n_refused + gone
    expected = contract.expected_rows
    if rows < expected.min or (expected.max is not None and rows > expected.max):
        most = f" and at most {expected.max}" if expected.max is not None else ""
        unreadable("expected_rows", name, None, f"{rows} rows, where the contract expects at least {expected.min}{most}")
    if contract.format.trailer is None:
        return
    said = _trailer(parsed.footer, contract.format.trailer)
    if said is None:
        unreadable("trailer", name, None, "the footer does not say how many rows there are: the file may be cut off")
    elif said != rows:
        unreadable("trailer", name, None, f"{rows} rows, where its own footer counts {said}")


def _trailer(footer: list[str], pattern: str) -> int | None:
    """The first number that a footer row tells. Read by polars: its expressions take linear time, whatever the pattern."""
    rows = pl.Series(footer, dtype=pl.String).str.extract_groups(pattern).struct.field("rows")
    told = rows.str.replace_all(r"[^0-9]", "").cast(pl.Int64, strict=False).drop_nulls()
    return told[0] if told.len() else None
