"""The law of dates: what is certain of a date known to the month was certain when its day was known (DESIGN 2.3, 2.4).

It needs no run: the records that the line made of the sample are judged twice, the second time with some of their days forgotten.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl
from sqlglot import exp

from schemas import items
from schemas.core.three_valued import OUTCOMES
from schemas.vocabulary import Vocabularies
from validations.edit import Edit
from validations.judge import judge
from validations.views.text import KEY
from warehouse import ddl
from warehouse.differing.sides import Side
from warehouse.explain import locked

CERTAIN = ("violated", "satisfied", "not_applicable")


@dataclass(frozen=True)
class Judging:
    """How many outcomes were compared, of how many days that were forgotten, and by edit how many became certain that were not so."""

    compared: int
    forgotten: int
    broken: Mapping[str, int]

    def told(self) -> Iterator[str]:
        """What is broken, without a value."""
        if self.broken:
            said = ", ".join(f"{edit} {n:,}" for edit, n in sorted(self.broken.items()))
            yield f"certain with days forgotten, and otherwise with the days known: {said}"


def records(side: Side) -> dict[str, pl.DataFrame]:
    """The loaded records by staging record, as the edits read them; a column that the star does not keep is empty."""
    with locked(side.path / "warehouse.duckdb") as con:
        found = {}
        for record, table in items.TABLE_OF.items():
            key = exp.alias_(ddl.field(items.columns(table)[0].name), KEY)
            rows = pl.DataFrame(con.sql(exp.select(key, exp.Star()).from_(ddl.named(table)).sql("duckdb")).to_arrow_table())
            missing = {name: kind for name, kind in items.polars_schema(record).items() if name not in rows.columns}
            found[record] = rows.with_columns(pl.lit(None, kind).alias(name) for name, kind in missing.items())
    return found


def forgetting(rows: pl.DataFrame, record: str, draw: random.Random) -> tuple[pl.DataFrame, int]:
    """The same records, of about half of whose days on the calendar only the month is known; and how many days that are."""
    forgotten = 0
    for name in items.intervals(record):
        first, last, precision = (f"{name}_{part}" for part in ("earliest_date", "latest_date", "precision"))
        known = (rows[precision] == "day") & (rows[first] == rows[last]) & rows[first].is_not_null()
        chosen = known.fill_null(value=False) & pl.Series([draw.random() < 0.5 for _ in range(rows.height)], dtype=pl.Boolean)
        forgotten += int(chosen.sum())
        day = pl.col(first)
        rows = rows.with_columns(
            pl.when(chosen).then(day.dt.month_start()).otherwise(first).alias(first),
            pl.when(chosen).then(day.dt.month_end()).otherwise(last).alias(last),
            pl.when(chosen).then(pl.lit("month")).otherwise(precision).cast(rows.schema[precision]).alias(precision),
        )
    return rows, forgotten


def judged(side: Side, edits: tuple[Edit, ...], as_of: date, vocabularies: Vocabularies | None, seed: int) -> Judging:
    """The records of one run judged as they are and with days forgotten: a certain outcome of the second must be the first's too."""
    draw, known = random.Random(seed), records(side)
    blurred = {record: forgetting(rows, record, draw) for record, rows in known.items()}
    before, after = (
        judge(one, edits, as_of, vocabularies).outcomes for one in (known, {record: rows for record, (rows, _) in blurred.items()})
    )
    compared, broken = 0, dict[str, int]()
    certain = [OUTCOMES.index(word) for word in CERTAIN]
    for record, outcomes in after.items():
        names = [name for name in outcomes.columns if name != KEY]
        both = outcomes.join(before[record], on=KEY, suffix=" before")
        compared += both.height * len(names)
        wrong = both.select((pl.col(name).is_in(certain) & (pl.col(name) != pl.col(f"{name} before"))).sum() for name in names)
        broken |= {name: n for name, n in zip(names, wrong.row(0), strict=True) if n}
    return Judging(compared, sum(n for _, n in blurred.values()), broken)
