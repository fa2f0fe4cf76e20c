"""For which rows of a file a rule holds (`when` of a contract), and in which rows a field is therefore read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
from sqlglot import exp

from etl.normalise.distinct import Distinct
from schemas.contract import Contract, Record
from schemas.core.expression import evaluate, parse

Places = npt.NDArray[np.uint32]
MANY = 5  # conditions on one column: so many look at each row longer than finding its distinct texts takes


def conditions(contract: Contract) -> dict[str, exp.Expr]:
    """The condition of every rule that has one, by rule."""
    return {rule.rule: parse(rule.when, contract.source_columns) for rule in contract.records if rule.when is not None}


def asked_by(condition: exp.Expr) -> set[str]:
    """The columns that a condition looks at."""
    return {column.name for column in condition.find_all(exp.Column)}


def read_by(rule: Record) -> set[str]:
    """The source columns that a rule reads, its condition apart."""
    return {*([rule.each] if rule.each is not None else []), *(column for mapping in rule.set.values() for _, column in mapping.reads())}


def holding(rows: pl.DataFrame, asked: Mapping[str, exp.Expr]) -> dict[str, Places]:
    """By condition the places of the rows for which it holds, in order.

    All in one pass; where many ask one column only (the item of a long file), once per distinct text of it.
    """
    alike: dict[str, dict[str, exp.Expr]] = defaultdict(dict)
    for name, condition in asked.items():
        alike[" ".join(sorted(asked_by(condition)))][name] = condition
    often = {column: of for column, of in alike.items() if len(of) >= MANY and column in rows.columns}
    others = {name: condition for column, of in alike.items() if column not in often for name, condition in of.items()}
    found = {told.name: told.arg_true().to_numpy() for told in evaluate(rows, others)}
    for column, of in often.items():
        found |= _by_text(rows, column, of)
    return found


def _by_text(rows: pl.DataFrame, column: str, asked: Mapping[str, exp.Expr]) -> dict[str, Places]:
    """`holding` of conditions on one column: the rows are put in order of their texts once, so those of each stand together."""
    cells = Distinct.of(rows.select(column))
    texts = cells.table.select(column)
    told = evaluate(pl.concat([texts, texts.clear(1)]), asked)  # an empty cell is asked about as well
    numbers = cells.numbers.fill_null(texts.height).to_numpy()
    # numbers of two bytes are put in order without comparing them
    ordered = np.argsort(numbers.astype(np.uint16) if told.height <= 1 << 16 else numbers, kind="stable").astype(np.uint32)
    begins = np.append(0, np.cumsum(np.bincount(numbers, minlength=told.height)))
    return {name: _together([ordered[begins[n] : begins[n + 1]] for n in told[name].arg_true()]) for name in asked}


def _together(parts: list[Places]) -> Places:
    return parts[0] if len(parts) == 1 else np.sort(np.concatenate([np.empty(0, np.uint32), *parts]))


def are_among(places: Iterable[Places], height: int) -> pl.Series:
    """Which of so many rows stand at any of these places."""
    found = np.zeros(height, bool)
    for some in places:
        found[some] = True
    return pl.Series(found, dtype=pl.Boolean)


def rows_read(rows: pl.DataFrame, rules: Sequence[Record], asked: Mapping[str, exp.Expr], columns: Sequence[str]) -> pl.Series | None:
    """Whether a rule reads a field in each row; None where one does in all, or only the cell itself tells in which.

    `asked`: the conditions of the `rules`. `columns`: those that the field makes, itself first. A long file holds treatments in the column
    that holds all else: a rule takes apart the cells of its items, and the others are none of its business.
    """
    reading: dict[str, exp.Expr] = {}
    for rule in rules:
        beside = asked_by(asked[rule.rule]) if rule.rule in asked else set[str]()
        if read_by(rule).isdisjoint(columns) and beside.isdisjoint(columns):
            continue
        if beside <= {*columns} or not beside <= {*rows.columns}:
            return None
        reading[rule.rule] = asked[rule.rule]
    return are_among(holding(rows, reading).values(), rows.height) if reading else None
