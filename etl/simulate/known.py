"""The knowledge of the simulation (CSV beside this file), read once. Lines that begin with `#` are comments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from schemas.items import PolarsType, polars_schema

Cells = pl.Series | NDArray[Any] | str | int | bool | None
YES = {"yes": True, "no": False}


@cache
def table(name: str) -> pl.DataFrame:
    """One row per line of the file; every column is text, an empty cell is null."""
    text = files("etl.simulate").joinpath(f"{name}.csv").read_bytes()
    return pl.read_csv(text, comment_prefix="#", infer_schema=False)


def typed(frame: pl.DataFrame, record: str, extra: Mapping[str, PolarsType]) -> pl.DataFrame:
    """`frame` of texts with the types of the staging record's columns and those of `extra`; yes and no become flags."""
    kinds = polars_schema(record) | dict(extra)
    return frame.with_columns(_cast(column, kinds[column]) for column in frame.columns if column in kinds)


def _cast(column: str, kind: PolarsType) -> pl.Expr:
    if kind == pl.Boolean:
        return pl.col(column).replace_strict(YES, return_dtype=pl.Boolean)
    return pl.col(column).str.to_date() if kind == pl.Date else pl.col(column).cast(kind)


@cache
def weights(name: str) -> tuple[tuple[str | None, ...], tuple[float, ...]]:
    """Codes and weights of one list of weights.csv, in the order of the file."""
    rows = table("weights").filter(pl.col("list") == name)
    if rows.is_empty():
        raise KeyError(f"weights.csv has no list {name!r}")
    return tuple(rows["code"]), tuple(rows["weight"].cast(pl.Float64))


@cache
def curve(name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shares and values of one quantile curve of quantiles.csv."""
    rows = table("quantiles").filter(pl.col("curve") == name)
    if rows.is_empty():
        raise KeyError(f"quantiles.csv has no curve {name!r}")
    return rows["share"].cast(pl.Float64).to_numpy(), rows["value"].cast(pl.Float64).to_numpy()


def labels(codes: Sequence[str | None], index: NDArray[Any]) -> pl.Series:
    """The codes at the places of `index`, as text."""
    return pl.Series("code", codes, dtype=pl.String).gather(pl.Series(index))


def flags(series: pl.Series) -> NDArray[np.bool_]:
    """A column of flags as an array; null counts as no."""
    found: NDArray[np.bool_] = series.fill_null(False).to_numpy()
    return found


def among(series: pl.Series, *codes: str) -> NDArray[np.bool_]:
    """True where the text is one of the codes; null is none of them."""
    return flags(series.is_in(list(codes)))


def where(condition: NDArray[np.bool_], then: Cells, otherwise: Cells = None) -> pl.Series:
    """A column that takes each cell from `then` or from `otherwise` (null where not said); both columns or single values."""
    choice = pl.when(pl.Series(condition)).then(_cells(then)).otherwise(_cells(otherwise))
    return pl.select(choice.alias("cell"))["cell"]


def _cells(value: Cells) -> pl.Expr:
    return pl.lit(pl.Series(value) if isinstance(value, np.ndarray) else value)


def rows_of(record: str, at: NDArray[Any], base: Mapping[str, NDArray[Any]], columns: Mapping[str, Cells]) -> pl.DataFrame:
    """The rows `at` of columns that are given for all rows or as one value, typed as the staging record; `base` is taken as it is."""
    chosen = {name: _gathered(value, at) for name, value in columns.items()}
    frame = pl.DataFrame(dict(base)).with_columns(**chosen)
    kinds = {name: kind for name, kind in polars_schema(record).items() if name in frame.columns}
    return frame.with_columns(pl.col(name).cast(kind) for name, kind in kinds.items())


def _gathered(value: Cells, at: NDArray[Any]) -> pl.Series | pl.Expr:
    return pl.Series(value).gather(at) if isinstance(value, pl.Series | np.ndarray) else pl.lit(value)
