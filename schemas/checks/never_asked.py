"""What a single comparison asks: of one column, of two, of a date, or of what is made of columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from math import inf, nextafter
from operator import eq, ge, gt, le, lt, ne
from typing import Literal

from sqlglot import exp

from schemas.checks.never_texts import TEXTS, gives
from schemas.core.expression import is_day
from schemas.core.sql_subset import COMPARISONS

Kind = type[exp.Expr]
# Of each comparison: what it is when it does not hold, and when its sides change places, what it is of two numbers, and in which order
# two columns can stand.
_NEGATED: dict[Kind, Kind] = {
    exp.GT: exp.LTE, exp.GTE: exp.LT, exp.LT: exp.GTE, exp.LTE: exp.GT, exp.EQ: exp.NEQ, exp.NEQ: exp.EQ,
}  # fmt: skip
_MIRRORED: dict[Kind, Kind] = {
    exp.GT: exp.LT, exp.GTE: exp.LTE, exp.LT: exp.GT, exp.LTE: exp.GTE, exp.EQ: exp.EQ, exp.NEQ: exp.NEQ,
}  # fmt: skip
_OF_NUMBERS: Mapping[Kind, Callable[[Decimal, Decimal], bool]] = {
    exp.GT: gt, exp.GTE: ge, exp.LT: lt, exp.LTE: le, exp.EQ: eq, exp.NEQ: ne,
}  # fmt: skip
_ORDERS: dict[Kind, str] = {exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<=", exp.EQ: "=", exp.NEQ: "<>"}
# From here on neighbours are one number for a computer: of such a bound nothing is certain.
EXACT = 2**53
# Numbers made of columns; what is null where one of its parts is.
MEASURES = (exp.Length, exp.Abs, exp.Add, exp.Sub, exp.Mul, exp.Round)
STRICT = (*MEASURES, exp.Lower, exp.Upper, exp.Trim, exp.Substring)


@dataclass(frozen=True)
class Of:
    """What a comparison looks at, by `kind`: a column, the `day` of a date, the `days` between two dates, the `order` of two columns, or a
    value `made` of columns (`text`: its SQL; `never_negative`: whether it cannot be below 0).
    """

    names: tuple[str, ...]
    kind: Literal["column", "day", "days", "order", "made"] = "column"
    text: str = ""
    never_negative: bool = False


@dataclass(frozen=True)
class Asked:
    """What a condition asks of it: a number from `low` to `high`, one of some texts (of two columns: of `<`, `=`, `>`), none of others."""

    of: Of
    low: float = -inf
    high: float = inf
    one_of: frozenset[str] | None = None
    none_of: frozenset[str] = frozenset()
    is_true: bool | None = None
    is_null: bool | None = False
    is_never: bool = False


NEVER = Asked(Of(()), is_never=True)


def named(column: exp.Expr) -> Asked:
    """That a column is there."""
    return Asked(Of((column.name,)))


def asked(node: exp.Expr, *, holds: bool) -> Sequence[Asked]:
    """What a condition without AND, OR and NOT asks where it certainly holds, or certainly does not."""
    if isinstance(node, (exp.Boolean, exp.Null)):
        return () if isinstance(node, exp.Boolean) and node.this is holds else (NEVER,)
    if isinstance(node, (exp.Column, exp.Coalesce)):
        return _of_flag(node, holds=holds)
    if isinstance(node, (exp.Is, exp.In, exp.Like)):
        return _of_words(node, holds=holds)
    if isinstance(node, exp.Anonymous) and node.name.lower() == "before":
        later = exp.Anonymous(this="days_between", expressions=node.expressions)
        return _compared(exp.GT if holds else exp.LTE, later, exp.Literal.number(0))
    if isinstance(node, COMPARISONS):
        return _compared(type(node) if holds else _NEGATED[type(node)], node.this, node.expression)
    return ()


def _of_words(node: exp.Is | exp.In | exp.Like, *, holds: bool) -> Sequence[Asked]:
    if isinstance(node, exp.Like):
        return (named(node.this),) if isinstance(node.this, exp.Column) else ()
    return _in(node, holds=holds) if isinstance(node, exp.In) else _of_null(node, holds=holds)


def _of_null(node: exp.Is, *, holds: bool) -> Sequence[Asked]:
    if not isinstance(node.expression, exp.Null):
        return ()
    if isinstance(node.this, exp.Literal):
        return (NEVER,) if holds else ()
    return (Asked(Of((node.this.name,)), is_null=holds),) if isinstance(node.this, exp.Column) else ()


def _of_flag(node: exp.Column | exp.Coalesce, *, holds: bool) -> Sequence[Asked]:
    """A flag, which may count as false, or as true, where it is not known."""
    if isinstance(node, exp.Column):
        return (Asked(Of((node.name,)), is_true=holds),)
    instead = node.expressions[0]
    if not isinstance(node.this, exp.Column) or len(node.expressions) != 1 or not isinstance(instead, exp.Boolean):
        return ()
    return (Asked(Of((node.this.name,)), is_true=holds, is_null=None if instead.this is holds else False),)


def _in(node: exp.In, *, holds: bool) -> Sequence[Asked]:
    left, listed = node.this.unnest(), node.expressions
    texts = frozenset(one.name for one in listed if isinstance(one, exp.Literal) and one.is_string)
    numbers = [number for one in listed if (number := _number(one)) is not None]
    if not numbers and all(isinstance(one, exp.Literal) and one.is_string for one in listed):
        return _of_texts(left, texts, holds=holds)
    about = _about(left)
    if len(numbers) < len(listed):
        return about
    if (number := _number(left)) is not None:
        return () if (number in numbers) is holds else (NEVER,)
    if not holds or not about or isinstance(left, TEXTS):
        return about
    return replace(about[0], low=float(min(numbers)), high=float(max(numbers))), *about[1:]


def _of_texts(left: exp.Expr, texts: frozenset[str], *, holds: bool) -> Sequence[Asked]:
    """That a column, or a text made of some, is one of these, or none of them; what it can never give is none of the first."""
    if isinstance(left, exp.Literal):
        return (NEVER,) if left.is_string and (left.name in texts) is not holds else ()
    first, *others = _about(left) or (None,)
    if first is None or isinstance(left, MEASURES):
        return others
    if not holds:
        return replace(first, none_of=texts), *others
    return replace(first, one_of=frozenset(text for text in texts if gives(left, text))), *others


def _about(node: exp.Expr) -> tuple[Asked, ...]:
    """That the value a comparison looks at is not null, nor the columns it needs; nothing where the value is not understood."""
    if isinstance(node, exp.Column):
        return (named(node),)
    if not isinstance(node, (*TEXTS, *MEASURES)):
        return ()
    names = tuple(sorted({column.name for column in node.find_all(exp.Column)}))
    return Asked(Of(names, "made", node.sql(), isinstance(node, (exp.Length, exp.Abs)))), *map(named, _needed(node))


def _needed(node: exp.Expr) -> Iterator[exp.Column]:
    """The columns without which a text or number is null."""
    if isinstance(node, exp.Column):
        yield node
    elif isinstance(node, STRICT):
        for part in node.iter_expressions():
            yield from _needed(part)


def _compared(kind: Kind, left: exp.Expr, right: exp.Expr) -> Sequence[Asked]:
    left, right = left.unnest(), right.unnest()
    numbers = _number(left), _number(right)
    if isinstance(left, (exp.Literal, exp.Boolean)) or numbers[0] is not None:
        if not isinstance(right, (exp.Literal, exp.Boolean)) and numbers[1] is None:
            return _compared(_MIRRORED[kind], right, left)
        return _of_constants(kind, left, right)
    if numbers[1] is not None:
        return _bounded(kind, left, float(numbers[1]))
    if isinstance(right, exp.Boolean) and kind in (exp.EQ, exp.NEQ) and isinstance(left, (exp.Column, exp.Coalesce)):
        return _of_flag(left, holds=right.this is (kind is exp.EQ))
    if isinstance(right, exp.Literal) and kind in (exp.EQ, exp.NEQ):
        return _of_texts(left, frozenset({right.name}), holds=kind is exp.EQ)
    return *_about(left), *_about(right), *_ordered(kind, left, right)


def _of_constants(kind: Kind, left: exp.Expr, right: exp.Expr) -> Sequence[Asked]:
    """Two constants, of which texts and flags are only asked whether they are the same."""
    numbers = _number(left), _number(right)
    if numbers[0] is not None and numbers[1] is not None:
        return () if _OF_NUMBERS[kind](numbers[0], numbers[1]) else (NEVER,)
    is_text = all(isinstance(side, exp.Literal) and side.is_string for side in (left, right))
    is_flag = isinstance(left, exp.Boolean) and isinstance(right, exp.Boolean)
    return (NEVER,) if (is_text or is_flag) and kind in (exp.EQ, exp.NEQ) and (left == right) is not (kind is exp.EQ) else ()


def _ordered(kind: Kind, left: exp.Expr, right: exp.Expr) -> Sequence[Asked]:
    """In which order two columns stand; the same column stands nowhere before itself."""
    if not isinstance(left, exp.Column) or not isinstance(right, exp.Column):
        return ()
    if left.name == right.name:
        return (replace(named(left), is_never=True),) if kind in (exp.NEQ, exp.GT, exp.LT) else ()
    first, second = sorted((left.name, right.name))
    signs = _ORDERS[kind if left.name == first else _MIRRORED[kind]]
    return (Asked(Of((first, second), "order"), one_of=frozenset(signs)),)


def _number(node: exp.Expr) -> Decimal | None:
    node = node.unnest()
    if isinstance(node, exp.Neg):
        return None if (number := _number(node.this)) is None else -number
    return Decimal(node.name) if isinstance(node, exp.Literal) and not node.is_string else None


def _bounded(kind: Kind, measured: exp.Expr, bound: float) -> Sequence[Asked]:
    """A number, or days between two dates (also divided or multiplied by a number), on one side of a number."""
    measured = measured.unnest()
    if abs(bound) >= EXACT:
        return _about(measured)
    if isinstance(measured, (exp.Div, exp.Mul)) and (factor := _number(measured.expression)) is not None and 0 < float(factor) < inf:
        # 0.3 / 0.1 is a little less than 3 for a computer
        exact = bound * float(factor) if isinstance(measured, exp.Div) else bound / float(factor)
        return _bounded(kind, measured.this, float(f"{exact:.12g}"))
    if isinstance(measured, exp.Anonymous) and measured.name.lower() == "days_between":
        return _days(kind, measured.expressions, bound)
    if isinstance(measured, TEXTS):
        return ()
    return tuple(_sided(kind, one.of, bound) if place == 0 else one for place, one in enumerate(_about(measured)))


def _days(kind: Kind, dates: Sequence[exp.Expr], bound: float) -> Sequence[Asked]:
    """Days between two dates, or between a date and a day."""
    first, second = dates
    if is_day(first) or is_day(second):
        day, name = (first, second.name) if is_day(first) else (second, first.name)
        number, of = date.fromisoformat(day.this.name).toordinal(), Of((name,), "day")
        side = _sided(kind, of, number + bound) if day is first else _sided(_MIRRORED[kind], of, number - bound)
        return side, Asked(Of((name,)))
    (one, other), is_turned = sorted((first.name, second.name)), first.name > second.name
    of = Of((one, other), "days")
    side = _sided(_MIRRORED[kind], of, -bound) if is_turned else _sided(kind, of, bound)
    return side, Asked(Of((one,))), Asked(Of((other,)))


def _sided(kind: Kind, of: Of, bound: float) -> Asked:
    low = bound if kind in (exp.GTE, exp.EQ) else nextafter(bound, inf) if kind is exp.GT else -inf
    high = bound if kind in (exp.LTE, exp.EQ) else nextafter(bound, -inf) if kind is exp.LT else inf
    return Asked(of, low, high)
