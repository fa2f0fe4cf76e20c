"""What the tokens of radiation do to the components read so far: doses, boosts, fractions, fields, volumes."""

from __future__ import annotations

from etl.normalise.treatment_reading import Component, Reading
from etl.normalise.treatment_text import declared
from etl.normalise.treatment_tokens import NotUnderstoodError, Token
from etl.normalise.treatment_words import SURGERY, Word

# 8 and 10 Gy at once are usual against pain; 50 Gy x 25 is a dose with its fractions, written so by mistake
MOST_OF_A_FRACTION, MOST_FRACTIONS = 10.0, 40
MOST_OF_A_BOOST = 20.0
COMMAS = (",", "、")
ROUNDED = 0.1  # 15 x 2.67 Gy make 40 Gy


def volume(reading: Reading, word: Word) -> None:
    """What is irradiated: of the radiation just named, or of that which follows in a column of radiation."""
    last = reading.before
    beside = reading.separator in {"with", "joined"} and bool(reading.components[-1].values.get("volume_code"))
    if beside and (reading.separator == "joined" or "dose_gy" not in reading.components[-1].values):
        raise NotUnderstoodError("several volumes")
    if last is None and reading.context.modality == "radiation":
        reading.add(Component({"modality_code": "radiation", "is_given": True}, needs_dose=beside))
        last = reading.components[-1]
    if last is None or last.modality != "radiation" or not last.values["is_given"]:
        raise NotUnderstoodError("a volume without radiation")
    if last.values.setdefault("volume_code", word.values["volume_code"]) != word.values["volume_code"]:
        raise NotUnderstoodError("several volumes")


def dose(reading: Reading, token: Token) -> None:
    """A dose: of the radiation just named, of its boost, or of a radiation of its own. A boost of 0 is none (50+0 Gy)."""
    gray, boost_gray = token.numbers[0], token.numbers[1] or None
    before = reading.components[-1] if reading.components else None
    radiation = before if before is not None and before.modality == "radiation" and before.values["is_given"] else None
    _refuse_bare(reading, radiation, gray or 0)
    if radiation is not None and "dose_gy" in radiation.values and (reading.waiting_boost or reading.separator == "with"):
        if token.numbers[1] is not None or radiation.values.get("boost_gy") is not None or radiation.has_no_boost:
            raise NotUnderstoodError("two boosts")
        radiation.needs_boost = reading.between.strip() in COMMAS and not reading.waiting_boost
        radiation.values["boost_gy"], reading.waiting_boost, reading.separator = gray or None, False, None
        radiation.is_boosted, radiation.has_no_boost = bool(gray), not gray
        return
    if not gray:
        raise NotUnderstoodError("a dose of nothing: none given, or not known")
    if reading.waiting_boost:
        raise NotUnderstoodError("a boost without a dose")
    if radiation is None or "dose_gy" in radiation.values or reading.separator is not None:
        radiation = Component({"modality_code": "radiation", "is_given": True})
        reading.add(radiation)
    radiation.values["dose_gy"], radiation.values["boost_gy"] = gray, boost_gray
    radiation.has_no_boost = token.numbers[1] == 0


def _refuse_bare(reading: Reading, radiation: Component | None, gray: float) -> None:
    """A dose below another (50Gy, and 10Gy in the next line): two radiations, or a dose and its boost."""
    if radiation is None or "dose_gy" not in radiation.values or reading.waiting_boost or reading.separator in ("with", "joined"):
        return
    if reading.separator is not None and reading.between.strip() in declared()["instead"]:
        raise NotUnderstoodError("a dose that was changed, or two radiations")
    if reading.separator is None or (gray <= MOST_OF_A_BOOST and radiation.values.get("boost_gy") is None and not radiation.has_no_boost):
        raise NotUnderstoodError("two radiations, or a dose and its boost")


