"""How the bytes of a file become rows and cells: the mapping `format` of a contract (docs/contracts.md)."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field as Option

from schemas.model import Model, expression_problems

AUTO = "auto"
Kind = Literal["csv", "excel", "fixed", "naaccr_xml"]
Character = Annotated[str, Option(min_length=1, max_length=1)]
TABLES: tuple[Kind, ...] = ("csv", "excel", "fixed")
# Keys that have a meaning for some kinds of file only. An XML file says its encoding itself, and has neither header nor footer.
OF_KIND: dict[str, tuple[Kind, ...]] = {
    "encoding": ("csv", "fixed"),
    "delimiter": ("csv",),
    "quote": ("csv",),
    "comment": TABLES,
    "sheet": ("excel",),
    "epoch": ("excel",),
    "layout": ("fixed",),
    "short_lines": ("fixed",),
    "line_length": ("fixed",),
    "header_separator": ("csv", "excel"),
    "fill_headers": ("csv", "excel"),
    "fill_merged": ("excel",),
    "preamble_rows": TABLES,
    "header_rows": TABLES,
    "footer_rows": TABLES,
    "trailer": TABLES,
    "rows": ("naaccr_xml",),
}


class Format(Model):
    """How the bytes of a file become rows and cells."""

    kind: Kind = "csv"
    encoding: str = "utf-8"
    delimiter: Character | Literal["auto"] = ","
    quote: Character | Literal["auto"] | None = '"'
    decimal: Literal[".", ","] = "."
    comment: Annotated[str, Option(min_length=1)] | None = None
    preamble_rows: Annotated[int, Option(ge=0)] = 0
    header_rows: Annotated[int, Option(ge=0, le=9)] | None = None
    header_separator: str = " "
    fill_headers: bool = False
    fill_merged: bool = False
    footer_rows: Annotated[int, Option(ge=0)] = 0
    trailer: str | None = None
    sheet: str | Annotated[int, Option(ge=1)] = 1
    epoch: Literal["auto", 1900, 1904] = "auto"
    layout: Annotated[str, Option(pattern=r"^[^/\\]+\.csv$")] | None = None
    short_lines: Literal["pad", "refuse"] = "pad"
    line_length: Annotated[int, Option(ge=1)] | None = None
    rows: Literal["tumour", "patient"] = "tumour"

    @property
    def heads(self) -> int:
        """Rows that together are the header: one where nothing is said, none of a file with a layout."""
        return (0 if self.kind == "fixed" else 1) if self.header_rows is None else self.header_rows

    @property
    def found_out(self) -> tuple[str, ...]:
        """What is decided from the bytes of each file."""
        return tuple(key for key in ("encoding", "delimiter", "quote") if getattr(self, key) == AUTO)

    def problems(self) -> Iterator[str]:
        """An encoding that Python knows; characters that do not stand for two things; keys of this kind of file."""
        for key in sorted(self.model_fields_set):
            if self.kind not in OF_KIND.get(key, (self.kind,)):
                yield f"'{key}' has no meaning for 'kind: {self.kind}'"
        if self.encoding != AUTO and not is_encoding(self.encoding):
            yield "'encoding' is no encoding of text that Python knows"
        if self.delimiter == self.quote != AUTO or self.delimiter in "\r\n" or (self.quote or "") in ("\r", "\n"):
            yield "'delimiter' and 'quote' must be two different characters and no line end"
        if self.kind == "fixed" and self.layout is None:
            yield "'kind' fixed needs a 'layout': a CSV file in contracts/ with the columns field,start,width"
        if self.kind in ("csv", "excel") and self.header_rows == 0:
            yield f"'header_rows' is at least 1 where 'kind' is {self.kind}: its columns are found by their headers"
        yield from self._trailer_problems()

    def _trailer_problems(self) -> Iterator[str]:
        if self.trailer is None:
            return
        if not self.footer_rows:
            yield "'trailer' is looked for in the footer: say how many 'footer_rows' there are"
        yield from (f"'trailer': {says}" for says in expression_problems(self.trailer, group="rows"))


def sheets_apart(formats: Sequence[Format]) -> bool:
    """Whether each of several readings of one workbook has a sheet of its own: all by name, or all by number, for the two may meet."""
    sheets = [one.sheet if isinstance(one.sheet, int) else one.sheet.casefold() for one in formats]
    told = all(one.kind == "excel" and "sheet" in one.model_fields_set for one in formats)
    return told and len(sheets) > 1 and len(set(sheets)) == len(sheets) and len({type(sheet) for sheet in sheets}) == 1


def is_encoding(name: str) -> bool:
    """Whether Python decodes bytes to text by that name (it also knows codecs that are none, such as hex)."""
    try:
        io.TextIOWrapper(io.BytesIO(), encoding=name)
    except (LookupError, UnicodeError, ValueError):
        return False
    return True
