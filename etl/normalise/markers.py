"""Results of receptors: the code by the vocabulary or by the number and its cut-off; number, unit and the test that decides beside it."""

from __future__ import annotations

from functools import cache

import polars as pl

from etl.normalise.distinct import Looked, looked_up
from schemas.facts import shipped
from schemas.vocabularies.clauses import mentions
from schemas.vocabularies.code_list import NOT_READ
from schemas.vocabularies.lookup import BESIDE_UNLISTED
from schemas.vocabularies.marker_her2 import joined
from schemas.vocabularies.marker_parts import own_parts
from schemas.vocabularies.marker_text import READ, by_percent, names_another, results
from schemas.vocabularies.spelling import fold
from schemas.vocabulary import Vocabularies

DOMAIN = "marker_result"
# Scores of HER2 inside a text (two signs are 2+, 2-3+ may be), the test that decides at 2+, and that it was not done.
_TWO = r"(?:^|[^0-9.])2\s*\+|(?:^|[^0-9.])2\s*(?:-|/|to)\s*3\s*\+|(?:^|[^+])\+\+(?:[^+]|$)|\b(?:ihc|score)\s*[:=]?\s*2\b"
_THREE = r"(?:^|[^0-9.])3\s*\+|\+\+\+|\b(?:ihc|score)\s*[:=]?\s*3\b"
_LOW = r"(?:^|[^0-9.])[01]\s*\+|\b(?:ihc|score)\s*[:=]?\s*[01]\b"
_ISH = r"\b[fcsd]?ish\b|in situ|amplif|[扩擴]增|増幅"
_NO_ISH = (
    r"ish\W*(?:test\W*)?(?:(?:was|is|wurde|ist)\s+)?(?:(?:not|nicht|niet|non|no)\s+(?:yet|done|performed|available|tested|durchgef|erfolgt"
    r"|gemacht|uitgevoerd|faite?|realizad|eseguit)|nd\b|na\b|n/a|pending|await|request|advis|suggest|recommend|to follow|planned|pendiente"
    r"|ausstehend|en cours|en attente|in corso|in attesa|volgt|未|待)"
)
# What a result says beside its code, and what the contract may say itself.
BESIDE = ("result_value", "result_unit_code", "reason_code")
FOUND = {"code": pl.String, **{name: READ[name] for name in BESIDE}, "bin": pl.String, "reason": pl.String}


def cells(rows: pl.DataFrame, source: str, beside: str | None, marker: pl.Series) -> pl.Series:
    """The texts of one column of results; of HER2 those of immunohistochemistry and, in `beside`, of in situ hybridisation as one."""
    if beside is None:
        return rows[source]
    told = rows.select(pl.col(source), pl.col(beside), marker=marker)
    both = pl.when(pl.col("marker") == "her2").then(joined(pl.col(source), pl.col(beside))).otherwise(pl.col(source))
    return told.select(both.alias(source)).to_series()


def in_percent(cells: pl.Expr) -> pl.Expr:
    """The texts of a column whose numbers are per cent (`unit: percent`): `60` and `<1` become `60%` and `<1%`, words stay."""
    return cells.str.replace(r"^\s*((?:[<>]=?|≤|≥)?\s*\d{1,3}(?:[.,]\d+)?)\s*$", "$1%")


def read_results(vocabularies: Vocabularies, asked: pl.DataFrame, *, within_text: bool = False) -> pl.DataFrame:
    """FOUND for each row of `asked` (raw, context: the marker), read once per distinct pair; null throughout where there is no text."""
    return looked_results(vocabularies, asked, within_text=within_text).rows


def looked_results(vocabularies: Vocabularies, asked: pl.DataFrame, *, within_text: bool) -> Looked:
    """`read_results`, and the distinct texts with what they are."""
    return looked_up(asked, lambda texts, context: _results(vocabularies, texts, context, within_text=within_text))


def told_of_it(vocabularies: Vocabularies, asked: pl.DataFrame) -> pl.Series:
    """What is read of each longer text (raw, context) for its marker: of a text of several receptors its own parts, else the whole."""
    told = pl.concat([vocabularies.spellings("marker"), _others()])
    return _own_parts(asked, told).fill_null(asked["raw"])


