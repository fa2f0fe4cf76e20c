"""What the counts and paces of a treatment cell do to the components read so far: cycles, and days between them."""

from __future__ import annotations

from etl.normalise.treatment_radiation import of_radiation
from etl.normalise.treatment_reading import Reading, set_cycles
from etl.normalise.treatment_tokens import NotUnderstoodError, Token

# `3 weekly docetaxel` is one every three weeks, or three of them: `12 weekly paclitaxel` can only be twelve
WEEK, EVERY_WEEKS = 7, (2, 3, 4)


def count(reading: Reading, token: Token) -> None:
    """`x4`: cycles of the name before it."""
    set_cycles(reading, int(token.numbers[0] or 0))


def count_or_fractions(reading: Reading, token: Token) -> None:
    """`4#`, `4回`: fractions of a radiation, cycles of the name before it, or else of the one that follows."""
    before = reading.before
    if before is not None and before.modality == "radiation":
        if not token.text.endswith(("#", "回", "次")):
            raise NotUnderstoodError("cycles of a radiation")
        of_radiation(reading, Token("fractions", token.text, token.numbers))
    elif before is not None and not before.counted:
        count(reading, token)
    else:
        _wait(reading, token)


def count_before(reading: Reading, token: Token) -> None:
    """`4 x AC`, `4 AC`: cycles of the name that follows."""
    if reading.before is not None and not reading.before.counted:
        raise NotUnderstoodError("a count that may belong to either side")
    _wait(reading, token)
    reading.is_bare_count = token.text.strip().isdigit()


def _wait(reading: Reading, token: Token) -> None:
    if reading.waiting_count is not None:
        raise NotUnderstoodError("two counts")
    reading.waiting_count = int(token.numbers[0] or 0)


def so_far(reading: Reading, token: Token) -> None:
    """`AC #4/4`, `#6/6 AC`: cycles given of those planned. Fewer than planned may also be the state of the day: nothing says it stopped."""
    given, planned = (int(number or 0) for number in token.numbers)
    if given > planned:
        raise NotUnderstoodError("more cycles than planned")
    count_or_fractions(reading, Token("hash", token.text, (given,)))
    if reading.before is not None:
        reading.before.planned = planned


def counts(reading: Reading, token: Token) -> None:
    """`ddAC-T (4+4)`: cycles of the last two blocks in order."""
    if len(reading.components) < 2 or any(component.counted for component in reading.components):
        raise NotUnderstoodError("counts without blocks")
    whole = reading.components
    for place, number in zip((-2, -1), token.numbers, strict=True):
        reading.components = whole[: len(whole) + place + 1]
        set_cycles(reading, int(number or 0))
    reading.components = whole


def part(reading: Reading, token: Token) -> None:
    """`3 of 4 cycles`: what was given counts."""
    given, planned = (int(number or 0) for number in token.numbers)
    if given > planned:
        raise NotUnderstoodError("more cycles than planned")
    set_cycles(reading, given)
    reading.last.planned = planned
    if given < planned:
        reading.last.values["completion_code"] = "stopped_early"


def pace_either(reading: Reading, token: Token) -> None:
    """`weekly`: of the name before it or, behind a separator, of the one that follows."""
    if reading.separator is None:
        reading.undecided_days = int(token.numbers[0] or 0)
    else:
        days = int(token.numbers[0] or 0)
        if days == WEEK and reading.is_bare_count and reading.waiting_count in EVERY_WEEKS:
            raise NotUnderstoodError("a number that counts cycles or the weeks between them")
        _wait_days(reading, days)


def dense(reading: Reading, _token: Token) -> None:
    """`ddAC`: every two weeks."""
    _wait_days(reading, 14)


def _wait_days(reading: Reading, days: int) -> None:
    if reading.waiting_days not in (None, days):
        raise NotUnderstoodError("two paces")
    reading.waiting_days = days
