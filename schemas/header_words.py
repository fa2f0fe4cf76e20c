"""Under which headers columns come: what `oncomart draft` proposes contracts by (header_words.csv). No run reads it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from schemas.facts import SEPARATOR, plain, shipped
from schemas.headings import loosely

# What a header says of the form of its cells and not of their meaning: (Y/N), [dd/mm/yyyy].
FORM = re.compile(
    r"[(\[](?:[YJSON0]\s*/\s*[N01]|codes?|coded|yes\s*/\s*no|ja\s*/\s*nein|[dmyjta]{1,4}([-/.])[dmyjta]{1,4}\1[dmyjta]{2,4})[)\]]",
    re.IGNORECASE,
)
OPEN_CLINICA = re.compile(r"(?:_E\d+(?:_(?P<repeat>\d+))?)?_C\d+(?:_\d+)?$")  # DXDATE_E1_C1: event, its repeat, form
# A field of UK Biobank, its instance and array: 40005-0.0, p40005_i0 (p31 has neither), f.40005.0.0
FIELD_ID = re.compile(
    r"(?P<field>\d{2,6})-(?P<instance>\d+)\.(?P<array>\d+)|p(?P<p_field>\d{2,6})(?:_i(?P<p_instance>\d+))?(?:_a(?P<p_array>\d+))?"
    r"|f\.(?P<f_field>\d{2,6})\.(?P<f_instance>\d+)\.(?P<f_array>\d+)"
)
INSTANCE = re.compile(r"(?P<field>ukb field \d+)(?: instance (?P<instance>\d+))?")
NUMBERED = re.compile(r"(?P<group>[^\W\d_]\D*?)[\W_]*(?P<number>[1-9])[\W_]+(?P<rest>\D+)")  # Tumour 2 - Date of diagnosis
MOST_GROUP, SHORT = 3, 2  # words of a group; a header of so few letters is an abbreviation of many things (ct of a diagnosis)
MANY_NUMBERS = 5  # item numbers by which a row of numbers is known for the headers of NAACCR items


@cache
def naaccr_items() -> dict[str, str]:
    """The name of each NAACCR item by its number."""
    return {row["item"]: row["name"] for row in shipped("naaccr_items.csv", "item", "name")}


def are_items(headers: Sequence[str]) -> bool:
    """Whether a row is one of NAACCR item numbers: no text and no number twice, and most of them are items, so many at least."""
    said = [header for header in headers if header]
    known = len(naaccr_items().keys() & {*said})
    return known >= max(MANY_NUMBERS, len(said) / 2) and len({*said}) == len(said) and all(re.fullmatch(r"[1-9]\d{1,4}", h) for h in said)


def are_field_ids(headers: Sequence[str]) -> bool:
    """Whether a row is one of UK Biobank's field ids (`eid`, `31-0.0`, `p40005_i0`): all but one of its cells, and none twice."""
    said = [header for header in headers if header]
    known = sum(FIELD_ID.fullmatch(header) is not None for header in said)
    return known >= max(MANY_NUMBERS, len(said) - 1) and len({*said}) == len(said)


def are_numbers_of_fields(headers: Sequence[str]) -> bool:
    """Whether a row of numbers is a header all the same: item numbers of NAACCR, field ids of UK Biobank."""
    return are_items(headers) or are_field_ids(headers)


def item_names(headers: Sequence[str]) -> tuple[str, ...]:
    """The headers, a row of NAACCR item numbers by the names of the items, of UK Biobank's field ids by the fields (`ukb field 31`)."""
    if are_field_ids(headers):
        return tuple(_field(header) for header in headers)
    return tuple(naaccr_items().get(header, header) for header in headers) if are_items(headers) else tuple(headers)


def _field(header: str) -> str:
    """A field id by its field, and its instance where that is not the first; one of a later array, and no field id, as it is."""
    found = FIELD_ID.fullmatch(header)
    if found is None:
        return header
    field, instance, array = (found[name] or found[f"p_{name}"] or found[f"f_{name}"] or "0" for name in ("field", "instance", "array"))
    if int(array):
        return header
    return f"ukb field {field}" + (f" instance {instance}" if int(instance) else "")


def without_marks(header: str) -> str:
    """The header as its words are compared: without capitals, blanks, signs and accents (`Début du traitement`, `Größe`)."""
    parts = unicodedata.normalize("NFKD", header.replace("ß", "ss").replace("ø", "o").replace("Ø", "O"))
    return loosely("".join(part for part in parts if not unicodedata.combining(part)))