def names_it(reading: Reading, word: Word, text: str) -> bool:
    """Whether a word for radiotherapy alone stands behind a radiation that no word names yet: the same one (`50Gy RT`, `breast RT 50Gy`).

    The way of it (brachytherapy) is the same one only behind a bare dose: behind a volume with its dose it may be a second one. Behind
    another such word (EBRT IMRT) nobody can tell. Raises NotUnderstoodError there.
    """
    last = reading.before
    is_bare = dict(word.values) == {"modality_code": "radiation"} and last is not None and last.modality == "radiation"
    if last is None or not is_bare or reading.waiting_boost or not last.values["is_given"]:
        return False
    if last.text:
        if not last.values.keys() - {"modality_code", "is_given"}:
            raise NotUnderstoodError("a treatment and its name, or two")
        return False
    return text in declared()["radiation_itself"] or ("dose_gy" in last.values and "volume_code" not in last.values)


def portions(reading: Reading, token: Token) -> None:
    """`25 x 2 Gy`: fractions and the dose of each; behind a dose they must make it."""
    number, gray = (value or 0.0 for value in token.numbers)
    if not 0 < number <= MOST_FRACTIONS or gray > MOST_OF_A_FRACTION:
        raise NotUnderstoodError("a dose that may be of a fraction or of the whole")
    before = None if reading.waiting_boost else reading.before
    told = None
    if before is not None and before.modality == "radiation":
        told = before.values.get("boost_gy" if before.is_boosted else "dose_gy")
    if told is None:
        dose(reading, Token("dose", token.text, (round(number * gray, 2), None)))
    elif abs(number * gray - float(told)) > ROUNDED:
        raise NotUnderstoodError("fractions that do not make the dose")
    of_radiation(reading, Token("fractions", token.text, (number,)))


def schedule(reading: Reading, token: Token) -> None:
    """`RT 50/25`: gray and fractions of a usual course, of the radiation just named or in a column of radiation."""
    before = reading.before
    is_first = reading.context.modality == "radiation" and not reading.components
    if not is_first and (before is None or before.modality != "radiation"):
        raise NotUnderstoodError("a dose and fractions without radiation")
    if reading.waiting_boost or (before is not None and "dose_gy" in before.values):
        raise NotUnderstoodError("two doses")
    gray, fractions = token.numbers
    dose(reading, Token("dose", token.text, (gray, None)))
    of_radiation(reading, Token("fractions", token.text, (fractions,)))


def weeks(reading: Reading, _token: Token) -> None:
    """In how many weeks a dose was given, behind it; a treatment has no column for that."""
    last = reading.before
    if last is None or last.modality != "radiation" or last.values.get("dose_gy") is None:
        raise NotUnderstoodError("weeks without a dose")


def boost(reading: Reading, _token: Token) -> None:
    """The word, before its dose or behind it."""
    last = reading.components[-1] if reading.components else None
    if last is None or last.modality != "radiation" or reading.waiting_boost:
        raise NotUnderstoodError("a boost without radiation")
    last.needs_boost = False
    if (last.values.get("boost_gy") is None and not last.has_no_boost) or reading.separator is not None:
        reading.waiting_boost = True


def of_radiation(reading: Reading, token: Token) -> None:
    """Fields, or fractions: those of the boost, which has no column of its own, are read over."""
    last = reading.last_of_all
    if last.modality != "radiation" or not last.values["is_given"]:
        raise NotUnderstoodError("fields or fractions without radiation")
    column, number = token.kind, int(token.numbers[0] or 0)
    if column == "fractions" and last.is_boosted:
        return
    if column in last.values:
        raise NotUnderstoodError("fields or fractions twice")
    if column == "fractions" and last.values.get("boost_gy") is not None:
        raise NotUnderstoodError("fractions of a part or of the whole")
    last.values[column] = number


def beside_volume(reading: Reading, _token: Token) -> None:
    """A side or a small word beside a volume or an operation; it says nothing of its own."""
    if reading.context.modality == SURGERY or reading.is_behind_operation:
        return
    if reading.last.modality != "radiation":
        raise NotUnderstoodError("a side without radiation")
