"""Conditions that nothing can meet: a comparison outside the range of its column, or two that exclude each other.

Only what is certain is said: a part that is not understood here may hold. Every condition is taken apart into branches (what one OR
leaves open), each a list of things asked of single columns and of pairs of dates; where each branch asks for what cannot be, nothing meets
the condition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import product
from math import ceil, floor, inf, nextafter, prod

from sqlglot import exp

from schemas.core.date_shapes import FIRST_YEAR, LAST_YEAR
from schemas.core.expression import is_day
from schemas.core.sql_subset import COMPARISONS

MOST_BRANCHES = 256
# About a date may reach a year beyond the years that dates have.
DAYS = (date(FIRST_YEAR - 1, 1, 1).toordinal(), date(LAST_YEAR + 1, 12, 31).toordinal())
_NEGATED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.GT: exp.LTE,
    exp.GTE: exp.LT,
    exp.LT: exp.GTE,
    exp.LTE: exp.GT,
    exp.EQ: exp.NEQ,
    exp.NEQ: exp.EQ,
}
_MIRRORED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
    exp.EQ: exp.EQ,
    exp.NEQ: exp.NEQ,
}


@dataclass(frozen=True)
class Limits:
    """What the columns can hold: `ranges` of numbers, `whole` numbers, whether the first date never lies after the second (`in_order`),
    whether an empty text is null."""

    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    whole: frozenset[str] = frozenset()
    in_order: Callable[[str, str], bool] = lambda _, __: False
    empty_is_null: bool = False


@dataclass(frozen=True)
class Asked:
    """What is asked of one column, of the day of one date (`of` is `day` and its name) or of the days between two."""

    of: tuple[str, ...]
    low: float = -inf
    high: float = inf
    one_of: frozenset[str] | None = None
    none_of: frozenset[str] = frozenset()
    is_true: bool | None = None
    is_null: bool | None = False
    is_never: bool = False


Branch = tuple[Asked, ...]
NEVER = Asked((), is_never=True)


def never(conditions: Iterable[exp.Expr], limits: Limits) -> str:
    """Why these conditions cannot hold all at once, whatever stands in the columns; empty where they may hold."""
    parts = [_branches(condition, holds=True) for condition in conditions]
    if prod(map(len, parts)) > MOST_BRANCHES:
        return ""
    found = [_impossible([asked for branch in chosen for asked in branch], limits) for chosen in product(*parts)]
    if not all(found):
        return ""
    names = sorted({name for names in found for name in names} - {""})
    return f"no value of {' and '.join(names)} fits" if names else "it compares two constants"


def _branches(node: exp.Expr, *, holds: bool) -> list[Branch]:
    """What is asked where the condition certainly holds (or certainly does not); too many branches ask nothing."""
    node = node.unnest()
    if isinstance(node, exp.Not):
        return _branches(node.this, holds=not holds)
    if isinstance(node, exp.Connector):
        parts = [_branches(part, holds=holds) for part in node.flatten()]
        if isinstance(node, exp.And) is not holds:
            found = [branch for part in parts for branch in part]
        elif prod(map(len, parts)) > MOST_BRANCHES:
            return [()]
        else:
            found = [tuple(asked for branch in chosen for asked in branch) for chosen in product(*parts)]
        return found if len(found) <= MOST_BRANCHES else [()]
    if isinstance(node, exp.Between):
        low, high = (kind(this=node.this, expression=node.args[end]) for kind, end in ((exp.GTE, "low"), (exp.LTE, "high")))
        return _branches(exp.And(this=low, expression=high), holds=holds)
    return [tuple(_asked(node, holds=holds))]


def _asked(node: exp.Expr, *, holds: bool) -> Sequence[Asked]:
    if isinstance(node, (exp.Boolean, exp.Null)):
        return () if isinstance(node, exp.Boolean) and node.this is holds else (NEVER,)
    if isinstance(node, (exp.Column, exp.Coalesce)):
        return _of_flag(node, holds=holds)
    if isinstance(node, (exp.Is, exp.In, exp.Like)):
        return _of_column(node, holds=holds) if isinstance(node.this, exp.Column) else ()
    if isinstance(node, exp.Anonymous) and node.name.lower() == "before":
        later = exp.Anonymous(this="days_between", expressions=node.expressions)
        return _compared(exp.GT if holds else exp.LTE, later, exp.Literal.number(0))
    if isinstance(node, COMPARISONS):
        return _compared(type(node) if holds else _NEGATED[type(node)], node.this, node.expression)
    return ()


def _of_column(node: exp.Is | exp.In | exp.Like, *, holds: bool) -> Sequence[Asked]:
    if isinstance(node, exp.Is):
        return (Asked((node.this.name,), is_null=holds),) if isinstance(node.expression, exp.Null) else ()
    return (_in(node, holds=holds),) if isinstance(node, exp.In) else (Asked((node.this.name,)),)


def _of_flag(node: exp.Column | exp.Coalesce, *, holds: bool) -> Sequence[Asked]:
    """A flag, which may count as false, or as true, where it is not known."""
    if isinstance(node, exp.Column):
        return (Asked((node.name,), is_true=holds),)
    instead = node.expressions[0]
    if not isinstance(node.this, exp.Column) or len(node.expressions) != 1 or not isinstance(instead, exp.Boolean):
        return ()
    return (Asked((node.this.name,), is_true=holds, is_null=None if instead.this is holds else False),)


def _in(node: exp.In, *, holds: bool) -> Asked:
    asked, numbers = Asked((node.this.name,)), [number for one in node.expressions if (number := _number(one)) is not None]
    texts = frozenset(one.name for one in node.expressions if isinstance(one, exp.Literal) and one.is_string)
    if len(texts) + len(numbers) < len(node.expressions) or (texts and numbers) or not node.expressions:
        return asked
    if numbers:
        return replace(asked, low=min(numbers), high=max(numbers)) if holds else asked
    return replace(asked, one_of=texts) if holds else replace(asked, none_of=texts)


def _compared(kind: type[exp.Expr], left: exp.Expr, right: exp.Expr) -> Sequence[Asked]:
    left, right = left.unnest(), right.unnest()
    if (bound := _number(left)) is not None and _number(right) is None:
        return _bounded(_MIRRORED[kind], right, bound)
    if (bound := _number(right)) is not None and _number(left) is None:
        return _bounded(kind, left, bound)
    if isinstance(left, (exp.Literal, exp.Boolean)) and isinstance(right, (exp.Column, exp.Coalesce)):
        left, right, kind = right, left, _MIRRORED[kind]
    if isinstance(left, (exp.Column, exp.Coalesce)) and isinstance(right, exp.Boolean) and kind in (exp.EQ, exp.NEQ):
        return _of_flag(left, holds=right.this is (kind is exp.EQ))
    if isinstance(left, exp.Column) and isinstance(right, exp.Literal) and kind in (exp.EQ, exp.NEQ):
        text = frozenset({right.name})
        return (Asked((left.name,), one_of=text) if kind is exp.EQ else Asked((left.name,), none_of=text),)
    if isinstance(left, exp.Literal) and isinstance(right, exp.Literal) and kind in (exp.EQ, exp.NEQ):
        return () if (left == right) is (kind is exp.EQ) or left.is_string is not right.is_string else (NEVER,)
    named = [Asked((side.name,)) for side in (left, right) if isinstance(side, exp.Column)]
    is_itself = len(named) > 1 and left == right and kind in (exp.NEQ, exp.GT, exp.LT)
    return [*named, *([Asked(named[0].of, is_never=True)] if is_itself else [])]


def _number(node: exp.Expr) -> float | None:
    node = node.unnest()
    if isinstance(node, exp.Neg):
        return None if (number := _number(node.this)) is None else -number
    return float(node.name) if isinstance(node, exp.Literal) and not node.is_string else None


def _bounded(kind: type[exp.Expr], measured: exp.Expr, bound: float) -> Sequence[Asked]:
    """A column, or days between two dates (also divided or multiplied by a number), on one side of a number."""
    measured = measured.unnest()
    if isinstance(measured, (exp.Div, exp.Mul)) and (factor := _number(measured.expression)) is not None and factor > 0:
        # 0.3 / 0.1 is a little less than 3 for a computer
        exact = bound * factor if isinstance(measured, exp.Div) else bound / factor
        return _bounded(kind, measured.this, float(f"{exact:.12g}"))
    if isinstance(measured, exp.Column):
        return (_sided(kind, (measured.name,), bound),)
    if not isinstance(measured, exp.Anonymous) or measured.name.lower() != "days_between":
        return ()
    first, second = measured.expressions
    if is_day(first) or is_day(second):
        day, name = (first, second.name) if is_day(first) else (second, first.name)
        number = date.fromisoformat(day.this.name).toordinal()
        side = _sided(kind, ("day", name), number + bound) if day is first else _sided(_MIRRORED[kind], ("day", name), number - bound)
        return (side, Asked((name,)))
    names, is_turned = sorted((first.name, second.name)), first.name > second.name
    side = _sided(_MIRRORED[kind], ("days", *names), -bound) if is_turned else _sided(kind, ("days", *names), bound)
    return (side, *(Asked((name,)) for name in names))


def _sided(kind: type[exp.Expr], of: tuple[str, ...], bound: float) -> Asked:
    low = bound if kind in (exp.GTE, exp.EQ) else nextafter(bound, inf) if kind is exp.GT else -inf
    high = bound if kind in (exp.LTE, exp.EQ) else nextafter(bound, -inf) if kind is exp.LT else inf
    return Asked(of, low, high)


def _impossible(branch: Sequence[Asked], limits: Limits) -> list[str]:
    """The names in what is asked that cannot be."""
    together: dict[tuple[str, ...], Asked] = {}
    for asked in branch:
        together[asked.of] = _both(together[asked.of], asked) if asked.of in together else asked
    wrong = [asked for asked in together.values() if asked.is_never or not _fits(asked, limits)]
    return [name for asked in wrong for name in (asked.of[1:] if len(asked.of) > 1 else asked.of or ("",))]


def _both(one: Asked, other: Asked) -> Asked:
    sets = [asked.one_of for asked in (one, other) if asked.one_of is not None]
    clash = any(a is not None and b is not None and a is not b for a, b in ((one.is_true, other.is_true), (one.is_null, other.is_null)))
    return Asked(
        one.of, max(one.low, other.low), min(one.high, other.high), frozenset.intersection(*sets) if sets else None,
        one.none_of | other.none_of, one.is_true if other.is_true is None else other.is_true,
        one.is_null if other.is_null is None else other.is_null, one.is_never or other.is_never or clash,
    )  # fmt: skip


def _fits(asked: Asked, limits: Limits) -> bool:
    low, high = _limits(asked.of, limits)
    low, high = max(asked.low, low), min(asked.high, high)
    if (len(asked.of) > 1 or asked.of[0] in limits.whole) and not (low == -inf or high == inf):
        low, high = ceil(low), floor(high)
    never = {""} if limits.empty_is_null else set()
    return low <= high and (asked.one_of is None or bool(asked.one_of - asked.none_of - never))


def _limits(of: tuple[str, ...], limits: Limits) -> tuple[float, float]:
    if len(of) == 1:
        return limits.ranges.get(of[0], (-inf, inf))
    if len(of) == 2:  # `day` and the name of a date
        return DAYS
    return (0 if limits.in_order(of[1], of[2]) else -inf, 0 if limits.in_order(of[2], of[1]) else inf)
