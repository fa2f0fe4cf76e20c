"""Labelled defects put into the sheets of the simulated registry: who is hit, what is changed, and what is remembered of it.

One woman carries one defect at most, so that what a check finds has one cause. The thirteen women of the paper carry none, and the other
women of the cohort only such defects as are restored with certainty: after cleaning, the published margins hold exactly.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from etl.simulate.sheets import HIDDEN, PERSON, TUMOUR, Sheet
from etl.simulate.wording import EXCEL_EPOCH
from etl.simulate.workbook import NUMBER

# The labels of truth/defects.csv, before rows have their physical number. `at` is the row's id within its sheet.
LABELS = {
    "kind": pl.String, "file": pl.String, "at": pl.Int64, "column": pl.String, "clean_value": pl.String, "expected": pl.String,
    "person_no": pl.Int64,
}  # fmt: skip
AT = "_at"
PER_KIND = 0.0035  # share of women hit by each kind: five of 1,500
MOST = 500
HELD = (
    2  # of a kind whose error holds all records of a woman, whatever the size: the cohort has 322, and each may be one until she is mended
)
POOL = 200_000  # of more women than these, only so many (drawn by the seed) can be hit: a million need not be looked at for each kind
RARE = 3  # a kind that only fits few rows takes at most every third of them, so that others find some too


class Label(NamedTuple):
    """What is said of a defect: its kind, its file, and the one thing that the product should make of it.

    `restored` (the value is the true one), `interval` (a date that holds the true day), `null` (unknown, nothing is said), `merged`
    (one person after all), `refused` (the row delivers nothing), `no_record` (a line of nobody), `finding` (unknown, and reading says
    so), `edit` (that edit is violated), `noticed` (reading says it of the file, and nothing of the file is wrong), `undetectable`; a code
    behind the word is the finding that has to stand beside it.
    """

    kind: str
    file: str
    expected: str = ""
    column: str = ""


@dataclass(frozen=True)
class Cell:
    """A defect that changes one cell: `change` makes the new text of the rows that `where` allows.

    Both may use the columns of the file, and the facts of the woman (`etl.simulate.victims`). `expected` is a word of Label or an
    expression that gives one. `restorable` says that the product restores the value with certainty, so that it may hit women of the
    cohort; `holds` that all records of the woman are held. Several cells of one kind share its number of victims.
    """

    kind: str
    file: str
    column: str
    change: pl.Expr
    expected: str | pl.Expr
    where: pl.Expr = field(default_factory=lambda: pl.col(PERSON).is_not_null())
    restorable: bool = False
    holds: bool = False
    fills: bool = False  # the defect writes into an empty cell

    @property
    def fits(self) -> pl.Expr:
        """The rows that can be hit."""
        return self.where & (pl.col(self.column).is_null() if self.fills else pl.col(self.column).is_not_null())

    @property
    def outcome(self) -> pl.Expr:
        """The word of each row."""
        return pl.lit(self.expected) if isinstance(self.expected, str) else self.expected


class Injury:
    """The sheets while defects are put in. Rows keep an id (`_at`), so that labels survive rows that come in between."""

    def __init__(self, sheets: Mapping[str, Sheet], facts: pl.DataFrame, women: int, seed: int) -> None:
        self.seed, self.count = seed, min(max(1, round(women * PER_KIND)), MOST)
        self.sheets = {name: _numbered(sheet) for name, sheet in sheets.items()}
        size = int(facts["person_no"].max() or 0) + 1  # type: ignore[arg-type] # a whole number, as the column
        self.taken, self.cohort = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
        self.taken[facts.filter("is_paper")["person_no"].to_numpy()] = True
        self.cohort[facts.filter("is_cohort")["person_no"].to_numpy()] = True
        self.facts = facts if size <= POOL else facts.filter(pl.col("person_no").is_in(self._pool(size).implode()))
        self.candidates: dict[str, pl.DataFrame] = {}
        self.places: dict[str, np.ndarray[Any, np.dtype[np.int64]]] = {}
        self.labels: list[pl.DataFrame] = []

    def _pool(self, size: int) -> pl.Series:
        return pl.Series(self.generator("pool").choice(size, POOL, replace=False))

    def generator(self, kind: str) -> np.random.Generator:
        """Random numbers of one kind of defect: adding a kind does not change the others' draws."""
        return np.random.default_rng([self.seed, zlib.crc32(kind.encode())])

    def known(self, file: str) -> pl.DataFrame:
        """The rows of one file that can be hit, as they were at first, with the facts of their women.

        A woman is hit once, so her row is still as it was when she is chosen.
        """
        if file not in self.candidates:
            rows = self.sheets[file].rows.with_columns(pl.col(TUMOUR).fill_null(1).alias(TUMOUR))
            on = {"left_on": [PERSON, TUMOUR], "right_on": ["person_no", "tumour_no"]}
            self.candidates[file] = rows.join(self.facts, how="inner", maintain_order="left", **on)  # type: ignore[arg-type] # names only
        return self.candidates[file]

    def rows_fit(self, file: str, where: pl.Expr, *, restorable: bool) -> np.ndarray[Any, np.dtype[np.int64]]:
        """The rows (places in `known`) that can be hit, one per woman who is still whole."""
        known = self.known(file)
        fits = known.select(where.fill_null(value=False).alias("fits"))["fits"].to_numpy()
        persons = known[PERSON].to_numpy()
        rows = np.flatnonzero(fits & ~self.taken[persons] & (restorable | ~self.cohort[persons]))
        return rows[np.sort(np.unique(persons[rows], return_index=True)[1])]

    def pick(self, kind: str, file: str, where: pl.Expr, *, restorable: bool = False, at_most: int | None = None) -> pl.DataFrame:
        """The rows hit by one kind, with their facts; the women are marked as taken."""
        known, rows = self.known(file), self.rows_fit(file, where, restorable=restorable)
        wanted = min(self.count if at_most is None else at_most, max(1, -(-len(rows) // RARE)), len(rows))
        chosen = known[np.sort(self.generator(f"{kind} {file}").choice(rows, wanted, replace=False))]
        self.taken[chosen[PERSON].to_numpy()] = True
        return chosen

    def change_all(self, cells: Sequence[Cell]) -> None:
        """Put all kinds of cell defects in, those first that fit the fewest rows: a woman is hit once, and others can take anyone."""
        fitting = {place: len(self.rows_fit(one.file, one.fits, restorable=one.restorable)) for place, one in enumerate(cells)}
        several = Counter(one.kind for one in cells)
        for place in sorted(fitting, key=lambda place: (fitting[place], place)):
            one = cells[place]
            of_kind = min(self.count, HELD) if one.holds else self.count
            self.change(one, -(-of_kind // several[one.kind]))

    def change(self, defect: Cell, at_most: int) -> None:
        """Put one kind of cell defect in."""
        chosen = self.pick(defect.kind, defect.file, defect.fits, restorable=defect.restorable, at_most=at_most)
        new = chosen.select(AT, PERSON, new=defect.change.cast(pl.String), old=pl.col(defect.column), expected=defect.outcome)
        self.put(Label(defect.kind, defect.file, column=defect.column), new)

    def put(self, label: Label, new: pl.DataFrame) -> None:
        """Write `new` (_at, _person_no, new, old; `expected` where it differs by row) into a column and note the labels.

        Where nothing changes there is no defect.
        """
        new = new.filter(~pl.col("new").eq_missing(pl.col("old")))
        rows = self.sheets[label.file].rows
        cells = rows[label.column].scatter(self._places(label.file)[new[AT].to_numpy()], new["new"])
        self.sheets[label.file] = self.sheets[label.file].with_rows(rows.with_columns(cells.alias(label.column)))
        self.note(label, new)

    def change_rows(self, file: str, at: pl.Series, cells: pl.Expr) -> None:
        """Change further cells of the rows with the ids `at`: what belongs to a defect whose label stands at another cell."""
        name, rows = cells.meta.output_name(), self.sheets[file].rows
        changed = pl.when(pl.col(AT).is_in(at.implode())).then(cells).otherwise(pl.col(name)).alias(name)
        self.sheets[file] = self.sheets[file].with_rows(rows.with_columns(changed))

    def take_out(self, file: str, persons: pl.Series) -> None:
        """Drop the rows of these women."""
        rows = self.sheets[file].rows
        self.places.pop(file, None)
        self.candidates.pop(file, None)
        self.sheets[file] = self.sheets[file].with_rows(rows.filter(~pl.col(PERSON).is_in(persons.implode()).fill_null(value=False)))

    def _places(self, file: str) -> np.ndarray[Any, np.dtype[np.int64]]:
        """The place of each row in its file by the row's id; found anew after rows were put in."""
        if file not in self.places:
            ids = self.sheets[file].rows[AT].to_numpy()
            self.places[file] = np.empty(int(ids.max()) + 1, dtype=np.int64)
            self.places[file][ids] = np.arange(len(ids))
        return self.places[file]

    def insert(self, label: Label, rows: pl.DataFrame, *, before: pl.Series | None = None) -> None:
        """Put further rows in: at the end, or each before the row with the id in `before`. `rows` has the columns of the sheet."""
        sheet = self.sheets[label.file]
        self.places.pop(label.file, None)
        first = int(sheet.rows[AT].max() or 0) + 1  # type: ignore[arg-type] # ids are whole numbers
        named = rows.with_columns(pl.int_range(first, first + rows.height, dtype=pl.Int64).alias(AT))
        places = sheet.rows.with_row_index("_place").select(AT, "_place")
        last = pl.lit(sheet.rows.height, pl.Float64)
        if before is None:
            placed = named.with_columns(_order=last)
        else:
            at = pl.DataFrame({AT: before}).join(places, on=AT, how="left", maintain_order="left")["_place"]
            placed = named.with_columns(_order=at.cast(pl.Float64) - 0.5)
        old = sheet.rows.with_row_index("_order").with_columns(pl.col("_order").cast(pl.Float64))
        joined = pl.concat([old, placed.select(old.columns)]).sort("_order", maintain_order=True).drop("_order")
        self.sheets[label.file] = sheet.with_rows(joined)
        self.note(label, named)

    def note_file(self, label: Label) -> None:
        """Remember what was done to a file as a whole; the label has no row."""
        self.note(label, pl.DataFrame({AT: [None], PERSON: [None]}, schema={AT: pl.Int64, PERSON: pl.Int64}))

    def note(self, label: Label, hit: pl.DataFrame) -> None:
        """Remember what was done to the rows `hit`: _at and _person_no, `old` where it is a cell, `expected` where it differs by row."""
        old = pl.col("old") if "old" in hit.columns else pl.lit(None, pl.String)
        expected = pl.col("expected") if "expected" in hit.columns else pl.lit(label.expected)
        column = pl.lit(label.column)
        frame = hit.select(
            at=pl.col(AT), clean_value=old, person_no=pl.col(PERSON), expected=expected, column=column, kind=pl.lit(label.kind),
            file=pl.lit(label.file),
        )  # fmt: skip
        self.labels.append(frame.select(pl.col(name).cast(dtype) for name, dtype in LABELS.items()))

    def finished(self) -> tuple[dict[str, Sheet], pl.DataFrame]:
        """The sheets without row ids, and the labels with the physical row and the person they hit."""
        noted, rows = pl.concat(self.labels), list[pl.DataFrame]()
        sheets: dict[str, Sheet] = {}
        for name, sheet in self.sheets.items():
            plain = sheet.with_rows(sheet.rows.select(*sheet.columns_of_file(AT), *HIDDEN))
            sheets[name] = plain
            placed = pl.DataFrame({"file": name, "at": sheet.rows[AT], "row": plain.physical_rows()})
            rows.append(placed.filter(pl.col("at").is_in(noted.filter(file=name)["at"].implode())))
        labels = noted.join(pl.concat(rows), on=["file", "at"], how="left", maintain_order="left")
        ordered = labels.sort("kind", "file", "row", "column", maintain_order=True).with_row_index("number", offset=1)
        number = pl.concat_str(pl.lit("D"), pl.col("number").cast(pl.String).str.zfill(5)).alias("defect_id")
        return sheets, ordered.select(number, "kind", "file", "row", "column", plain_cell().alias("clean_value"), "expected", "person_no")


def _numbered(sheet: Sheet) -> Sheet:
    return sheet.with_rows(sheet.rows.with_row_index(AT).with_columns(pl.col(AT).cast(pl.Int64)))


def plain_cell() -> pl.Expr:
    """The clean value as a reader of the file sees it: real dates of a workbook as ISO dates, bare numbers without their mark."""
    text = pl.col("clean_value")
    days = text.str.extract(r"^date:(\d+)$", 1).cast(pl.Int32)
    return pl.coalesce((EXCEL_EPOCH + pl.duration(days=days)).dt.strftime("%Y-%m-%d"), text.str.strip_prefix(NUMBER))
