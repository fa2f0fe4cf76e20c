"""Which column of the file each field of the contract is; a header that has changed its name is refused by name."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from etl.readers.parsed import WHITE, Parsed, unreadable
from schemas.contract import Contract, Field


@dataclass(frozen=True)
class Columns:
    """Where the fields are: `places` by field name (None: an optional column not delivered), `headers` as read, `extra` unread."""

    places: dict[str, int | None]
    headers: list[str]
    extra: list[str]


def joined(header: list[list[str]]) -> list[str]:
    """One header per column: the cells of all header rows, trimmed, joined by a blank."""
    width = max((len(cells) for cells in header), default=0)
    parts = [[cells[place].strip(WHITE) if place < len(cells) else "" for cells in header] for place in range(width)]
    return [" ".join(part for part in column if part) for column in parts]


def match(name: str, parsed: Parsed, contract: Contract) -> Columns:
    """Match headers to fields by header or alias; raises UnreadableError for a missing, repeated or unexpected column."""
    headers = joined(parsed.header)
    repeated = sorted({header for header in headers if header and headers.count(header) > 1})
    if repeated:
        says = f"a header stands there twice, first in column {headers.index(repeated[0]) + 1}"
        unreadable("duplicate_header", name, parsed.header_row, says)
    places = {key: _place_of(name, parsed, headers, key, field) for key, field in contract.fields.items()}
    if all(place is None for place in places.values()):
        unreadable("missing_header", name, parsed.header_row, "none of the contract's headers stands in the header row")
    _all_required(name, parsed, contract, places, headers)
    taken = {place for place in places.values() if place is not None}
    extra = [header for place, header in enumerate(headers) if place not in taken and header]
    if extra and contract.columns == "exact":
        says = f"columns that the contract does not name: {', '.join(extra)} (write `columns: open` to leave them unread)"
        unreadable("extra_column", name, parsed.header_row, says)
    return Columns(places, headers, extra)


def _place_of(name: str, parsed: Parsed, headers: list[str], key: str, field: Field) -> int | None:
    found = [place for place, header in enumerate(headers) if header in field.headers(key)]
    if len(found) > 1:
        unreadable("duplicate_header", name, parsed.header_row, f"{len(found)} columns are the field '{key}': a header and its alias")
    return found[0] if found else None


def _all_required(name: str, parsed: Parsed, contract: Contract, places: dict[str, int | None], headers: list[str]) -> None:
    """Refuse the file where a required column is missing, naming the nearest header that no field reads."""
    missing = [key for key, field in contract.fields.items() if field.required and places[key] is None]
    if not missing:
        return
    free = [header for place, header in enumerate(headers) if place not in places.values() and header]
    says = []
    for key in missing:
        wanted = contract.fields[key].headers(key)[0]
        near = _nearest(wanted, free)
        hint = f"; nearest header present: '{near}' (renamed? add it to 'aliases')" if near is not None else ""
        says.append(f"the column '{wanted}' is missing{hint}")
    unreadable("missing_header", name, parsed.header_row, "; ".join(says))


def _nearest(wanted: str, free: list[str]) -> str | None:
    """The header most like the wanted one; case, blanks and underscores do not count."""
    plain = {"".join(c for c in header.casefold() if c.isalnum()): header for header in reversed(free)}
    near = get_close_matches("".join(c for c in wanted.casefold() if c.isalnum()), plain, n=1, cutoff=0.5)
    return plain[near[0]] if near else None
