"""Building stones of the three-valued rewriting: intervals as columns, bounds of a difference, and the two answers.

SQL makes null out of a comparison with an open end; here an open end means *unbounded* and only a missing axis means
*not judgeable*. Parts are shared, not copied: what is built is read, and written out by `sql`, which makes a tree of it first. Who
would change a node copies the whole before.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp


def and_(*parts: exp.Expr) -> exp.Expr:
    """Kleene AND, which is that of SQL."""
    return exp.and_(*parts, copy=False)


def or_(*parts: exp.Expr) -> exp.Expr:
    """Kleene OR, which is that of SQL."""
    return exp.or_(*parts, copy=False)


def case(*answers: tuple[exp.Expr, exp.Expr]) -> exp.Expr:
    """CASE WHEN condition THEN value …, null where none is true."""
    return exp.Case(ifs=[exp.If(this=condition, true=value) for condition, value in answers])


def absent(*parts: exp.Expr) -> exp.Expr:
    """Whether all the parts, which are of one type, are null."""
    first, *others = parts
    return exp.Is(this=exp.Coalesce(this=first, expressions=others) if others else first, expression=exp.Null())


def present(*parts: exp.Expr) -> exp.Expr:
    """Whether one of the parts, which are of one type, is not null."""
    return exp.Not(this=absent(*parts))


@dataclass(frozen=True)
class SqlInterval:
    """One clinical date as SQL: calendar bounds, and bounds on the relative axis with their anchor (null: on the calendar only).

    Calendar only are a fixed day and a date of which the data hold no anchor: all that asks for its anchor is null there, so
    leaving it out changes no answer and halves what is computed.
    """

    earliest: exp.Expr
    latest: exp.Expr
    earliest_offset: exp.Expr | None = None
    latest_offset: exp.Expr | None = None
    anchor: exp.Expr | None = None
    is_fixed: bool = False

    @classmethod
    def named(cls, name: str, *, is_calendar_only: bool = False) -> SqlInterval:
        """The clinical date whose six columns begin with `name`."""
        parts = ("earliest_date", "latest_date", "earliest_offset_days", "latest_offset_days", "anchor")
        columns = [exp.column(exp.to_identifier(f"{name}_{part}", quoted=True)) for part in parts]
        earliest, latest, *relative = columns
        return cls(earliest, latest) if is_calendar_only else cls(earliest, latest, relative[0], relative[1], relative[2])

    @classmethod
    def day(cls, literal: exp.Expr) -> SqlInterval:
        """One fixed day of the calendar."""
        return cls(literal, literal, is_fixed=True)

    def is_missing(self) -> exp.Expr:
        """Whether the date has no bound on any axis: it was not delivered."""
        on_calendar = absent(self.earliest, self.latest)
        return on_calendar if self.anchor is None else and_(on_calendar, absent(*_offsets(self)))

    def is_on_calendar(self) -> tuple[exp.Expr, ...]:
        """What must hold for it to have a place on the calendar: nothing for a fixed day."""
        return () if self.is_fixed else (present(self.earliest, self.latest),)


def _same_anchor(a: SqlInterval, b: SqlInterval) -> exp.Expr | None:
    """The condition that both have a place on one relative axis; None where one is on the calendar only."""
    if a.anchor is None or b.anchor is None:
        return None
    return exp.EQ(this=a.anchor, expression=b.anchor)


def _offsets(interval: SqlInterval) -> tuple[exp.Expr, exp.Expr]:
    if interval.earliest_offset is None or interval.latest_offset is None:
        raise TypeError("a date on the calendar only has no place on a relative axis")
    return interval.earliest_offset, interval.latest_offset


def _may_conflict(a: SqlInterval, b: SqlInterval) -> bool:
    """Whether one comparison may prove what another disproves: the axes may contradict, or the ends of what a view computes."""
    return not (a.is_fixed or b.is_fixed)


def _comparable(a: SqlInterval, b: SqlInterval) -> exp.Expr:
    """Both have a bound on the calendar, or on the same relative axis."""
    calendar = and_(*a.is_on_calendar(), *b.is_on_calendar())
    same = _same_anchor(a, b)
    return calendar if same is None else or_(calendar, and_(same, present(*_offsets(a)), present(*_offsets(b))))


def answer(is_so: exp.Expr, is_not_so: exp.Expr, judgeable: tuple[exp.Expr, ...], may_conflict: bool) -> tuple[exp.Expr, exp.Expr]:
    """(certain, possible) from what proves the statement, what disproves it, and when it can be judged at all.

    Where the two axes contradict each other (one proves what the other disproves) nothing can be judged.
    """
    # NULLIF makes null of a proof that meets its contrary, and leaves it as it is where the contrary is false or null.
    proof: exp.Expr = exp.Nullif(this=exp.true(), expression=is_not_so) if may_conflict else exp.true()
    disproof: exp.Expr = exp.Nullif(this=exp.false(), expression=exp.Not(this=exp.Paren(this=is_so))) if may_conflict else exp.false()
    condition = and_(*judgeable) if judgeable else exp.true()
    return case((is_so, proof), (condition, exp.false())), case((is_not_so, disproof), (condition, exp.true()))


def earlier(a: SqlInterval, b: SqlInterval) -> tuple[exp.Expr, exp.Expr]:
    """(certain, possible) of: a lies on an earlier day than b."""
    is_so: exp.Expr = exp.LT(this=a.latest, expression=b.earliest)
    is_not_so: exp.Expr = exp.GTE(this=a.earliest, expression=b.latest)
    same = _same_anchor(a, b)
    if same is not None:
        (a_first, a_last), (b_first, b_last) = _offsets(a), _offsets(b)
        is_so = or_(is_so, and_(same, exp.LT(this=a_last, expression=b_first)))
        is_not_so = or_(is_not_so, and_(same, exp.GTE(this=a_first, expression=b_last)))
    return answer(is_so, is_not_so, (_comparable(a, b),), _may_conflict(a, b))


def difference(a: SqlInterval, b: SqlInterval) -> Bounds:
    """Bounds of b - a in days: the narrower of the two axes at either end."""
    low, high = _days(a.latest, b.earliest), _days(a.earliest, b.latest)
    same = _same_anchor(a, b)
    if same is not None:
        (a_first, a_last), (b_first, b_last) = _offsets(a), _offsets(b)
        low = exp.Greatest(this=low, expressions=[case((same, _minus(b_first, a_last)))], ignore_nulls=True)
        high = exp.Least(this=high, expressions=[case((same, _minus(b_last, a_first)))], ignore_nulls=True)
    return Bounds(low, high, (_comparable(a, b),), _may_conflict(a, b))


def _days(start: exp.Expr, end: exp.Expr) -> exp.Expr:
    return exp.DateDiff(this=end, expression=start, unit=exp.var("DAY"))


def _minus(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    return exp.Sub(this=left, expression=right)


@dataclass(frozen=True)
class Bounds:
    """A number known to lie between `low` and `high` (null = unbounded), and what must hold before it can be judged."""

    low: exp.Expr
    high: exp.Expr
    judgeable: tuple[exp.Expr, ...]
    may_conflict: bool = False

    @classmethod
    def exactly(cls, node: exp.Expr) -> Bounds:
        """A number without dates: both bounds; a null one is not judgeable."""
        value = node if isinstance(node, (exp.Literal, exp.Column)) else exp.Paren(this=node)
        return cls(value, value, () if isinstance(node, exp.Literal) else (present(value),))

    def negated(self) -> Bounds:
        """Minus the number."""
        return self._with(exp.Neg(this=exp.Paren(this=self.high)), exp.Neg(this=exp.Paren(this=self.low)))

    def plus(self, other: Bounds) -> Bounds:
        """The sum: outer bounds where both sides hold the same date."""
        ends = ((self.low, other.low), (self.high, other.high))
        low, high = (exp.Paren(this=exp.Add(this=mine, expression=theirs)) for mine, theirs in ends)
        return Bounds(low, high, self.judgeable + other.judgeable, self.may_conflict or other.may_conflict)

    def scaled(self, kind: type[exp.Mul] | type[exp.Div], factor: exp.Expr) -> Bounds:
        """The number times, or divided by, a positive literal."""
        low, high = (exp.Paren(this=kind(this=exp.Paren(this=bound), expression=factor)) for bound in (self.low, self.high))
        return self._with(low, high)

    def absolute(self) -> Bounds:
        """The size of the number: at least 0, and unbounded as soon as one end is open."""
        mirrored = self.negated()
        low = exp.Greatest(this=exp.Literal.number(0), expressions=[self.low, mirrored.low], ignore_nulls=True)
        farther = exp.Greatest(this=self.high, expressions=[mirrored.high], ignore_nulls=True)
        # Size is at least 0 of whatever can be judged: a difference without a common axis has no size at all.
        return self._with(case((and_(*self.judgeable), low)), case((and_(present(self.low), present(self.high)), farther)))

    def compared(self, kind: type[exp.Expr], other: Bounds) -> tuple[exp.Expr, exp.Expr]:
        """What proves and what disproves `self kind other`, for >, >= and =."""
        if kind is exp.EQ:
            ends = [exp.EQ(this=mine, expression=theirs) for mine in (self.low, self.high) for theirs in other._ends()]
            apart = (exp.LT(this=self.high, expression=other.low), exp.LT(this=other.high, expression=self.low))
            contradictions = [exp.GT(this=side.low, expression=side.high) for side in (self, other) if side.may_conflict]
            return or_(and_(*ends), *contradictions), or_(*apart)
        opposite = exp.LTE if kind is exp.GT else exp.LT
        return kind(this=self.low, expression=other.high), opposite(this=self.high, expression=other.low)

    def _ends(self) -> tuple[exp.Expr, ...]:
        return (self.low,) if self.low is self.high else (self.low, self.high)

    def _with(self, low: exp.Expr, high: exp.Expr) -> Bounds:
        return Bounds(low, high, self.judgeable, self.may_conflict)
