"""Looking raw texts up in what a domain knows: as a whole, or as the one code named inside a longer text.

Both take `asked` (raw, context) and the two look-ups of a domain (by text as listed, and by text after the retry rules),
and return `asked` in its order with code and how; how is null where nothing fits.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from schemas.facts import Row
from schemas.vocabularies import clauses, labelled_codes
from schemas.vocabularies.spelling import fold, latin, rewrite, rules, words

REJECTED = ("ambiguous_spelling", "needs_context", "unknown_spelling")
# Shorter ones are words of the language, numbers or initials of something else inside a text (RT, 2 cm, L1): whole cells only.
_LONG_ENOUGH = r"^ (?:.*\p{L}{2}.*) $"
_LEAST_LENGTH = 3


@dataclass(frozen=True)
class Meanings:
    """A look-up: `rows` (code_list.MEANINGS) of one domain, one per text and context. What is taken of them is kept: every column of
    every file asks the same again."""

    rows: pl.DataFrame

    @cached_property
    def alone(self) -> pl.DataFrame:
        """text, code and how of what needs no context."""
        return self.rows.filter(pl.col("context") == "").select("text", "code", "how")

    @cached_property
    def in_context(self) -> pl.DataFrame | None:
        """text, context, code and how of the others; None where there are none."""
        found = self.rows.filter(pl.col("context") != "").select("text", "context", "code", "how")
        return None if found.is_empty() else found

    @cached_property
    def spelt(self) -> pl.DataFrame:
        """text and code of each spelling that needs no context."""
        return self.rows.filter((pl.col("how") == "spelling") & (pl.col("context") == "")).select("text", "code")

    @cached_property
    def as_words(self) -> pl.DataFrame:
        """code and words of the spellings that count inside a longer text, and whether they say nothing certain there."""
        alone = [pl.col("text").str.contains(rule["pattern"]) for domain in self.rows["domain"].unique() for rule in rules(domain, "alone")]
        spelt = self.spelt.with_columns(words=words(pl.col("text")), is_alone=pl.any_horizontal(pl.lit(False), *alone))
        known = spelt.select("code", "words", "is_alone").unique(maintain_order=True)
        return known.filter(pl.col("words").str.contains(_LONG_ENOUGH), pl.col("words").str.strip_chars().str.len_chars() >= _LEAST_LENGTH)


def whole(asked: pl.DataFrame, domain: str, exact: Meanings, retry: Meanings | None) -> pl.DataFrame:
    """One row per row of `asked`: the meaning of the whole text, or, where it has none, of the text changed by the retry rules (`rule`).

    `retry` is None for a domain without such rules.
    """
    folded = asked.with_columns(text=fold(pl.col("raw")))
    if domain not in labelled_codes.DOMAINS:
        return _looked(folded, domain, exact, retry)
    found = _looked(labelled_codes.plain(folded, lambda labels: _looked(labels, domain, exact, retry)), domain, exact, retry)
    differs = found["text"].str.ends_with(labelled_codes.DIFFERS)
    return found.with_columns(how=pl.when(differs).then(pl.lit("ambiguous_spelling")).otherwise("how"))


def _looked(folded: pl.DataFrame, domain: str, exact: Meanings, retry: Meanings | None) -> pl.DataFrame:
    """The rows of `folded` (text, context) with code and how: as the text stands, else after the retry rules."""
    first = _meaning(folded, exact)
    folded = folded.with_columns(text=latin(pl.col("text"), domain))
    if retry is None or not first["how"].null_count():
        return first
    again = _meaning(folded.with_columns(rewrite(pl.col("text"), domain, "retry")), retry)
    by_rule = pl.when(again["how"] == "spelling").then(pl.lit("rule")).otherwise(again["how"])
    return first.with_columns(
        code=pl.when(pl.col("how").is_null()).then(again["code"]).otherwise("code"),
        how=pl.coalesce("how", by_rule),
    )


def _meaning(asked: pl.DataFrame, meanings: Meanings) -> pl.DataFrame:
    """`asked` with code and how by text and context, else by text alone."""
    alone = asked.join(meanings.alone, on="text", how="left", maintain_order="left")
    if meanings.in_context is None:
        return alone
    both = asked.join(meanings.in_context, on=["text", "context"], how="left", maintain_order="left")
    code = pl.when(pl.col("how").is_null()).then(alone["code"]).otherwise("code")
    return both.with_columns(code=code, how=pl.coalesce("how", alone["how"]))


def within(asked: pl.DataFrame, domain: str, exact: Meanings, retry: Meanings | None) -> pl.DataFrame:
    """One row per row of `asked`: the one code its text names (how `within_text`), none (`not_in_text`) or several (`ambiguous_spelling`).

    A text that is a spelling as a whole, or is listed as ambiguous, keeps that meaning. One with a word of doubt or denial (`no`,
    `possible`, `T1-2`), and one in which nothing is found and that is not of the kind the domain expects (no T, N or M in it), is an
    unknown spelling.
    """
    direct = whole(asked, domain, exact, retry)
    read, apart = _without_asides(asked, domain)
    folded = read.select(text=_folded(domain))  # once: each rule that reads it in an expression would fold all texts again
    named = _named(read, folded, domain, exact, retry)
    expected = [pl.col("text").str.contains(rule["pattern"]) for rule in rules(domain, "expect")]
    names = pl.lit(named["codes"] > 0)
    hidden = _hidden(asked, apart.filter(pl.lit(named["codes"].gather(apart["row"]) == 0)), domain, exact, retry)
    is_doubted = _doubted(domain) | pl.lit(_stays_doubted(folded.height, apart, domain))
    is_another = pl.lit(_of_something_else(folded["text"], apart, domain) | named["is_strange"])
    said = folded.with_columns(
        is_doubted=(is_doubted & (names | bool(rules(domain, "find")))) | pl.lit(hidden),
        is_another=is_another & names,
        is_none=pl.all_horizontal(pl.lit(True), pl.lit(named["unread"] == 0), *expected),
    )
    is_other = labelled_codes.is_another(folded["text"], named["code"]) if domain in labelled_codes.DOMAINS else False
    is_doubted, is_another, is_none = pl.lit(said["is_doubted"] | is_other), pl.lit(said["is_another"]), pl.lit(said["is_none"])
    several = pl.when(named["codes"] > 1).then(pl.lit("ambiguous_spelling")).when(is_another).then(pl.lit("unknown_spelling"))
    one = pl.when(named["codes"] == 1).then(pl.lit("within_text"))
    fits = pl.col("how").is_in(["spelling", "rule", "unknown_token", "ambiguous_spelling"])
    none = pl.when(is_none).then(pl.lit("not_in_text")).otherwise(pl.lit("unknown_spelling"))
    return direct.with_columns(
        code=pl.when(fits).then("code").when((named["codes"] == 1) & ~is_doubted & ~is_another).then(named["code"]),
        how=pl.when(fits).then("how").when(is_doubted).then(pl.lit("unknown_spelling")).otherwise(pl.coalesce(several, one, none)),
    )


def _named(asked: pl.DataFrame, folded: pl.DataFrame, domain: str, exact: Meanings, retry: Meanings | None) -> pl.DataFrame:
    """One row per text: the code it names, how many codes (`codes`) and pieces that are none (`unread`), whether it `is_strange`."""
    return _by_pattern(folded, domain, exact, retry) if rules(domain, "find") else _by_words(asked, domain, exact)


def _hidden(asked: pl.DataFrame, apart: pl.DataFrame, domain: str, exact: Meanings, retry: Meanings | None) -> pl.Series:
    """Per row of `asked` whether only a part that was set aside names a code (lung nodule, stable): that is not nothing."""
    found = pl.repeat(False, asked.height, dtype=pl.Boolean, eager=True)
    if apart.is_empty():
        return found
    named = _named(apart, apart.select(text=_folded(domain)), domain, exact, retry)
    return found.scatter(apart["row"], named["codes"] > 0)


def _without_asides(asked: pl.DataFrame, domain: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`asked` without the parts of its texts that are about something else; and those texts (clauses.ASIDE, `raw` as it stood)."""
    apart = clauses.apart(asked["raw"], domain)
    apart = apart.with_columns(raw=asked["raw"].gather(apart["row"]))
    kept = pl.when(pl.col("kept") == "").then("raw").otherwise("kept")  # all set aside: what it names is not read
    return asked.with_columns(asked["raw"].scatter(apart["row"], apart.select(kept).to_series())), apart


