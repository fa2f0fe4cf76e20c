"""How exact a published number is given.

The last digits of a sum, a logarithm or a matrix product depend on the processor: NumPy and BLAS choose their kernels by it. Given to
12 significant digits, a release has the same bytes on every machine.
"""

from __future__ import annotations

from typing import overload

import polars as pl

# Three more than R is asked to agree in.
SIGNIFICANT = 12


@overload
def given(value: float) -> float: ...
@overload
def given(value: None) -> None: ...
@overload
def given(value: float | None) -> float | None: ...
def given(value: float | None) -> float | None:
    """A number as it is published; null stays null."""
    return None if value is None else float(f"{value:.{SIGNIFICANT}g}")


def all_given(values: pl.Series) -> pl.Series:
    """The same of each of these (Float64); null and NaN stay."""
    return pl.Series(values.name, [given(value) for value in values], dtype=pl.Float64)


def spelt(numbers: pl.Series) -> pl.Series:
    """Numbers as the cells of a published table have them (text): whole ones without a decimal point; null and NaN are null."""
    return all_given(numbers).fill_nan(None).cast(pl.String).str.replace(r"\.0$", "")


def cells_given(cells: pl.Series) -> pl.Series:
    """The same of the cells of a published table (text): releases of earlier versions have more digits. What is no number stays."""
    long = cells.filter(cells.str.len_chars() > SIGNIFICANT).unique()
    return cells.replace(long, spelt(long.cast(pl.Float64, strict=False)).fill_null(long))
