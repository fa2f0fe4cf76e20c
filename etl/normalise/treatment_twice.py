"""A regimen said twice in a treatment cell, by its name and by its drugs: `Docetaxel, Doxorubicin, Cyclophosphamide (TAC)`."""

from __future__ import annotations

import re

from etl.normalise.treatment_words import Lexicon

BRACKET = re.compile(r"\s*\(\s*([^()]*?)\s*\)")
IN_THE_LIST = re.compile(r"(?:[,+/&]|(?<![a-z])(?:and|und|et|en|y|e))\s*$")
BETWEEN = r"\s*(?:[,+/&]|(?<![a-z])(?:and|und|et|en|y|e)(?![a-z]))\s*(?:and(?![a-z])\s*)?"

THEN = rf"{BETWEEN}|\s*(?:;|->|→|,?\s*(?<![a-z])(?:followed by|then)(?![a-z]))\s*"
ABBREVIATED = re.compile(r"(?<![a-z0-9])(?:(?:dd-?)?(?P<first>[a-z]{2,3})-)?(?P<last>[a-z]{1,4})$")


def said_once(text: str, lexicon: Lexicon) -> str:
    """The folded text with the name alone, where the drugs beside it are all that the regimen of that name has, and no others."""
    found = BRACKET.search(text)
    while found is not None:
        before, inside, behind = text[: found.start()], found[1], text[found.end() :]
        once = _named_behind(before, inside, lexicon) or _named_before(before, inside, lexicon) or _spelt_out(before, inside, lexicon)
        text, place = (once + behind, len(once)) if once is not None else (text, found.end())
        found = BRACKET.search(text, place)
    return text


def _named_behind(before: str, name: str, lexicon: Lexicon) -> str | None:
    """What stands before a bracket with the name of a regimen, with that name for the drugs that it ends with."""
    drugs = _of_regimen(name, lexicon)
    if not drugs:
        return None
    listed = re.search(rf"(?:^|(?<=[\s,;:+/])){lexicon.names}(?:{BETWEEN}{lexicon.names}){{{len(drugs) - 1}}}$", before)
    if listed is None or _drugs(listed[0], lexicon) != drugs:
        return None
    head = before[: listed.start()]
    return None if IN_THE_LIST.search(head) else head + name  # docetaxel, doxorubicin, cyclophosphamide (AC) is not AC


def _named_before(before: str, inside: str, lexicon: Lexicon) -> str | None:
    """What stands before a bracket with drugs, where it ends with the name of the regimen of just these."""
    named = re.search(rf"(?<![a-z0-9]){lexicon.names}$", before)
    drugs = _of_regimen(named[0], lexicon) if named is not None else None
    return before if drugs and _drugs(inside, lexicon) == drugs else None


def _spelt_out(before: str, inside: str, lexicon: Lexicon) -> str | None:
    """An abbreviation with all its drugs in brackets (`AC-T (doxorubicin, cyclophosphamide, docetaxel)`, `TCH (docetaxel, carboplatin,
    trastuzumab)`) as that with the one drug that tells what it is; null where the drugs are those of none of its meanings."""
    drugs, found = _drugs(inside, lexicon, THEN), ABBREVIATED.search(before)
    if not drugs or found is None:
        return None
    first = _of_regimen(found["first"], lexicon) if found["first"] else frozenset[str]()
    for meaning in lexicon.meanings.get(found["last"], ()):
        of_it = frozenset(meaning.drugs) | lexicon.all_drugs_of.get(meaning.regimen or "", frozenset())
        if meaning.bracket is not None and first is not None and first | of_it == drugs:
            return f"{before} ({meaning.bracket})"
    return None


def _of_regimen(name: str, lexicon: Lexicon) -> frozenset[str] | None:
    word = lexicon.words.get(name)
    return None if word is None else lexicon.drugs_of.get(str(word.values.get("regimen_code")))


def _drugs(text: str, lexicon: Lexicon, between: str = BETWEEN) -> frozenset[str] | None:
    """The drugs of a list; null where something else stands in it."""
    words = [lexicon.words.get(part) for part in re.split(between, text)]
    codes = [str(word.values["drug_code"]) for word in words if word is not None and "drug_code" in word.values]
    return frozenset(codes) if len(codes) == len(words) and len(set(codes)) == len(codes) else None