def _of_something_else(texts: pl.Series, apart: pl.DataFrame, domain: str) -> pl.Series:
    """Whether what a folded text names is said of something else than the domain is about."""
    is_another = clauses.lacks(texts, domain)
    return is_another.scatter(apart["row"], is_another.gather(apart["row"]) | apart["is_another"])


def _stays_doubted(height: int, apart: pl.DataFrame, domain: str) -> pl.Series:
    """Whether a doubt of the whole text is not one of the parts set aside alone: `grade 2, lymphoedema` stays in doubt."""
    apart = apart.filter(pl.col("aside") != "")
    full, aside = apart.select(text=_folded(domain)), apart.select(raw="aside").select(text=_folded(domain))
    stays = pl.repeat(False, apart.height, dtype=pl.Boolean, eager=True)
    for one in _doubts(domain):
        at_once, alone = (table.select(pl.col("text").str.contains(one["pattern"])).to_series() for table in (full, aside))
        stays = stays | (at_once & ~alone)
    return pl.repeat(False, height, dtype=pl.Boolean, eager=True).scatter(apart["row"], stays)


def _doubted(domain: str) -> pl.Expr:
    """Whether a folded text denies or doubts what it names."""
    return pl.any_horizontal(
        pl.lit(False), *(pl.col("text").str.contains(rule["pattern"]) for rule in _doubts(domain) + rules(domain, "rest"))
    )


