"""The published numbers of two releases side by side, as `share/` shows them: what is suppressed there stays so here.

A number is shown by its file. Where its cell there is empty though the warehouse has a value it is suppressed: then no difference is
made of it, nothing of it is told where the other side is not shown either, and nobody behind it is counted or named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import duckdb
import polars as pl

from schemas.facts import own_rows
from schemas.study import id_part
from warehouse.differing.sides import AFTER, BEFORE, SIDES, Side, of_side, query
from warehouse.digits import cells_given

SUPPRESSED, NOT_AVAILABLE, ABSENT = "suppressed", "not available", ""
HIDDEN = frozenset({SUPPRESSED, NOT_AVAILABLE, ABSENT})
# What all three are for a reader of `share/` alone, where a cell is empty or a row is missing.
NOT_SHOWN = "not shown"
NUMBER_ID, COUNTED = "number_id", "counted"
# Files with a number_id that are compared elsewhere: a row of Table 2 is a woman.
OF_WOMEN = "table_2"
OF_CLAIMS = "claims.csv"
# One row per number shown of one release: `key`: what its file says it is of, `column`: where its value stands there; `nth`: which of
# the rows of its file that say the same; `of_row`: the number_id of its row; `reason`: why something of the row was not estimated.
SHOWN = {
    "study": pl.String, "output": pl.String, "key": pl.String, "column": pl.String, "nth": pl.Int64, "number_id": pl.String,
    "of_row": pl.String, "value": pl.String, "reason": pl.String,
}  # fmt: skip
MATCHED = ["study", "output", "key", "column", "nth"]
BETWEEN = "\x1f"  # the parts of a key: a level may have blanks
UNLISTED = 1_000


@dataclass(frozen=True)
class Output:
    """One published table, and how its numbers are compared.

    `keys` match a number with its earlier self, `values` are compared, `order` is that in which changes are listed. `is_counted`: only
    the count of changes is listed (curves). `is_of_people`: a number that is new or gone tells that people came or went.
    """

    rank: int
    keys: tuple[str, ...]
    values: tuple[str, ...]
    order: tuple[str, ...]
    is_counted: bool
    is_of_people: bool


@dataclass(frozen=True)
class Change:
    """One number that changed, is new or is gone.

    `ids`: its number_id before and after. `is_open`: suppressed on neither side, so the people behind it may be listed. `reason`: why
    there is none after, in the words of its file. `curve`: the curve it is a value of; `n`: it stands for a whole curve, with so many
    changed values.
    """

    study: str
    output: str
    ids: tuple[str, str]
    before: str
    after: str
    is_open: bool
    reason: str = ""
    curve: str = ""
    n: int = 0

    @property
    def number_id(self) -> str:
        """Its name, today's where it has one."""
        return self.ids[1] or self.ids[0]

    @property
    def has_people(self) -> bool:
        """Whether who entered or left can have done it: it is shown on both sides, or counts people and is new or gone.

        A curve loses and gets values with each day that moves; what it needs is a value on each side.
        """
        if self.n:
            return self.is_open and all(self.ids)
        known = outputs().get(self.output)
        shown = not {self.before, self.after} & HIDDEN
        return self.is_open and (shown or (known is not None and known.is_of_people))

    def for_sharing(self) -> Change:
        """The same without what only the warehouse knows: whether a number that is not shown is there."""
        before, after = (NOT_SHOWN if value in HIDDEN else value for value in (self.before, self.after))
        return replace(self, before=before, after=after)

    @property
    def difference(self) -> float | None:
        """After minus before, None where one of them is no number."""
        try:
            return float(self.after) - float(self.before)
        except ValueError:
            return None


@cache
def outputs() -> dict[str, Output]:
    """The tables whose numbers are compared (differing/outputs.csv)."""
    rows = own_rows("warehouse", "differing", "outputs.csv")
    return {row["output"]: _output(place, row) for place, row in enumerate(rows)}


def _output(rank: int, row: Mapping[str, str]) -> Output:
    keys, values, order = (tuple(row[name].split()) for name in ("keys", "values", "order"))
    return Output(rank, keys, values, order, row["told"] == COUNTED, row["lists"] == "people")


def known_numbers(con: duckdb.DuckDBPyConnection) -> dict[str, pl.DataFrame]:
    """By side its numbers as the warehouse has them, exact and with the query of those behind them."""
    return {name: of_side(con, name, query("number")) for name in SIDES}


