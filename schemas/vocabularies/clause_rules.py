"""What clause_rules.csv says of a domain, and the words of clause_words.csv as patterns (clauses.py reads texts by them)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import polars as pl

from schemas.facts import SEPARATOR, Row, shipped

# Bytes of one pattern: a list of 12,000 names of drugs in one is more than the regex crate compiles.
MOST_BYTES = 60_000
# Words that say nothing of their own: they may stand beside a spelling, but are none of what a part set aside is made of.
PLAIN = "plain"
# Words of another thing: nobody knows them, and they spoil whatever else stands there.
STRANGER = "stranger"


@dataclass(frozen=True)
class Rule:
    """The row of one domain in clause_rules.csv; `named`: the folded words of class `named`."""

    row: Row
    aside: tuple[tuple[str, ...], ...]
    named: tuple[str, ...]

    def any_of(self, names: Iterable[str]) -> pl.Expr:
        """Whether the column `words` has a word of one of these classes."""
        told = tuple(sorted(names))
        return contains_any(pl.col("words"), together(told, self.named)) if told else pl.lit(value=False)

    def listed(self, column: str) -> list[str]:
        """The classes in one cell of the row."""
        return _names(self.row[column])


@cache
def rule_of(domain: str, named: tuple[str, ...] = ()) -> Rule | None:
    """The rule of a domain; None where it has none."""
    row = next((row for row in _rules() if row["domain"] == domain), None)
    if row is None:
        return None
    return Rule(row, tuple(tuple(part.split("+")) for part in _names(row["aside"])), named)


def _rules() -> tuple[Row, ...]:
    columns = ("aside", "never", "spoils", "saves", "bare", "bare_with", "needs", "strict", "own_part", "plain")
    return shipped("clause_rules.csv", "domain", *columns)


@cache
def _plain_in_some() -> frozenset[str]:
    """The classes that are plain in some domains only: what stains look like, how a course is given."""
    return frozenset(name for row in _rules() for name in _names(row["plain"]))


def _names(cell: str) -> list[str]:
    return cell.split(SEPARATOR) if cell else []


@cache
def together(names: tuple[str, ...], named: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Patterns for the words of several classes."""
    own = named if "named" in names else ()
    return _any((*(word["pattern"] for word in _words() if word["class"] in names), *own))


@cache
def known_words(named: tuple[str, ...]) -> tuple[str, ...]:
    """Patterns for all known words but the plain ones and strangers, and the folded words `named`; to be taken out of a text one after
    another, the longest words first."""
    return _any((*_patterns_but({PLAIN, STRANGER, *_plain_in_some()}), *named))


@cache
def known_beside(domain: str) -> tuple[str, ...]:
    """Patterns for the words that may stand beside a value of a domain."""
    rule = rule_of(domain)
    own = rule.listed("plain") if rule is not None else []
    return _any(tuple(_patterns_but({STRANGER, *_plain_in_some().difference(own)})))


def _patterns_but(classes: Collection[str]) -> Iterator[str]:
    return (word["pattern"] for word in _words() if word["class"] not in classes)


def _words() -> tuple[Row, ...]:
    return shipped("clause_words.csv", "class", "pattern", "note")


def contains_any(text: pl.Expr, patterns: tuple[str, ...]) -> pl.Expr:
    """Whether a text has what one of the patterns finds; null where the text is."""
    first, *others = (text.str.contains(pattern) for pattern in patterns)
    return pl.any_horizontal(first, *others) if others else first


def _any(patterns: tuple[str, ...]) -> tuple[str, ...]:
    """Whole words that fit one of the alternatives, the longest first, in as few patterns as compile; never, where there are none."""
    longest_first = sorted({one for pattern in patterns for one in alternatives(pattern)}, key=lambda one: (-len(one), one))
    parts: list[list[str]] = []
    room = 0
    for one in longest_first:
        room -= len(one.encode()) + 1
        if room < 0:
            parts.append([])
            room = MOST_BYTES - len(one.encode())
        parts[-1].append(one)
    return tuple(rf"(?-u:\b)(?:{'|'.join(part)})(?-u:\b)" for part in parts) or (r"[^\s\S]",)


def alternatives(pattern: str) -> list[str]:
    """The alternatives of a pattern, those in brackets left together."""
    found, depth = [""], 0
    for sign in pattern:
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and not depth:
            found.append("")
        else:
            found[-1] += sign
    return found
