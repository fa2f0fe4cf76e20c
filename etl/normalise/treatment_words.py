"""The words of treatment cells: schemas/treatment_grammar.yml joined with the names of the vocabularies."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from etl.normalise.treatment_text import declared, folded
from schemas.courses import Block, blocks, one_block

Value = str | bool | int | float
# A spelling with a count, a pace or an arrow in it (ACx4, AC q3w, AC -> T) is a phrase of the grammar, not a name.
PHRASE = re.compile(r"\dx|x\s*\d|[*#>→();]|\bx\b|\bq\d|weekly|\bdd\b|dd-|dose.dense|\d[a-z]+-\d[a-z]")
QUALIFIED = re.compile(r"[a-z-]+ \([a-z -]+\)")  # doxorubicin (liposomal) is a name, and another drug than doxorubicin
SHORTEST_NAME = 2  # one-letter forms mean several drugs; the grammar names the places where one is certain
SURGERY = "surgery"
NO_PACE = -1  # days that no written pace equals
PARTS = re.compile(r"[-/;+ ]+")
# Japanese and Chinese write no blanks between words and numbers.
UNSPACED = re.compile(r"[\u3040-\u9fff]")


@dataclass(frozen=True)
class Word:
    """One word of the grammar: its kind, and what it says about the component it stands for; a course has several blocks.

    `of`: the kind of treatment that a word for not given names itself (no chemotherapy).
    """

    kind: str  # drug | regimen | course | component | operations | abbreviation | setting | intent | not_given | given_unknown | volume
    name: str
    values: Mapping[str, Value]
    blocks: tuple[Mapping[str, Value], ...] = ()
    of: str | None = None


@dataclass(frozen=True)
class Meaning:
    """What an abbreviation of several meanings is, where all that is stated here holds (an empty set: whatever it is)."""

    drugs: tuple[str, ...]
    regimen: str | None
    after: frozenset[str]
    before: frozenset[str]
    cycles: frozenset[int]
    settings: frozenset[str]
    bracket: str | None
    slash: bool = True  # holds behind a slash too
    plus: bool = True  # holds behind a plus or a comma too


@dataclass(frozen=True)
class Course:
    """A course whose schedule the notation fixes: its blocks, days between their cycles, its regimen."""

    blocks: tuple[Block, ...]
    interval_days: tuple[int | None, ...]
    regimen: str
    counts_optional: bool = False


@dataclass(frozen=True)
class Names:
    """What the vocabularies know.

    `drugs`: spelling, drug code, modality; `regimens`: spelling, regimen code; `blocks`: regimen, block, drug, days between
    cycles; `volumes` and `reasons`: spelling, code; `ambiguous`: spellings of drugs and regimens that mean several
    things; `own`: regimens as the project writes them.
    """

    drugs: tuple[tuple[str, str, str], ...] = ()
    regimens: tuple[tuple[str, str], ...] = ()
    blocks: tuple[tuple[str, int, str, int | None], ...] = ()
    volumes: tuple[tuple[str, str], ...] = ()
    reasons: tuple[tuple[str, str], ...] = ()
    ambiguous: tuple[str, ...] = ()
    own: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lexicon:
    """Everything the parser knows by name; `names` matches the longest word first."""

    words: Mapping[str, Word]
    meanings: Mapping[str, tuple[Meaning, ...]]
    courses: tuple[Course, ...]
    letter_marks_after: frozenset[str]
    names: str
    reasons: Mapping[str, str]
    modality: Mapping[str, str]  # of drugs
    regimen_of: Mapping[frozenset[str], str] = field(default_factory=dict)  # drugs of a one-block regimen
    organ: Mapping[str, str] = field(default_factory=dict)  # of operations
    rivals: Mapping[str, str] = field(default_factory=dict)  # class of drugs of which nobody has two at once
    n_drugs: Mapping[str, int] = field(default_factory=dict)  # of regimens of one block
    drugs_of: Mapping[str, frozenset[str]] = field(default_factory=dict)  # the same by name
    all_drugs_of: Mapping[str, frozenset[str]] = field(default_factory=dict)  # of regimens of any number of blocks
    shared: frozenset[str] = frozenset()  # words of an operation too, where both are read


def lexicon(names: Names) -> Lexicon:
    """The words of the grammar.

    Where a spelling is both a drug and a regimen (Taxotere), or a regimen is written by its drugs (Gemcitabine Trastuzumab), the
    drugs win: each is a component of its own. A code that the grammar can take apart (AC-T) is no word, unless the project says what it
    means there (FEC-T).
    """
    grammar = declared()
    meanings = _meanings(grammar["abbreviations"])
    blocks, one_block = _blocks(names.blocks, grammar["paced"])
    drugs = {folded(text): Word("drug", code, {"modality_code": modality, "drug_code": code}) for text, code, modality in names.drugs}
    words = _regimens(names.regimens, drugs, blocks, grammar["paced"]) | drugs
    words = {text: word for text, word in words.items() if not PHRASE.search(text) or (word.kind == "drug" and QUALIFIED.fullmatch(text))}
    words |= {folded(text): Word("component", text, values) for text, values in grammar["components"].items()}
    words |= _abbreviations(meanings, names.ambiguous, words, grammar["listed_abbreviations"])
    words = {text: word for text, word in words.items() if len(text) >= SHORTEST_NAME or text in meanings}
    words = _undivided(words, frozenset(map(folded, names.own)))
    words |= _volumes(names.volumes, grammar["no_volume"], words)
    words |= {text: Word("setting", setting, {}) for setting, texts in grammar["settings"].items() for text in texts}
    words |= of_the_whole(grammar)
    reasons = {folded(text): code for text, code in names.reasons}
    modality = {code: kind for _, code, kind in names.drugs}
    marks_after = frozenset(grammar["letter_marks_after"])
    return Lexicon(words, meanings, _courses(grammar["courses"]), marks_after, longest_first(words), reasons, modality, one_block)


def of_the_whole(grammar: Mapping[str, Any]) -> dict[str, Word]:
    """What stands for a whole cell, or is said of all of it."""
    words = {text: Word("intent", intent, {}) for intent, texts in grammar["intents"].items() for text in texts}
    words |= {text: Word("not_given", text, said[1], of=said[0]) for text, said in _not_given(grammar).items()}
    return words | {text: Word("given_unknown", text, {}) for text in grammar["given_unknown"]}


def _not_given(grammar: Mapping[str, Any]) -> dict[str, tuple[str | None, dict[str, Value]]]:
    """By word for not given: the kind of treatment it names itself, and the columns it fills."""
    told = grammar["not_given"].items()
    return {text: (values.get("of"), {column: value for column, value in values.items() if column != "of"}) for text, values in told}


def _blocks(
    rows: Iterable[tuple[str, int, str, int | None]], paced: Mapping[str, str]
) -> tuple[dict[str, list[tuple[frozenset[str], int | None]]], dict[frozenset[str], str]]:
    """Drugs and pace of each block by regimen; and the first regimen of one block by its drugs (AC before ddAC)."""
    drugs: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    days: dict[tuple[str, int], int | None] = {}
    for regimen, block, drug, interval in rows:
        drugs[regimen][block].add(drug)
        days[regimen, block] = interval
    found = {code: [(frozenset(parts[no]), days[code, no]) for no in sorted(parts)] for code, parts in drugs.items()}
    single: dict[frozenset[str], str] = {}
    for code, parts in found.items():
        if len(parts) == 1 and len(parts[0][0]) > 1 and code not in paced:
            single.setdefault(parts[0][0], code)
    return found, single


def _regimens(
    names: Iterable[tuple[str, str]],
    drugs: Mapping[str, Word],
    blocks: Mapping[str, list[tuple[frozenset[str], int | None]]],
    paced: Mapping[str, str],
) -> dict[str, Word]:
    """Regimens by spelling: one of one block is a component, one of several a course where its first block is a regimen or a drug."""
    single = {parts[0][0]: code for code, parts in reversed(list(blocks.items())) if len(parts) == 1 and code not in paced}
    found = {}
    for text, code in names:
        spelling = folded(text)
        if not drugs.keys().isdisjoint(re.findall(r"[a-z0-9]+", spelling)):
            continue
        values: dict[str, Value] = {"modality_code": "chemotherapy", "regimen_code": paced.get(code, code)}
        if code in paced:
            values["interval_days"] = blocks[code][0][1] or 0
        parts = blocks.get(code, [])
        taken_apart = len(parts) > 1 and (len(parts[0][0]) == 1 or parts[0][0] in single)
        components = tuple(_components(parts, single, dense=code.startswith("dd"))) if taken_apart else ()
        found[spelling] = Word("course" if components else "regimen", code, values, components)
    return found


def _components(
    parts: Iterable[tuple[frozenset[str], int | None]], single: Mapping[frozenset[str], str], *, dense: bool
) -> Iterable[dict[str, Value]]:
    """The components of a course, each drug or regimen once; days between cycles only where the code says them (dd)."""
    met: set[str] = set()
    for drugs, days in parts:
        pace: dict[str, Value] = {"interval_days": days} if dense and days else {}
        names = [("regimen_code", single[drugs])] if len(drugs) > 1 and drugs in single else [("drug_code", drug) for drug in sorted(drugs)]
        for column, name in names:
            if name not in met:
                met.add(name)
                yield {column: name, **pace}


def _abbreviations(meanings: Iterable[str], ambiguous: Iterable[str], words: Mapping[str, Word], listed: Iterable[str]) -> dict[str, Word]:
    """What means several things. A project that maps one in its own vocabulary has settled it, unless the built-in lists have it too."""
    plain = {folded(text) for text in ambiguous}
    long = {text for text in plain if text.isalnum() and len(text) >= SHORTEST_NAME}
    return {code: Word("abbreviation", code, {}) for code in {*meanings, *long} if code not in words or code in listed}


def _undivided(words: Mapping[str, Word], own: frozenset[str]) -> dict[str, Word]:
    """The words without the courses that are made of other words and separators, for the grammar reads those block by block; not without
    the project's `own`."""
    plain = {text for text, word in words.items() if len(text) < SHORTEST_NAME or word.kind != "abbreviation"}
    courses = {text: PARTS.split(text) for text, word in words.items() if word.kind == "course" and text not in own}
    apart = {text for text, parts in courses.items() if len(parts) > 1 and plain >= set(parts)}
    return {text: word for text, word in words.items() if text not in apart}