def changes(sides: Mapping[str, Side], known: Mapping[str, pl.DataFrame]) -> list[Change]:
    """The numbers that changed, the most important first: by study, table, kind of number and size of the difference."""
    before, after = (_states(sides[name], known[name]) for name in SIDES)
    both = before.join(after, on=MATCHED, how="full", coalesce=True, suffix="_after")
    if missing := lost_files(sides, known):
        lost = pl.DataFrame([one[:2] for one in missing], schema={"study": pl.String, "output": pl.String}, orient="row").unique()
        both = both.join(lost, on=["study", "output"], how="anti")
    both = _without_rows(_with_columns(both, before, after), known).with_columns(
        pl.col("value", "value_after", "number_id", "number_id_after").fill_null("")
    )
    told = pl.col("value") != pl.col("value_after")
    seen = ~(pl.col("value").is_in(sorted(HIDDEN)) & pl.col("value_after").is_in(sorted(HIDDEN)))
    rows = ((row, _change(row)) for row in both.filter(told & seen & _same_studies(sides)).iter_rows(named=True))
    found = [(_rank(row, change), change) for row, change in rows]
    return [change for _, change in sorted(found, key=lambda pair: (pair[1].study, *pair[0], pair[1].number_id))]


def lost_files(sides: Mapping[str, Side], known: Mapping[str, pl.DataFrame]) -> list[tuple[str, str, str]]:
    """Study, table and side of each file of numbers that a release should have and has not: it is no release any more as it was made."""
    named = {
        name: set(known[name].filter(pl.col("output") != OF_WOMEN).select("study", "output").unique().rows())
        if {"study", "output"} <= {*known[name].columns} else set()
        for name in SIDES
    }  # fmt: skip
    return sorted(
        (study, output, name)
        for name, numbers in named.items()
        for study, output in numbers
        if study in studies(sides[name]) and not _is_there(sides[name].path, study, f"{output}.csv")
    )


def _is_there(release: Path, study: str, name: str) -> bool:
    """Whether a release has this file of a study; its claims are not shared where `min_cell` is above 1."""
    places = ("share", "internal") if name == OF_CLAIMS else ("share",)
    return any((release / place / "studies" / study / name).is_file() for place in places)


def curves(found: Iterable[Change]) -> list[Change]:
    """The curves of which values changed, each as one change of its first values; nobody is told of one of which any is suppressed."""
    of: dict[tuple[str, str, str], list[Change]] = {}
    for change in found:
        of.setdefault((change.study, change.output, change.curve), []).append(change)
    return [_curve(values) for values in of.values()]


def _curve(values: Sequence[Change]) -> Change:
    first = values[0]
    before, after = (next((one.ids[place] for one in values if one.ids[place]), "") for place in (0, 1))
    return replace(first, ids=(before, after), is_open=all(one.is_open for one in values), reason="", n=len(values))


def studies(one: Side) -> set[str]:
    """The studies that a release publishes."""
    return {path.name for path in (one.path / "share" / "studies").glob("*") if path.is_dir()}


def _same_studies(sides: Mapping[str, Side]) -> pl.Expr:
    """A study that is new or gone is told of as a whole."""
    return pl.col("study").is_in(sorted(set.intersection(*(studies(one) for one in sides.values()))))


def _states(one: Side, known: pl.DataFrame) -> pl.DataFrame:
    """SHOWN of one release with the words for what is not shown; rows that suppression left out of a file are missing."""
    frames = [_shown(one, path, study) for study in sorted(studies(one)) for path in _tables(one.path / "share" / "studies" / study)]
    shown = pl.concat([frame for frame in frames if frame is not None] or [pl.DataFrame(schema=SHOWN)])
    exact = shown.join(known.select(NUMBER_ID, "exact"), on=NUMBER_ID, how="left", maintain_order="left")
    is_hidden = pl.col("exact").is_not_null() | pl.col("reason").str.starts_with(SUPPRESSED).fill_null(value=False)
    word = pl.when(is_hidden).then(pl.lit(SUPPRESSED)).otherwise(pl.lit(NOT_AVAILABLE))
    return exact.with_columns(pl.col("value").fill_null(word)).drop("exact")


