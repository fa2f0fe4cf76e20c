"""The codes named inside longer texts: by the pattern of the domain, or by the spellings that stand there as whole words."""

from __future__ import annotations

from functools import cache

import polars as pl

from schemas.facts import shipped
from schemas.vocabularies.lookup import Meanings, whole
from schemas.vocabularies.spelling import fold, rewrite, rules, words

SITE = "site"
# Words that make two sites of an organ and its part (bone and sternum), or of a part not the whole (multiple bone mets, sternum).
_MORE = (
    r" (?:and|plus|also|with|und|et|y|e|en|\+|multiple|multi|several|numerous|widespread|diffuse|diffusely|extensive|disseminated"
    r"|including|incl) "
)


@cache
def _organs() -> pl.DataFrame:
    """One row per site that is part of an organ: its `code` and that of the whole (`organ`), which is a site too: sternum, bone."""
    wholes = {"lymph_node": "node"}
    sites = [(row["code"], wholes.get(row["organ_code"], row["organ_code"])) for row in shipped("sites.csv", "code", "organ_code")]
    codes = {code for code, _ in sites}
    return pl.DataFrame([pair for pair in sites if pair[1] in codes and pair[0] != pair[1]], schema=["code", "organ"], orient="row")


def _in_detail(named: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """`named` without an organ of which the text names a part: `bone (sternum)` is the sternum, `Lung: RUL` the upper lobe; not where
    parts of the text were set aside (`is_cut`), which may be said of it: `bone (sternum), benign`."""
    is_one = (
        asked.select("raw", "is_cut")
        .with_row_index("row")
        .filter(~pl.col("is_cut"), ~words(fold(pl.col("raw"))).str.contains(_MORE))
        .select("row")
    )
    parts = named.join(_organs(), on="code").join(is_one, on="row").select("row", code="organ").unique(maintain_order=True)
    return named.join(parts, on=["row", "code"], how="anti", maintain_order="left")


def named_in(asked: pl.DataFrame, folded: pl.DataFrame, domain: str, exact: Meanings, retry: Meanings | None) -> pl.DataFrame:
    """One row per text: the code it names, how many codes (`codes`) and pieces that are none (`unread`), the words left beside (`rest`)."""
    return _by_pattern(folded, domain, exact, retry) if rules(domain, "find") else _by_words(asked, domain, exact)


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
    return counted.with_columns(pl.col("unread").fill_null(0), rest=folded.select(words(pl.col("text"))).to_series())


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
    if domain == SITE and "is_cut" in asked.columns:
        named = _in_detail(named, asked)
    return _other(_counted(named, asked.height), rest, domain).with_columns(unread=pl.lit(0))


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
    return counted.with_columns(rest=rest).with_columns(codes=pl.when(is_other).then(pl.lit(2)).otherwise("codes"))


def _counted(hits: pl.DataFrame, height: int) -> pl.DataFrame:
    """One row per text: the code named (one of them where there are several) and how many."""
    named = hits.filter(pl.col("code").is_not_null())
    codes = pl.col("code").n_unique() + pl.col("is_alone").any()
    per_text = named.group_by("row").agg(pl.col("code").first(), codes=codes)
    rows = pl.DataFrame({"row": pl.int_range(height, dtype=pl.UInt32, eager=True)})
    return rows.join(per_text, on="row", how="left", maintain_order="left").with_columns(pl.col("codes").fill_null(0))
