"""Treatment cells taken apart: `Neoadjuvant ACx4; Tx12 Trastuzumab**` as ordered components with their columns.

The notation is that of Table 2 of Chan et al. 2017 with the further spellings of schemas/treatment_grammar.yml. A cell is
understood as a whole or not at all: nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from etl.normalise.treatment_asides import without_asides
from etl.normalise.treatment_beside import without_beside
from etl.normalise.treatment_courses import finish
from etl.normalise.treatment_reading import Context, Reading
from etl.normalise.treatment_steps import step
from etl.normalise.treatment_tokens import NotUnderstoodError, tokens
from etl.normalise.treatment_words import SURGERY, Lexicon, Value
from schemas.items import polars_schema

__all__ = ["SAID", "Context", "Parsed", "parse_cell", "parse_cells"]

# The columns that a cell may tell of; a rule with a grammar says all others itself.
SAID = (
    "component_no", "setting_code", "intent_code", "modality_code", "is_given", "regimen_code", "drug_code", "course_regimen_code",
    "cycles",
    "interval_days", "completion_code", "duration_years", "not_given_reason_code", "stop_reason_code", "dose_gy", "boost_gy", "fractions",
    "fields", "volume_code", "procedure_code",
)  # fmt: skip
# Signs that say themselves how two lines hang together.
SIGNS = frozenset(";,+/&>→-")
RADIATION = "radiation"
NUMBERED = re.compile(r"\s*(\d{1,2})[.):]?\s")
COMPONENTS = {"cell": pl.String} | {name: polars_schema("treatment")[name] for name in SAID}
CELLS = {"cell": pl.String, "drugs": pl.String, "marks": pl.String, "given": pl.String, "components": pl.String, "reason": pl.String}
# The columns that one component fills; of a cell its components and marks.
Columns = Mapping[str, Value | None]
Read = tuple[Sequence[Columns], list[str]]


@dataclass(frozen=True)
class Parsed:
    """`components`: one row per cell and component (COMPONENTS); `cells`: one row per cell (CELLS), `reason` where it was refused."""

    components: pl.DataFrame
    cells: pl.DataFrame


def parse_cells(cells: Iterable[str], context: Context, lexicon: Lexicon) -> Parsed:
    """Parse the distinct cells of one field; one that is not understood is read once more without its parts about something else
    (schemas/vocabularies/clauses.py). A refused cell has no component, null parts and a reason."""
    found = {cell: _parsed(cell, context, lexicon) for cell in cells}
    refused = [cell for cell, read in found.items() if isinstance(read, str)]
    for cell, kept in without_asides(refused, lexicon).items():
        again = _parsed(kept, context, lexicon)
        found[cell] = found[cell] if isinstance(again, str) else again
    components: list[dict[str, Value | None]] = []
    summaries: list[tuple[str | None, ...]] = []
    for cell, read in found.items():
        if isinstance(read, str):
            summaries.append((cell, None, None, None, None, read))
            continue
        components += [{"cell": cell, **values} for values in read[0]]
        summaries.append((cell, *_summary(*read), None))
    return Parsed(pl.DataFrame(components, schema=COMPONENTS), pl.DataFrame(summaries, schema=CELLS, orient="row"))


def _parsed(cell: str, context: Context, lexicon: Lexicon) -> Read | str:
    """What `parse_cell` reads, or why it refuses."""
    try:
        return parse_cell(cell, context, lexicon)
    except NotUnderstoodError as refusal:
        return str(refusal)


def parse_cell(cell: str, context: Context, lexicon: Lexicon) -> Read:
    """Columns of each component of one cell in order, and its marks.

    A line break is a blank, as where a narrow cell wraps its text; where the cell is not understood so, it stands between treatments.
    Raises NotUnderstoodError with a reason that holds no text of the cell.
    """
    if _is_numbered(cell):
        raise NotUnderstoodError("numbers of lines, or of cycles")
    try:
        return _read(cell, context, lexicon)
    except NotUnderstoodError:
        found = _by_lines(cell, context, lexicon) or _without_beside(cell, context, lexicon)
        if found is None:
            raise
        return found


def _without_beside(cell: str, context: Context, lexicon: Lexicon) -> Read | None:
    """The same without what says nothing of the treatment; None where that is not understood, or is of several treatments or none."""
    kept = without_beside(cell, context.modality)
    if kept is None:
        return None
    try:
        found = _read(kept, context, lexicon)
    except NotUnderstoodError:
        return None
    is_own = all(component["is_given"] and component["modality_code"] == context.modality for component in found[0])
    is_named = context.modality == RADIATION or all(component.get("regimen_code") or component.get("drug_code") for component in found[0])
    return found if is_own and is_named else None


def _is_numbered(cell: str) -> bool:
    """Whether the lines of a cell begin with 1, 2 and so on: `1 AC` and `2 Taxol` below it."""
    numbers = [NUMBERED.match(line) for line in cell.splitlines() if line.strip()]
    return len(numbers) > 1 and [found and int(found[1]) for found in numbers] == [*range(1, len(numbers) + 1)]


def _by_lines(cell: str, context: Context, lexicon: Lexicon) -> Read | None:
    """The same with a treatment in each line; None where that is not understood, or not certain."""
    lines = [line.strip() for line in cell.splitlines() if line.strip()]
    if len(lines) < 2:
        return None
    ends = ["" if one[-1] in SIGNS or other[0] in SIGNS else ";" for one, other in pairwise(lines)]
    try:
        found = _read(" ".join(f"{line}{end}" for line, end in zip(lines, [*ends, ""], strict=True)), context, lexicon)
    except NotUnderstoodError:
        return None
    return found if _is_apart(found[0]) else None


def _is_apart(components: Sequence[Columns]) -> bool:
    """Whether no two of them can be one that the lines tear: the volume and the dose of a radiation, an operation and its side (Rt)."""
    radiation = [component for component in components if component["modality_code"] == RADIATION]
    operations = [component for component in components if component["modality_code"] == SURGERY]
    is_side = any(component.get("dose_gy") is None for component in radiation)
    if any(_is_kind_of(*pair) for pair in pairwise(components)):
        return False
    return len(radiation) < 2 and len(operations) < 2 and not (operations and is_side)


def _is_kind_of(one: Columns, other: Columns) -> bool:
    """Whether one says the kind of what the other names: `Chemo` and `AC x4` below it."""
    named = [any(each.get(column) for column in ("drug_code", "regimen_code", "procedure_code")) for each in (one, other)]
    return one["modality_code"] == other["modality_code"] and named[0] != named[1]


def _read(cell: str, context: Context, lexicon: Lexicon) -> Read:
    reading = Reading(context, lexicon)
    for token in tokens(cell, lexicon, context.marks.keys()):
        step(reading, token)
    finish(reading)
    return [component.values for component in reading.components], reading.marks


def _summary(found: Sequence[Columns], marks: list[str]) -> tuple[str | None, str | None, str, str]:
    """Drugs and marks separated by blanks, given as yes or no, the number of components."""
    drugs = " ".join(dict.fromkeys(str(values["drug_code"]) for values in found if values.get("drug_code")))
    given = "yes" if any(values["is_given"] for values in found) else "no"
    return drugs or None, " ".join(dict.fromkeys(marks)) or None, given, str(len(found))
