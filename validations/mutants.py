"""Mutants of an edit: the small mistakes that its author could have made, each as the text of one of its two parts.

Made from the parsed SQL: an operator flipped, a part dropped, a negation too much or too few, a number or day off by one,
a code left out or taken for its neighbour, two arguments exchanged, a column taken for another of its type. A mutant that
may not stand as an expression is none.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Protocol

import polars as pl
from sqlglot import exp

from schemas.core.expression import ExpressionError, is_day, parse
from schemas.core.three_valued import ThreeValued, three_valued
from schemas.vocabulary import Vocabularies
from validations.compile import asked, compiled
from validations.edit import Edit
from validations.views.set import domain, view_columns, view_dates

FLIPPED: dict[type[exp.Expr], tuple[type[exp.Expr], ...]] = {
    exp.LT: (exp.LTE, exp.GTE), exp.LTE: (exp.LT, exp.GT), exp.GT: (exp.GTE, exp.LTE), exp.GTE: (exp.GT, exp.LT),
    exp.EQ: (exp.NEQ,), exp.NEQ: (exp.EQ,), exp.Add: (exp.Sub,), exp.Sub: (exp.Add,), exp.Mul: (exp.Div,), exp.Div: (exp.Mul,),
    exp.And: (exp.Or,), exp.Or: (exp.And,),
}  # fmt: skip
CONDITIONS = (exp.In, exp.Like, exp.Is)  # comparisons are flipped, AND and OR by their parts
PART_OF_DATE = re.compile(r"_(anchor|precision|earliest_date|latest_date|offset_days)$")
DAY_CAST = re.compile(r"CAST\(('\d{4}-\d\d-\d\d') AS DATE\)")
Made = Iterator[exp.Expr]


@dataclass(frozen=True)
class Mutant:
    """One mutant: the part that differs, its text instead of the edit's, and what is certain and possible by that text."""

    edit: str
    part: str
    text: str
    pair: ThreeValued


class Around(Protocol):
    """What a node of a tree may be taken for."""

    def others(self, node: exp.Column) -> list[exp.Column]:
        """The columns that could have been meant by this one."""

    def neighbour(self, column: str, code: str, taken: set[str]) -> str | None:
        """The next code of the column's list that is not among `taken`; None where there is no other."""


@dataclass(frozen=True)
class Surroundings:
    """What a node may be taken for: the columns, dates and code lists of its edit's view."""

    record: str
    vocabularies: Vocabularies

    def siblings(self, name: str) -> list[str]:
        """Other columns of the same type (and code list), or other dates for a date, in the order of the view."""
        if name in view_dates(self.record):
            return [date for date in view_dates(self.record) if date != name]
        kinds, listed = view_columns(self.record), domain(self.record, name)
        alike = [other for other, kind in kinds.items() if other != name and kind == kinds[name] and not PART_OF_DATE.search(other)]
        if listed or kinds[name] == pl.String:
            return [other for other in alike if listed and domain(self.record, other) == listed]
        return alike

    def others(self, node: exp.Column) -> list[exp.Column]:
        """All siblings of the column."""
        return [exp.column(name) for name in self.siblings(node.name)]

    def neighbour(self, column: str, code: str, taken: set[str]) -> str | None:
        """The next code of the column's list that is not among `taken`; None where there is no other."""
        return next_code(self.vocabularies, domain(self.record, column), code, taken)


def next_code(vocabularies: Vocabularies, name: str, code: str, taken: set[str]) -> str | None:
    """The code after `code` in the list of that name, round about, that is not among `taken`; None where there is no other."""
    codes = list(vocabularies.labels(name)) if name else []
    at = codes.index(code) + 1 if code in codes else 0
    return next((other for other in (*codes[at:], *codes[:at]) if other not in taken), None)


def mutants(edit: Edit, vocabularies: Vocabularies) -> list[Mutant]:
    """The mutants of one edit, each once, in the order of its text; those that cannot be compiled are left out."""
    around = Surroundings(edit.record, vocabularies)
    return [mutant for part, tree in compiled(edit).trees.items() for mutant in _of_part(edit, part, written(tree), around)]