def _results(vocabularies: Vocabularies, distinct: pl.DataFrame, context: pl.Series | None, *, within_text: bool) -> pl.DataFrame:
    """`distinct` (raw, context, n) with FOUND."""
    names, cutoffs = vocabularies.spellings("marker"), vocabularies.fact("marker_cutoffs")
    told = pl.concat([names, _others()])
    parts = _own_parts(distinct, told) if within_text else distinct["raw"]
    own = distinct.with_columns(parts.fill_null(""))
    listed = vocabularies.normalise(DOMAIN, own["raw"], context, within_text=within_text)
    written = results(own, cutoffs, names)
    measured = pl.select(pl.coalesce(written["result_code"], by_percent(own, cutoffs))).to_series()
    is_none = written["differs"] | (listed["code"] != measured).fill_null(value=False) | names_another(distinct, told)
    is_none = is_none | (_is_her2_low(own) & (listed["code"] == "positive").fill_null(value=False))
    is_none = is_none | _is_of_other_score(own, listed["code"])
    # it names several markers, and what it says of this one is not told or not understood
    is_lost = (listed["reason"] == "not_in_text") & (parts != distinct["raw"]).fill_null(value=False)
    is_unclear = (parts.is_null() & distinct["raw"].is_not_null()) | (is_lost & ~written["is_read"])
    is_within = listed["reason"].is_in(["within_text", BESIDE_UNLISTED])
    table = distinct.hstack(written).with_columns(_listed(listed, (is_none & is_within) | is_unclear))
    is_open = ((pl.col("listed_bin") == "rejected") & (pl.col("listed_reason") != NOT_READ)) | (pl.col("listed_reason") == "not_in_text")
    # not amplified, by a test that is yet to come
    is_to_come = pl.col("raw").str.contains(r"(?i)amplif") & pl.col("raw").str.to_lowercase().str.contains(_NO_ISH)
    by_form = is_open & pl.col("is_read") & ~is_to_come.fill_null(value=False)
    # what the vocabulary says goes first; the number is kept where it says the same or nothing
    agrees = by_form | pl.col("listed_code").is_null() | pl.col("result_code").is_null() | (pl.col("listed_code") == pl.col("result_code"))
    found = table.with_columns(
        code=pl.when(by_form).then("result_code").otherwise("listed_code"),
        bin=pl.when(by_form).then(pl.lit("fixed")).otherwise("listed_bin"),
        reason=pl.when(by_form).then(pl.lit("number")).when(pl.col("differs")).then(pl.lit("contradiction")).otherwise("listed_reason"),
    )
    found = vocabularies.in_column(DOMAIN, found)
    agreed = found.with_columns(pl.when(agrees).then(name).alias(name) for name in BESIDE)
    return agreed.select(*distinct.columns, *FOUND)


def _own_parts(distinct: pl.DataFrame, told: pl.DataFrame) -> pl.Series:
    """`own_parts`; of a text of several receptors that names a metastasis, or another person, none: whose they are is for the source to
    say (specimen)."""
    parts = own_parts(distinct, told)
    is_of_another = (mentions(distinct["raw"], "metastasis") | mentions(distinct["raw"], "person")) & (parts != distinct["raw"]).fill_null(
        value=False
    )
    return parts.set(is_of_another, None)


@cache
def _others() -> pl.DataFrame:
    """What reports name beside the receptors (text, code: one for all of them)."""
    return pl.DataFrame({"text": [row["name"] for row in shipped("other_stains.csv", "name", "what")]}).with_columns(code=pl.lit("other"))


def _is_her2_low(asked: pl.DataFrame) -> pl.Series:
    """Texts of HER2 with the word low in front of or behind a result: HER2 low is a negative one, so `low positive` says both."""
    text = fold(pl.col("raw"))
    said = text.str.contains(r"(?:^|[^a-z])low(?:[ -]*(?:pos|expr|or)|[ -]*[(,;:]|$)")
    return asked.select((pl.col("context").eq_missing("her2") & said).fill_null(value=False)).to_series()


def _is_of_other_score(asked: pl.DataFrame, said: pl.Series) -> pl.Series:
    """Texts of HER2 whose score means another result than the word `said` of them; 2+ decides nothing until in situ hybridisation does."""
    text = fold(pl.col("raw"))
    two, three, low = (text.str.contains(score) for score in (_TWO, _THREE, _LOW))
    is_open = two & ~(text.str.contains(_ISH) & ~text.str.contains(_NO_ISH))
    word = pl.lit(said)
    is_other = (is_open & word.is_in(["positive", "negative"])) | (three & (word == "negative"))
    is_other = is_other | (low & ~two & ~three & (word == "positive"))
    return asked.select((pl.col("context").eq_missing("her2") & is_other).fill_null(value=False)).to_series()


def _listed(listed: pl.DataFrame, is_none: pl.Series) -> list[pl.Series]:
    """Code, bin and reason by the vocabulary; `is_none`: a word inside a text that its number contradicts (`negative in 80% of cells`),
    that is said of another marker (`PR positive`, told of ER) or of HER2 low, or that its score contradicts."""
    none = {"code": None, "bin": "rejected", "reason": "contradiction"}
    return [listed[name].set(is_none, value).alias(f"listed_{name}") for name, value in none.items()]


def without_own_name(cells: pl.Series, names: pl.DataFrame, marker: str) -> pl.Series:
    """The cells of numbers without the name of their own marker in front (`Ki67 20%`, `MIB-1: 30`).

    `names` (text, code): how markers are called.
    """
    own = names["text"].filter(names["code"] == marker).str.escape_regex().str.replace_all(r"(?:\\-|\s)", r"[\s-]?")
    return cells.str.replace(rf"(?i)^(?:{'|'.join(sorted(own, key=len, reverse=True))})(?:\s*[:\uff1a=]\s*|\s+)(\d)", "$1")
