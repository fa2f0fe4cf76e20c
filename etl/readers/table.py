"""One landed file as a table of text: the fields of its contract, the ledger of its physical lines, what was noticed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import polars as pl

from etl.landing.land import LandedFile
from etl.readers.cells import fields
from etl.readers.csv_exact import UNCLOSED, parse_exact
from etl.readers.csv_fast import parse_fast
from etl.readers.csv_lines import NotOneLineEachError
from etl.readers.excel import parse_excel
from etl.readers.find_out import decided
from etl.readers.fixed import parse_fixed
from etl.readers.headers import Columns, match
from etl.readers.naaccr_xml import parse_naaccr
from etl.readers.notices import Notices
from etl.readers.other_tables import OtherTables, other_tables
from etl.readers.parsed import Parsed, unreadable
from etl.readers.physical import physical_rows
from etl.readers.row_count import check_row_count
from etl.readers.some_lines import numbered, part_with
from etl.readers.text import torn
from etl.readers.totals import totals
from schemas.checks.fields import read_headers
from schemas.contract import Contract
from schemas.contract_format import Format
from schemas.core import frames
from schemas.core.errors import UnreadableError, few

# What to do where the copy in landing/ is not what was landed.
ANEW = "deliver the file again, or put the copy back from a backup"


@dataclass(frozen=True)
class RawTable:
    """What one file delivers, untyped.

    `rows`: one row per data row, identified by `source_row` (Int64, the physical line or sheet row where it begins), then one
    String column per field of the contract: trimmed, null where blank or a null token. A column of a spreadsheet that holds
    real dates has the Boolean companion `<field>__typed` (schemas.contract.TYPED): the dates are written ISO, and their cells
    are marked. `ledger`: every physical line once. `counts`: outcomes of the reading edits on this file. `epoch`: from which
    year the serials of the workbook count, null where the file is none. `physical_rows`: lines of the text or rows of the sheet,
    counted apart from what became of them. `sums`: rows refused because they sum up a column or stand under another header,
    with the columns of `rows`; `torn`: those refused for the number of their cells, `source_row` and `text`; None where there is none.
    `absent`: optional fields whose column is not there; `extra`: headers that no field has, each with the number of its column from 1.
    `misnumbered`: of NAACCR XML the items that the contract reads whose naaccrNum is another item's.
    """

    file: LandedFile
    contract: Contract
    rows: pl.DataFrame
    ledger: pl.DataFrame
    findings: pl.DataFrame
    counts: pl.DataFrame
    epoch: int | None = None
    physical_rows: int = 0
    sums: pl.DataFrame | None = None
    torn: pl.DataFrame | None = None
    absent: tuple[str, ...] = ()
    extra: Mapping[str, int] = field(default_factory=dict)
    misnumbered: tuple[str, ...] = ()


def read(landed: LandedFile, contract: Contract) -> RawTable:
    """Read one landed file by its contract; raises UnreadableError where it breaks it."""
    parsed, final_newline = _parsed(landed, contract)
    name = landed.name
    columns = _columns(landed, parsed, contract)
    is_whole = parsed.rows["n_cells"] == parsed.width
    ragged = parsed.rows.filter(~is_whole)
    whole = parsed.rows.filter(is_whole) if ragged.height else parsed.rows
    if not whole.height and (ragged.height or parsed.n_refused) and landed.gone is None:
        unreadable("ragged", name, parsed.header_row, f"no row has the {parsed.width} cells of the header")
    refused = {"ragged": ragged["source_row"].to_list(), **parsed.refused}
    parsed.rows = whole.select("source_row")
    found = fields(whole, parsed, contract, columns)
    sums = totals(found.rows, whole, contract, columns)
    tables = other_tables(found.rows, whole, contract, columns)
    for reason, met in _no_records(sums.refused, tables).items():
        refused[reason] = sorted([*refused.get(reason, []), *met])
    rows, apart = _without(found.rows, [*sums.refused, *tables.again, *tables.other])
    about = _noticed(parsed, contract, columns, final_newline=final_newline)
    told = {"ragged": [f"{n} cells where the header has {parsed.width}" for n in ragged["n_cells"]]}
    notices = Notices(landed.source_key, rows.height, refused, about, [*found.noticed, *sums.doubtful], told)
    ledger = _ledger(name, parsed, rows.height, refused)
    physical = parsed.sheet_rows if parsed.sheet_rows is not None else physical_rows(landed)
    extra = {header: columns.headers.index(header) + 1 for header in columns.extra}
    return RawTable(
        landed, contract, rows, ledger, notices.findings(), notices.counts(), parsed.epoch, physical, apart, _text(ragged),
        tuple(columns.absent), extra, tuple(parsed.misnumbered),
    )  # fmt: skip


def _columns(landed: LandedFile, parsed: Parsed, contract: Contract) -> Columns:
    """Where the fields stand; refuses a file that is no delivery of this contract, or not all of it."""
    name = landed.name
    if not parsed.header:
        unreadable("empty", name, None, "the file has no header row")
    columns = match(name, parsed, contract)
    _has_no_bare_column(name, parsed, contract, columns)
    is_whole = contract.delivery == "snapshot"  # of what brings only what is new a night may have nothing
    if is_whole and not parsed.rows.height and not parsed.n_refused and landed.gone is None:
        unreadable("no_rows", name, parsed.header_row, "the file has a header and no rows")
    _not_truncated(name, parsed)
    check_row_count(name, parsed, contract, landed.rows_gone)
    return columns


def _no_records(sums: list[int], tables: OtherTables) -> dict[str, list[int]]:
    """By reason the rows that hold no record of this table; each has one reason."""
    found = {"total_row": sorted(set(sums) - set(tables.other)), "header_again": tables.again, "other_table": tables.other}
    return {reason: rows for reason, rows in found.items() if rows}


def _without(rows: pl.DataFrame, refused: list[int]) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    is_refused = pl.col("source_row").is_in(refused)
    return (rows.filter(~is_refused), rows.filter(is_refused)) if refused else (rows, None)


def _text(ragged: pl.DataFrame) -> pl.DataFrame | None:
    cells = [name for name in ragged.columns if name.isdecimal()]
    return ragged.select("source_row", text=pl.concat_str(cells, separator="\x1f", ignore_nulls=True)) if ragged.height else None


def some_rows(landed: LandedFile, contract: Contract, rows: pl.Series) -> pl.DataFrame:
    """The rows of a file that was read before, with these numbers, as in `RawTable.rows`; of a text the others are not cut."""
    parsed, _ = _parsed(landed, contract, rows)
    wanted = pl.col("source_row").is_in(rows.implode()) & (pl.col("n_cells") == parsed.width)
    return fields(parsed.rows.filter(wanted), parsed, contract, match(landed.name, parsed, contract)).rows


class Spans(NamedTuple):
    """`rows`: one row per row of a file that was cut: `source_row`, `span` (physical lines) and `is_whole` (as many cells as the header
    has). `header`: the line of the first header row.
    """

    rows: pl.DataFrame
    header: int


def spans(landed: LandedFile) -> Spans:
    """Where the rows of a file that was read before stand."""
    parsed, _ = _parsed(landed, landed.contract)
    return Spans(parsed.rows.select("source_row", "span", is_whole=pl.col("n_cells") == parsed.width), parsed.header_row)


def utf8_of(landed: LandedFile) -> bytes:
    """The text of a file in UTF-8, as its lines are numbered."""
    return decided(landed.name, landed.path.read_bytes(), landed.contract.format)[1]


def _parsed(landed: LandedFile, contract: Contract, only: pl.Series | None = None) -> tuple[Parsed, bool]:
    """The file cut into rows and cells, and whether its last line is ended. The bytes are dropped on return.

    `only`: numbers of the rows that are needed; the others may be there or not, and what is noticed is not complete.
    """
    content = _bytes(landed)
    if hashlib.sha256(content).hexdigest() != landed.sha256:
        says = f"its landed copy {landed.path.name} has changed since it was landed; {ANEW}"
        unreadable("damaged", landed.name, None, says)
    if not content:
        unreadable("empty", landed.name, None, "the file is empty")
    if contract.format.kind == "excel":
        return parse_excel(landed.name, content, contract.format), True
    if contract.format.kind == "naaccr_xml":
        return parse_naaccr(landed.name, content, contract), True
    layout, utf8, words = decided(landed.name, content, contract.format)
    del content
    parsed = parse_fixed(landed.name, utf8, contract, only) if layout.kind == "fixed" else _cut_asked(landed.name, utf8, layout, only)
    if words:
        parsed.noticed["READ-FOUND-OUT"] = words
    if only is None and (n_torn := torn(utf8)):
        parsed.noticed["READ-TORN-TEXT"] = [f"{n_torn} characters"]
    return parsed, utf8.endswith((b"\n", b"\r"))


def _bytes(landed: LandedFile) -> bytes:
    try:
        return landed.path.read_bytes()
    except FileNotFoundError:
        unreadable("gone", landed.name, None, f"its landed copy {landed.path.name} is gone; {ANEW}")


def _cut_asked(name: str, utf8: bytes, layout: Format, only: pl.Series | None) -> Parsed:
    """All rows where not some are asked for, or where the lines around these do not tell them from the others."""
    rows = np.empty(0, np.int64) if only is None else only.unique().sort().to_numpy()
    part = part_with(utf8, layout, rows)
    if part is not None:
        with suppress(UnreadableError):
            found = numbered(_cut(name, part.content, layout), part, rows)
            if found is not None:
                return found
    return _cut(name, utf8, layout)


def _cut(name: str, utf8: bytes, layout: Format) -> Parsed:
    try:
        return parse_fast(utf8, layout)
    except NotOneLineEachError:
        return parse_exact(name, utf8, layout)


def _has_no_bare_column(name: str, parsed: Parsed, contract: Contract, columns: Columns) -> None:
    """Refuse data under no header where the contract names all columns there may be."""
    if contract.columns != "exact":
        return
    bare = [place for place, header in enumerate(columns.headers) if not header]
    held = [place + 1 for place in bare if parsed.rows[str(place)].str.contains(r"\S").any()]
    if held:
        says = f"columns without a header that hold data: {', '.join(few(held))} (write `columns: open` to leave them unread)"
        unreadable("extra_column", name, parsed.header_row, says)


def _not_truncated(name: str, parsed: Parsed) -> None:
    """A last row that is too short was cut off in transfer; a ragged row of several lines has swallowed others."""
    last = parsed.rows.select("source_row", "n_cells").tail(1)
    if last.height and last["n_cells"][0] < parsed.width:
        says = f"the last row has {last['n_cells'][0]} of {parsed.width} cells: the file is cut off"
        unreadable("truncated", name, int(last["source_row"][0]), says)
    swallowed = parsed.rows.select("source_row", "n_cells", "span").filter((pl.col("n_cells") != parsed.width) & (pl.col("span") > 1))
    if swallowed.height:
        unreadable("unclosed_quote", name, int(swallowed["source_row"][0]), UNCLOSED)


def _ledger(name: str, parsed: Parsed, whole: int, refused: dict[str, list[int]]) -> pl.DataFrame:
    not_data = [(name, "read", "row", "not_data", reason, n) for reason, n in sorted(parsed.not_data.items())]
    lost = [(name, "read", "row", "refused", reason, len(rows)) for reason, rows in refused.items()]
    return frames.ledger([(name, "read", "row", "goes_on", "", whole), *lost, *not_data])


def _noticed(parsed: Parsed, contract: Contract, columns: Columns, *, final_newline: bool) -> dict[str, list[str]]:
    """What is to be said of the file as a whole: edit, and the headers or words it names."""
    absent = [read_headers(name, contract.fields[name])[0] for name in columns.absent]
    absent += [f"{contract.fields[name].headers(name)[0]}___{choice}" for name, of in columns.choices.items() if of
               for choice in contract.fields[name].checkbox if choice not in of]  # fmt: skip
    extra = [*columns.extra, *parsed.noticed.get("READ-EXTRA-COLUMN", [])]
    noticed = {**parsed.noticed, "READ-EXTRA-COLUMN": extra, "READ-ABSENT-COLUMN": absent}
    said = {edit: words for edit, words in noticed.items() if words}
    return said if final_newline else {**said, "READ-NO-LINE-END": []}
