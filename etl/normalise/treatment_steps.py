"""What each token of a treatment cell does to the components read so far."""

from __future__ import annotations

from collections.abc import Callable

from etl.normalise.treatment_counts import count, count_before, count_or_fractions, counts, dense, pace_either, part, so_far
from etl.normalise.treatment_names import bracket, name
from etl.normalise.treatment_operations import beside_operation
from etl.normalise.treatment_radiation import beside_volume, boost, dose, of_radiation, portions, schedule, weeks
from etl.normalise.treatment_reading import Component, Reading, set_cycles, set_days, settle_pace
from etl.normalise.treatment_tokens import NotUnderstoodError, Token
from etl.normalise.treatment_words import SURGERY

# mg/m2: below the first a number may count cycles; one drug of every regimen has as much as the second
LEAST_DOSE, USUAL_DOSE = 20, 100
# more years are an age; so many of endocrine treatment are planned (7 J. may be a week, 10 J. days)
MOST_YEARS, YEARS_OF_ENDOCRINE = 20, (2, 2.5, 3, 4, 5)


def _tablet(reading: Reading, _token: Token) -> None:
    """`T. Tamoxifen`, at the start of a cell; what follows decides."""
    reading.is_tablet = True


def _taxane_or_tablet(_reading: Reading, _token: Token) -> None:
    """`AC x4; T. Tamoxifen`."""
    raise NotUnderstoodError("a T. that may be a taxane or a tablet")


def _duration(reading: Reading, token: Token) -> None:
    last = reading.last_of_all
    if not last.values.get("drug_code") or "duration_years" in last.values:
        raise NotUnderstoodError("a duration without a drug")
    if last.modality == "chemotherapy" and token.text.startswith("x") and token.text.endswith(" y"):
        raise NotUnderstoodError("cycles and a Spanish and, or years")  # docetaxel x4 y FEC x3
    _refuse_no_years(last, float(token.numbers[0] or 0), is_short=token.text.endswith("j"))
    last.values["duration_years"] = token.numbers[0]


def _refuse_no_years(last: Component, number: float, *, is_short: bool) -> None:
    """An age (tamoxifen, 53 years), and a J. that may be of days as in French (Zoladex 28 J, Tamoxifène 5 j): of years only behind
    endocrine treatment that takes so many, by no name that French writes."""
    is_of_years = last.modality == "hormonal" and number in YEARS_OF_ENDOCRINE and not last.text.endswith("e")
    if number > MOST_YEARS or (is_short and not is_of_years):
        raise NotUnderstoodError("years that are none of a treatment")


def _stopped(reading: Reading, token: Token) -> None:
    last = reading.last_of_all
    if not last.values["is_given"]:
        raise NotUnderstoodError("stopped and not given")
    if last.modality == SURGERY:
        raise NotUnderstoodError("an operation that was stopped")
    last.values["completion_code"] = "stopped_early"
    if token.numbers:
        given = int(token.numbers[0] or 0)
        if last.counted and given > int(last.values["cycles"] or 0):
            raise NotUnderstoodError("stopped after more cycles than counted")
        last.planned, last.counted = int(last.values.get("cycles") or 0) or None, False
        set_cycles(reading, given)
    if token.text:
        reason = reading.lexicon.reasons.get(token.text)
        if reason is None:
            raise NotUnderstoodError("unknown reason")
        last.values["stop_reason_code"] = reason


def _ended(reading: Reading, token: Token) -> None:
    last = reading.last_of_all
    if not last.values["is_given"] or last.values.setdefault("completion_code", token.kind) != token.kind:
        raise NotUnderstoodError("two ends")
    if last.modality == SURGERY and token.kind == "ongoing":
        raise NotUnderstoodError("an operation that goes on")


def _separator(reading: Reading, token: Token) -> None:
    if reading.separator is not None or reading.closed:
        raise NotUnderstoodError("a separator with nothing before it")
    reading.separator, reading.between = token.kind, token.text


def _mark(reading: Reading, token: Token) -> None:
    reading.last.values |= dict(reading.context.marks[token.text])
    reading.marks.append(token.text)


def _read_over(reading: Reading, token: Token) -> None:
    if token.kind == "strength" and reading.last.modality == "radiation":
        raise NotUnderstoodError("a dose without a unit")
    if reading.last.modality == SURGERY or not (reading.last.name or reading.last.abbreviation):
        raise NotUnderstoodError("a strength without a drug")
    if len(token.numbers) > 1:
        _doses(reading, token)


def _says_nothing(reading: Reading, token: Token) -> None:
    """`Tam only`; but `not chemo only` is chemotherapy and another."""
    if token.text.startswith("only") and reading.components and not reading.components[-1].values["is_given"]:
        raise NotUnderstoodError("not only this")


def _doses(reading: Reading, token: Token) -> None:
    """`EC 90/600`: a dose of each drug of a regimen, and no count among them: a small number may be one of cycles."""
    doses, last = [number or 0 for number in token.numbers], reading.last
    one_of_each = len(doses) == reading.lexicon.n_drugs.get(last.name) and max(doses) >= USUAL_DOSE
    if min(doses) < LEAST_DOSE or (last.values.get("regimen_code") and not one_of_each):
        raise NotUnderstoodError("doses that are not one of each drug")


STEPS: dict[str, Callable[[Reading, Token], None]] = {
    "name": name,
    "bracket": bracket,
    "mark": _mark,
    "portions": portions,
    "dose": dose,
    "schedule": schedule,
    "boost": boost,
    "fields": of_radiation,
    "fractions": of_radiation,
    "weeks": weeks,
    "count": count,
    "count_before": count_before,
    "counts": counts,
    "hash": count_or_fractions,
    "part": part,
    "so_far": so_far,
    "tablet": _tablet,
    "taxane_or_tablet": _taxane_or_tablet,
    "dense": dense,
    "pace_behind": lambda reading, token: set_days(reading, int(token.numbers[0] or 0)),
    "pace_either": pace_either,
    "duration": _duration,
    "stopped": _stopped,
    "completed": _ended,
    "ongoing": _ended,
    "strength": _read_over,
    "strength_mg": _read_over,
    "read_over": _read_over,
    "says_nothing": _says_nothing,
    "beside_volume": beside_volume,
    "beside_operation": beside_operation,
    **dict.fromkeys(("then", "with", "joined"), _separator),
}


def step(reading: Reading, token: Token) -> None:
    """Read one token."""
    if token.kind != "name":
        settle_pace(reading)
    STEPS[token.kind](reading, token)
