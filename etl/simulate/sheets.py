"""One export file of the simulated registry while it is made: its cells as text, and where each row will stand in the file."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

# Columns of a sheet that are no columns of the file: whose row it is, and a line to be written as it stands in place of the cells.
PERSON, TUMOUR, LINE = "_person_no", "_tumour_no", "_line"
HIDDEN = (PERSON, TUMOUR, LINE)


@dataclass(frozen=True)
class Form:
    """How the cells of one file become bytes. `kind` is csv, fixed or xlsx; `above` are lines before the first row (header and all),
    `below` lines after the last, in which {rows} stands for the number of rows."""

    kind: str
    above: tuple[str, ...]
    delimiter: str = ","
    encoding: str = "utf-8"
    line_end: str = "\n"
    mark: bytes = b""
    widths: tuple[int, ...] = ()
    below: tuple[str, ...] = ()


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

    def lines(self) -> pl.DataFrame:
        """One row per row: `line` as it stands in a text file, line breaks in cells included, without the end of the line."""
        made = _fixed(self) if self.form.kind == "fixed" else _delimited(self)
        return self.rows.select(line=pl.coalesce(pl.col(LINE), made))

    def physical_rows(self) -> pl.Series:
        """The 1-based physical line (or sheet row) on which each row begins."""
        first = len(self.form.above) + 1
        if self.form.kind == "xlsx":
            return pl.int_range(first, first + self.rows.height, eager=True).alias("row")
        breaks = self.lines()["line"].str.count_matches("\n", literal=True).cast(pl.Int64) + 1
        return (breaks.cum_sum() - breaks + first).alias("row")


def _delimited(sheet: Sheet) -> pl.Expr:
    return pl.concat_str([quoted(column, sheet.form.delimiter) for column in sheet.columns], separator=sheet.form.delimiter)


def quoted(column: str, delimiter: str) -> pl.Expr:
    """A cell as it stands in a delimited file: in quotes where it holds a delimiter, a quote or a line break."""
    text = pl.col(column).fill_null("")
    special = text.str.contains('["\n\r' + delimiter + "]")
    doubled = '"' + text.str.replace_all('"', '""', literal=True) + '"'
    return pl.when(special).then(doubled).otherwise(text)


def _fixed(sheet: Sheet) -> pl.Expr:
    cells = zip(sheet.columns, sheet.form.widths, strict=True)
    return pl.concat_str([pl.col(column).fill_null("").str.slice(0, width).str.pad_end(width) for column, width in cells])
