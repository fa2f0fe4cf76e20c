"""Chance and time: named streams of random numbers, and days as whole numbers since 1970-01-01.

Only uniform numbers are drawn and only straight lines are read off, so that a seed gives the same registry on every machine.
Each column has a stream of its own, named after it: a new column shifts no other.
"""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from etl.simulate.known import curve, labels, weights

Days = NDArray[np.int32]
Shares = NDArray[np.float64]
Flags = NDArray[np.bool_]
EPOCH = datetime.date(1970, 1, 1)
YEAR = 365.25


@dataclass(frozen=True)
class Draws:
    """Random columns of one table of `n` rows; the same seed, table and name give the same numbers, n apart."""

    seed: int
    table: str
    n: int

    def uniform(self, name: str) -> Shares:
        """One number from [0, 1) per row."""
        digest = hashlib.sha256(f"{self.table}/{name}".encode()).digest()
        entropy = np.random.SeedSequence([self.seed, int.from_bytes(digest[:8], "little")])
        return np.random.Generator(np.random.PCG64(entropy)).random(self.n)

    def happens(self, name: str, share: float | Shares) -> Flags:
        """True in a share of the rows."""
        return self.uniform(name) < share

    def between(self, name: str, least: int | Days, most: int | Days) -> Days:
        """A whole number from least to most, both included, per row."""
        width = np.asarray(most, np.int64) - least + 1
        drawn: Days = (least + np.floor(self.uniform(name) * np.maximum(width, 1))).astype(np.int32)
        return drawn

    def along(self, name: str, curve_name: str, factor: float | Shares = 1.0) -> Days:
        """A whole number by a quantile curve, stretched by `factor`, per row."""
        shares, values = curve(curve_name)
        drawn: Days = np.floor(np.interp(self.uniform(name), shares, values) * factor).astype(np.int32)
        return drawn

    def code(self, name: str, list_name: str | None = None) -> pl.Series:
        """A code of a list of weights.csv (of the same name, where not said), per row."""
        codes, weighted = weights(list_name or name)
        shares = np.cumsum(np.array(weighted) / sum(weighted))
        index = np.minimum(np.searchsorted(shares, self.uniform(name), side="right"), len(codes) - 1)
        return labels(codes, index)

    def order(self, name: str) -> NDArray[np.int64]:
        """The rows in a random order."""
        return np.argsort(self.uniform(name), kind="stable")


def number(day: datetime.date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def dates(days: Days | pl.Series) -> pl.Series:
    """Days since 1970-01-01 as dates."""
    return pl.Series(days).cast(pl.Int32).cast(pl.Date)


def years(days: Days) -> NDArray[np.int32]:
    """The calendar year of each day."""
    found: NDArray[np.int32] = dates(days).dt.year().to_numpy()
    return found
