"""Three-valued conditions in SQL against the slow reference, on every kind of interval."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from itertools import product

import polars as pl
import pytest
import reference_interval as reference
from reference_interval import Dated, Verdict
from sqlglot import exp

from schemas.core.expression import ExpressionError, evaluate, parse
from schemas.core.three_valued import OUTCOME_CODES, OUTCOMES, outcome, three_valued

DATES = ("birth", "diagnosis", "surgery", "death")
COLUMNS = ("vital_status_code", "limit_days")
LEAP = date(2004, 2, 28)


def frame_of(rows: list[dict[str, object]]) -> pl.DataFrame:
    types = {"date": pl.Date, "days": pl.Int32}
    schema = {column: types.get(column.rsplit("_", 1)[-1], pl.String) for column in rows[0]}
    return pl.DataFrame(rows, schema=schema)


def verdicts(frame: pl.DataFrame, text: str) -> list[Verdict]:
    pair = three_valued(parse(text, COLUMNS, DATES), DATES)
    return list(evaluate(frame, {"certain": pair.certain, "possible": pair.possible}).iter_rows())  # type: ignore[arg-type]


def judged(text: str, **dates: Dated) -> Verdict:
    row: dict[str, object] = {"vital_status_code": "dead", "limit_days": 5}
    for name in DATES:
        row |= dates.get(name, Dated()).columns(name)
    return verdicts(frame_of([row]), text)[0]


def day(text: str) -> Dated:
    return Dated(date.fromisoformat(text), date.fromisoformat(text))


YES, NO, MAYBE, UNKNOWN = (True, True), (False, False), (False, True), (None, None)
MARCH = Dated(date(2009, 3, 1), date(2009, 3, 31))


@pytest.mark.parametrize(
    ("death", "diagnosis", "answer"),
    [
        (day("2009-03-13"), day("2009-03-14"), YES),  # one day before
        (day("2009-03-14"), day("2009-03-14"), NO),  # the same day is not before
        (MARCH, day("2009-03-31"), MAYBE),
        (MARCH, day("2009-04-01"), YES),
        (MARCH, day("2009-03-01"), NO),
        (Dated(latest=date(2009, 3, 1)), day("2009-03-02"), YES),  # open towards the past
        (Dated(earliest=date(2009, 3, 1)), day("2009-03-02"), MAYBE),  # open towards the future
        (Dated(), day("2009-03-02"), UNKNOWN),
        (Dated(first=1, last=2, anchor="surgery"), Dated(first=3, last=3, anchor="surgery"), YES),
        (Dated(first=1, last=2, anchor="surgery"), Dated(first=3, last=3, anchor="randomisation"), UNKNOWN),  # no common axis
        (Dated(first=1, last=2, anchor="surgery"), day("2009-03-02"), UNKNOWN),
    ],
)
def test_answers_whether_one_date_lies_before_another(death: Dated, diagnosis: Dated, answer: Verdict) -> None:
    assert judged("before(death, diagnosis)", death=death, diagnosis=diagnosis) == answer


def test_cannot_judge_when_the_axes_contradict_each_other() -> None:
    early = Dated(date(2009, 3, 1), date(2009, 3, 1), 9, 9, "surgery")
    late = Dated(date(2009, 3, 2), date(2009, 3, 2), 5, 5, "surgery")
    assert judged("before(death, diagnosis)", death=early, diagnosis=late) == UNKNOWN


def test_takes_a_literal_date_as_one_day_of_the_calendar() -> None:
    assert judged("before(death, date '2009-04-01')", death=MARCH) == YES
    assert judged("not before(date '2009-03-31', death)", death=MARCH) == YES
    assert judged("before(death, date '2009-04-01')", death=Dated(first=1, last=1, anchor="surgery")) == UNKNOWN


def test_asks_whether_a_date_was_delivered_on_any_axis() -> None:
    assert judged("death is null") == YES
    assert judged("death is not null", death=Dated(first=1, last=1, anchor="surgery")) == YES
    assert judged("death is null", death=Dated(latest=date(2009, 3, 1))) == NO
    assert judged("case when death is null then vital_status_code = 'dead' end") == YES


def test_adds_no_date_to_an_unknown_limit() -> None:
    known = {column: value for name in DATES for column, value in day("2009-03-01").columns(name).items()}
    frame = frame_of([{"vital_status_code": None, "limit_days": None} | known])
    assert verdicts(frame, "days_between(diagnosis, death) > limit_days") == [UNKNOWN]
    assert verdicts(frame, "vital_status_code = 'dead' and days_between(diagnosis, death) > 5") == [NO]


# Each condition in SQL beside what it means, over the four dates of a row.
Meaning = Callable[[dict[str, Dated], bool | None, int | None], Verdict]


def between(a: str, b: str, holds: Callable[[int, int], bool]) -> Meaning:
    def meaning(row: dict[str, Dated], _dead: bool | None, limit: int | None) -> Verdict:
        axes = reference.differences(row[a], row[b])
        return UNKNOWN if limit is None else reference.judge(axes, lambda days: holds(days, limit))

    return meaning


def earlier(a: str, b: str) -> Meaning:
    return lambda row, _dead, _limit: reference.before(row[a], row[b])


CONDITIONS: dict[str, Meaning] = {
    "before(birth, diagnosis)": earlier("birth", "diagnosis"),
    "not before(surgery, death)": lambda r, d, n: reference.negated(earlier("surgery", "death")(r, d, n)),
    "before(birth, diagnosis) and not (before(surgery, death) or vital_status_code = 'dead')": lambda r, d, n: reference.both(
        earlier("birth", "diagnosis")(r, d, n),
        reference.negated(reference.either(earlier("surgery", "death")(r, d, n), reference.plain(d))),
    ),
    "before(date '2004-02-28', death)": lambda r, _d, _n: reference.before(Dated(LEAP, LEAP), r["death"]),
    "days_between(birth, death) > limit_days": between("birth", "death", lambda days, n: days > n),
    "days_between(birth, death) >= limit_days": between("birth", "death", lambda days, n: days >= n),
    "limit_days > days_between(birth, death)": between("birth", "death", lambda days, n: days < n),
    "days_between(birth, death) <= limit_days": between("birth", "death", lambda days, n: days <= n),
    "days_between(diagnosis, date '2004-02-28') < limit_days": lambda r, d, n: between("diagnosis", "fixed", lambda days, m: days < m)(
        r | {"fixed": Dated(LEAP, LEAP)}, d, n
    ),
    "days_between(birth, death) not between 2 and limit_days": lambda r, d, n: reference.negated(
        reference.both(
            reference.judge(reference.differences(r["birth"], r["death"]), lambda days: days >= 2),
            between("birth", "death", lambda days, m: days <= m)(r, d, n),
        )
    ),
    "birth is null or before(birth, date '2004-02-28')": lambda r, _d, _n: reference.either(
        reference.plain(r["birth"] == Dated(anchor=r["birth"].anchor)), reference.before(r["birth"], Dated(LEAP, LEAP))
    ),
}
# With contradicting axes these have no obvious meaning: they are compared where the axes agree.
SUMS: dict[str, Meaning] = {
    "days_between(birth, death) = limit_days": between("birth", "death", lambda days, n: days == n),
    "days_between(birth, death) <> limit_days": between("birth", "death", lambda days, n: days != n),
    "abs(days_between(birth, death)) >= limit_days": between("birth", "death", lambda days, n: abs(days) >= n),
    "abs(days_between(birth, death)) < limit_days": between("birth", "death", lambda days, n: abs(days) < n),
    "-days_between(birth, death) / 2 + 1 <= limit_days": between("birth", "death", lambda days, n: -days / 2 + 1 <= n),
    "3 * (days_between(birth, death) - 1) > limit_days + 1": between("birth", "death", lambda days, n: 3 * (days - 1) > n + 1),
    "days_between(birth, death) - days_between(diagnosis, surgery) > limit_days": lambda r, _d, n: _sum_exceeds(r, n),
}


def _sum_exceeds(row: dict[str, Dated], limit: int | None) -> Verdict:
    pairs = [reference.differences(row["birth"], row["death"]), reference.differences(row["diagnosis"], row["surgery"])]
    if limit is None or not all(pairs):
        return UNKNOWN
    sums = {x - y for x, y in product(*(set.intersection(*axes) for axes in pairs))}
    return reference.judge([sums], lambda days: days > limit)


def random_date(rng: random.Random) -> Dated:
    start, width = rng.randint(-5, 6), rng.choice((0, 0, 1, 4))
    earliest, latest = LEAP + timedelta(start), LEAP + timedelta(start + width)
    first, last = start + rng.choice((0, 0, 0, 1)), start + width + rng.choice((0, 0, 1))
    calendar, offset = rng.choice((0, 1, 1, 1, 2, 3)), rng.choice((0, 0, 1, 1, 2, 3))
    return Dated(
        earliest if calendar in {1, 2} else None, latest if calendar in {1, 3} else None,
        first if offset in {1, 2} else None, max(first, last) if offset in {1, 3} else None,
        rng.choice(("surgery", "surgery", "randomisation")) if offset else None,
    )  # fmt: skip


def random_rows(seed: int, count: int) -> tuple[list[dict[str, Dated]], pl.DataFrame]:
    rng = random.Random(seed)  # fixed seeds: a failure must come back
    rows = [{name: random_date(rng) for name in DATES} for _ in range(count)]
    facts = [{"vital_status_code": rng.choice(("dead", "alive", None)), "limit_days": rng.choice((-3, 0, 1, 2, 5, None))} for _ in rows]
    columns = [{k: v for name, dated in row.items() for k, v in dated.columns(name).items()} for row in rows]
    return rows, frame_of([fact | row for fact, row in zip(facts, columns, strict=True)])


def expected(meaning: Meaning, rows: list[dict[str, Dated]], frame: pl.DataFrame) -> list[Verdict]:
    facts = frame.select(pl.col("vital_status_code") == "dead", "limit_days").rows()
    return [meaning(row, *fact) for row, fact in zip(rows, facts, strict=True)]


def computed(frame: pl.DataFrame, texts: dict[str, Meaning]) -> dict[str, list[Verdict]]:
    pairs = {text: three_valued(parse(text, COLUMNS, DATES), DATES) for text in texts}
    parts: dict[str, exp.Expr] = {f"{text} {side}": getattr(pair, side) for text, pair in pairs.items() for side in ("certain", "possible")}
    result = evaluate(frame, parts)
    return {text: result.select(f"{text} certain", f"{text} possible").rows() for text in texts}  # type: ignore[misc]


def test_agrees_with_writing_down_every_day() -> None:
    rows, frame = random_rows(1, 500)
    for text, got in computed(frame, CONDITIONS).items():
        assert got == expected(CONDITIONS[text], rows, frame), text
        assert {YES, NO, MAYBE, UNKNOWN} <= set(got), f"{text} does not meet every answer"


def test_agrees_for_sums_where_the_axes_agree() -> None:
    rows, frame = random_rows(2, 2_500)
    consistent = [all(not axes or set.intersection(*axes) for axes in _all_pairs(row)) for row in rows]
    rows, frame = [row for row, keep in zip(rows, consistent, strict=True) if keep], frame.filter(pl.Series(consistent))
    for text, got in computed(frame, SUMS).items():
        assert got == expected(SUMS[text], rows, frame), text
        assert {YES, NO, MAYBE, UNKNOWN} <= set(got), f"{text} does not meet every answer"


def _all_pairs(row: dict[str, Dated]) -> list[list[set[int]]]:
    return [reference.differences(row["birth"], row["death"]), reference.differences(row["diagnosis"], row["surgery"])]


def test_is_never_certain_of_what_is_not_possible() -> None:
    _, frame = random_rows(3, 5_000)
    for text, got in computed(frame, CONDITIONS | SUMS).items():
        assert (True, False) not in got, text


ANSWERS = (True, False, None)
PAIRS = [(c, p) for c, p in product(ANSWERS, ANSWERS) if (c, p) != (True, False)]


def test_gives_one_of_five_outcomes_for_every_pair_of_answers() -> None:
    rows = list(product(PAIRS, PAIRS))
    names = ("applies_certain", "applies_possible", "violated_certain", "violated_possible")
    frame = pl.DataFrame([(*a, *v) for a, v in rows], schema=dict.fromkeys(names, pl.Boolean), orient="row")
    applies, violated = (three_valued(parse("x", ["x"]), ()) for _ in range(2))
    sides = [type(applies)(*(parse(f"{pair}_{side}", names) for side in ("certain", "possible"))) for pair in ("applies", "violated")]
    got = evaluate(frame, {"code": outcome(*sides)})["code"]
    assert got.dtype == pl.Int8
    assert [OUTCOMES[code] for code in got] == [reference.outcome(a, v) for a, v in rows]
    assert applies == violated


def test_numbers_the_outcomes_in_a_fixed_order() -> None:
    assert OUTCOME_CODES == {"violated": 0, "possible": 1, "satisfied": 2, "not_applicable": 3, "not_judgeable": 4}


@pytest.mark.parametrize(
    "text",
    [
        "coalesce(before(birth, death), false)", "case when before(birth, death) then true end", "before(birth, death) = true",
        "before(birth, death) is null", "days_between(birth, death)", "days_between(birth, death) in (1, 2)",
        "days_between(birth, death) * limit_days > 1", "days_between(birth, death) / 0 > 1", "round(days_between(birth, death)) > 1",
    ],
)  # fmt: skip
def test_refuses_dates_where_they_have_no_three_valued_meaning(text: str) -> None:
    with pytest.raises(ExpressionError):
        three_valued(parse(text, COLUMNS, DATES), DATES)


def test_says_what_to_write_instead_of_case_over_dates() -> None:
    with pytest.raises(ExpressionError, match=r"let CASE ask that column"):
        three_valued(parse("case when before(birth, death) then true end", COLUMNS, DATES), DATES)


def test_leaves_the_expression_it_was_given_as_it_was() -> None:
    expression = parse("not before(birth, death) and birth is not null", COLUMNS, DATES)
    written = expression.sql()
    pair = three_valued(expression, DATES)
    outcome(pair, pair)
    assert expression.sql() == written
