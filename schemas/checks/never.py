"""Conditions that nothing can meet: a comparison outside the range of its column, or two that exclude each other.

Only what is certain is said: a part that is not understood here may hold. Every condition is taken apart into branches (what one OR
leaves open), each a list of things asked of single columns, of pairs of them and of what is made of them; where each branch asks for
what cannot be, nothing meets the condition.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from math import prod

from sqlglot import exp

from schemas.checks.never_asked import NEVER, Asked, asked, named
from schemas.checks.never_fits import Branch, Limits, impossible

__all__ = ["Limits", "never"]

MOST_BRANCHES = 256


def never(conditions: Iterable[exp.Expr], limits: Limits) -> str:
    """Why these conditions cannot hold all at once, whatever stands in the columns; empty where they may hold."""
    parts = [_branches(condition, holds=True) for condition in conditions]
    if prod(map(len, parts)) > MOST_BRANCHES:
        return ""
    found = [impossible([asked for branch in chosen for asked in branch], limits) for chosen in product(*parts)]
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
        return _connected(node, holds=holds)
    if isinstance(node, exp.Between):
        low, high = (kind(this=node.this, expression=node.args[end]) for kind, end in ((exp.GTE, "low"), (exp.LTE, "high")))
        return _branches(exp.And(this=low, expression=high), holds=holds)
    if (instead := _coalesced(node)) is not None:
        return _split(node, instead, holds=holds)
    return [tuple(asked(node, holds=holds))]


def _connected(node: exp.Connector, *, holds: bool) -> list[Branch]:
    """The branches of an AND or OR of parts."""
    parts = [_branches(part, holds=holds) for part in node.flatten()]
    if isinstance(node, exp.And) is not holds:
        found = [branch for part in parts for branch in part]
    elif prod(map(len, parts)) > MOST_BRANCHES:
        return [()]
    else:
        found = [tuple(one for branch in chosen for one in branch) for chosen in product(*parts)]
    return found if len(found) <= MOST_BRANCHES else [()]


def _coalesced(node: exp.Expr) -> exp.Coalesce | None:
    """The first place of a comparison at which another value stands in for a column that is null; of a flag `asked` knows it."""
    sides = [side.unnest() for side in node.iter_expressions()]
    if isinstance(node, exp.Coalesce) or any(isinstance(side, exp.Boolean) for side in sides):
        return None
    found = node.find_all(exp.Coalesce)
    return next((one for one in found if isinstance(one.this, exp.Column) and one.expressions), None)


def _split(node: exp.Expr, one: exp.Coalesce, *, holds: bool) -> list[Branch]:
    """The branch in which the column is there, and the one in which what stands in for it counts."""
    column, rest = one.this, one.expressions
    other = rest[0] if len(rest) == 1 else exp.Coalesce(this=rest[0], expressions=rest[1:])
    there = [(named(column), *branch) for branch in _branches(_with(node, one, column), holds=holds)]
    gone = [(Asked(named(column).of, is_null=True), *branch) for branch in _branches(_with(node, one, other), holds=holds)]
    found = [branch for branch in (*there, *gone) if NEVER not in branch] or there
    return found if len(found) <= MOST_BRANCHES else [()]


def _with(node: exp.Expr, one: exp.Expr, other: exp.Expr) -> exp.Expr:
    """The comparison with another expression in the place of one of its parts."""
    return node.transform(lambda part: other.copy() if part == one else part)
