"""A treatment cell as tokens: names, counts, paces, doses, ends, separators and marks, in order."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from etl.normalise.treatment_words import Lexicon, declared, folded, unaccented


class NotUnderstoodError(Exception):
    """The cell does not follow the grammar; the message is the reason and holds no text of the cell."""


@dataclass(frozen=True)
class Token:
    """One token; `text` is the name, the mark or the reason, `numbers` the numbers in order (None where a part is absent)."""

    kind: str
    text: str
    numbers: tuple[float | None, ...] = ()


NUMBER = r"\d+(?:\.\d+)?"
# scripts without blanks write a number right behind a word (周疗12次)
WORD_END = r"(?:(?![a-z0-9])|(?<=[\u3040-\u9fff])(?=\d))"
# unaccented: the cells they are compared with have their Korean syllables taken apart
CYCLES = unaccented(
    r"(?:#|serier?(?![a-z])|курс(?:ов|а)?(?![а-я])|цикл(?:ов|а)?(?![а-я])|κυκλ(?:οι|ους|ων)|회|차|zykl(?:en|us)(?![a-z])|ciclos?(?![a-z])|cicli(?![a-z])|cures?(?![a-z])|ku(?:ren|rer|ur)(?![a-z])"
    r"|cyk(?:ler|el|li|le|ly|l|lu)(?![a-z])|kurs(?:ow|y|u)?(?![a-z])|kur(?![a-z])|コース|クール|サイクル|回|次|个?周期|cycles?(?![a-z])|cyc?(?![a-z]))"
)
IN_WORDS = (
    r"(?:fraktion(?:en|er)?|фракци(?:и|я)|фр(?![а-я])|seances?|sesiones|fracciones|sedute|frazioni|fracties|frakc(?:jach|ji|je)"
    r"|fractions?|frs?|fx|f)(?![a-z])"
)
# a count of doses or of fractions: what was read so far decides
FRACTIONS = rf"(?:#|回|次|{IN_WORDS})"
THEN = unaccented(
    r";|->|=>|→|>|(?:,\s*)?(?:(?:then )?(?:switched|changed) to\b|then\b|followed by\b|f/b(?![a-z])"
    r"|gevolgd door\b|daarna\b|vervolgens\b|sedan\b|darefter\b|foljt av\b|depois\b"
    r"|dann\b|danach\b|gefolgt von\b|anschliessend\b|puis\b|suivi de\b|luego\b|seguit[oaie] da\b|seguid[oa]s? (?:de|por)\b"
    r"|suivies? (?:de|par)\b|poi\b|ensuite\b"
    r"|pote\b|nasledne\b|nasledovane\b|deretter\b|derefter\b|efterfulgt af\b|etterfulgt av\b|затем\b|далее\b|후(?=\s)|이후(?=\s)"
    r"|a nastepnie\b|nastepnie\b|sonrasi\b|sonra\b|sonrası\b|ardindan\b|ardından\b|序贯|続いて|后?改(?:为|用|服)?|後(?=\s*[a-z]))"
)
# In this order at each place. Forms other than the seed's (x4; 50+10Gy; 3 fields) are usual in hospital exports.
BEFORE_NAMES = {
    "portions": rf"(?P<wrapped>\(\s*)?(?:(?P<portions_n>\d+)\s*x\s*(?P<portion_gy>{NUMBER})\s*(?P<portion_centi>c?)gy\b"
    rf"|(?P<each_gy>{NUMBER})\s*(?P<each_centi>c?)gy\s*[x*]\s*(?P<each_n>\d+)(?![\d.])(?!\s*c?gy)(?:\s*{FRACTIONS})?)(?(wrapped)\s*\))",
    "dose": rf"(?P<dose_gy>{NUMBER})(?:\s*\+\s*(?P<boost_gy>{NUMBER}))?\s*(?P<centi>c?)gy\b",
    "duration": rf"(?:x\s*|(?:for|fur|pendant|por|durante|per|gedurende|i|przez|για|в течение)\s+)?(?P<years>{NUMBER})\s*"
    r"(?P<span>years?|yrs?|yil|yıl|年间|年間|年|y|jahren?|jahre|jahr|ans?|anos?|anni|anno|jaar|lata?|lat|ar|года?|лет|ετη|χρονια|months?|mths?|monaten?|monate?|mois|meses|mesi|mese|maanden)(?![a-z])",
    "strength_mg": rf"{NUMBER}\s*(?:mg|мг)(?:/m2|/м2|/kg|/кг|/сут|/die|/day|/d|/jour|/j|/tag|/dia)?(?![a-z0-9])",
    "part": rf"(?P<given_n>\d+)\s*(?:of|/)\s*(?P<planned_n>\d+)\s*{CYCLES}",
    # the e of Italian and Portuguese where it cannot be epirubicin: before a count or an operation of the axilla
    "and": r"e(?=\s+(?:\d+\s*(?:x|cicl)|dissezione|linf|bls\b|slnb\b|svuotamento|esvaziamento|biopsia))",
    "fields": r"(?P<fields_n>\d+)[\s-]*fields?\b",
    "boost": r"(?:boost|sobreimpresion|surimpression|complement|sovradosaggio|sovraimpressione|ブースト|(?:瘤床)?加量)(?![a-z])",
}
AFTER_NAMES = {
    "dense": r"dd-?(?=[a-z])",
    "counts": r"\(?\s*(?P<first_n>\d+)\s*\+\s*(?P<second_n>\d+)\s*\)?(?!\s*c?gy|\d)",
    "weeks": r"(?:/|\b(?:in|over|uber|en)\b)\s*\d+\s*(?:weeks?|wks?|wochen|semaines|semanas|settimane|weken)(?![a-z])",
    "fractions": rf"(?:/|\b(?:in|en|em|w|за)\b)\s*(?P<fractions_n>\d+)\s*{FRACTIONS}|(?P<plain_n>\d+)\s*{IN_WORDS}"
    rf"|\(\s*(?P<wrapped_n>\d+)\s*{IN_WORDS}\s*\)"
    r"|/\s*(?P<slashed_n>\d+)(?!\s*c?gy|\s*[x#.\da-z])",
    # EC 4x at the end of a part, before a comma or a plus: no name follows that it could count
    "count": rf"(?:(?P<trail_n>\d+)\s*x(?=\s*(?:$|[+,&]|{THEN}))"
    rf"|x\s*(?P<times_n>\d+)\s*{CYCLES}?|\*\s*(?P<star_n>\d+)\s*{CYCLES}?|\(\s*(?P<bracket_n>\d+)\s*{CYCLES}?\s*\)|№\s*(?P<number_n>\d+)|c1\s*-\s*c?(?P<last_n>\d+)(?!\d))",
    # such a count stands behind a name, before one, or says fractions: what was read so far decides
    "hash": rf"(?:(?:per|por|pour|fur|for)\s+)?(?P<hash_n>\d+)\s*{CYCLES}(?:\s+(?:of|de|di)(?![a-z]))?",
    "count_before": r"(?P<before_n>\d+)\s*x?\s*(?=[a-zа-яα-ω])",
}
SEPARATORS = {
    "then": THEN,
    "with": r"[+,&、]|und\b|mit\b|et\b|avec\b|con\b|and\b|with\b|met\b|med\b|og\b|och\b|ve\b|с\b|и\b|και\b",
    "joined": r"[/-]",
}
SUP = r"<sup>\s*(?P<sup_text>[^<>]*?)\s*</sup>"
COUNTED = (
    "fields_n",
    "fractions_n",
    "plain_n",
    "wrapped_n",
    "slashed_n",
    "trail_n",
    "times_n",
    "star_n",
    "bracket_n",
    "number_n",
    "last_n",
    "hash_n",
    "before_n",
)


def _either(texts: Iterable[object]) -> str:
    """Alternatives of one expression, the longest first; whole words."""
    ordered = sorted((str(text) for text in texts), key=lambda text: (-len(text), text))
    return "(?:" + "|".join(re.escape(text) for text in ordered) + rf"){WORD_END}"


@lru_cache(maxsize=1)
def _words() -> dict[str, str]:
    """Expressions of the words of the grammar that stand beside names; brackets around them say nothing."""
    grammar = declared()
    reason = r"(?:\s*(?:due to|because of|wegens|wegen|por|pour|per|p\.?g\.?a\.?|:)\s*(?P<why>[^();]+?))?"
    after = r"(?:\s*(?:after|at)\s*(?:c|cycle)?\s*(?P<after_n>\d+)(?:st|nd|rd|th)?\s*(?:cycles?|#)?(?![a-z0-9]))?"
    beside = r"(?:rt(?=\s+[a-z])|"  # the right side before a word; elsewhere it may be radiotherapy
    beside += _either([*grammar["beside_operations"], *grammar["beside_volumes"]]) + ")"
    end = r"(?=\s*(?:$|;|->|→))|(?=\s)(?!\s*(?:due|because|after|at|wegens|wegen|por|pour|per)\b)"
    return {
        "stopped": rf"\(?\s*{_either(grammar['stopped_early'])}{after}{reason}(?:\s*\)|{end})",
        "completed": rf"\(?\s*{_either(grammar['completed'])}\s*\)?",
        "ongoing": rf"\(?\s*{_either(grammar['ongoing'])}\s*\)?",
        "pace_behind": rf"\(?\s*(?P<behind>{_either(grammar['pace']['behind'])})\s*\)?",
        "pace_either": rf"(?P<bracket_open>\(?)\s*(?P<either>{_either(grammar['pace']['either'])})\s*\)?",
        "strength": rf"-?{_either(grammar['strengths'])}(?:/\d{{2,4}})*(?!\s*c?gy|\s*[#\d.+]|\s*(?:cycles|f))",
        "read_over": _either(grammar["read_over"]),
        "says_nothing": _either(grammar["says_nothing"]) + r"\.?",
        "beside_volume": _either(grammar["beside_volumes"]),
        "beside_operation": rf"\(\s*{beside}\s*\)|{beside}",
    }


@lru_cache(maxsize=32)
def _pattern(names: str, symbols: tuple[str, ...]) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """One expression for all tokens, and the kinds: groups of which one says what matched."""
    marks = "|".join(re.escape(mark) for mark in symbols) or r"(?!)"
    words = _words()
    behind = {kind: words[kind] for kind in ("says_nothing", "read_over", "beside_volume", "beside_operation", "strength")}
    ends = {kind: words[kind] for kind in ("stopped", "completed", "ongoing")}  # d/c is no D
    paces = {kind: words[kind] for kind in ("pace_behind", "pace_either")}
    bracket = rf"\(\s*(?P<bracket_name>{names})\s*\)"
    parts = {"sup": SUP, "symbol": marks, **BEFORE_NAMES, **ends, "bracket": bracket, "name": names, **paces, **behind, **AFTER_NAMES}
    parts |= {**SEPARATORS, "letter": r"(?<=\s)[a-z](?=\s|$)"}
    return re.compile("|".join(f"(?P<{kind}>{expression})" for kind, expression in parts.items())), tuple(parts)


def tokens(cell: str, lexicon: Lexicon, marks: Collection[str]) -> tuple[Token, ...]:
    """The tokens of one cell in order. `marks` are the marks the contract names.

    Raises NotUnderstoodError where a stretch of the cell is no token or a mark is not in the contract.
    """
    symbols = tuple(sorted((mark for mark in marks if not mark.isalnum()), key=lambda mark: (-len(mark), mark)))
    return tuple(_scanned(_unlabelled(folded(cell), lexicon), *_pattern(lexicon.names, symbols), lexicon, marks))


# A code of OPCS-4 or OPS and its label (B27.4 - Total mastectomy NEC).
LABELLED = re.compile(r"([a-z]\d\d\.?\d|5-\d{3}\.[0-9a-z]{1,2})\s*[-:=]?\s+([a-z][^\d+,;&/]*)")


def _unlabelled(text: str, lexicon: Lexicon) -> str:
    """A code of an operation without its label, which may name no other operation (it would be lost, or counted twice)."""
    found = LABELLED.fullmatch(text) if lexicon.organ else None
    if found is None or found[1] not in lexicon.words:
        return text
    named = [lexicon.words[word].values for word in re.findall(rf"(?<![a-z0-9]){lexicon.names}", found[2])]
    codes = {values["procedure_code"] for values in named if "procedure_code" in values}
    if codes - {lexicon.words[found[1]].values["procedure_code"]}:
        raise NotUnderstoodError("a code whose label names another operation")
    return found[1]


def _scanned(text: str, pattern: re.Pattern[str], kinds: tuple[str, ...], lexicon: Lexicon, marks: Collection[str]) -> Iterator[Token]:
    place, before = 0, ""
    while place < len(text):
        if text[place] in " :" or text.startswith(". ", place) or text[place:] == ".":  # NACT: AC x4. Stopped
            place += 1
            continue
        match = pattern.match(text, place)
        if match is None or match.end() == place:
            raise NotUnderstoodError("unknown word")
        kind = next(k for k in kinds if match[k] is not None)
        token = _token(kind, match, before, lexicon, marks)
        yield token
        place, before = match.end(), token.text if token.kind == "name" else ""


def _token(kind: str, match: re.Match[str], before: str, lexicon: Lexicon, marks: Collection[str]) -> Token:
    if kind == "sup":
        return _mark(match["sup_text"], marks)
    if kind == "symbol":
        return Token("mark", match[0])
    if before in lexicon.letter_marks_after and len(match[0]) == 1 and match[0].isalpha():
        return _mark(match[0], marks)
    if kind == "letter":
        raise NotUnderstoodError("unknown word")
    texts = {"bracket": "bracket_name", "stopped": "why"}
    kind = "pace_behind" if match["bracket_open"] else "with" if kind == "and" else kind  # (weekly) is of what stands before it
    return Token(kind, (match[texts[kind]] or "") if kind in texts else match[0], _numbers(kind, match))


def _mark(text: str, marks: Collection[str]) -> Token:
    if text not in marks:
        raise NotUnderstoodError("mark not in the contract")
    return Token("mark", text)


def _numbers(kind: str, match: re.Match[str]) -> tuple[float | None, ...]:
    """The numbers of one token, in the order of its groups."""
    if kind == "dose":
        unit = 100 if match["centi"] else 1
        return tuple(None if part is None else float(part) / unit for part in (match["dose_gy"], match["boost_gy"]))
    if kind == "portions":
        number, gray = match["portions_n"] or match["each_n"], match["portion_gy"] or match["each_gy"]
        return float(number), float(gray) / (100 if match["portion_centi"] or match["each_centi"] else 1)
    if kind == "duration":
        return (float(match["years"]) / (12 if match["span"].startswith("m") else 1),)
    if kind in {"pace_behind", "pace_either"}:
        pace = declared()["pace"]
        return (float((pace["behind"] | pace["either"])[match["behind"] or match["either"]]),)
    groups = {"part": ("given_n", "planned_n"), "counts": ("first_n", "second_n"), "stopped": ("after_n",)}
    named = groups.get(kind, COUNTED if kind in {"fields", *AFTER_NAMES} else ())
    return tuple(float(match[name]) for name in named if match[name] is not None)
