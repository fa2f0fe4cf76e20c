"""Whether all that one branch of a condition asks can be at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import ceil, floor, inf, isfinite, nextafter

from schemas.checks.never_asked import Asked, Of
from schemas.core.date_shapes import FIRST_YEAR, LAST_YEAR

Branch = tuple[Asked, ...]
# Two columns of which the first never stands behind the second, and whether they are never equal.
Order = tuple[str, str, bool]
# About a date may reach a year beyond the years that dates have.
DAYS = (date(FIRST_YEAR - 1, 1, 1).toordinal(), date(LAST_YEAR + 1, 12, 31).toordinal())


@dataclass(frozen=True)
class Limits:
    """What the columns can hold: `ranges` of numbers, `whole` numbers, whether the first date never lies after the second (`in_order`),
    whether an empty text is null."""

    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    whole: frozenset[str] = frozenset()
    in_order: Callable[[str, str], bool] = lambda _, __: False
    empty_is_null: bool = False


def impossible(branch: Sequence[Asked], limits: Limits) -> list[str]:
    """The names in what is asked that cannot be."""
    together: dict[Of, Asked] = {}
    for asked in branch:
        together[asked.of] = _both(together[asked.of], asked) if asked.of in together else asked
    orders = list(_orders(together.values()))
    wrong = [asked.of.names for asked in _pushed(together, orders, limits) if asked.is_never or not _fits(asked, limits)]
    wrong += [(before, behind) for before, behind, is_strict in orders if is_strict and before in _behind(behind, orders)]
    return [name for names in wrong for name in names or ("",)]


def _both(one: Asked, other: Asked) -> Asked:
    """What two comparisons ask of the same; a flag that must be true and false, each or not known, is not known."""
    sets = [asked.one_of for asked in (one, other) if asked.one_of is not None]
    truths = {one.is_true, other.is_true} - {None}
    nulls = {one.is_null, other.is_null, *([True] if len(truths) > 1 else [])} - {None}
    return Asked(
        one.of, max(one.low, other.low), min(one.high, other.high), frozenset.intersection(*sets) if sets else None,
        one.none_of | other.none_of, None if len(truths) > 1 else next(iter(truths), None), next(iter(nulls), None),
        one.is_never or other.is_never or len(nulls) > 1,
    )  # fmt: skip


def _orders(asked: Iterable[Asked]) -> Iterator[Order]:
    """Of each two columns that are compared which never stands behind the other."""
    for one in asked:
        if one.of.kind == "order" and one.one_of:
            first, second = one.of.names
            if ">" not in one.one_of:
                yield first, second, "=" not in one.one_of
            if "<" not in one.one_of:
                yield second, first, "=" not in one.one_of


def _behind(column: str, orders: Sequence[Order]) -> set[str]:
    """The column, and all that never stand before it."""
    found = {column}
    while more := {behind for before, behind, _ in orders if before in found} - found:
        found |= more
    return found


def _pushed(together: Mapping[Of, Asked], orders: Sequence[Order], limits: Limits) -> Iterable[Asked]:
    """What is asked, with the bounds of each column narrowed by the columns it is ordered with; repeated until bounds pass through all."""
    found = dict(together)
    for before, behind, is_strict in [*orders] * len(orders):
        lower, upper = found[Of((before,))], found[Of((behind,))]
        low, high = _bounds(lower, limits)[0], _bounds(upper, limits)[1]
        low, high = (nextafter(low, inf), nextafter(high, -inf)) if is_strict else (low, high)
        found[lower.of] = replace(lower, high=min(lower.high, high))
        found[upper.of] = replace(upper, low=max(upper.low, low))
    return found.values()


def _fits(asked: Asked, limits: Limits) -> bool:
    low, high = _bounds(asked, limits)
    is_column = asked.of.kind == "column"
    if asked.one_of is None or (is_column and asked.of.names[0] in {*limits.ranges, *limits.whole}):  # '5.0' is 5 there
        return low <= high
    never = {""} if limits.empty_is_null and is_column else set()
    return low <= high and bool(asked.one_of - asked.none_of - never)


def _bounds(asked: Asked, limits: Limits) -> tuple[float, float]:
    """Least and greatest number that is asked for and can be."""
    least, greatest = _limits(asked.of, limits)
    low, high = max(asked.low, least), min(asked.high, greatest)
    is_whole = asked.of.kind in ("day", "days") or (asked.of.kind == "column" and asked.of.names[0] in limits.whole)
    if is_whole and isfinite(low) and isfinite(high):
        low, high = ceil(low), floor(high)
    return low, high


def _limits(of: Of, limits: Limits) -> tuple[float, float]:
    if of.kind == "column" and of.names:
        return limits.ranges.get(of.names[0], (-inf, inf))
    if of.kind == "day":
        return DAYS
    if of.kind == "days":
        first, second = of.names
        return (0 if limits.in_order(first, second) else -inf, 0 if limits.in_order(second, first) else inf)
    return (0, inf) if of.never_negative else (-inf, inf)
