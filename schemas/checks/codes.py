"""Constants of a configuration against the dictionary: codes, ranges and types of one column."""

from __future__ import annotations

from schemas.contract import Scalar
from schemas.core.errors import did_you_mean
from schemas.domains import Codes, bounds, code_list
from schemas.facts import shipped
from schemas.items import Column
from schemas.yaml_lines import Path, Source

# Words for a flag, as cells and maps may give them.
YES, NO = (tuple(row["word"] for row in shipped("yes_no.csv", "word", "means") if row["means"] == said) for said in ("yes", "no"))
KINDS = {"int": "a whole number", "bigint": "a whole number", "float": "a number", "bool": "true or false", "text": "text"}


def check_constant(source: Source, path: Path, column: Column, value: Scalar, codes: Codes | None, *, domain: str | None = None) -> None:
    """Report a constant that the column cannot hold: wrong type, out of its range, or no code of its list (or of `domain`)."""
    if not _fits(column.type, value):
        unquoted = f": write {value} without quotes" if isinstance(value, str) and value.strip().isdigit() else ""
        source.report(path, f"'{column.name}' is {KINDS.get(column.type, column.type)}{unquoted}")
        return
    limits = bounds(column)
    if limits is not None and not limits[0] <= float(value) <= limits[1]:
        source.report(path, f"'{column.name}' goes from {limits[0]} to {limits[1]}")
    name = domain or code_list(column)
    if name is not None:
        check_code(source, path, name, str(value), codes)


def check_code(source: Source, path: Path, domain: str, code: str, codes: Codes | None) -> None:
    """Report a word that is no code of that list."""
    known = codes.codes(domain) if codes is not None else frozenset({code})
    if code not in known:
        few = f"codes: {', '.join(sorted(known))}" if len(known) <= 12 else f"see the list '{domain}' in docs/dictionary.md"
        source.report(path, f"'{code[:40]}' is no code of '{domain}'", did_you_mean(code, known) or few)


def check_mapped(source: Source, path: Path, column: Column, value: Scalar, codes: Codes | None, *, domain: str | None) -> None:
    """As check_constant, for what a `map` gives: it is read like a cell, so a flag may be `yes` or `no` too."""
    if column.item.type == "bool" and isinstance(value, str) and value.lower() in (*YES, *NO):
        return
    check_constant(source, path, column, value, codes, domain=domain)


def _fits(kind: str, value: Scalar) -> bool:
    if kind == "bool":
        return isinstance(value, bool)
    if kind in ("int", "bigint"):
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == "float":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str)