def _of_part(edit: Edit, part: str, tree: exp.Expr, around: Surroundings) -> Iterator[Mutant]:
    told = {settled(tree)}
    for mutated in _mutated(tree, around):
        meaning, text = settled(mutated), _text(mutated)
        pair = pair_of(edit.record, text) if meaning not in told else None
        told.add(meaning)
        if pair is not None:
            yield Mutant(edit.edit, part, text, pair)


def pair_of(record: str, text: str) -> ThreeValued | None:
    """What is certain and possible by one expression on the record's view; None for one that may not stand."""
    dates = view_dates(record)
    try:
        return three_valued(asked(record, parse(text, view_columns(record), dates)), dates)
    except ExpressionError:
        return None


def settled(node: exp.Expr) -> str:
    """Its text but for brackets and the order of two sides that may be exchanged: such a mutant would mean the same."""
    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, (exp.And, exp.Or)):
        return f"{node.key}({sorted(settled(part) for part in node.flatten())})"
    if isinstance(node, (exp.EQ, exp.NEQ)):
        return f"{node.key}({sorted((settled(node.this), settled(node.expression)))})"
    return f"not({settled(node.this)})" if isinstance(node, exp.Not) else _text(node)


def written(tree: exp.Expr) -> exp.Expr:
    """The tree as its author wrote it: without the guards that parsing adds."""
    copy = exp.Paren(this=tree.copy())
    for node in list(copy.find_all(exp.Div)):
        if isinstance(node.expression, exp.Nullif) and node.expression.expression == exp.Literal.number(0):
            node.set("expression", node.expression.this.copy())
    for name in copy.find_all(exp.Identifier):
        name.set("quoted", False)
    return copy.unnest()


def _text(tree: exp.Expr) -> str:
    return DAY_CAST.sub(r"date \1", tree.sql("duckdb", comments=False, copy=False))


def _mutated(tree: exp.Expr, around: Surroundings) -> Made:
    """Every tree that differs from this one in one mistake."""
    for number, node in enumerate(tree.walk()):
        for new in replacements(node, around):
            yield replaced(tree, number, new)
    yield from _exchanged(tree, around)
    yield from (exp.true(), exp.false())


def replaced(tree: exp.Expr, number: int, new: exp.Expr) -> exp.Expr:
    """A copy of the tree with its node of that number replaced."""
    copy = exp.Paren(this=tree.copy())
    old = next(node for place, node in enumerate(copy.this.walk()) if place == number)
    needs_brackets = isinstance(new, (exp.And, exp.Or, exp.Not)) and not isinstance(old.parent, exp.Paren)
    old.replace(exp.Paren(this=new) if needs_brackets else new)
    return copy.unnest()


def _exchanged(tree: exp.Expr, around: Surroundings) -> Made:
    """Two columns of one type, each written for the other throughout."""
    names = list(dict.fromkeys(column.name for column in tree.find_all(exp.Column, bfs=False)))
    for one, other in combinations(names, 2):
        if other in around.siblings(one):
            copy = exp.Paren(this=tree.copy())
            for column in copy.find_all(exp.Column):
                column.set("this", exp.to_identifier({one: other, other: one}.get(column.name, column.name)))
            yield copy.unnest()


def replacements(node: exp.Expr, around: Around) -> Made:
    """What may stand in the place of one node."""
    for kind in FLIPPED.get(type(node), ()):
        yield kind(this=node.this.copy(), expression=node.expression.copy())
    if isinstance(node, CONDITIONS) or _is_condition(node):
        yield from _negations(node)
    for kinds, made in MADE.items():
        if isinstance(node, kinds):
            yield from made(node, around)


def _is_condition(node: exp.Expr) -> bool:
    """Whether a column, a date function or COALESCE stands where a condition does."""
    is_under_one = node.parent is None or isinstance(node.parent, (exp.And, exp.Or, exp.Paren, exp.Not))
    return is_under_one and isinstance(node, (exp.Column, exp.Anonymous, exp.Coalesce))


