"""Whether an edit can find one record and leave another, decided by judging small records of every kind that it could tell apart.

Decided are edits made of comparisons of columns with columns and constants (no function, no date): what such an edit says hangs on which
values are equal, lie before, between or behind its constants, or are missing, and all of these are tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from itertools import pairwise
from math import prod

import polars as pl
from sqlglot import exp

from schemas.checks.never import Limits, never
from schemas.configuration import EDITS
from schemas.core.errors import Mistake
from schemas.core.evaluation import evaluate
from schemas.core.three_valued import OUTCOME_CODES
from schemas.domains import ranges
from schemas.items import columns
from validations.compile import compiled, without_choice
from validations.edit import Edit
from validations.views.set import view_columns

DECIDED = (
    exp.And, exp.Or, exp.Not, exp.Paren, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Between, exp.Is, exp.Null,
    exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Neg, exp.Coalesce,
)  # fmt: skip
MOST_RECORDS = 50_000
FINDS = frozenset(OUTCOME_CODES[word] for word in ("violated", "possible"))
ALWAYS = frozenset(OUTCOME_CODES[word] for word in ("violated", "not_judgeable"))


def alike(edit: Edit) -> str:
    """Why an edit finds the same on every record, whatever it says; empty where it does not, or nobody can tell by these means."""
    return without_choice(edit) or _tried(edit)


def without_choice_notices(edits: Iterable[Edit]) -> list[Mistake]:
    """The edits that warn about nothing or about everything; an error of the kind is mostly a mistake (validations/load.py)."""
    hint = "compare its two expressions: one of them never, or always, holds"
    told = [
        (edit.edit, (alike(edit) if edit.severity != "error" else "") or _unmet(edit)) for edit in sorted(edits, key=lambda edit: edit.edit)
    ]
    return [Mistake(EDITS, None, f"{code} {why}", hint) for code, why in told if why]


def _unmet(edit: Edit) -> str:
    """Why no record can be found: what the edit asks for lies outside what its columns can hold."""
    own = columns(edit.record, "staging")
    whole = frozenset(column.name for column in own if column.polars.is_integer())
    trees = list(compiled(edit).trees.values())
    if sum(isinstance(node, exp.Anonymous) for tree in trees for node in tree.walk()) > 1:
        return ""  # of two comparisons that exclude each other both are possible where a date is wide
    why = never(trees, Limits(ranges(own), whole))
    return f"finds no record: {why}" if why else ""


def _tried(edit: Edit) -> str:
    found = compiled(edit)
    nodes = [node for tree in found.trees.values() for node in tree.walk()]
    values = {column: list(_values(edit, column, nodes)) for column in found.needs}
    if not all(isinstance(node, DECIDED) for node in nodes) or prod(map(len, values.values())) > MOST_RECORDS:
        return ""
    records = reduce(lambda one, other: one.join(other, how="cross"), _columns(edit, values))
    outcomes = frozenset(evaluate(records, {"outcome": found.outcome})["outcome"])
    if not outcomes & FINDS:
        return "finds no record, whatever stands in its columns"
    return "finds every record whose columns are filled" if outcomes <= ALWAYS else ""


def _columns(edit: Edit, values: dict[str, list[object]]) -> Iterator[pl.DataFrame]:
    """The values of each column as a table of its own."""
    types = view_columns(edit.record)
    yield from (pl.DataFrame({column: pl.Series(told, dtype=types[column], strict=False)}) for column, told in values.items())


def _values(edit: Edit, column: str, nodes: list[exp.Expr]) -> Iterator[object]:
    """Nothing, each constant of the edit, and beside each as many values as there are columns, so that these can stand in any order."""
    kind, count = view_columns(edit.record)[column], len(compiled(edit).needs)
    literals = [node for node in nodes if isinstance(node, exp.Literal)]
    yield None
    if kind == pl.Boolean:
        yield from (True, False)
    elif kind.is_numeric():
        numbers = _numbers([float(literal.name) for literal in literals if not literal.is_string], count)
        yield from sorted({round(number) for number in numbers} if kind.is_integer() else numbers)
    elif kind == pl.String:
        yield from dict.fromkeys(literal.name for literal in literals if literal.is_string)
        yield from (f"(value {number})" for number in range(count))
    else:
        yield from pl.Series([0], dtype=pl.Int32).cast(kind)


def _numbers(written: list[float], count: int) -> set[float]:
    """The constants with both signs (the minus stands beside them), numbers between each two, and `count` numbers on both sides of each."""
    constants = sorted({sign * number for number in written or [0.0] for sign in (1, -1)})
    between = [one + (other - one) / 2 for one, other in pairwise(constants)]
    return {*between, *(one + step for one in constants for step in range(-count, count + 1))}
