"""A treatment cell as tokens: names, counts, paces, doses, ends, separators and marks, in order."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from etl.normalise.treatment_text import declared, folded, unaccented
from etl.normalise.treatment_twice import said_once
from etl.normalise.treatment_words import Lexicon


class NotUnderstoodError(Exception):
    """The cell does not follow the grammar; the message is the reason and holds no text of the cell."""


@dataclass(frozen=True)
class Token:
    """One token; `text` is the name, the mark or the reason, `numbers` the numbers in order (None where a part is absent)."""

    kind: str
    text: str
    numbers: tuple[float | None, ...] = ()


NUMBER = r"\d+(?:\.\d+)?"
# doses of the drugs of a regimen (EC 90/600, FEC 500/100/500 mg/m2); a month and a year are none
DOSE = r"(?!(?:19|20)\d\d(?!\d))[1-9]\d{1,3}"
DOSES = (
    rf"(?P<doses_open>\(\s*)?{DOSE}(?:\s*/\s*{DOSE})+(?![\d.])(?:\s*(?:mg|мг)(?:/m2|/м2)?(?![a-z0-9]))?"
    r"(?!\s*(?:c?gy|#|/\s*\d))(?(doses_open)\s*\))"
)
# scripts without blanks write a number right behind a word (周疗12次)
WORD_END = r"(?:(?![a-z0-9])|(?<=[\u3040-\u9fff])(?=\d))"
SUP = r"<sup>\s*(?P<sup_text>[^<>]*?)\s*</sup>"
COUNTED = (
    "fields_n", "fractions_n", "plain_n", "wrapped_n", "slashed_n", "trail_n", "times_n", "star_n", "bracket_n", "number_n", "last_n",
    "times_in_n", "hash_n", "behind_n", "before_n",
)  # fmt: skip


def _ended(word: str) -> str:
    """A word of the grammar that is no part of a longer one; scripts without blanks write on right behind it."""
    last = word[-1]
    script = "a-z" if last.isascii() and last.isalpha() else "а-я" if "а" <= last <= "я" else "α-ω" if "α" <= last <= "ω" else ""
    return re.escape(word) + (f"(?![{script}])" if script else "")


def _one_of(words: Iterable[str]) -> str:
    """One of these words of the grammar, the longest first."""
    return f"(?:{'|'.join(_ended(word) for word in sorted(words, key=len, reverse=True))})"


@cache
def _cycles() -> str:
    """What is counted: cycles."""
    return f"(?:#|{_one_of(declared()['cycles'])})"


@cache
def _fractions() -> str:
    """Fractions in words."""
    return _one_of(declared()["fractions"])


@cache
def _then() -> str:
    """What follows another: signs, and words of which those for `after` (후, 後) say so only where something is named behind them."""
    words = _one_of(declared()["then"])
    return rf";|->|=>|→|>|(?:,\s*)?(?:{words}|{unaccented('(?:이)?후')}(?=\s)|後(?=\s*[a-z]))"


@cache
def _and_then() -> re.Pattern[str]:
    """The `and` before a word that says what follows (AC x4 and then T, y luego), which says no more than that word.

    One letter only before such a word of its language: `E then CMF` is epirubicin, and behind a number y is of years (5 y then).
    """
    y = r"(?:(?<!\d\s)|(?<=x\d\s)|(?<=x \d\s)|(?<=x\d\d\s))y\s+(?=(?:luego|despues|posteriormente)\b)"
    e = r"(?<=[a-z\d)]\s)e\s+(?=(?:poi|depois)\b)"
    return re.compile(rf"(?<=\s)(?:(?:and|et|und|en|og|och)\s+(?={_one_of(declared()['then'])})|{y}|{e})")


@cache
def _before_names() -> dict[str, str]:
    """Expressions by kind, tried in this order before names: the forms of the seed (x4; 50+10Gy; 3 fields) and those usual in exports."""
    grammar = declared()
    span = _one_of([*grammar["years"], *grammar["months"]])
    return {
        "portions": rf"(?P<wrapped>\(\s*)?(?:(?P<portions_n>\d+)\s*x\s*(?P<portion_gy>{NUMBER})\s*(?P<portion_centi>c?)gy\b"
        rf"|(?P<each_gy>{NUMBER})\s*(?P<each_centi>c?)gy\s*[x*]\s*(?P<each_n>\d+)(?![\d.])(?!\s*c?gy)"
        rf"(?:\s*(?:#|回|次|{_fractions()}))?)(?(wrapped)\s*\))",
        "schedule": rf"(?:{'|'.join(re.escape(one) for one in grammar['schedules'])})(?![\d.]|\s*(?:[x#*/+]|c?gy|{_fractions()}))",
        "dose": rf"(?P<dose_gy>{NUMBER})(?:\s*\+\s*(?P<boost_gy>{NUMBER}))?\s*(?P<centi>c?)gy\b",
        "duration": rf"(?:x\s*|{_one_of(grammar['during'])}\s+)?(?P<years>{NUMBER})\s*(?P<span>{span})",
        "strength_mg": rf"{NUMBER}\s*(?:mg|мг)(?:/m2|/м2|/kg|/кг|/сут|/die|/day|/d|/jour|/j|/tag|/dia)?(?![a-z0-9])",
        # T. Tamoxifen: the tablet, at the start of a cell only, for T is also a taxane
        "tablet": r"^t\.\s*(?=[a-z]{4})",
        "taxane_or_tablet": r"(?<![a-z0-9])t\.\s*(?=[a-z]{4})",
        "so_far": r"#\s*(?P<so_far_n>\d+)\s*/\s*(?P<so_far_of>\d+)(?![\d/.])",
        "part": rf"(?P<given_n>\d+)\s*(?:of|/)\s*(?P<planned_n>\d+)\s*{_cycles()}",
        # the e of Italian and Portuguese where it cannot be epirubicin: before a count or an operation of the axilla
        # y of Spanish between two words; at the end of a cell or alone it is a yes
        "and": r"e(?=\s+(?:\d+\s*(?:x|cicl)|dissezione|linf|bls\b|slnb\b|svuotamento|esvaziamento|biopsia))"
        r"|(?<=[a-z0-9)]\s)y(?=\s+[a-z0-9])",
        "fields": r"(?P<fields_n>\d+)[\s-]*fields?\b",
        "boost": _one_of(grammar["boost"]),
    }


@cache
def _after_names() -> dict[str, str]:
    """Expressions by kind, tried in this order after names."""
    cycles, fractions = _cycles(), _fractions()
    return {
        "dense": r"dd-?(?=[a-z])",
        "counts": r"\(?\s*(?P<first_n>\d+)\s*\+\s*(?P<second_n>\d+)\s*\)?(?!\s*c?gy|\d)",
        "weeks": rf"(?:/|\b(?:in|over|uber|en)\b)\s*\d+\s*{_one_of(declared()['weeks'])}",
        # 回 and 次 count fractions behind a stroke, and else what was read so far
        "fractions": rf"(?:/|\b(?:in|en|em|w|за)\b)\s*(?P<fractions_n>\d+)\s*(?:#|回|次|{fractions})|(?P<plain_n>\d+)\s*{fractions}"
        rf"|\(\s*(?P<wrapped_n>\d+)\s*{fractions}\s*\)|/\s*(?P<slashed_n>\d+)(?!\s*c?gy|\s*[x#.\da-z])",
        # EC 4x at the end of a part, before a comma or a plus: no name follows that it could count
        "count": rf"(?:(?P<trail_n>\d+)\s*x(?=\s*(?:$|[+,&]|{_then()}))|x\s*(?P<times_n>\d+)\s*{cycles}?|\*\s*(?P<star_n>\d+)\s*{cycles}?"
        r"|x\s*\(\s*(?P<times_in_n>\d+)\s*\)"
        rf"|\(\s*(?P<bracket_n>\d+)\s*{cycles}?\s*\)|№\s*(?P<number_n>\d+)|c1\s*-\s*c?(?P<last_n>\d+)(?!\d))",
        # such a count stands behind a name, before one, or says fractions: what was read so far decides
        "hash": rf"(?:(?:per|por|pour|fur|for)\s+)?(?P<hash_n>\d+)\s*{cycles}(?:\s+(?:of|de|di)(?![a-z]))?"
        r"|#\s*(?P<behind_n>\d+)(?!\s*[/.\d])",
        "count_before": r"(?P<before_n>\d+)\s*x?\s*(?=[a-zа-яα-ω])",
    }


@cache
def _separators() -> dict[str, str]:
    # w/ before a blank: w/d is withdrawn, w/h withheld
    return {"then": _then(), "with": rf"[+,&、]|w/(?=\s)|{_one_of(declared()['with'])}", "joined": r"[/-]"}


def _either(texts: Iterable[object]) -> str:
    """Alternatives of one expression, the longest first; whole words."""
    ordered = sorted((str(text) for text in texts), key=lambda text: (-len(text), text))
    return "(?:" + "|".join(re.escape(text) for text in ordered) + rf"){WORD_END}"


@cache
def _words() -> dict[str, str]:
    """Expressions of the words of the grammar that stand beside names; brackets around them say nothing."""
    grammar = declared()
    reason = r"(?:\s*(?:due to|because of|wegens|wegen|por|pour|per|p\.?g\.?a\.?|:)\s*(?P<why>[^();]+?))?"
    after = r"(?:\s*(?:after|at)\s*(?:c|cycle)?\s*(?P<after_n>\d+)(?:st|nd|rd|th)?\s*(?:cycles?|#)?(?![a-z0-9]))?"
    beside = r"(?:rt(?=\.?\s+[a-z])|"  # the right side before a word; elsewhere it may be radiotherapy
    beside += _either([*grammar["beside_operations"], *grammar["beside_volumes"]]) + ")"
    end = r"(?=\s*(?:$|;|->|→))|(?=\s)(?!\s*(?:due|because|after|at|wegens|wegen|por|pour|per)\b)"
    return {
        "stopped": rf"\(?\s*{_either(grammar['stopped_early'])}{after}{reason}(?:\s*\)|{end})",
        # a complete local excision is an operation
        "completed": rf"\(?\s*{_either(grammar['completed'])}(?!\s+local\b)\s*\)?",
        "ongoing": rf"\(?\s*{_either(grammar['ongoing'])}\s*\)?",
        "pace_behind": rf"\(?\s*(?P<behind>{_either(grammar['pace']['behind'])})\s*\)?",
        "pace_either": rf"(?P<bracket_open>\(?)\s*(?P<either>{_either(grammar['pace']['either'])})\s*\)?",
        "strength": rf"{DOSES}|-?{_either(grammar['strengths'])}(?:/\d{{2,4}})*(?!\s*c?gy|\s*[#\d.+]|\s*(?:cycles|f))",
        "read_over": _either(grammar["read_over"]),
        "says_nothing": _either([*grammar["says_nothing"], *grammar["total_dose"]]) + r"\.?",
        "beside_volume": _either(grammar["beside_volumes"]),
        # MRM - Left; LUMPECTOMY, RIGHT
        "beside_operation": rf"(?:[-,]\s*(?={beside}\s*$))?(?:\(\s*{beside}\s*\)|{beside})",
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
    parts = {"sup": SUP, "symbol": marks, **_before_names(), **ends, "bracket": bracket, "name": names, **paces, **behind, **_after_names()}
    parts |= {**_separators(), "letter": r"(?<=\s)[a-z](?=\s|$)"}
    return re.compile("|".join(f"(?P<{kind}>{expression})" for kind, expression in parts.items())), tuple(parts)


def tokens(cell: str, lexicon: Lexicon, marks: Collection[str]) -> tuple[Token, ...]:
    """The tokens of one cell in order. `marks` are the marks the contract names.

    Raises NotUnderstoodError where a stretch of the cell is no token or a mark is not in the contract.
    """
    symbols = tuple(sorted((mark for mark in marks if not mark.isalnum()), key=lambda mark: (-len(mark), mark)))
    text = _and_then().sub("", said_once(_unlabelled(folded(cell), lexicon), lexicon))
    return _of_one_total(tuple(_scanned(text, *_pattern(lexicon.names, symbols), lexicon, marks)))


def _of_one_total(found: tuple[Token, ...]) -> tuple[Token, ...]:
    """Of several doses one that is called the total may be the sum of the others (50 Gy, GD 60 Gy), and no second radiation."""
    doses = [token.kind for token in found if token.kind in {"dose", "portions", "schedule"}]
    is_total = any(token.kind == "says_nothing" and token.text.rstrip(".") in declared()["total_dose"] for token in found)
    if is_total and "dose" in doses[1:]:
        raise NotUnderstoodError("a total beside another dose")
    return found


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


# Kinds whose numbers stand in them as often as there are, each of this form.
WRITTEN = {"schedule": NUMBER, "strength": r"\d{2,4}"}


def _numbers(kind: str, match: re.Match[str]) -> tuple[float | None, ...]:
    """The numbers of one token, in the order of its groups."""
    if kind == "dose":
        unit = 100 if match["centi"] else 1
        return tuple(None if part is None else float(part) / unit for part in (match["dose_gy"], match["boost_gy"]))
    if kind == "portions":
        number, gray = match["portions_n"] or match["each_n"], match["portion_gy"] or match["each_gy"]
        return float(number), float(gray) / (100 if match["portion_centi"] or match["each_centi"] else 1)
    if kind == "duration":
        return (float(match["years"]) / (12 if match["span"] in declared()["months"] else 1),)
    if kind in {"pace_behind", "pace_either"}:
        pace = declared()["pace"]
        return (float((pace["behind"] | pace["either"])[match["behind"] or match["either"]]),)
    if kind in WRITTEN:
        return tuple(float(number) for number in re.findall(WRITTEN[kind], match[0]))
    groups = {
        "part": ("given_n", "planned_n"),
        "so_far": ("so_far_n", "so_far_of"),
        "counts": ("first_n", "second_n"),
        "stopped": ("after_n",),
    }
    named = groups.get(kind, COUNTED if kind in {"fields", *_after_names()} else ())
    return tuple(float(match[name]) for name in named if match[name] is not None)
