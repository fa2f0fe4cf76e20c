"""What the names of a treatment cell do to the components read so far: drugs, regimens, courses, settings, and a No of the whole cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from etl.normalise.treatment_operations import one_of_two, together
from etl.normalise.treatment_radiation import names_it, volume
from etl.normalise.treatment_reading import NO_TREATMENT, Component, Reading, is_again
from etl.normalise.treatment_text import declared
from etl.normalise.treatment_tokens import NotUnderstoodError, Token
from etl.normalise.treatment_words import Value, Word


def name(reading: Reading, token: Token) -> None:
    """Whatever stands in the lexicon."""
    word = reading.lexicon.words[token.text]
    if word.kind in OF_KIND:
        OF_KIND[word.kind](reading, word)
    elif word.name in declared()["in_its_column"].get(reading.context.modality or "", ()):
        reading.add(Component({"modality_code": reading.context.modality, "is_given": True}, word.name, text=token.text))
    elif word.kind == "abbreviation":
        reading.add(Component({"modality_code": "chemotherapy", "is_given": True}, abbreviation=word.name, text=token.text))
    elif is_again(reading, word):
        reading.separator = None
    elif names_it(reading, word, token.text):
        reading.components[-1].text = token.text
    else:
        one_of_two(reading, word)
        reading.add(Component({**word.values, "is_given": True}, _code(word.values) or word.name, text=token.text))


def bracket(reading: Reading, token: Token) -> None:
    """A drug in brackets says which one an abbreviation is; behind a name it may only repeat it. A setting may stand there too."""
    word = reading.lexicon.words[token.text]
    if word.kind in {"setting", "intent", "volume"}:
        name(reading, token)
        return
    last, named = reading.last, str(word.values.get("drug_code", ""))
    if last.abbreviation and named:
        last.bracket = named
    elif not named or last.name != named:
        raise NotUnderstoodError("something else in brackets")


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


OF_KIND: dict[str, Callable[[Reading, Word], None]] = {
    "setting": _setting,
    "intent": _intent,
    "not_given": _whole,
    "given_unknown": _whole,
    "volume": volume,
    "course": _course,
    "operations": together,
}