def _negations(node: exp.Expr) -> Made:
    if not isinstance(node.parent, exp.Not) and not node.args.get("negate"):
        yield exp.Not(this=node.copy())


def _operands(node: exp.Expr, _: Around) -> Made:
    yield node.this.copy()
    yield node.expression.copy()


def _inside(node: exp.Expr, _: Around) -> Made:
    """Without its NOT, or its COALESCE and default."""
    yield node.this.copy()


def _dates_exchanged(node: exp.Expr, _: Around) -> Made:
    """The two dates exchanged; and `before` off by one day: not after instead of before."""
    first, second = node.expressions
    swapped = exp.Anonymous(this=node.this, expressions=[second.copy(), first.copy()])
    yield swapped
    if node.name.lower() == "before":
        yield swapped.copy() if isinstance(node.parent, exp.Not) else exp.Not(this=swapped.copy())


def _other_truth(node: exp.Expr, _: Around) -> Made:
    yield exp.Boolean(this=not node.this)


def _other_column(node: exp.Expr, around: Around) -> Made:
    yield from around.others(node) if isinstance(node, exp.Column) else ()


def _other_list(node: exp.Expr, around: Around) -> Made:
    """Each code left out, and each taken for its neighbour in the code list."""
    codes = node.expressions
    for number, code in enumerate(codes):
        if len(codes) > 1:
            yield exp.In(this=node.this.copy(), expressions=[other.copy() for place, other in enumerate(codes) if place != number])
        for new in _other_code(node.this, code, {other.name for other in codes}, around):
            yield exp.In(this=node.this.copy(), expressions=[new if place == number else other.copy() for place, other in enumerate(codes)])


def _other_code(compared: exp.Expr, code: exp.Expr, taken: set[str], around: Around) -> Made:
    columns = list(compared.find_all(exp.Column))
    if isinstance(code, exp.Literal) and code.is_string and columns:
        other = around.neighbour(columns[0].name, code.name, taken)
        if other is not None:
            yield exp.Literal.string(other)


def _other_literal(node: exp.Expr, around: Around) -> Made:
    parent = node.parent
    if parent is not None and is_day(parent):
        day = datetime.date.fromisoformat(node.name)
        yield from (exp.Literal.string(str(day + datetime.timedelta(days))) for days in (-1, 1))
    elif not node.is_string:
        yield from _other_number(node.name)
    elif isinstance(parent, exp.Like):
        yield from _other_pattern(node.name)
    elif isinstance(parent, (exp.EQ, exp.NEQ, exp.Coalesce)):
        yield from _other_code(parent, node, {node.name}, around)


def _other_number(text: str) -> Made:
    """One more and one less in the last place written."""
    number = Decimal(text)
    step = Decimal(1).scaleb(int(number.as_tuple().exponent))
    for other in (number + step, number - step):
        yield exp.Neg(this=exp.Literal.number(str(-other))) if other < 0 else exp.Literal.number(str(other))


def _other_pattern(pattern: str) -> Made:
    """A pattern with one sign less: every wildcard is needed, and so is every letter."""
    yield from (exp.Literal.string(pattern[:place] + pattern[place + 1 :]) for place in range(len(pattern)))


def _other_like(node: exp.Expr, _: Around) -> Made:
    if node.args.get("negate"):
        yield exp.Like(this=node.this.copy(), expression=node.expression.copy())


MADE: Mapping[type[exp.Expr], Callable[[exp.Expr, Around], Made]] = {
    exp.And: _operands, exp.Or: _operands, exp.Not: _inside, exp.Anonymous: _dates_exchanged, exp.Coalesce: _inside,
    exp.Boolean: _other_truth, exp.Column: _other_column, exp.In: _other_list, exp.Literal: _other_literal, exp.Like: _other_like,
    exp.Add: _operands, exp.Sub: _operands, exp.Mul: _operands, exp.Div: _operands,
}  # fmt: skip
