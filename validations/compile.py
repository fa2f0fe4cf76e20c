"""From an edit to SQL: its outcome as one small integer, the columns it needs, the dictionary columns it reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property

from sqlglot import exp

from schemas.core.errors import did_you_mean
from schemas.core.expression import ExpressionError, check_types, parse
from schemas.core.three_valued import ThreeValued, outcome, three_valued
from schemas.domains import Codes
from schemas.unread import LOST
from validations.edit import Edit
from validations.unread import flagging, may_be_unread, with_unread
from validations.views.set import domain, of_kind, of_siblings, origin, view_columns, view_dates

PARTS_READ = ("applies", "violated")
# A vital status that cannot be read stays a finding beside a day that cannot be read either (FUP-006).
LOST_ALONE = frozenset({"is_dead"})


@dataclass(frozen=True)
class Compiled:
    """An edit ready to be judged, of the pairs of its two expressions."""

    edit: Edit
    applies: ThreeValued
    violated: ThreeValued
    needs: tuple[str, ...]  # physical columns of the edit view
    reads: tuple[str, ...]  # dictionary columns behind them

    @cached_property
    def outcome(self) -> exp.Expr:
        """The place of the word in `three_valued.OUTCOMES`; made when it is asked for: who asks for `needs` alone does without."""
        return outcome(self.applies, self.violated)

    @property
    def reads_dates(self) -> bool:
        """Whether a clinical date decides, so that `possible` can occur."""
        return any(isinstance(node, exp.Anonymous) for node in self.trees.values() for node in node.walk())

    @property
    def trees(self) -> dict[str, exp.Expr]:
        """The two parsed expressions by their key; who changes one copies it before."""
        return {part: _parsed(self.edit, part) for part in PARTS_READ}


@cache
def compiled(edit: Edit, calendar_only: frozenset[str] = frozenset()) -> Compiled:
    """The compiled edit (kept: routing asks again); `calendar_only` as in `three_valued`, and the same where it reads none of them.

    Raises ExpressionError for an expression that may not stand or has no three-valued meaning.
    """
    dates = view_dates(edit.record)
    if calendar_only and not any(node.name in calendar_only for part in PARTS_READ for node in _parsed(edit, part).find_all(exp.Column)):
        return compiled(edit)
    trees = {part: asked(edit.record, _parsed(edit, part)) for part in PARTS_READ}
    pairs = {part: three_valued(tree, dates, calendar_only) for part, tree in trees.items()}
    parts = [part for pair in pairs.values() for part in (pair.certain, pair.possible)]
    needs = dict.fromkeys(column.name for part in parts for column in part.find_all(exp.Column, bfs=False))
    reads = dict.fromkeys(name for column in needs for name in origin(edit.record, column))
    return Compiled(edit, pairs["applies"], pairs["violated"], tuple(needs), tuple(reads))


def asked(record: str, tree: exp.Expr) -> exp.Expr:
    """A parsed expression over the record's view as it is judged: with no answer for what was not understood (`with_unread`)."""
    return with_unread(tree, _dictionary(record))


@cache
def outcome_text(edit: Edit, calendar_only: frozenset[str]) -> str:
    """The outcome as a column of SQL, under the code of the edit (kept: it has up to 8,000 characters)."""
    column = exp.alias_(compiled(edit, calendar_only).outcome, edit.edit, quoted=True, copy=False)
    return column.sql("duckdb", comments=False)


def mistakes(record: str, text: str, codes: Codes | None = None) -> Iterator[tuple[str, str]]:
    """(message, hint) for each mistake in one expression on a record's view; with `codes` also codes that no list knows."""
    try:
        tree = parse(text, view_columns(record), view_dates(record))
        pair = three_valued(tree, view_dates(record))
        check_types(outcome(pair, pair), view_columns(record))
    except ExpressionError as error:
        yield error.message, error.hint
        return
    if codes is not None:
        yield from _unknown_codes(record, tree, codes)


def without_choice(edit: Edit) -> str:
    """Why an edit finds the same on every record, whatever it says; empty where it does not.

    Seen is what needs no column, what sqlglot simplifies to that, and one column that is to be two codes at once.
    """
    from sqlglot.optimizer.simplify import simplify  # noqa: PLC0415 - nearly half of sqlglot's own import, for own edits only

    both = exp.and_(*(_parsed(edit, part) for part in PARTS_READ))
    for name in both.find_all(exp.Identifier):
        name.set("quoted", False)  # of a quoted one sqlglot does not see that `is null` is itself never null
    reduced = simplify(both, dialect="duckdb")
    if reduced.find(exp.Column) is None:
        finds = "no record" if isinstance(reduced, (exp.Boolean, exp.Null)) and not reduced.args.get("this") else "every record alike"
        return f"finds {finds}: no column decides"
    said: dict[str, set[str]] = {}
    for node in reduced.flatten() if isinstance(reduced, exp.And) else ():
        sides = (node.this, node.expression) if isinstance(node, exp.EQ) else ()
        for column, text in (sides, sides[::-1]) if sides else ():
            if isinstance(column, exp.Column) and isinstance(text, exp.Literal) and text.is_string:
                said.setdefault(column.name, set()).add(text.name)
    twice = next((column for column, texts in said.items() if len(texts) > 1), None)
    return f"finds no record: {twice} cannot be two things at once" if twice else ""


@cache
def _dictionary(record: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The columns and dates of the record's view that may be empty for what was not understood, and which that is (`with_unread`)."""
    found = ((column, _made_of(record, column)) for column in (*view_columns(record), *view_dates(record)))
    return tuple((column, names) for column, names in found if names)


def _made_of(record: str, column: str) -> tuple[str, ...]:
    """What a column or date of the view is made of that may not have been understood. How well a date is known says so itself."""
    names = tuple(name if "." in name else f"{record}.{name}" for name in origin(record, column))
    owners = tuple(dict.fromkeys(name.partition(".")[0] for name in names))
    unread = tuple(name for name in names if may_be_unread(*name.split(".")))
    if column in view_dates(record):
        return (*unread, *(f"{owner}.{LOST}" for owner in owners if of_siblings(record, column) or owner not in (record, "patient")))
    if column in LOST_ALONE:
        return tuple(f"{owner}.{LOST}" for owner in owners)
    if of_siblings(record, column) and not (of_kind(record, column) and domain(record, column)):
        return tuple(dict.fromkeys((*names, *(flag for flag in flagging() if flag.partition(".")[0] in owners))))
    return () if column.endswith("_precision") else unread


@cache
def _parsed(edit: Edit, part: str) -> exp.Expr:
    return parse(getattr(edit, part), view_columns(edit.record), view_dates(edit.record))


def _unknown_codes(record: str, tree: exp.Expr, codes: Codes) -> Iterator[tuple[str, str]]:
    """Texts that are compared with a coded column and are none of its codes: such an edit would never fire."""
    for node in tree.find_all(exp.EQ, exp.NEQ, exp.In):
        sides = list(node.iter_expressions())
        lists = {side.name: domain(record, side.name) for side in sides if isinstance(side, exp.Column)}
        texts = [side.name for side in sides if isinstance(side, exp.Literal) and side.is_string]
        for column, name in lists.items():
            known = codes.codes(name) if name else frozenset(texts)
            yield from ((f"{column} has no code '{text}'", did_you_mean(text, known)) for text in texts if text not in known)