def _with_columns(both: pl.DataFrame, before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """`is_later`, `is_earlier`: the file has rows on both sides, and this column after or before only, as of two versions of oncomart."""
    of, column = ["study", "output"], ["study", "output", "column"]
    for name, side in (("is_later", before), ("is_earlier", after)):
        has_rows, has_column = both[of].join(side, on=of, how="semi"), both[column].join(side, on=column, how="semi")
        lacking = both[column].unique().join(has_rows, on=of, how="semi").join(has_column, on=column, how="anti")
        both = both.join(lacking.with_columns(pl.lit(value=True).alias(name)), on=column, how="left", maintain_order="left")
    return both.with_columns(pl.col("is_later", "is_earlier").fill_null(value=False))


def _without_rows(both: pl.DataFrame, known: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Where a file has no row for a number that its warehouse has, the row was suppressed."""
    there = {name: frame.drop_nulls("exact")[NUMBER_ID].implode() for name, frame in known.items()}
    word, row = pl.lit(SUPPRESSED), pl.coalesce("of_row", "of_row_after")
    is_gone = {"value": row.is_in(there[BEFORE]) & ~pl.col("is_later"), "value_after": row.is_in(there[AFTER]) & ~pl.col("is_earlier")}
    return both.with_columns(
        pl.when(pl.col(name).is_null() & gone).then(word).otherwise(name).alias(name) for name, gone in is_gone.items()
    )


def _tables(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.glob("*.csv") if path.stem != OF_WOMEN)


def _shown(one: Side, path: Path, study: str) -> pl.DataFrame | None:
    """SHOWN of one file; None where its rows are no numbers."""
    frame = one.table(path)
    if NUMBER_ID not in frame.columns:
        return None
    known = outputs().get(path.stem)
    keys = [name for name in (known.keys if known else (NUMBER_ID,)) if name in frame.columns]
    values = [
        name for name in (known.values if known else frame.columns) if name in frame.columns and name not in (NUMBER_ID, "reason", *keys)
    ]
    key = pl.concat_str([pl.col(name).fill_null("") for name in keys], separator=BETWEEN)
    told = next((name for name in ("reason", "text") if name in frame.columns), None)
    reason = pl.lit(None, pl.String) if told is None else pl.col(told)
    placed = frame.select(key.alias("key"), NUMBER_ID, reason.alias("reason"), *(pl.col(name) for name in values))
    placed = placed.with_columns(nth=pl.int_range(pl.len()).over("key"))
    long = placed.unpivot(values, index=["key", "nth", NUMBER_ID, "reason"], variable_name="column", value_name="cell")
    place = {"study": pl.lit(study), "output": pl.lit(path.stem), "of_row": pl.col(NUMBER_ID)}
    named = long.with_columns(_named(values).alias(NUMBER_ID), **place).rename({"cell": "value"})
    return named.select(pl.col(name).cast(kind) for name, kind in SHOWN.items()).with_columns(pl.col("value").map_batches(cells_given))


def _named(values: list[str]) -> pl.Expr:
    """The number_id of each cell: that of its row, with the cell's own column where the row holds several numbers."""
    if len(values) == 1:
        return pl.col(NUMBER_ID)
    parts = pl.col(NUMBER_ID).str.split(".")
    own = pl.col("column").replace_strict({name: id_part(name) for name in values})
    made = pl.concat_str([parts.list.head(3).list.join("."), own, parts.list.slice(4).list.join(".")], separator=".")
    return pl.when(parts.list.len() == 5).then(made).otherwise(NUMBER_ID)


def _change(row: Mapping[str, str]) -> Change:
    ids = row["number_id"], row["number_id_after"]
    is_open = SUPPRESSED not in (row["value"], row["value_after"])
    reason = (row["reason_after"] or "") if row["value_after"] == NOT_AVAILABLE else ""
    known = outputs().get(row["output"])
    curve = " ".join(row["key"].split(BETWEEN)[:-1]) if known is not None and known.is_counted else ""
    return Change(row["study"], row["output"], ids, row["value"], row["value_after"], is_open, reason, curve)


def _rank(row: Mapping[str, str], change: Change) -> tuple[float, ...]:
    known = outputs().get(row["output"])
    size = -abs(change.difference or 0.0)
    if known is None:
        return UNLISTED, 0, size
    last = row["key"].rpartition(BETWEEN)[2] if known.keys[-1] == "statistic" else row["column"]
    return known.rank, known.order.index(last) if last in known.order else UNLISTED, size


def is_counted(change: Change) -> bool:
    """Whether the table of this number is one of those that are only counted."""
    known = outputs().get(change.output)
    return known is not None and known.is_counted
