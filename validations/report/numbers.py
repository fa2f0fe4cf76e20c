"""How numbers and names are written in the report."""

from __future__ import annotations

from markupsafe import Markup, escape

# A number and its per cent sign stay on one line.
PERCENT = "\N{NO-BREAK SPACE}%"


def count(n: int) -> str:
    """A count with thousands marked: 1,000,000."""
    return f"{n:,}"


def percent(part: int, whole: int, *limits: float | None) -> str:
    """A share to one decimal; never 0 % or 100 % unless it is exactly that. Empty where there is no whole.

    With more decimals where it would else look like one of the `limits` (as fractions) that it is held to and is not.
    """
    if not whole:
        return ""
    share = 100 * part / whole
    for limit in (100 * one for one in limits if one is not None):
        decimals = next((n for n in range(1, 6) if share == limit or round(share, n) != round(limit, n)), 6)
        if decimals > 1:
            return f"{share:.{decimals}f}{PERCENT}"
    if part and share < 0.1:
        return f"<0.1{PERCENT}"
    if part < whole and share > 99.9:
        return f">99.9{PERCENT}"
    return f"{share:.1f}{PERCENT}" if part not in (0, whole) else f"{share:.0f}{PERCENT}"


def limit(share: float) -> str:
    """A share that is a limit, as a whole number: 5 %."""
    return f"{share:.0%}".replace("%", PERCENT)


def change(now: int, before: int) -> str:
    """Signed difference to an earlier count, with a true minus sign."""
    difference = now - before
    return "no change" if not difference else f"{'+' if difference > 0 else '−'}{abs(difference):,}"


def plural(n: int, one: str, many: str = "") -> str:
    """'1 woman', '2 women'."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def breakable(name: str) -> Markup:
    """A technical name, escaped, that may be broken after an underscore or a slash."""
    return Markup(str(escape(name)).replace("_", "_<wbr>").replace("/", "/<wbr>"))  # escaped before


def within(words: str) -> str:
    """Words that begin a line, as they stand within a sentence: an abbreviation keeps its capitals."""
    return words[:1].lower() + words[1:] if words[1:2].islower() else words
