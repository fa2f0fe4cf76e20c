"""One landed file as a table of text: the fields of its contract, the ledger of its physical lines, what was noticed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import polars as pl

from etl.land import LandedFile
from etl.readers.csv_exact import UNCLOSED, parse_exact
from etl.readers.csv_fast import NotOneLineEachError, parse_fast
from etl.readers.headers import Columns, match
from etl.readers.notices import Notices
from etl.readers.parsed import Parsed, unreadable
from etl.readers.text import as_utf8
from schemas.contract import Contract
from schemas.core import frames


@dataclass(frozen=True)
class RawTable:
    """What one file delivers, untyped.

    `rows`: one row per data row, identified by `source_row` (Int64, the physical line where it begins), then one String
    column per field of the contract: trimmed, null where blank or a null token. `ledger`: every physical line once.
    `counts`: outcomes of the reading edits on this file.
    """

    file: LandedFile
    contract: Contract
    rows: pl.DataFrame
    ledger: pl.DataFrame
    findings: pl.DataFrame
    counts: pl.DataFrame


def read(landed: LandedFile, contract: Contract) -> RawTable:
    """Read one landed file by its contract; raises UnreadableError where it breaks it."""
    parsed, final_newline = _parsed(landed, contract)
    name = landed.name
    if not parsed.header:
        unreadable("empty", name, None, "the file has no header row")
    columns = match(name, parsed, contract)
    if not parsed.rows.height and not parsed.malformed:
        unreadable("no_rows", name, parsed.header_row, "the file has a header and no rows")
    _not_truncated(name, parsed)
    ragged = parsed.rows.filter(pl.col("n_cells") != parsed.width)
    whole = parsed.rows.filter(pl.col("n_cells") == parsed.width) if ragged.height else parsed.rows
    if not whole.height:
        unreadable("ragged", name, parsed.header_row, f"no row has the {parsed.width} cells of the header")
    refused = {"ragged": ragged["source_row"].to_list(), "malformed": parsed.malformed}
    notices = Notices(landed.source_key, whole.height, refused, _noticed(contract, columns, final_newline=final_newline))
    rows, ledger = _fields(whole, contract, columns), _ledger(name, parsed, whole.height, refused)
    return RawTable(landed, contract, rows, ledger, notices.findings(), notices.counts())


def _parsed(landed: LandedFile, contract: Contract) -> tuple[Parsed, bool]:
    """The file cut into rows and cells, and whether its last line is ended. The bytes are dropped on return."""
    content = landed.path.read_bytes()
    if hashlib.sha256(content).hexdigest() != landed.sha256:
        says = f"its landed copy has changed since it was landed; remove {landed.path.name} and run again"
        unreadable("damaged", landed.name, None, says)
    utf8 = as_utf8(landed.name, content, contract.format.encoding)
    del content
    try:
        parsed = parse_fast(utf8, contract.format)
    except NotOneLineEachError:
        parsed = parse_exact(landed.name, utf8, contract.format)
    return parsed, utf8.endswith((b"\n", b"\r"))


def _not_truncated(name: str, parsed: Parsed) -> None:
    """A last row that is too short was cut off in transfer; a ragged row of several lines has swallowed others."""
    last = parsed.rows.tail(1)
    if last.height and last["n_cells"][0] < parsed.width:
        says = f"the last row has {last['n_cells'][0]} of {parsed.width} cells: the file is cut off"
        unreadable("truncated", name, int(last["source_row"][0]), says)
    swallowed = parsed.rows.filter((pl.col("n_cells") != parsed.width) & (pl.col("span") > 1))
    if swallowed.height:
        unreadable("unclosed_quote", name, int(swallowed["source_row"][0]), UNCLOSED)


def _fields(rows: pl.DataFrame, contract: Contract, columns: Columns) -> pl.DataFrame:
    """One text column per field; trimmed outside, unchanged inside, blank and null tokens are null, as is every identifier."""
    cells = {}
    for name, field in contract.fields.items():
        place = columns.places[name]
        if place is None or field.identifier:
            cells[name] = pl.lit(None, pl.String)
            continue
        text = pl.col(str(place)).str.strip_chars()
        tokens = ["", *contract.null_tokens, *field.null_tokens]
        cells[name] = pl.when(text.is_in(tokens).not_()).then(text)
    return rows.lazy().select("source_row", **cells).collect()


def _ledger(name: str, parsed: Parsed, whole: int, refused: dict[str, list[int]]) -> pl.DataFrame:
    not_data = [(name, "read", "row", "not_data", reason, n) for reason, n in sorted(parsed.not_data.items())]
    lost = [(name, "read", "row", "refused", reason, len(rows)) for reason, rows in refused.items()]
    return frames.ledger([(name, "read", "row", "goes_on", "", whole), *lost, *not_data])


def _noticed(contract: Contract, columns: Columns, *, final_newline: bool) -> dict[str, list[str]]:
    """What is to be said of the file as a whole: edit, and the headers it names."""
    absent = [contract.fields[name].headers(name)[0] for name, place in columns.places.items() if place is None]
    said = {"READ-EXTRA-COLUMN": columns.extra, "READ-ABSENT-COLUMN": absent}
    noticed = {edit: headers for edit, headers in said.items() if headers}
    return noticed if final_newline else {**noticed, "READ-NO-LINE-END": []}
