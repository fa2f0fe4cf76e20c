"""The parts of a longer text: those about something else (another disease, another person, what is only planned) are set aside.

`Stage IIA; lymphoedema left arm` is a stage and a complaint. A part is set aside only where every word of it is known
(clause_words.csv) and a word says what it is about (clause_rules.csv); a part with an unknown word stays and is read with its doubts.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from schemas.vocabularies.clause_rules import STRANGER, Rule, contains_any, known_beside, known_words, rule_of, together
from schemas.vocabularies.spelling import fold, words

_CUT = "\x1f"
# behind a separator or a line, before a bracket or a but; a comma between digits and a point behind a short word separate nothing
_ENDS = (
    (r"([;)\]]|,\s|\p{L}{5,}\.\s|\d\.\s+\p{L}{3}|[\r\n]+)", f"${{1}}{_CUT}"),
    (r"([^\d\s]),([^\d\s])", f"${{1}},{_CUT}${{2}}"),
    (r"([(\[]|\s(?i:but|aber|mais|pero|maar)\s)", f"{_CUT}${{1}}"),
)
# nothing is cut out of a text that has none of these
_MAY_END = r"(?i)[;,.()\[\]\r\n]|\s(?:but|aber|mais|pero|maar)\s"
_STRONG = r"[;.\r\n]\s*$"
# what a part with one of these says may go on in the next one: no bone mets, liver mets
_GOES_ON = ("denial", "doubt", "plan", "later", "refusal", "person")
_TO_THE_END = ("plan", "later")  # plan: chemo; RT
ASIDE = {"row": pl.UInt32, "kept": pl.String, "aside": pl.String, "is_another": pl.Boolean}


def apart(raw: pl.Series, domain: str, named: Iterable[str] = ()) -> pl.DataFrame:
    """ASIDE of the texts that have parts set aside, or that are about something else as a whole (`is_another`); others have no row.

    `row` is the place in `raw`; `kept` what is left to read, `aside` the parts set aside. `named`: folded words of class `named`.
    """
    rule = rule_of(domain, tuple(named))
    if rule is None:
        return pl.DataFrame(schema=ASIDE)
    texts = pl.DataFrame({"raw": raw}).with_row_index("row").with_columns(words=words(fold(pl.col("raw"))))
    told = {name for part in rule.aside for name in part} | {*rule.listed("spoils")}
    texts = texts.filter(rule.any_of(told).fill_null(value=False))
    if texts.is_empty():
        return pl.DataFrame(schema=ASIDE)
    found = texts.join(_parted(texts, rule, known_words(tuple(named))), on="row", how="left", maintain_order="left")
    found = found.with_columns(words=words(fold(pl.col("kept"))))
    saved = pl.col("words").str.contains(rule.row["saves"]) if rule.row["saves"] else pl.lit(value=False)
    spoils = rule.listed("spoils")
    spoilt = (rule.any_of(spoils) & ~saved) | rule.any_of({*spoils} & {STRANGER})
    is_another = pl.col("is_all") | spoilt | _too_little(rule)
    changed = found.select("row", "kept", "aside", is_another=is_another.fill_null(value=False))
    return changed.filter(pl.col("is_another") | (pl.col("aside") != ""))


def lacks(texts: pl.Series, domain: str) -> pl.Series:
    """Whether each folded text lacks what `needs` says that it must have."""
    rule = rule_of(domain)
    if rule is None or not rule.row["needs"]:
        return pl.repeat(False, len(texts), dtype=pl.Boolean, eager=True)
    return ~texts.str.contains(rule.row["needs"]).fill_null(value=True)


def is_strict(domain: str) -> bool:
    """Whether nothing is read from a text of the domain that has a word which no list knows."""
    rule = rule_of(domain)
    return rule is not None and bool(rule.row["strict"])


def reads_beside_parts(domain: str) -> bool:
    """Whether a word that no list knows is let through in a part of the text that does not name the value: `stage IIA, quux`."""
    rule = rule_of(domain)
    return rule is not None and bool(rule.row["own_part"])


def may_have_parts(raw: pl.Series) -> pl.Series:
    """Whether each text has a sign or a word that may end a part; the others are one part each."""
    return raw.str.contains(_MAY_END).fill_null(value=False)


def parts(raw: pl.Series) -> pl.DataFrame:
    """One row per part of each text: `row`, its place in `raw`, and the `part`."""
    return _parts(raw.to_frame("raw").with_row_index("row"))


def _parts(texts: pl.DataFrame) -> pl.DataFrame:
    return texts.select("row", part=_cut(pl.col("raw")).str.split(_CUT)).explode("part", empty_as_null=False)


def unlisted(rest: pl.Series, domain: str, plain: frozenset[str] = frozenset()) -> pl.Series:
    """The words that no list knows among those left beside the spellings, or the categories: `boss` of boss died; empty where none is.

    `plain`: folded words of the project's own that say nothing beside a value of the domain.
    """
    left = _without(_unlisted(rest, domain), plain)
    places = left.str.contains("[aou]e").arg_true()  # äußerlich without its dots: aeusserlich
    without = _without(_unlisted(left.gather(places).str.replace_all("([aou])e", "$1"), domain), plain)
    return left.scatter(places.filter(without == ""), "") if len(places) else left


def _unlisted(rest: pl.Series, domain: str) -> pl.Series:
    rule = rule_of(domain)
    said = pl.col("words").str.replace_all("ß", "ss", literal=True).str.replace_all(r"\s+", " ")
    if rule is not None and rule.row["strict"]:
        said = said.str.replace_all(rule.row["strict"], " ")
    for pattern in known_beside(domain):
        said = said.str.replace_all(pattern, "")
    left = said.str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars().fill_null("")
    return rest.alias("words").to_frame().select(left).to_series()


def _without(left: pl.Series, plain: frozenset[str]) -> pl.Series:
    """Each text of words without those that are `plain`: compared as whole words, for a pattern of ten thousand would be slow."""
    places = (left != "").arg_true()
    if not plain or places.is_empty():
        return left
    each = left.gather(places).alias("word").to_frame().with_row_index("row")
    each = each.with_columns(pl.col("word").str.split(" ")).explode("word", empty_as_null=False)
    is_own = each["word"].is_in(pl.Series(sorted(plain)).implode())
    kept = each.filter(~is_own).group_by("row", maintain_order=True).agg(pl.col("word").str.join(" "))
    without = pl.repeat("", len(places), dtype=pl.String, eager=True).scatter(kept["row"], kept["word"])
    return left.clone().scatter(places, without)  # scatter writes into its own


def mentions(raw: pl.Series, name: str) -> pl.Series:
    """Whether each text has a word of one class."""
    return say(as_words(raw), (name,))


def as_words(raw: pl.Series) -> pl.Series:
    """Each text as `say` reads it: its folded words."""
    return raw.alias("raw").to_frame().select(words(fold(pl.col("raw")))).to_series().alias("words")


def say(texts: pl.Series, classes: Iterable[str]) -> pl.Series:
    """Whether each text of words has a word of one of some classes."""
    has = pl.any_horizontal(*(contains_any(pl.col("words"), together((name,))) for name in classes))
    return texts.alias("words").to_frame().select(has.fill_null(value=False)).to_series()


def _about(rule: Rule) -> pl.Expr:
    """Whether a part has words of all the classes that one entry of `aside` names together."""
    single = rule.any_of(part[0] for part in rule.aside if len(part) == 1)
    firsts = sorted({part[0] for part in rule.aside if len(part) > 1})
    both = (rule.any_of([first]) & rule.any_of(part[1] for part in rule.aside if part[0] == first and len(part) > 1) for first in firsts)
    return pl.any_horizontal(single, *both)


def _parted(texts: pl.DataFrame, rule: Rule, known: tuple[str, ...]) -> pl.DataFrame:
    """One row per text: `kept`, `aside`, whether all parts are set aside, whether the first one is."""
    parts = _parts(texts).with_columns(words=words(fold(pl.col("part"))))
    is_blank = ~pl.col("words").str.contains(r"\S")
    parts = parts.with_columns(is_blank=is_blank, is_aside=_about(rule) & ~rule.any_of(rule.listed("never")))
    plain = parts.filter("is_aside").unique("words").select("words", is_known=~_unknown(pl.col("words"), known))
    parts = parts.join(plain, on="words", how="left", maintain_order="left")
    parts = parts.with_columns(is_aside=pl.col("is_aside") & ~pl.col("is_blank") & pl.col("is_known").fill_null(value=False))
    behind = (~pl.col("is_aside") & ~pl.col("is_blank")).cast(pl.Int32).cum_sum(reverse=True).over("row") > 0
    goes_on = (rule.any_of(_GOES_ON) & ~pl.col("part").str.contains(_STRONG)) | rule.any_of(_TO_THE_END)
    parts = parts.with_columns(is_aside=pl.col("is_aside") & ~(behind & goes_on))
    kept, aside = pl.col("part").filter(~pl.col("is_aside")), pl.col("part").filter("is_aside")
    return parts.group_by("row", maintain_order=True).agg(
        kept=kept.str.join("").str.strip_chars(" \t\r\n,;"),
        aside=aside.str.strip_chars().str.join(" "),
        is_all=(pl.col("is_aside") | pl.col("is_blank")).all(),
        is_first=pl.col("is_aside").first(),
    )


def _too_little(rule: Rule) -> pl.Expr:
    """Whether what is kept could as well belong to what was set aside: `grade 2, arthralgia`; `bone mets, T4`."""
    if not rule.row["bare"]:
        return pl.lit(value=False)
    beside = contains_any(words(fold(pl.col("aside"))), together(tuple(rule.listed("bare_with"))))
    bare = pl.col("words").str.strip_chars().str.contains(rule.row["bare"])
    return bare & (pl.col("is_first") | beside)


def _cut(raw: pl.Expr) -> pl.Expr:
    for pattern, cut in _ENDS:
        raw = raw.str.replace_all(pattern, cut)
    return raw


def _unknown(said: pl.Expr, known: tuple[str, ...]) -> pl.Expr:
    """Whether a text of words has one that is not known."""
    for pattern in known:
        said = said.str.replace_all(pattern, "")
    return said.str.contains(r"[\p{L}\p{N}]")