def _volumes(names: Iterable[tuple[str, str]], but: Iterable[str], words: Mapping[str, Word]) -> dict[str, Word]:
    texts = {folded(text): code for text, code in names}
    return {
        text: Word("volume", text, {"volume_code": code})
        for text, code in texts.items()
        if text not in words and text not in set(but) and len(text) >= SHORTEST_NAME and not text[0].isdigit() and "(" not in text
    }


def _meanings(lines: Iterable[Mapping[str, Any]]) -> dict[str, tuple[Meaning, ...]]:
    found: dict[str, tuple[Meaning, ...]] = {}
    for line in lines:
        after, before, cycles, settings = (frozenset(line.get(part, ())) for part in ("after", "before", "cycles", "setting"))
        meaning = Meaning(
            tuple(line.get("drugs", ())), line.get("regimen"), after, before, cycles, settings, line.get("bracket"),
            line.get("slash", True), line.get("plus", True),
        )  # fmt: skip
        found[line["code"]] = (*found.get(line["code"], ()), meaning)
    return found


def course_of(text: str, regimen: str) -> Course:
    """A course that a contract names (`courses`): a pace fits only where the contract writes the same."""
    parts = blocks(text)
    return Course(parts, tuple(part.interval_days or NO_PACE for part in parts), regimen)


def _courses(lines: Iterable[Mapping[str, Any]]) -> tuple[Course, ...]:
    return tuple(
        Course(tuple(map(one_block, line["blocks"])), tuple(line["interval_days"]), line["regimen"], line.get("counts_optional", False))
        for line in lines
    )


def longest_first(words: Iterable[str]) -> str:
    """Alternatives of one regular expression; a name ends before a letter or digit, except the x of a count (ACx4);
    scripts without blanks write a number right behind it (胸壁50Gy, EC4コース), and a word behind their own (術前FEC). A number
    at its end is no part of it where it is the first of several doses (EC 90/600), or has its unit.
    """
    names = "|".join(re.escape(name) for name in sorted(words, key=lambda name: (-len(name), name)))
    counted = "|".join(word for word in declared()["cycles"] if UNSPACED.match(word))
    return rf"(?:{names})(?!(?<=\d)\s*(?:/\s*\d\d|mg))(?:(?![a-z0-9])|(?=x\s*\d)|(?<=[\u3040-\u9fff])(?=[a-z\d])|(?=\d+\s*(?:{counted})))"
