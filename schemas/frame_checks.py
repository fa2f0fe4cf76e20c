"""Pandera models made from items.csv, and the one boundary at which their failures become messages without values.

Pandera prints the values that fail, a uniqueness failure a whole identifier column; and where its validation depth is
not forced, it may check types only and let bad data pass. Both are settled here, once. A null passes every check but
nullability. Imported late: pandera takes a second to load.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from schemas import items
from schemas.core.errors import RefusedError
from schemas.domains import PRECISIONS, Codes, bounds, code_list

if TYPE_CHECKING:
    import pandera.polars as pa

# Pandera's own checks, in words; every other check of a model is named by us.
BUILT_IN = {
    "not_nullable": "must not be empty",
    "multiple_fields_uniqueness": "the natural key must be unique",
    "field_uniqueness": "must be unique",
    "column_in_dataframe": "is missing",
}


def model(
    table: str,
    codes: Codes,
    extra: dict[str, type[pl.DataType]] | None = None,
    unique: Sequence[str] = (),
    pairs: Iterable[tuple[str, str]] = (),
    *,
    without: Collection[str] = (),
    coded: Collection[str] = (),
) -> pa.DataFrameSchema:
    """The pandera model of one table: its columns, the order within each interval, and the dates that must be in order.

    `extra` names columns that come beside those of items.csv, none of them empty. `pairs`: (earlier, later) clinical dates. `without`:
    columns of items.csv that are not there. `coded`: texts that come as categories. (To change a model that is made copies all of it.)
    """
    import pandera.polars as pa  # noqa: PLC0415  # a second to load

    narrow = dict.fromkeys(coded, pl.Categorical)
    there = (column for column in items.columns(table) if column.name not in without)
    columns = {column.name: _column(column, codes, narrow.get(column.name, column.polars)) for column in there}
    columns |= {name: pa.Column(narrow.get(name, kind), nullable=False) for name, kind in (extra or {}).items()}
    checks = [check for name in items.intervals(table) for check in _interval_checks(name)]
    checks += [_named(in_order(*pair), f"{pair[0]} must not be after {pair[1]}") for pair in pairs]
    return pa.DataFrameSchema(columns, checks=checks, unique=list(unique) or None, strict=False, coerce=False, name=table)


def validate(schema: pa.DataFrameSchema, frame: pl.DataFrame) -> None:
    """Raises RefusedError naming table, column, check and count of everything in `frame` that the model does not allow.

    Of a frame without rows only the columns and their types are asked.
    """
    if found := failures(schema, frame, is_schema_only=frame.is_empty()):
        raise RefusedError("\n".join(f"{what} ({n} failed)" for what, n in sorted(found.items())))


def failures(schema: pa.DataFrameSchema, frame: pl.DataFrame, *, is_schema_only: bool = False) -> Counter[str]:
    """How many rows fail each check, by a text that names table, column and check, never a value; empty where all is well.

    `is_schema_only`: columns and their types alone are judged.
    """
    import pandera.polars as pa  # noqa: PLC0415  # a second to load
    from pandera.config import ValidationDepth, config_context  # noqa: PLC0415

    depth = ValidationDepth.SCHEMA_ONLY if is_schema_only else ValidationDepth.SCHEMA_AND_DATA
    with config_context(validation_enabled=True, validation_depth=depth):
        try:
            schema.validate(frame, lazy=True)
        except pa.errors.SchemaErrors as error:
            return _counted(str(schema.name), error.failure_cases)
    return Counter()


def in_order(earlier: str, later: str) -> pl.Expr:
    """False where `later` is certainly before `earlier`, on the calendar or on a shared anchor; true where it is not, or unknown."""
    calendar = pl.col(f"{later}_latest_date") < pl.col(f"{earlier}_earliest_date")
    relative = pl.col(f"{later}_latest_offset_days") < pl.col(f"{earlier}_earliest_offset_days")
    shared = pl.col(f"{later}_anchor") == pl.col(f"{earlier}_anchor")
    return ~(calendar.fill_null(False) | (relative & shared).fill_null(False))


def _column(column: items.Column, codes: Codes, kind: items.PolarsType) -> pa.Column:
    import pandera.polars as pa  # noqa: PLC0415

    checks: list[Any] = []
    if limits := bounds(column):
        checks.append(pa.Check.in_range(*limits, error=f"must be within {column.item.domain}"))
    if column.item.type == "interval" and column.name.endswith("_precision"):
        checks.append(pa.Check.isin(list(PRECISIONS), error="must be a precision"))
    if (domain := code_list(column)) and (allowed := codes.codes(domain)):
        checks.append(pa.Check.isin(sorted(allowed), error=f"must be a code of {domain}"))
    return pa.Column(kind, checks=checks, nullable=column.nullable)


def _interval_checks(name: str) -> list[Any]:
    offsets = [pl.col(f"{name}_{end}_offset_days") for end in ("earliest", "latest")]
    return [
        _named(pl.col(f"{name}_earliest_date") <= pl.col(f"{name}_latest_date"), f"{name}: earliest date must not be after latest"),
        _named(offsets[0] <= offsets[1], f"{name}: earliest day must not be after latest"),
        _named(
            pl.col(f"{name}_anchor").is_not_null() | pl.all_horizontal(offset.is_null() for offset in offsets),
            f"{name}: days must name their anchor",
        ),
    ]


def _named(holds: pl.Expr, message: str) -> Any:
    import pandera.polars as pa  # noqa: PLC0415

    return pa.Check(lambda data: data.lazyframe.select(holds.fill_null(True)), error=message)


def _counted(table: str, cases: pl.DataFrame) -> Counter[str]:
    """Counts by column and check. Pandera's `failure_case` holds values: it is read only where it is the name of a missing column."""
    by_column = pl.when(pl.col("schema_context") == "Column").then(pl.col("column"))
    place = pl.when(pl.col("check") == "column_in_dataframe").then(pl.col("failure_case")).otherwise(by_column)
    counts = cases.with_columns(place=place).group_by("place", "check").len("n")
    return Counter({f"{table}{'.' + place if place else ''}: {_in_words(check)}": n for place, check, n in counts.rows()})


def _in_words(check: str) -> str:
    return BUILT_IN.get(check, f"must be of type {check[7:-2]}" if check.startswith("dtype(") else check)
