"""The words of treatment cells: schemas/treatment_grammar.yml joined with the drug and regimen names of the vocabularies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

Value = str | bool | int | float
# A spelling with a count or an arrow in it (ACx4, AC -> T) is a phrase of the grammar, not a name.
PHRASE = re.compile(r"\dx|x\s*\d|[*#>→();]|\bx\b")
SHORTEST_NAME = 2  # one-letter forms mean several drugs; the grammar names the places where one is certain


@dataclass(frozen=True)
class Word:
    """One word of the grammar: its kind, and what it says about the component it stands for."""

    kind: str  # drug | regimen | component | neoadjuvant | not_given | given_unknown | letter
    name: str
    values: Mapping[str, Value]


@dataclass(frozen=True)
class Letter:
    """A lone letter that is a drug: after one block, or alone with one count of cycles."""

    drug: str
    after: str | None
    cycles: int | None


@dataclass(frozen=True)
class Course:
    """A course whose schedule the notation fixes: (name, count or None) of each block, days between its cycles."""

    blocks: tuple[tuple[str, int | None], ...]
    interval_days: tuple[int | None, ...]
    regimen: str


@dataclass(frozen=True)
class Lexicon:
    """Everything the parser knows by name; `names` matches the longest word first."""

    words: Mapping[str, Word]
    letters: Mapping[str, tuple[Letter, ...]]
    courses: tuple[Course, ...]
    letter_marks_after: frozenset[str]
    names: str


@cache
def _declared() -> dict[str, Any]:
    text = files("schemas").joinpath("treatment_grammar.yml").read_text(encoding="utf-8")
    declared: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return declared


def lexicon(drugs: Iterable[tuple[str, str, str]], regimens: Iterable[tuple[str, str]]) -> Lexicon:
    """The words of the grammar.

    `drugs`: spelling, drug code, modality; `regimens`: spelling, regimen code. Where a spelling is both (Taxotere), or a regimen
    is written by its drugs (Gemcitabine Trastuzumab), the drugs win: each is a component of its own.
    """
    declared = _declared()
    named = {folded(name): Word("drug", code, {"modality_code": modality, "drug_code": code}) for name, code, modality in drugs}
    schemes = {folded(name): Word("regimen", code, {"modality_code": "chemotherapy", "regimen_code": code}) for name, code in regimens}
    words = {name: word for name, word in schemes.items() if named.keys().isdisjoint(re.findall(r"[a-z0-9]+", name))} | named
    words = {name: word for name, word in words.items() if len(name) >= SHORTEST_NAME and not PHRASE.search(name)}
    words |= {name: Word("component", name, values) for name, values in declared["components"].items()}
    for kind in ("neoadjuvant", "not_given", "given_unknown"):
        words |= {name: Word(kind, name, {}) for name in declared[kind]}
    letters = _letters(declared["letters"])
    words |= {letter: Word("letter", letter, {}) for letter in letters}
    return Lexicon(words, letters, _courses(declared["courses"]), frozenset(declared["letter_marks_after"]), _longest_first(words))


def folded(text: str) -> str:
    """Lower case, runs of blanks as one, the multiplication sign as x."""
    return " ".join(text.casefold().replace("×", "x").split())


def _letters(declared: Iterable[Mapping[str, Any]]) -> dict[str, tuple[Letter, ...]]:
    found: dict[str, tuple[Letter, ...]] = {}
    for line in declared:
        found[line["letter"]] = (*found.get(line["letter"], ()), Letter(line["drug"], line.get("after"), line.get("cycles")))
    return found


def _courses(declared: Iterable[Mapping[str, Any]]) -> tuple[Course, ...]:
    return tuple(Course(tuple(_block(text) for text in line["blocks"]), tuple(line["interval_days"]), line["regimen"]) for line in declared)


def _block(text: str) -> tuple[str, int | None]:
    name, counted, count = text.partition(" x")
    return name, int(count) if counted else None


def _longest_first(words: Iterable[str]) -> str:
    """Alternatives of one regular expression; a name ends before a letter or digit, except the x of a count (ACx4)."""
    names = "|".join(re.escape(name) for name in sorted(words, key=lambda name: (-len(name), name)))
    return rf"(?<![a-z0-9])(?:{names})(?:(?![a-z0-9])|(?=x\s*\d))"
