"""The end of a treatment cell: abbreviations settled by their places, the regimen where the notation names the course."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from etl.normalise.treatment_operations import refuse_beside_operations, refuse_one_of_two_regimens
from etl.normalise.treatment_reading import Component, Reading, settle_pace
from etl.normalise.treatment_text import declared
from etl.normalise.treatment_tokens import NotUnderstoodError
from etl.normalise.treatment_words import SURGERY, Course, Meaning

CHEMOTHERAPY, HORMONAL = "chemotherapy", "hormonal"


def finish(reading: Reading) -> None:
    """Settle what only the whole cell decides. Raises NotUnderstoodError where it decides nothing."""
    settle_pace(reading)
    _refuse_unfinished(reading)
    refuse_beside_operations(reading)
    _refuse_open(reading)
    _settle(reading)
    _combine(reading)
    refuse_one_of_two_regimens(reading)
    _refuse_shared_counts(reading)
    _name_course(reading)
    _say_of_all(reading)


def _refuse_unfinished(reading: Reading) -> None:
    """What still waits for a word that does not come, or was said of a treatment that the cell does not hold."""
    waits = (reading.waiting_count, reading.waiting_days)
    if not reading.components or reading.separator is not None or reading.waiting_boost or any(wait is not None for wait in waits):
        raise NotUnderstoodError("the cell ends early")
    if reading.context.modality == SURGERY and any(component.modality != SURGERY for component in reading.components):
        raise NotUnderstoodError("something beside operations")
    if reading.setting is not None and not _of_setting(reading):
        raise NotUnderstoodError("a setting without chemotherapy")
    if reading.setting is not None and reading.intent == "palliative":
        raise NotUnderstoodError("palliative and beside an operation")


def _refuse_open(reading: Reading) -> None:
    """What may be two things, and nothing in the cell says which."""
    if reading.is_tablet and reading.components[0].values.get("drug_code") not in declared()["tablets"]:
        raise NotUnderstoodError("a T. that may be a taxane or a tablet")
    if any(_may_be_one(*pair) for pair in pairwise(reading.components)):
        raise NotUnderstoodError("a treatment and its name, or two")
    if any(component.needs_boost for component in reading.components):
        raise NotUnderstoodError("two radiations, or a dose and its boost")
    if any(component.needs_dose and "dose_gy" not in component.values for component in reading.components):
        raise NotUnderstoodError("several volumes")


def _may_be_one(one: Component, other: Component) -> bool:
    """Whether one names what the other is a kind of, and nothing says that they are two: aromatase inhibitor, letrozole."""
    kinds = [not (each.abbreviation or each.values.get("drug_code") or each.values.get("regimen_code")) for each in (one, other)]
    of_drugs = one.modality == other.modality and one.modality in (CHEMOTHERAPY, HORMONAL)
    return of_drugs and kinds[0] != kinds[1] and other.between.strip() in ("", ",", "/", "-")


def _say_of_all(reading: Reading) -> None:
    """Number, setting and intent of each component; a setting that the cell says is of its chemotherapy (`_of_setting`)."""
    of_setting = _of_setting(reading)
    for number, component in enumerate(reading.components, start=1):
        own = reading.setting if component in of_setting else None
        component.values.setdefault("setting_code", own or reading.context.setting)
        if reading.intent is not None:
            component.values["intent_code"] = reading.intent
        component.values.setdefault("component_no", number)


def _of_setting(reading: Reading) -> list[Component]:
    """What a setting of the cell is said of: its chemotherapy, or its radiation where it holds nothing else (adjuvant RT 50 Gy)."""
    is_radiation = all(component.modality == "radiation" for component in reading.components)
    return _chemotherapy(reading) or (reading.components if is_radiation else [])


def _chemotherapy(reading: Reading) -> list[Component]:
    return [component for component in reading.components if component.modality == CHEMOTHERAPY]


def _settle(reading: Reading) -> None:
    """Each abbreviation as the drugs or the regimen that its place makes certain, from the first to the last."""
    place = 0
    while place < len(reading.components):
        component = reading.components[place]
        if component.abbreviation:
            meanings = {(m.drugs, m.regimen) for m in reading.lexicon.meanings.get(component.abbreviation, ()) if _fits(m, reading, place)}
            if len(meanings) != 1:
                raise NotUnderstoodError("an abbreviation that may be several drugs")
            drugs, regimen = meanings.pop()
            named = [_as_drug(component, drug, reading) for drug in drugs] if regimen is None else [_as_regimen(component, regimen)]
            reading.components[place : place + 1] = named
            place += len(named)
        else:
            place += 1


def _as_drug(component: Component, drug: str, reading: Reading) -> Component:
    values = {**component.values, "modality_code": reading.lexicon.modality[drug], "drug_code": drug}
    return replace(component, values=values, name=drug, abbreviation="")


def _as_regimen(component: Component, regimen: str) -> Component:
    return replace(component, values={**component.values, "regimen_code": regimen}, name=regimen, abbreviation="")


def _fits(meaning: Meaning, reading: Reading, place: int) -> bool:
    """Whether all that the meaning states holds; a drug named in brackets is decided by that alone."""
    component = reading.components[place]
    if component.is_slashed and not meaning.slash:
        return False  # AC/T says neither the order nor which taxane
    if component.joined == "with" and not meaning.plus:
        return False  # 4 AC + 4 T is written of docetaxel too
    if component.bracket is not None or meaning.bracket is not None:
        return component.bracket == meaning.bracket
    before = [c.name for c in reading.components[:place] if c.modality == CHEMOTHERAPY and c.name]
    behind = [c.name for c in reading.components[place + 1 :] if c.modality == CHEMOTHERAPY]
    setting = reading.setting or reading.context.setting
    stated = (
        (meaning.after, before[-1] if before else None),
        (meaning.before, behind[0] if behind else None),
        (meaning.cycles, component.course_cycles),
        (meaning.settings, setting),
    )
    return all(not asked or given in asked for asked, given in stated)


def _combine(reading: Reading) -> None:
    """Drugs of one regimen of one block, joined by / + and and counted once, are that regimen: docetaxel/cyclophosphamide x4.

    A count in front of the first is of all where a slash or dash makes them one word: 4 x epirubicin/cyclophosphamide.
    """
    for start in range(len(reading.components)):
        for end in range(len(reading.components), start + 1, -1):
            group = reading.components[start:end]
            if _is_joined(group) and (_counted_last(group) or _counted_first(group)):
                regimen = reading.lexicon.regimen_of.get(frozenset(c.name for c in group))
                if regimen is not None:
                    counted = group[-1] if group[-1].counted else group[0]
                    values = {name: value for name, value in counted.values.items() if name != "drug_code"}
                    whole = Component({**values, "modality_code": CHEMOTHERAPY, "regimen_code": regimen}, regimen, counted=True)
                    whole.joined = group[0].joined
                    reading.components[start:end] = [whole]
                    return


def _counted_last(group: list[Component]) -> bool:
    return group[-1].counted and not any(c.counted for c in group[:-1])


def _counted_first(group: list[Component]) -> bool:
    return group[0].counted_before and not any(c.counted for c in group[1:]) and all(c.joined == "joined" for c in group[1:])


def _is_joined(group: list[Component]) -> bool:
    """Single drugs with a separator of one course between them and nothing but the last count to tell them apart."""
    return all(c.values.get("drug_code") for c in group) and all(c.joined in {"with", "joined"} for c in group[1:])


def _refuse_shared_counts(reading: Reading) -> None:
    """A count at the end of AC-T x4 or Gem/Vin x6, or in front of 6 x Gem/Vin, may be of one part or of the whole."""
    for before, component in zip(reading.components, reading.components[1:], strict=False):
        drugs = bool(before.values.get("drug_code") and component.values.get("drug_code"))
        alike = drugs or component.modality != CHEMOTHERAPY
        shared = component.joined == "joined" or (component.joined == "with" and alike)
        one = component.counted and not before.counted
        first = before.counted_before and not component.counted and component.joined == "joined" and component.modality == CHEMOTHERAPY
        if ((shared and one) or first) and before.name and before.modality == CHEMOTHERAPY:
            raise NotUnderstoodError("a count of a part or of the whole")


def _is_course(course: Course, chemotherapy: list[Component]) -> bool:
    if len(course.blocks) != len(chemotherapy):
        return False
    for block, days, component in zip(course.blocks, course.interval_days, chemotherapy, strict=True):
        cycles, stated = component.course_cycles, component.values.get("interval_days")
        counts = {None, block.cycles} if course.counts_optional else {block.cycles}
        if component.name != block.name or (block.cycles is not None and cycles not in counts):
            return False
        if (block.interval_days is not None and stated != block.interval_days) or (stated and days and stated != days):
            return False
    return True


def _name_course(reading: Reading) -> None:
    """The regimen of the course, where the notation of the contract or that of every source names it.

    Days between cycles stay as written: the usual ones are dim_regimen's.
    """
    chemotherapy = _chemotherapy(reading)
    for course in (*reading.context.courses, *reading.lexicon.courses):
        if _is_course(course, chemotherapy):
            for component in chemotherapy:
                component.values.setdefault("course_regimen_code", course.regimen)  # a name of the course itself (AC-DH) says more
            return
    for component in chemotherapy:  # a course delivered by its own name (TAC) is the regimen of the course
        if len(chemotherapy) == 1 and component.values.get("regimen_code"):
            component.values.setdefault("course_regimen_code", component.values["regimen_code"])
