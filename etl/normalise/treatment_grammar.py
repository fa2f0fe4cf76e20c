"""Treatment cells taken apart: `Neoadjuvant ACx4; Tx12 Trastuzumab**` as ordered components with their columns.

The notation is that of Table 2 of Chan et al. 2017 with the further spellings of schemas/treatment_grammar.yml. A cell is
understood as a whole or not at all: nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from etl.normalise.treatment_tokens import NotUnderstoodError, Token, tokens
from etl.normalise.treatment_words import Course, Lexicon, Value, Word
from schemas.items import polars_schema

SAID = (
    "component_no", "setting_code", "modality_code", "is_given", "regimen_code", "drug_code", "course_regimen_code", "cycles",
    "interval_days", "completion_code", "duration_years", "not_given_reason_code", "stop_reason_code", "dose_gy", "boost_gy", "fractions",
    "fields", "volume_code",
)  # fmt: skip
COMPONENTS = {"cell": pl.String} | {name: polars_schema("treatment")[name] for name in SAID}
CELLS = {"cell": pl.String, "drugs": pl.String, "marks": pl.String, "given": pl.String, "components": pl.String, "reason": pl.String}
MOST_CYCLES = 99
NO_TREATMENT = "any"  # what a No means in a column of treatments of any kind


@dataclass(frozen=True)
class Context:
    """What the contract says of one field: its modality and setting, and what each mark means."""

    modality: str | None
    setting: str | None
    marks: Mapping[str, Mapping[str, Value]]


@dataclass
class Component:
    """One component while its cell is read."""

    values: dict[str, Value | None]
    name: str = ""  # drug or regimen code, by which courses know it
    counted: bool = False


@dataclass
class Reading:
    """The state of one cell: components so far, marks met, and what still waits for the next word."""

    context: Context
    lexicon: Lexicon
    components: list[Component] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    neoadjuvant: bool = False
    alone: bool = False  # No and Yes stand for the whole cell
    waiting_count: int | None = None
    separated: bool = True  # at the start, or just after a separator: another one would be an empty item


@dataclass(frozen=True)
class Parsed:
    """`components`: one row per cell and component (COMPONENTS); `cells`: one row per cell (CELLS), `reason` where it was refused."""

    components: pl.DataFrame
    cells: pl.DataFrame


def parse_cells(cells: Iterable[str], context: Context, lexicon: Lexicon) -> Parsed:
    """Parse the distinct cells of one field. A refused cell has no component, null parts and a reason."""
    components: list[dict[str, Value | None]] = []
    summaries: list[tuple[str | None, ...]] = []
    for cell in cells:
        try:
            found, marks = parse_cell(cell, context, lexicon)
        except NotUnderstoodError as refusal:
            summaries.append((cell, None, None, None, None, str(refusal)))
            continue
        components += [{"cell": cell, **values} for values in found]
        summaries.append((cell, *_summary(found, marks), None))
    return Parsed(pl.DataFrame(components, schema=COMPONENTS), pl.DataFrame(summaries, schema=CELLS, orient="row"))


def parse_cell(cell: str, context: Context, lexicon: Lexicon) -> tuple[list[dict[str, Value | None]], list[str]]:
    """Columns of each component of one cell in order, and its marks.

    Raises NotUnderstoodError with a reason that holds no text of the cell.
    """
    reading = Reading(context, lexicon)
    for token in tokens(cell, lexicon, context.marks.keys()):
        _STEPS[token.kind](reading, token)
    _finish(reading)
    return [component.values for component in reading.components], reading.marks


def _summary(found: list[dict[str, Value | None]], marks: list[str]) -> tuple[str | None, str | None, str, str]:
    """Drugs and marks separated by blanks, given as yes or no, the number of components."""
    drugs = " ".join(dict.fromkeys(str(values["drug_code"]) for values in found if values.get("drug_code")))
    given = "yes" if any(values["is_given"] for values in found) else "no"
    return drugs or None, " ".join(dict.fromkeys(marks)) or None, given, str(len(found))


def _name(reading: Reading, token: Token) -> None:
    word = reading.lexicon.words[token.text]
    if reading.alone:
        raise NotUnderstoodError("something beside No or Yes")
    if word.kind == "neoadjuvant":
        if reading.components or reading.neoadjuvant:
            raise NotUnderstoodError("neoadjuvant is not at the start")
        reading.neoadjuvant = True
        return
    if word.kind in {"not_given", "given_unknown"}:
        _whole(reading, is_given=word.kind == "given_unknown")
        return
    reading.components.append(_letter(reading, word) if word.kind == "letter" else _known(reading, word))
    reading.separated = False
    if reading.waiting_count is not None:
        _set_cycles(reading, reading.waiting_count)
        reading.waiting_count = None


def _whole(reading: Reading, *, is_given: bool) -> None:
    if reading.components or reading.neoadjuvant:
        raise NotUnderstoodError("something beside No or Yes")
    modality = reading.context.modality
    if is_given and modality is None:
        raise NotUnderstoodError("yes without a modality")
    values: dict[str, Value | None] = {"component_no": int(is_given), "modality_code": modality or NO_TREATMENT, "is_given": is_given}
    if is_given and modality == "chemotherapy":
        values["setting_code"] = None  # chemotherapy of which nothing is known may as well have been neoadjuvant
    reading.components.append(Component(values))
    reading.alone, reading.separated = True, False


def _known(reading: Reading, word: Word) -> Component:
    return Component({**word.values, "is_given": True}, word.name)


def _letter(reading: Reading, word: Word) -> Component:
    """A letter whose drug is settled at the end, when its count and the block before it are known."""
    return Component({"modality_code": "chemotherapy", "is_given": True, "letter": word.name})


def _count(reading: Reading, token: Token) -> None:
    if not reading.components:
        raise NotUnderstoodError("a count without a drug")
    _set_cycles(reading, int(token.numbers[0] or 0))


def _count_before(reading: Reading, token: Token) -> None:
    if reading.waiting_count is not None:
        raise NotUnderstoodError("two counts")
    reading.waiting_count = int(token.numbers[0] or 0)


def _set_cycles(reading: Reading, cycles: int) -> None:
    last = reading.components[-1]
    if last.counted or reading.separated or not (last.name or "letter" in last.values) or last.values["modality_code"] == "radiation":
        raise NotUnderstoodError("a count without a drug")
    if not 1 <= cycles <= MOST_CYCLES:
        raise NotUnderstoodError("a count out of range")
    last.values["cycles"], last.counted = cycles, True


def _dose(reading: Reading, token: Token) -> None:
    last = reading.components[-1] if reading.components else None
    if last is None or last.values["modality_code"] != "radiation" or "dose_gy" in last.values or reading.separated:
        if reading.alone:
            raise NotUnderstoodError("something beside No or Yes")
        last = Component({"modality_code": "radiation", "is_given": True})
        reading.components.append(last)
    last.values["dose_gy"], last.values["boost_gy"] = token.numbers
    reading.separated = False


def _of_radiation(reading: Reading, token: Token) -> None:
    column = token.kind
    last = reading.components[-1] if reading.components else None
    if last is None or last.values["modality_code"] != "radiation" or not last.values["is_given"] or column in last.values:
        raise NotUnderstoodError("fields or fractions without radiation")
    last.values[column] = int(token.numbers[0] or 0)
    reading.separated = False


def _separator(reading: Reading, token: Token) -> None:
    if reading.separated or reading.alone:
        raise NotUnderstoodError("a separator with nothing before it")
    reading.separated = True


def _mark(reading: Reading, token: Token) -> None:
    if not reading.components or reading.separated:
        raise NotUnderstoodError("a mark that belongs to nothing")
    reading.components[-1].values |= dict(reading.context.marks[token.text])
    reading.marks.append(token.text)


_STEPS = {
    "name": _name,
    "mark": _mark,
    "dose": _dose,
    "fields": _of_radiation,
    "fractions": _of_radiation,
    "count": _count,
    "count_before": _count_before,
    "then": _separator,
    "with": _separator,
}


def _finish(reading: Reading) -> None:
    if not reading.components or reading.separated or reading.waiting_count is not None:
        raise NotUnderstoodError("the cell ends early")
    chemotherapy = [c for c in reading.components if c.values["modality_code"] == "chemotherapy"]
    if reading.neoadjuvant and not chemotherapy:
        raise NotUnderstoodError("neoadjuvant without chemotherapy")
    _settle_letters(reading, chemotherapy)
    _schedule(reading, chemotherapy)
    for number, component in enumerate(reading.components, start=1):
        values = component.values
        neoadjuvant = reading.neoadjuvant and values["modality_code"] == "chemotherapy"
        values.setdefault("setting_code", "neoadjuvant" if neoadjuvant else reading.context.setting)
        values.setdefault("component_no", number)


def _settle_letters(reading: Reading, chemotherapy: list[Component]) -> None:
    for place, component in enumerate(chemotherapy):
        letter = component.values.pop("letter", None)
        if letter is None:
            continue
        before = chemotherapy[place - 1].name if place else None
        place_of = (before, component.values.get("cycles") if before is None else None)
        drugs = {entry.drug for entry in reading.lexicon.letters[str(letter)] if (entry.after, entry.cycles) == place_of}
        if len(drugs) != 1:
            raise NotUnderstoodError("a letter that may be several drugs")
        component.name = drugs.pop()
        component.values["drug_code"] = component.name


def _is_course(course: Course, chemotherapy: list[Component]) -> bool:
    blocks = [(component.name, component.values.get("cycles")) for component in chemotherapy]
    same_length = len(course.blocks) == len(blocks)
    pairs = zip(course.blocks, blocks, strict=False)  # of one length, or not looked at
    return same_length and all(name == given[0] and count in {None, given[1]} for (name, count), given in pairs)


def _schedule(reading: Reading, chemotherapy: list[Component]) -> None:
    """Days between cycles and regimen of the course, where the notation names the course; null otherwise."""
    for course in reading.lexicon.courses:
        if _is_course(course, chemotherapy):
            for component, days in zip(chemotherapy, course.interval_days, strict=True):
                component.values["interval_days"], component.values["course_regimen_code"] = days, course.regimen
            return
    for component in chemotherapy:  # a course delivered by its own name (AC-T) is the regimen of the course
        if len(chemotherapy) == 1 and component.values.get("regimen_code"):
            component.values["course_regimen_code"] = component.values["regimen_code"]