def _doubts(domain: str) -> tuple[Row, ...]:
    """The rules of doubt of a domain; those without a domain are those of ordinary words."""
    return rules(domain, "doubt") + (() if rules(domain, "find") else rules("", "doubt"))


def _folded(domain: str) -> pl.Expr:
    return latin(fold(rewrite(pl.col("raw"), domain, "cased") if rules(domain, "cased") else pl.col("raw")), domain)


def _by_pattern(folded: pl.DataFrame, domain: str, exact: Meanings, retry: Meanings | None) -> pl.DataFrame:
    """Code and number of codes that the `find` pattern of the domain takes out of each text, after its `cut` rules.

    `unread`: how many of the pieces found are no code (the pM0 of pT1 pN0 pM0).
    """
    pattern = rules(domain, "find")[0]["pattern"]
    text = rewrite(pl.col("text"), domain, "cut")
    pieces = folded.select(piece=text.str.extract_all(pattern)).with_row_index("row").explode("piece", empty_as_null=False)
    pieces = pieces.select("row", raw=pl.col("piece").str.extract(pattern, 1), context=pl.lit(""))
    found = whole(pieces, domain, exact, retry).with_columns(is_alone=pl.lit(False))
    unread = found.filter(pl.col("raw").is_not_null() & pl.col("code").is_null()).group_by("row").agg(unread=pl.len())
    counted = _counted(found, folded.height).join(unread, on="row", how="left", maintain_order="left")
    said = folded.select(words(pl.col("text"))).to_series()
    return counted.with_columns(pl.col("unread").fill_null(0), is_strange=clauses.has_unknown(said, domain))


