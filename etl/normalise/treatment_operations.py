"""Operations in treatment cells: several in one word, what stands beside them, and what they leave open beside other treatment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

from etl.normalise.treatment_reading import Component, Reading
from etl.normalise.treatment_tokens import NotUnderstoodError, Token
from etl.normalise.treatment_words import SURGERY, Lexicon, Value, Word

NODES = "lymph_node"


def together(reading: Reading, word: Word) -> None:
    """Several operations in one word (SMAC): a component for each."""
    for values in word.blocks:
        one_of_two(reading, replace(word, values=values))
    for values in word.blocks:
        reading.add(Component({**values, "is_given": True}, word.name, text=word.name))
        reading.components[-1].joined = "with" if values is not word.blocks[0] else reading.components[-1].joined


def one_of_two(reading: Reading, word: Word) -> None:
    """`WLE/Mx`: of two operations at one organ a slash may leave open which was done; `WLE/SLNB` are two. So it is of two drugs of
    one class (`Femara/Arimidex`) or two regimens that each hold one (`AC/EC`), unless the first has a count or a duration of its own."""
    if not reading.is_behind_slash:
        return
    last, lexicon = reading.components[-1], reading.lexicon
    together_with = [component.values for component in reading.components if component.text == last.text]  # SMAC/WLE: two in a word
    here, *before = (lexicon.organ.get(str(values.get("procedure_code"))) for values in (word.values, *together_with))
    if here is not None and here in before:
        raise NotUnderstoodError("two operations of which one may be meant")
    names = [values.get("drug_code") or values.get("regimen_code") for values in (last.values, word.values)]
    one, other = (_classes(values, lexicon) for values in (last.values, word.values))
    if names[0] != names[1] and one & other and not (last.counted or "duration_years" in last.values):
        raise NotUnderstoodError("two drugs of which one may be meant")


def refuse_one_of_two_regimens(reading: Reading) -> None:
    """`AC/TC`, `CMF/FEC`: two regimens with a drug in both and a slash between them may be alternatives, unless the first has a count.

    The first may have several blocks: `AC-D/TC`.
    """
    regimens = [_drugs(component.values, reading.lexicon) for component in reading.components]
    for place, (before, component) in enumerate(pairwise(reading.components), start=1):
        is_other = any(one & regimens[place] and one != regimens[place] for one in regimens[:place])
        if component.is_slashed and is_other and not before.counted:
            raise NotUnderstoodError("two regimens of which one may be meant")


def _drugs(values: Mapping[str, Value | None], lexicon: Lexicon) -> frozenset[str]:
    """The drugs of a regimen of one block; none of a drug by itself."""
    return frozenset(lexicon.drugs_of.get(str(values.get("regimen_code")), ()))


def _classes(values: Mapping[str, Value | None], lexicon: Lexicon) -> set[str]:
    """Of the drugs of a component (those of a regimen of one block) the classes of which nobody has two at once."""
    drugs = lexicon.drugs_of.get(str(values.get("regimen_code")), frozenset()) | {str(values.get("drug_code"))}
    return {lexicon.rivals[drug] for drug in drugs if drug in lexicon.rivals}


def beside_operation(reading: Reading, token: Token) -> None:
    """A side, a level or the breast beside an operation: a treatment has no column for them. `Mx level I` is an operation of nodes too."""
    if reading.context.modality != SURGERY and not reading.is_behind_operation:
        raise NotUnderstoodError("a side without radiation")
    before = reading.before
    if "level" in token.text and before is not None and reading.lexicon.organ.get(str(before.values.get("procedure_code"))) != NODES:
        raise NotUnderstoodError("a level of the axilla behind another operation")


def refuse_beside_operations(reading: Reading) -> None:
    """What leaves open beside an operation whether it is another treatment: RT is also its right side (`MRM, Rt`), AC the axilla."""
    if reading.context.modality == SURGERY or all(component.modality != SURGERY for component in reading.components):
        return
    if any(component.text in reading.lexicon.shared and not component.counted for component in reading.components):
        raise NotUnderstoodError("a word that is a drug and an operation")
    for before, component in zip(reading.components, reading.components[1:], strict=False):
        pair = (before, component)
        if not component.joined:
            raise NotUnderstoodError("an operation and nothing that parts it from what follows")
        is_side = any(one.text == "rt" for one in pair) and any(one.modality == SURGERY for one in pair)
        if is_side and (component.joined == "joined" or component.between == ","):
            raise NotUnderstoodError("radiotherapy or the right side")
