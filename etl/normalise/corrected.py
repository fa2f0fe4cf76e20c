"""Reviewed corrections applied where the old value still stands: to cells before they are read, to records after."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from etl.normalise.result import CORRECTED
from etl.normalise.row_key import row_keys
from schemas.contract import Contract
from schemas.core.ids import source_row_ids, text_key
from schemas.core.interval import parse_dates
from schemas.corrections import NOBODY, Correction, fields_of
from schemas.items import POLARS, columns, identity, intervals
from schemas.sheet_names import reads

# Where a correction changed a value: its line, the physical row, the column (header or column of the record); rule and record of a record.
# `is_filled`: whether something is to stand in the cell now; `is_contested`: another correction says otherwise, so nothing was changed.
PLACES = {
    "line": pl.Int64, "source_row": pl.Int64, "is_filled": pl.Boolean, "is_contested": pl.Boolean, "field": pl.String, "column": pl.String,
}  # fmt: skip
RECORD_PLACES = {"line": pl.Int64, "source_row": pl.Int64, "column": pl.String, "record": pl.String, "rule": pl.String}
Frame = pl.DataFrame


@dataclass(frozen=True)
class Corrections:
    """The corrections in force: not expired, and no other says something else of the same value."""

    active: tuple[Correction, ...] = ()

    def to_cells(self, rows: Frame, contract: Contract, source_file: str, secret: str) -> tuple[Frame, Frame]:
        """The rows of one file with their cells corrected, and where (PLACES); each correction in the rows its key finds. Those of one cell
        that differ change nothing, and `is_contested`.
        """
        mine = [one for one in self.active if one.source_file == source_file or _of_snapshot(one, contract)]
        places = [pl.DataFrame(schema=PLACES)]
        found_in = _found_in(mine, rows.select("source_row").hstack(row_keys(rows, contract, secret))) if mine else {}
        for column in sorted({one.column for one in mine}):
            here = [(one, row) for one in mine if one.column == column for row in found_in[one.line]]
            for field in fields_of(contract, column) if here else []:
                rows, found = _in_field(rows, contract, field, here)
                places.append(found.with_columns(field=pl.lit(field), column=pl.lit(column)).select(PLACES.keys()))
        return rows, pl.concat(places)

    def to_records(self, delivered: dict[str, Frame]) -> tuple[dict[str, Frame], Frame]:
        """The records that one file delivers with their columns corrected, and where (RECORD_PLACES)."""
        changed, places = dict(delivered), [pl.DataFrame(schema=RECORD_PLACES)]
        for record, column in sorted({(one.record, one.column) for one in self.active if one.record is not None}):
            mine = [one for one in self.active if (one.record, one.column) == (record, column)]
            changed[record], found = _in_column(changed[record], record, column, mine)
            named = found.with_columns(column=pl.lit(column), record=pl.lit(record))
            places.append(named.select(pl.col(name).cast(kind) for name, kind in RECORD_PLACES.items()))
        return changed, pl.concat(places)


NONE = Corrections()


def _of_snapshot(one: Correction, contract: Contract) -> bool:
    """Whether it was reviewed on another delivery of a snapshot: the same export under another name, one of them in force."""
    return contract.delivery == "snapshot" and one.source_file is not None and not one.is_unbound and reads(one.source_file, contract)


def _found_in(mine: list[Correction], keyed: Frame) -> dict[int, list[int]]:
    """Rows by line of the corrections whose row is found for certain; `keyed`: `source_row`, `who` and `row_key` of every row.

    The rows that have its key: several say the same of the same woman, as often as they do. Where no row says any more what that row
    said, hers, in a file where all of a woman's rows say the same: it tells more of her than it did. What names nobody is the row
    with its number, else the only one.
    """
    told = keyed.filter(pl.col("who") != NOBODY).select("who", "row_key").unique()
    parts = ("row_key",) if told["who"].is_duplicated().any() else ("row_key", "who")
    wanted = [*(one.row_key for one in mine), *(who for one in mine if (who := _who(one)) != NOBODY)]
    rows: dict[str, list[int]] = {}
    for part in parts:
        met = keyed.filter(pl.col(part).is_in(wanted)).group_by(part, maintain_order=True).agg(pl.col("source_row"))
        rows |= dict(met.iter_rows())
    found = {}
    for one in mine:
        places = rows.get(one.row_key) or rows.get(_who(one), [])
        if _who(one) == NOBODY and len(places) > 1:
            places = [row for row in places if row == one.source_row]
        found[one.line] = places
    return found


def _who(one: Correction) -> str:
    """The part of its key that says of whom the row tells."""
    return one.row_key.split("-")[0]


def _in_field(rows: Frame, contract: Contract, field: str, mine: list[tuple[Correction, int]]) -> tuple[Frame, Frame]:
    """The cells of one field; what the contract calls empty is empty in a correction too. Of two for one cell that differ, none."""
    tokens = ("", *contract.null_tokens, *contract.fields[field].null_tokens)
    said = [(one.line, row, _cell(one.expected, tokens), _cell(one.value, tokens)) for one, row in mine]
    schema = {"line": pl.Int64, "source_row": pl.Int64, "expected": pl.String, "new": pl.String}
    table = pl.DataFrame(said, schema=schema, orient="row").with_columns(pl.col("source_row").cast(rows.schema["source_row"]))
    differ = pl.col("new").fill_null("").n_unique().over("source_row", "expected") > 1
    by = ["source_row", "expected"]
    contested = table.filter(differ).join(rows, left_on=by, right_on=["source_row", field], how="semi", nulls_equal=True)
    table = table.filter(~differ).unique(by, keep="first", maintain_order=True)
    joined = rows.join(
        table, left_on=["source_row", field], right_on=["source_row", "expected"], how="left", nulls_equal=True, maintain_order="left"
    )
    changed = joined.filter(pl.col("line").is_not_null())
    met = [
        frame.select("line", pl.col("source_row").cast(pl.Int64), is_filled=pl.col("new").is_not_null(), is_contested=pl.lit(is_contested))
        for frame, is_contested in ((changed, False), (contested, True))
    ]
    cell = pl.when(pl.col("line").is_not_null()).then("new").otherwise(pl.col(field)).alias(field)
    return joined.with_columns(cell).select(rows.columns), pl.concat(met).unique(maintain_order=True)


def _cell(text: str, tokens: Iterable[str]) -> str | None:
    return None if text.strip() in tokens else text.strip()


def _in_column(frame: Frame, record: str, column: str, mine: list[Correction]) -> tuple[Frame, Frame]:
    """One column (or the calendar columns of one date) of one kind of record."""
    # the person is found by her key, which is the hash of the pseudonym that the correction names
    keys = ["/".join((str(text_key(one.key[0])), *one.key[1:])) for one in mine]
    table = pl.DataFrame({"line": [one.line for one in mine], "key": keys}, schema_overrides={"line": pl.Int64})
    expected, new = (_typed(record, column, mine, which) for which in ("expected", "value"))
    expected, new = (values.cast({name: frame.schema[name] for name in values.columns}) for values in (expected, new))
    table = table.hstack(expected.rename(lambda name: f"old {name}")).hstack(new.rename(lambda name: f"new {name}"))
    key = pl.concat_str([pl.col(part).cast(pl.String) for part in ("patient_key", *identity(record)[1:])], separator="/")
    joined = frame.with_row_index("place").with_columns(key=key).join(table, on="key", how="inner", maintain_order="left")
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"old {name}")) for name in expected.columns if not name.endswith("_precision"))
    met = joined.filter(same).unique("place", keep="first", maintain_order=True)
    if met.is_empty():
        return frame, met.select("line", "source_row", "rule")
    values = met.select("place", "line", *(pl.col(f"new {name}") for name in new.columns))
    written = (
        frame.with_row_index("place")
        .join(values, on="place", how="left", maintain_order="left")
        .with_columns(
            pl.when(pl.col("line").is_not_null()).then(pl.col(f"new {name}")).otherwise(pl.col(name)).alias(name) for name in new.columns
        )
    )
    return written.select(frame.columns), met.select("line", "source_row", "rule")


def _typed(record: str, column: str, mine: list[Correction], which: str) -> Frame:
    """The texts of the corrections as values of the record, under the names of its columns."""
    texts = pl.Series([getattr(one, which) or None for one in mine], dtype=pl.String)
    if column in intervals(record):
        distinct = texts.drop_nulls().unique(maintain_order=True)
        read = parse_dates(distinct, None, None).select("raw", "earliest", "latest", "precision")
        found = pl.DataFrame({"raw": texts}).join(read, on="raw", how="left", maintain_order="left")
        names = {"earliest": f"{column}_earliest_date", "latest": f"{column}_latest_date", "precision": f"{column}_precision"}
        return found.select(pl.col(part).alias(name) for part, name in names.items())
    kind = next(one.type for one in columns(record, "staging") if one.name == column)
    values = texts == "true" if kind == "bool" else texts.cast(POLARS[kind])
    return values.alias(column).to_frame()


def corrected(contract: Contract, delivered: dict[str, list[Frame]], in_cells: Frame, in_records: Frame, source_key: int) -> Frame:
    """One row per correction, source row and rule whose records it changed (CORRECTED); `in_cells` as `told_whether_read` gives them."""
    if in_cells.is_empty() and in_records.is_empty():
        return pl.DataFrame(schema=CORRECTED)
    said = [
        frame.select("source_row", pl.col("rule").cast(pl.String), pl.lit(record).alias("record")).unique()
        for record, frames in delivered.items() for frame in frames
    ]  # fmt: skip
    used = pl.DataFrame(list(_uses(contract)), schema={"field": pl.String, "rule": pl.String}, orient="row").unique()
    records = pl.concat(said).join(used, on="rule").with_columns(pl.col("source_row").cast(pl.Int64))
    cells = in_cells.join(records, on=["source_row", "field"], how="left", maintain_order="left")
    # of two fields that read one header, only the one that a rule reads in this row says something
    cells = cells.filter(pl.col("record").is_not_null() | ~pl.col("record").is_not_null().any().over("line", "source_row"))
    of_records = in_records.select(*(pl.col(c).cast(k) for c, k in RECORD_PLACES.items()), pl.lit(value=False).alias("is_unread"))
    return (
        pl.concat([cells.select(*RECORD_PLACES, "is_unread"), of_records])
        .with_columns(source_row_id=source_row_ids(source_key))
        .select(CORRECTED.keys())
        .unique()
        .sort("line", "source_row_id", "record", "rule")
    )


def told_whether_read(cells: Frame, contract: Contract, unread: Frame) -> Frame:
    """The corrected cells with `is_unread`: whether what stands there now was not understood.

    `unread` (FINDINGS): the cells that were not; each is named by its first header.
    """
    headers = {name: field.headers(name)[0] for name, field in contract.fields.items()}
    not_understood = unread.select("source_row", header="columns").unique().with_columns(is_unread=True)
    named = cells.with_columns(header=pl.col("field").replace_strict(headers, return_dtype=pl.String))
    told = named.join(not_understood, on=["source_row", "header"], how="left", maintain_order="left")
    return told.with_columns(is_unread=pl.col("is_filled") & pl.col("is_unread").fill_null(value=False))


def _uses(contract: Contract) -> Iterable[tuple[str, str]]:
    """Field and rule for every field from which a rule reads."""
    for rule in contract.records:
        read = {part for mapping in rule.set.values() for part in (mapping.from_, mapping.at_site)}
        for name, field in contract.fields.items():
            if rule.each == name or not read.isdisjoint(field.columns(name)):
                yield name, rule.rule
