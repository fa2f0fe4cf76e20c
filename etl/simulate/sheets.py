"""One export file of the simulated registry while it is made: its cells as text, and where each row will stand in the file."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

# Columns of a sheet that are no columns of the file: whose row it is, and a line to be written as it stands in place of the cells.
PERSON, TUMOUR, LINE = "_person_no", "_tumour_no", "_line"
HIDDEN = (PERSON, TUMOUR, LINE)
# In place of a line of a workbook: which of its cells are merged, as `merged:FIRST COLUMN:LAST COLUMN`.
MERGED = "merged:"


@dataclass(frozen=True)
class Form:
    """How the cells of one file become bytes. `kind` is csv, fixed or xlsx; `above` are lines before the first row (header and all),
    `below` lines after the last, in which {rows} stands for the number of rows; `ends_last` says whether the last line is ended."""

    kind: str
    above: tuple[str, ...]
    delimiter: str = ","
    encoding: str = "utf-8"
    line_end: str = "\n"
    mark: bytes = b""
    widths: tuple[int, ...] = ()
    below: tuple[str, ...] = ()
    ends_last: bool = True


@dataclass(frozen=True)
class Sheet:
    """One row per row of the file, in its order; the columns of the file are text (null = empty cell), then the hidden ones."""

    name: str
    form: Form
    rows: pl.DataFrame

    @property
    def columns(self) -> list[str]:
        """The columns of the file."""
        return [column for column in self.rows.columns if column not in HIDDEN]

    def columns_of_file(self, *others: str) -> list[str]:
        """The columns of the file, where the rows carry `others` beside the hidden ones."""
        return [column for column in self.columns if column not in others]

    def with_rows(self, rows: pl.DataFrame) -> Sheet:
        """The same file with other rows."""
        return replace(self, rows=rows)

    def without_last_line_end(self) -> Sheet:
        """The same file, its last line not ended."""
        return replace(self, form=replace(self.form, ends_last=False))

    def merged(self) -> list[tuple[int, str, str]]:
        """The sheet row of each row with merged cells, the first and the last of their columns."""
        named = self.rows.select(LINE).with_columns(row=self.physical_rows()).filter(pl.col(LINE).str.starts_with(MERGED))
        columns = named[LINE].str.strip_prefix(MERGED).str.split(":")
        return [(row, first, last) for row, (first, last) in zip(named["row"], columns, strict=True)]

    def lines(self) -> pl.DataFrame:
        """One row per row: `line` as it stands in a text file, line breaks in cells included, without the end of the line."""
        made = _fixed(self) if self.form.kind == "fixed" else _delimited(self)
        return self.rows.select(line=pl.coalesce(pl.col(LINE), made))

    def physical_rows(self) -> pl.Series:
        """The 1-based physical line (or sheet row) on which each row begins."""
        first = len(self.form.above) + 1
        if self.form.kind == "xlsx":
            return pl.int_range(first, first + self.rows.height, eager=True).alias("row")
        lines = self.rows.select(lines=self._breaks().cast(pl.Int64) + 1)["lines"]
        return (lines.cum_sum() - lines + first).alias("row")

    def _breaks(self) -> pl.Expr:
        """Line breaks within each row. Counted in the cells: to make all lines of a large file only to count takes its size twice."""
        whole = pl.col(LINE).str.count_matches("\n", literal=True)
        cells = [_breaks_of(self.rows[column], width) for column, width in self._widths().items()]
        return pl.coalesce(whole, pl.sum_horizontal(pl.lit(0, pl.UInt32), *(cell for cell in cells if cell is not None)))

    def _widths(self) -> dict[str, int | None]:
        """The columns of the file and the width to which each is cut, None where cells are as long as they are."""
        widths = self.form.widths or [None] * len(self.columns)
        return dict(zip(self.columns, widths, strict=True))


def _breaks_of(cells: pl.Series, width: int | None) -> pl.Series | None:
    """Line breaks of each cell; None where no cell of the column holds one."""
    if not cells.str.contains("\n", literal=True).any():
        return None
    kept = cells if width is None else cells.str.slice(0, width)
    return kept.str.count_matches("\n", literal=True).fill_null(0)


def _delimited(sheet: Sheet) -> pl.Expr:
    return pl.concat_str([_quoted(sheet.rows[column], sheet.form.delimiter) for column in sheet.columns], separator=sheet.form.delimiter)


def _quoted(cells: pl.Series, delimiter: str) -> pl.Expr:
    """Cells as they stand in a delimited file: in quotes where they hold a delimiter, a quote or a line break; most columns hold none."""
    text = pl.col(cells.name).fill_null("")
    special = cells.str.contains('["\n\r' + delimiter + "]")
    if not special.any():
        return text
    doubled = '"' + text.str.replace_all('"', '""', literal=True) + '"'
    return pl.when(special).then(doubled).otherwise(text)


def _fixed(sheet: Sheet) -> pl.Expr:
    cells = zip(sheet.columns, sheet.form.widths, strict=True)
    return pl.concat_str([pl.col(column).fill_null("").str.slice(0, width).str.pad_end(width) for column, width in cells])
