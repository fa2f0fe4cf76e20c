"""Conditions over clinical dates in two portable SQL expressions: what is certain and what is possible.

A date is an interval on two axes (six columns, DESIGN 2.3), so a comparison of dates has three answers. Each boolean
part becomes a pair: true/true = certainly, false/false = certainly not, false/true = possibly, null = not judgeable,
because the dates share no axis. AND, OR and NOT follow Kleene; NOT swaps the two. `before(a, b)` means that a lies on an
earlier day than b; `days_between(a, b)` is b - a in days, known to lie between two bounds.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlglot import exp

from schemas.core.expression import is_day
from schemas.core.expression_error import ExpressionError
from schemas.core.sql_subset import DATE_FUNCTIONS
from schemas.core.three_valued_sql import Bounds, SqlInterval, and_, answer, difference, earlier, or_

OUTCOMES = ("violated", "possible", "satisfied", "not_applicable", "not_judgeable")
# Outcome -> the small integer that `outcome` gives, which is its place in OUTCOMES.
OUTCOME_CODES = {word: code for code, word in enumerate(OUTCOMES)}
CALENDAR_ONLY = "is_calendar_only"  # what a column node says of its date
# What a number of days may be part of.
NUMBERS = (exp.Neg, exp.Abs, exp.Add, exp.Sub, exp.Mul, exp.Div)
_MIRRORED = {exp.GT: exp.LT, exp.GTE: exp.LTE, exp.LT: exp.GT, exp.LTE: exp.GTE}


@dataclass(frozen=True)
class ThreeValued:
    """Two SQL expressions over physical columns; `certain` is never true where `possible` is false."""

    certain: exp.Expr
    possible: exp.Expr

    @property
    def is_plain(self) -> bool:
        """Whether no date decides: both are the same expression."""
        return self.certain is self.possible

    def negated(self) -> ThreeValued:
        """NOT: what was certainly so is certainly not so."""
        return ThreeValued(_not(self.possible), _not(self.certain))


def three_valued(expression: exp.Expr, dates: Collection[str], calendar_only: Collection[str] = ()) -> ThreeValued:
    """The pair for an expression that `schemas.core.expression.parse` gave with the same `dates`.

    Of the dates `calendar_only` the data hold no anchor: the pair reads their calendar columns only, with the same answers.
    A part without dates is its own pair (its null is *not judgeable*). Raises ExpressionError where `before` or
    `days_between` stands in a place that has no three-valued meaning, for instance under CASE or COALESCE.
    """
    return _pair(_with_delivered(expression, dates, calendar_only))


def valued(expression: exp.Expr, dates: Collection[str]) -> ThreeValued:
    """As `three_valued`, for what may be a number too: `days_between` by itself, and sums of it, are the number where the dates
    leave one only, else null."""
    tree = _with_delivered(expression, dates, ()).unnest()
    if not _holds_dates(tree) or not (isinstance(tree, NUMBERS) or _is_days(tree)):
        return _pair(tree)
    bounds = _bounds(tree)
    number = exp.Case(ifs=[exp.If(this=exp.EQ(this=bounds.low, expression=bounds.high), true=bounds.low)])
    return ThreeValued(number, number)


def _with_delivered(expression: exp.Expr, dates: Collection[str], calendar_only: Collection[str]) -> exp.Expr:
    """The expression with `X is null` of a clinical date written over its columns: whether X was delivered is always known."""
    tree = exp.Paren(this=expression.copy())
    for column in tree.find_all(exp.Column):
        column.meta[CALENDAR_ONLY] = column.name in calendar_only
    for node in list(tree.find_all(exp.Is)):
        if isinstance(node.this, exp.Column) and node.this.name in dates:
            node.replace(exp.Paren(this=_interval(node.this).is_missing()))
    return tree.unnest()


def _pair(expression: exp.Expr) -> ThreeValued:
    if not _holds_dates(expression):
        return ThreeValued(expression, expression)
    if isinstance(expression, exp.Paren):
        return _pair(expression.this)
    if isinstance(expression, exp.Not):
        return _pair(expression.this).negated()
    if isinstance(expression, (exp.And, exp.Or)):
        join = and_ if isinstance(expression, exp.And) else or_
        pairs = [_pair(part) for part in expression.flatten()]
        return ThreeValued(join(*(pair.certain for pair in pairs)), join(*(pair.possible for pair in pairs)))
    return _comparison(expression)


def outcome(applies: ThreeValued, violated: ThreeValued) -> exp.Expr:
    """One small integer per row, the outcome of an edit (see OUTCOMES); never null.

    Satisfied stands first, as most records are: certain is never true where possible is false, so the order changes no answer. What no
    date decides (its pair is one expression) is asked once, and cannot be `possible`.
    """
    certain = violated.certain if applies.is_plain else and_(applies.certain, violated.certain)
    answers = [(_not(violated.possible), "satisfied"), (_paren(certain), "violated")]
    if not violated.is_plain:
        answers.append((and_(violated.possible, _not(violated.certain)), "possible"))
    if not applies.is_plain:
        answers.append((and_(violated.possible, exp.Coalesce(this=_not(applies.certain), expressions=[exp.true()])), "possible"))
    among = [exp.If(this=condition, true=_code(word)) for condition, word in answers]
    ifs = [
        exp.If(this=_paren(applies.possible), true=exp.Case(ifs=among, default=_code("not_judgeable"))),
        exp.If(this=exp.Is(this=_paren(applies.possible), expression=exp.Null()), true=_code("not_judgeable")),
    ]
    return exp.Cast(this=exp.Case(ifs=ifs, default=_code("not_applicable")), to=exp.DataType.build("TINYINT"))


def _code(word: str) -> exp.Expr:
    return exp.Literal.number(OUTCOME_CODES[word])


def _comparison(expression: exp.Expr) -> ThreeValued:
    if isinstance(expression, exp.Anonymous) and expression.name.lower() == "before":
        return ThreeValued(*earlier(*(_interval(argument) for argument in expression.expressions)))
    if isinstance(expression, exp.Between):
        low = exp.GTE(this=expression.this, expression=expression.args["low"])
        high = exp.LTE(this=expression.this, expression=expression.args["high"])
        return _pair(exp.And(this=low, expression=high))
    if type(expression) in {exp.GT, exp.GTE, exp.LT, exp.LTE, exp.EQ, exp.NEQ}:
        return _compared(type(expression), _bounds(expression.this), _bounds(expression.expression))
    raise _misplaced(expression)


def _compared(kind: type[exp.Expr], left: Bounds, right: Bounds) -> ThreeValued:
    if kind in {exp.LT, exp.LTE}:
        return _compared(_MIRRORED[kind], right, left)
    if kind is exp.NEQ:
        return _compared(exp.EQ, left, right).negated()
    return ThreeValued(*answer(*left.compared(kind, right), left.judgeable + right.judgeable, left.may_conflict or right.may_conflict))


def _bounds(node: exp.Expr) -> Bounds:
    """The bounds of a numeric expression: sums of days_between and numbers, times a literal number, or abs of them."""
    if not _holds_dates(node):
        return Bounds.exactly(node)
    if _is_days(node):
        return difference(*(_interval(argument) for argument in node.expressions))
    if isinstance(node, (exp.Paren, exp.Neg, exp.Abs)):
        inner = _bounds(node.this)
        return inner.negated() if isinstance(node, exp.Neg) else inner.absolute() if isinstance(node, exp.Abs) else inner
    if isinstance(node, (exp.Add, exp.Sub)):
        right = _bounds(node.expression)
        return _bounds(node.this).plus(right.negated() if isinstance(node, exp.Sub) else right)
    if isinstance(node, (exp.Mul, exp.Div)):
        return _scaled(node)
    raise _misplaced(node)


def _is_days(node: exp.Expr) -> bool:
    return isinstance(node, exp.Anonymous) and node.name.lower() == "days_between"


def _scaled(node: exp.Mul | exp.Div) -> Bounds:
    """days_between(a, b) / 365.25 and the like: only a positive literal keeps the order of the bounds without a look at the data."""
    factor, scaled = node.expression, node.this
    if isinstance(node, exp.Mul) and isinstance(scaled, exp.Literal):
        factor, scaled = scaled, factor
    if not isinstance(factor, exp.Literal) or factor.is_string or not float(factor.name):
        raise ExpressionError("days_between may be multiplied or divided by a number only", "such as 365.25")
    return _bounds(scaled).scaled(type(node), factor)


def _interval(argument: exp.Expr) -> SqlInterval:
    if is_day(argument):
        return SqlInterval.day(argument)
    return SqlInterval.named(argument.name, is_calendar_only=argument.meta.get(CALENDAR_ONLY, False))


def _holds_dates(node: exp.Expr) -> bool:
    return any(part.name.lower() in DATE_FUNCTIONS for part in node.find_all(exp.Anonymous))


INSTEAD_OF_CASE = (
    "a condition is written `(a and x) or (not a and y)`; in a study give the comparison a column of its own (`columns`, its `where`) "
    "and let CASE ask that column"
)


def _misplaced(node: exp.Expr) -> ExpressionError:
    hint = "before stands under AND, OR and NOT; days_between in a comparison with a number"
    if isinstance(node, exp.Case):
        hint += f"; {INSTEAD_OF_CASE}"
    return ExpressionError(f"dates have no three-valued meaning inside {type(node).__name__.upper()}", hint)


def _paren(node: exp.Expr) -> exp.Expr:
    return exp.Paren(this=node)


def _not(node: exp.Expr) -> exp.Expr:
    return exp.Not(this=_paren(node))
