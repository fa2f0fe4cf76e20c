"""What the outcome of an expectation says: counts, limits and releases, never a value."""

from __future__ import annotations

from validations.expecting.drift import Drift
from validations.expecting.plan import Planned
from validations.report.numbers import PERCENT, percent

# Under one in a thousand, which rows came or went says nothing.
UNMOVED = 0.001
# Kinds whose limits are shares.
SHARES = ("known", "share", "fresh", "drift")


def detail(one: Planned, *, met: bool) -> str:  # noqa: PLR0911 - one sentence per kind of rule
    """What was met and expected, in counts and words; the release that it is compared with."""
    bounds = " and ".join(
        f"{word} {_bound(one, bound)}" for word, bound in (("at least", one.minimum), ("at most", one.maximum)) if bound is not None
    )
    if one.drift is not None:
        return f"{_moved(one.drift)}{_since(one)}, expected {bounds}"
    if one.silent:
        now, then = (
            f"{count} of {of:,}" if of is not None else count
            for count, of in zip((f"{one.hits:,}", f"{one.of:,}"), one.rows or (None, None), strict=True)
        )
        return f"{'' if _half_is_left(one) else 'fell silent: '}known in {now} rows now, in {then}{_since(one)}, expected {bounds}"
    limits = (one.minimum, one.maximum) if one.rule.kind in SHARES else ()
    share = f"{one.hits:,} of {one.of:,} ({percent(one.hits, one.of, *limits)})"
    match one.rule.kind:
        case "columns":
            return "columns as declared" if met else "columns differ from the data dictionary"
        case "required":
            return f"{one.of:,} rows, none empty" if met else f"empty in some of {one.of:,} rows"
        case "rows":
            return f"{one.hits:,} rows, expected {bounds}{_held(one)}"
        case "rows_against_previous" | "rows_by_source" | "known_against_previous":
            of_now, of_then = (f" of {n:,}" for n in one.rows) if one.rows else ("", "")
            return f"{one.hits:,}{of_now} now, {one.of:,}{of_then}{_since(one)}, expected {bounds}{_held(one)}"
        case "fresh":
            span = f"calendar dates within {one.rule.maximum:.0f} days of the as-of date"
            return f"{share} {span}, expected {bounds}"
        case _:
            return f"{share}, expected {bounds}"


def _held(one: Planned) -> str:
    return f"; {one.held}" if one.held else ""


def _half_is_left(one: Planned) -> bool:
    """Whether at least half of what the source knew is known still, as a share of its rows."""
    return one.rows is not None and one.hits * one.rows[1] * 2 >= one.of * one.rows[0] > 0


def _since(one: Planned) -> str:
    return f" in {one.against.words}" if one.drift is None and one.against else f" since {one.against.words}" if one.against else ""


def _moved(drift: Drift) -> str:
    if drift.distance < UNMOVED:
        return "shares did not move"
    most = f"most: {drift.code}, {drift.before:.0%} before and {drift.now:.0%} now".replace("%", PERCENT)
    return f"shares moved by {100 * drift.distance:.1f}{PERCENT} ({most})"


def _bound(one: Planned, bound: float) -> str:
    return f"{100 * bound:g}{PERCENT}" if one.rule.kind in SHARES and not one.silent else f"{-int(-bound // 1):,}"