def _by_words(asked: pl.DataFrame, domain: str, exact: Meanings) -> pl.DataFrame:
    """Code and number of codes whose spelling occurs as whole words in each text; one that stands only inside a longer one does not count.

    A word that means its code as a whole cell only (`alone` of text_rules.csv) counts as several. Where what is left beside the spellings
    makes another thing of them (`other`), none is named and the text counts as ambiguous: a squamous cell carcinoma is not a carcinoma
    of no special type.
    """
    known = exact.as_words
    full = asked.select(words=words(fold(rewrite(fold(pl.col("raw")), domain, "expand"))))
    spellings = known["words"].unique(maintain_order=True)
    hits = _hits(full, spellings)
    pairs = hits.join(hits.rename({"words": "longer"}), on="row").filter(pl.col("words") != pl.col("longer"))
    inside = pairs.filter(pl.col("longer").str.contains(pl.col("words"), literal=True))
    outermost = hits.join(inside, on=["row", "words"], how="anti")
    alone, rest = _side_by_side(full, spellings)
    named = pl.concat([outermost, alone]).unique(maintain_order=True).join(known, on="words")
    counted = _other(_counted(named, asked.height), rest, domain)
    return counted.with_columns(unread=pl.lit(0), is_strange=clauses.has_unknown(rest, domain))


def _hits(texts: pl.DataFrame, spellings: pl.Series) -> pl.DataFrame:
    """One row per text (its number) and spelling that occurs in it as whole words."""
    found = pl.col("words").str.extract_many(spellings.implode(), overlapping=True)
    return texts.select(found).with_row_index("row").explode("words", empty_as_null=False).unique(maintain_order=True)


def _side_by_side(texts: pl.DataFrame, spellings: pl.Series) -> tuple[pl.DataFrame, pl.Series]:
    """The spellings of each text taken one after another, the longest at each place (bone and bone marrow are two); and what is left."""
    # two blanks between words, for neighbours share the one between them
    apart = pl.col("words").str.strip_chars().str.replace_all(" ", "  ", literal=True)
    wide = pl.concat_str(pl.lit(" "), apart, pl.lit(" ")).alias("words")
    longest_first = spellings.to_frame("words").sort(pl.col("words").str.len_chars(), descending=True)
    patterns = longest_first.select(wide)["words"].implode()
    spread = texts.select(wide)["words"]
    found = spread.str.extract_many(patterns, leftmost=True).to_frame("words").with_row_index("row")
    alone = found.explode("words", empty_as_null=False).with_columns(pl.col("words").str.replace_all("  ", " ", literal=True))
    return alone, spread.str.replace_many(patterns, [" "], leftmost=True)


def _other(counted: pl.DataFrame, rest: pl.Series, domain: str) -> pl.DataFrame:
    """`counted` with several codes for a text in which words of `other` are left beside the spellings."""
    says = pl.any_horizontal(pl.lit(False), *(pl.col("rest").str.contains(rule["pattern"]) for rule in rules(domain, "other")))
    is_other = says & (pl.col("codes") > 0)
    return counted.with_columns(rest=rest).with_columns(codes=pl.when(is_other).then(pl.lit(2)).otherwise("codes")).drop("rest")


def _counted(hits: pl.DataFrame, height: int) -> pl.DataFrame:
    """One row per text: the code named (one of them where there are several) and how many."""
    named = hits.filter(pl.col("code").is_not_null())
    codes = pl.col("code").n_unique() + pl.col("is_alone").any()
    per_text = named.group_by("row").agg(pl.col("code").first(), codes=codes)
    rows = pl.DataFrame({"row": pl.int_range(height, dtype=pl.UInt32, eager=True)})
    return rows.join(per_text, on="row", how="left", maintain_order="left").with_columns(pl.col("codes").fill_null(0))


def binned(found: pl.DataFrame, codes: frozenset[str]) -> pl.DataFrame:
    """raw, code, bin and reason of looked-up rows: canonical (the code itself, or known to be absent), fixed, rejected."""
    blank = pl.col("raw").is_null() | (pl.col("raw").str.strip_chars() == "")
    is_code = pl.col("raw").is_in(list(codes)) & (pl.col("raw") == pl.col("code"))
    reason = pl.when(blank).then(pl.lit("blank")).when(is_code).then(pl.lit("")).otherwise(pl.col("how").fill_null("unknown_spelling"))
    shelf = pl.when(reason.is_in(REJECTED)).then(pl.lit("rejected")).when(pl.col("code").is_null() | is_code).then(pl.lit("canonical"))
    return found.select("raw", "code", bin=shelf.otherwise(pl.lit("fixed")), reason=reason)
