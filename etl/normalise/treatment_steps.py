"""What each token of a treatment cell does to the components read so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from etl.normalise.treatment_operations import beside_operation, one_of_two, together
from etl.normalise.treatment_radiation import beside_volume, boost, dose, of_radiation, portions, schedule, volume, weeks
from etl.normalise.treatment_reading import NO_TREATMENT, Component, Reading, is_again, set_cycles, set_days, settle_pace
from etl.normalise.treatment_text import declared
from etl.normalise.treatment_tokens import NotUnderstoodError, Token
from etl.normalise.treatment_words import SURGERY, Value, Word

# mg/m2: below the first a number may count cycles; one drug of every regimen has as much as the second
LEAST_DOSE, USUAL_DOSE = 20, 100
# `3 weekly docetaxel` is one every three weeks, or three of them: `12 weekly paclitaxel` can only be twelve
WEEK, EVERY_WEEKS = 7, (2, 3, 4)


def _name(reading: Reading, token: Token) -> None:
    word = reading.lexicon.words[token.text]
    if word.kind == "setting":
        _setting(reading, word)
    elif word.kind == "intent":
        _intent(reading, word)
    elif word.kind in {"not_given", "given_unknown"}:
        _whole(reading, word)
    elif word.kind == "volume":
        volume(reading, word)
    elif word.kind == "abbreviation":
        reading.add(Component({"modality_code": "chemotherapy", "is_given": True}, abbreviation=word.name, text=token.text))
    elif word.kind == "course":
        _course(reading, word)
    elif word.kind == "operations":
        together(reading, word)
    elif is_again(reading, word):
        reading.separator = None
    else:
        one_of_two(reading, word)
        reading.add(Component({**word.values, "is_given": True}, _code(word.values) or word.name, text=token.text))


def _code(values: Mapping[str, Value]) -> str:
    return str(values.get("drug_code") or values.get("regimen_code") or "")


def _setting(reading: Reading, word: Word) -> None:
    if reading.setting is not None or (reading.components and reading.separator is not None):
        raise NotUnderstoodError("a setting that is not at the start or the end")
    reading.setting = word.name
    reading.closed = bool(reading.components)


def _intent(reading: Reading, word: Word) -> None:
    """Said of the whole cell, at its start or its end."""
    if reading.intent is not None or (reading.components and reading.separator is not None):
        raise NotUnderstoodError("an intent that is not at the start or the end")
    reading.intent = word.name
    reading.closed = bool(reading.components)


def _whole(reading: Reading, word: Word) -> None:
    if word.name in declared()["given_behind"] and reading.before is not None and reading.before.values["is_given"]:
        return  # RT given, MRM done outside
    if reading.components or reading.setting or reading.intent:
        raise NotUnderstoodError("something beside No or Yes")
    is_given, modality = word.kind == "given_unknown", reading.context.modality or word.of
    if word.of not in (None, modality):
        raise NotUnderstoodError("a No of another kind of treatment")
    if is_given and modality is None:
        raise NotUnderstoodError("yes without a modality")
    values: dict[str, Value | None] = {"component_no": int(is_given), "modality_code": modality or NO_TREATMENT, "is_given": is_given}
    if is_given and modality == "chemotherapy":
        values["setting_code"] = None  # chemotherapy of which nothing is known may as well have been neoadjuvant
    reading.add(Component(values | dict(word.values)))
    reading.closed = True


def _course(reading: Reading, word: Word) -> None:
    """A code of several blocks written in one word (ACT): its components, none counted."""
    if reading.waiting_count is not None or reading.waiting_days is not None:
        raise NotUnderstoodError("a count of a course of several blocks")
    for values in word.blocks:
        drug = values.get("drug_code")
        modality = reading.lexicon.modality[str(drug)] if drug else "chemotherapy"
        reading.add(Component({"modality_code": modality, "is_given": True, **values, "course_regimen_code": word.name}, _code(values)))
        reading.components[-1].joined = "joined" if values is not word.blocks[0] else reading.components[-1].joined


def _bracket(reading: Reading, token: Token) -> None:
    """A drug in brackets says which one an abbreviation is; behind a name it may only repeat it. A setting may stand there too."""
    word = reading.lexicon.words[token.text]
    if word.kind in {"setting", "intent", "volume"}:
        _name(reading, token)
        return
    last, named = reading.last, str(word.values.get("drug_code", ""))
    if last.abbreviation and named:
        last.bracket = named
    elif not named or last.name != named:
        raise NotUnderstoodError("something else in brackets")


def _count(reading: Reading, token: Token) -> None:
    set_cycles(reading, int(token.numbers[0] or 0))


def _hash(reading: Reading, token: Token) -> None:
    """`4#`, `4回`: fractions of a radiation, cycles of the name before it, or else of the one that follows."""
    before = reading.before
    if before is not None and before.modality == "radiation":
        if not token.text.endswith(("#", "回", "次")):
            raise NotUnderstoodError("cycles of a radiation")
        of_radiation(reading, Token("fractions", token.text, token.numbers))
    elif before is not None and not before.counted:
        _count(reading, token)
    else:
        _wait(reading, token)


def _count_before(reading: Reading, token: Token) -> None:
    if reading.before is not None and not reading.before.counted:
        raise NotUnderstoodError("a count that may belong to either side")
    _wait(reading, token)
    reading.is_bare_count = token.text.strip().isdigit()


def _wait(reading: Reading, token: Token) -> None:
    if reading.waiting_count is not None:
        raise NotUnderstoodError("two counts")
    reading.waiting_count = int(token.numbers[0] or 0)


def _so_far(reading: Reading, token: Token) -> None:
    """`AC #4/4`, `#6/6 AC`: cycles given of those planned. Fewer than planned may also be the state of the day: nothing says it stopped."""
    given, planned = (int(number or 0) for number in token.numbers)
    if given > planned:
        raise NotUnderstoodError("more cycles than planned")
    _hash(reading, Token("hash", token.text, (given,)))
    if reading.before is not None:
        reading.before.planned = planned


def _tablet(reading: Reading, _token: Token) -> None:
    """`T. Tamoxifen`, at the start of a cell; what follows decides."""
    reading.is_tablet = True


def _taxane_or_tablet(_reading: Reading, _token: Token) -> None:
    """`AC x4; T. Tamoxifen`."""
    raise NotUnderstoodError("a T. that may be a taxane or a tablet")


def _counts(reading: Reading, token: Token) -> None:
    """`ddAC-T (4+4)`: cycles of the last two blocks in order."""
    if len(reading.components) < 2 or any(component.counted for component in reading.components):
        raise NotUnderstoodError("counts without blocks")
    whole = reading.components
    for place, number in zip((-2, -1), token.numbers, strict=True):
        reading.components = whole[: len(whole) + place + 1]
        set_cycles(reading, int(number or 0))
    reading.components = whole


def _part(reading: Reading, token: Token) -> None:
    """`3 of 4 cycles`: what was given counts."""
    given, planned = (int(number or 0) for number in token.numbers)
    if given > planned:
        raise NotUnderstoodError("more cycles than planned")
    set_cycles(reading, given)
    reading.last.planned = planned
    if given < planned:
        reading.last.values["completion_code"] = "stopped_early"


def _pace_either(reading: Reading, token: Token) -> None:
    if reading.separator is None:
        reading.undecided_days = int(token.numbers[0] or 0)
    else:
        days = int(token.numbers[0] or 0)
        if days == WEEK and reading.is_bare_count and reading.waiting_count in EVERY_WEEKS:
            raise NotUnderstoodError("a number that counts cycles or the weeks between them")
        _wait_days(reading, days)


def _dense(reading: Reading, _token: Token) -> None:
    _wait_days(reading, 14)


def _wait_days(reading: Reading, days: int) -> None:
    if reading.waiting_days not in (None, days):
        raise NotUnderstoodError("two paces")
    reading.waiting_days = days


def _duration(reading: Reading, token: Token) -> None:
    last = reading.last_of_all
    if not last.values.get("drug_code") or "duration_years" in last.values:
        raise NotUnderstoodError("a duration without a drug")
    if last.modality == "chemotherapy" and token.text.startswith("x") and token.text.endswith(" y"):
        raise NotUnderstoodError("cycles and a Spanish and, or years")  # docetaxel x4 y FEC x3
    last.values["duration_years"] = token.numbers[0]


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


def _doses(reading: Reading, token: Token) -> None:
    """`EC 90/600`: a dose of each drug of a regimen, and no count among them: a small number may be one of cycles."""
    doses, last = [number or 0 for number in token.numbers], reading.last
    one_of_each = len(doses) == reading.lexicon.n_drugs.get(last.name) and max(doses) >= USUAL_DOSE
    if min(doses) < LEAST_DOSE or (last.values.get("regimen_code") and not one_of_each):
        raise NotUnderstoodError("doses that are not one of each drug")


STEPS: dict[str, Callable[[Reading, Token], None]] = {
    "name": _name,
    "bracket": _bracket,
    "mark": _mark,
    "portions": portions,
    "dose": dose,
    "schedule": schedule,
    "boost": boost,
    "fields": of_radiation,
    "fractions": of_radiation,
    "weeks": weeks,
    "count": _count,
    "count_before": _count_before,
    "counts": _counts,
    "hash": _hash,
    "part": _part,
    "so_far": _so_far,
    "tablet": _tablet,
    "taxane_or_tablet": _taxane_or_tablet,
    "dense": _dense,
    "pace_behind": lambda reading, token: set_days(reading, int(token.numbers[0] or 0)),
    "pace_either": _pace_either,
    "duration": _duration,
    "stopped": _stopped,
    "completed": _ended,
    "ongoing": _ended,
    "strength": _read_over,
    "strength_mg": _read_over,
    "read_over": _read_over,
    "says_nothing": lambda _reading, _token: None,
    "beside_volume": beside_volume,
    "beside_operation": beside_operation,
    **dict.fromkeys(("then", "with", "joined"), _separator),
}


def step(reading: Reading, token: Token) -> None:
    """Read one token."""
    if token.kind != "name":
        settle_pace(reading)
    STEPS[token.kind](reading, token)