@dataclass(frozen=True)
class Meaning:
    """`meaning` as header_words.csv has it; `differs`: other sources mean something else by such a header.

    `number`: the one in a header that is known without it (`Surgery 2 Date`). `is_instance`: each of them is
    a tumour of the person, the one without a number the first.
    """

    meaning: str
    differs: bool = False
    number: int | None = None
    is_instance: bool = False


@cache
def meanings() -> dict[str, Meaning]:
    """The meaning by header as `without_marks` leaves it."""
    rows = plain(files("schemas").joinpath("header_words.csv").read_text("utf-8"))
    return {without_marks(word): Meaning(row["meaning"], row["certainty"] == "U") for row in rows for word in row["words"].split(SEPARATOR)}


def meaning_of(header: str) -> Meaning | None:
    """What a column of that header most likely holds; None where no word is known for it."""
    if (of := INSTANCE.fullmatch(header)) is not None:
        return _of_instance(of)
    plainly = FORM.sub(" ", header)
    found = meanings().get(without_marks(header)) or meanings().get(without_marks(plainly))
    if found is None and (behind := OPEN_CLINICA.search(header)) is not None:
        other = meanings().get(without_marks(header[: behind.start()]))
        return replace(other, number=int(behind["repeat"]) if behind["repeat"] else None) if other is not None else None
    numbers = re.findall(r"\d+", header)
    if found is None and "/" in header:
        return _in_two_languages(header)
    if found is None and len(numbers) == 1:
        other = meanings().get(without_marks(plainly.replace(numbers[0], " ")))
        return replace(other, number=int(numbers[0])) if other is not None else _under_group(plainly)
    return found or _under_group(plainly)


@cache
def _groups() -> dict[str, tuple[tuple[str, ...], int]]:
    """By group the beginnings of the meanings that a header keeps behind it, and how many letters that has at least."""
    rows = shipped("header_groups.csv", "words", "meanings", "short")
    kept = {row["words"]: (tuple(filter(None, row["meanings"].split(SEPARATOR))), 1 if row["short"] else SHORT + 1) for row in rows}
    return {without_marks(word): of for words, of in kept.items() for word in words.split(SEPARATOR)}


def is_group(cell: str) -> bool:
    """Whether a cell names a group of columns."""
    return without_marks(cell) in _groups()


def _apart(header: str) -> list[str]:
    return [word for word in re.split(r"[\W_]+", header) if word]


def is_of_another(header: str) -> bool:
    """Whether a header names a group that is of another person, time or tumour (`Recurrence Stage`, `Sex of partner`)."""
    words = _apart(header)
    said = (without_marks(" ".join(words[at : at + size])) for at in range(len(words)) for size in range(1, MOST_GROUP + 1))
    return any(group in _groups() and not _groups()[group][0] for group in said)


def of_numbered_tumour(header: str) -> tuple[int, str] | None:
    """The number of a tumour and what a header says of it (`Tumour 2 Stage`, `Primary1_Grade`); None where it names no such."""
    found = NUMBERED.fullmatch(header)
    if found is None or "tumour." not in _groups().get(without_marks(found["group"]), ((), 0))[0]:
        return None
    said = meanings().get(without_marks(found["rest"]))
    return (int(found["number"]), said.meaning) if said is not None and not said.differs and said.meaning.startswith("tumour.") else None


def _under_group(header: str) -> Meaning | None:
    """What the last words of a header mean behind a group (`Patient DOB`); None where that says nothing of them, or they may mean
    something else in other sources."""
    words = _apart(header)
    for size in range(min(MOST_GROUP, len(words) - 1), 0, -1):
        kept, least = _groups().get(without_marks(" ".join(words[:size])), ((), 0))
        rest = without_marks(" ".join(words[size:]))
        found = meanings().get(rest)
        if found is not None and not found.differs and len(rest) >= least and _is_kept(found.meaning, kept):
            return found
    return None


def _is_kept(meaning: str, kept: Sequence[str]) -> bool:
    return any(meaning == one or (one.endswith(".") and meaning.startswith(one)) for one in kept)


def _of_instance(of: re.Match[str]) -> Meaning | None:
    """What an instance of a field of UK Biobank holds: of the cancer register each is a tumour; of other fields the first alone is known,
    for the others are later visits, or a second certificate of one death."""
    first, number = meanings().get(without_marks(of["field"])), int(of["instance"] or 0)
    if first is None or not first.meaning.startswith("tumour."):
        return None if number else first
    return replace(first, number=number or None, is_instance=True)


def _in_two_languages(header: str) -> Meaning | None:
    """What all parts of a header with a bar mean (`Geslacht/Sexe`); None where one is not known or they differ (`ER/PR`)."""
    said = {meanings().get(without_marks(part)) for part in header.split("/")}
    return said.pop() if len(said) == 1 else None
