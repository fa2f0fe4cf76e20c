"""HER2 by immunohistochemistry and in situ hybridisation, in one text or in two: which of them decides, and what they say together."""

from __future__ import annotations

import polars as pl

from schemas.vocabularies.marker_cutoffs import by_cutoff

_ISH = r"(?:d-dish|[fcsd]?ish|in situ hybridi[sz]ation)"
# Words of other languages are English ones by now (text_rules.csv, expand).
_NOT_AMPLIFIED = r"not[ -]amplified|non[ -]?amplified|unamplified|no amplification"
_NEGATIVE = rf"{_NOT_AMPLIFIED}|negative|neg\.?|-ve|-"
_POSITIVE = r"amplified|positive|pos\.?|\+ve|\+"
_BORDERLINE = r"equivocal|borderline|indeterminate"
_ABSENT = r"not done|not performed|nd|pending|awaited|na|n/a|unknown|not available"
_WORD = rf"({_NEGATIVE}|{_POSITIVE}|{_BORDERLINE}|{_ABSENT})"
_RATIO = (
    rf"(?:{_ISH}\s*(?:her2/cep17\s*)?(?:ratio)?|ratio)\s*(?:of|is)?\s*[:=]?\s*(\d{{1,2}}\.\d+)|ratio\s*(?:of|is)?\s*[:=]?\s*(\d{{1,2}})\b"
)
# Of a number without that word nobody says whether it is the ratio or the mean copy number of one probe (ASCO/CAP 2018: amplified from 2
# and from 6): between the two it may be either result.
_SAID = r"ratio|cep ?17"
_EITHER = (2.0, 6.0)
_ISH_WORD = rf"{_ISH}\s*(?:result)?\s*[:=]?\s*(?:is )?{_WORD}(?:$|[\s,;)/])"
_AMPLIFIED = rf"({_NOT_AMPLIFIED}|amplified)"
_SCORE = r"(?:\bihc\s*(?:e?score)?\s*[:=]?\s*|\be?score\s*)([0-3])\s*\+?(?:$|[\s,;)/])|(?:^|[\s(,;/])([0-3])\s*\+(?:$|[\s,;()/])"
_IHC_WORD = rf"\bihc\s*[:=]?\s*(?:is )?({_NEGATIVE}|{_POSITIVE}|{_BORDERLINE}|{_ABSENT}|\+\+\+|\+\+)(?:$|[\s,;)/])"
# What the report says of the whole: negative (IHC 1+).
_WHOLE = {"negative": "negative|neg", "positive": "positive|pos", "borderline": "equivocal|borderline"}
_WORDS = "|".join(_WHOLE.values())
_OVERALL = rf"^({_WORDS})\b"
# What is read is taken out of the text in this order, and nothing may be left but what joins the parts.
_TAKEN = (
    ("overall_text", _OVERALL), ("ratio_text", _RATIO), ("ish_text", _ISH_WORD), ("score_text", _SCORE), ("ihc_text", _IHC_WORD),
    ("amplified_text", _AMPLIFIED),
)  # fmt: skip
_REST = r"[\s,;:/()&|=.-]|\b(?:by|on|and|with|but|e?score|ihc)\b"
# The score first and the word of the whole behind it, plus signs for the score, signs in brackets, the test behind its result.
_WRITTEN = (
    (r"\s+\)", ")"),
    (rf"\b2\s*\+\s*\((?:{_WHOLE['borderline']})\)(\s*[;,/])", "2+$1"),
    (rf"\b([01]\s*\+?)\s*\((?:{_WHOLE['negative']})\)(\s*[;,/])", "$1$2"),
    (rf"\b3\s*\+\s*\((?:{_WHOLE['positive']})\)(\s*[;,/])", "3+$1"),
    (rf"^\(?([0-3])\s*(\+?)\)?\s*[,;:-]?\s*\(?\s*({_WORDS})\s*\)?$", "$3 (ihc $1$2)"),
    (rf"^({_WORDS})\s*\(\s*([0-3])\s*\)$", "$1 (ihc $2)"),
    (r"^/\s*cep[ -]?17\s*[:=]?\s*(\d{1,2}\.\d+)$", "ratio $1"),  # HER2/CEP17 is the ratio; CEP17 alone may be a copy number
    (r"^/?\s*cep ?17\s*", ""),
    # the share beside a score: from 11 per cent on 3+ is positive and 2+ equivocal (ASCO/CAP 2018)
    (r"^([23]\s*\+)\s*\(\s*(?:1[1-9]|[2-9]\d|100)\s*%\s*\)$", "$1"),
    (r"^\+\+\+([\s(,;:/])", "3+$1"),
    (r"^\+\+([\s(,;:/])", "2+$1"),
    (r"([\s(,;:/])\+\+\+($|[\s),;/])", "${1}3+${2}"),
    (r"([\s(,;:/])\+\+($|[\s),;/])", "${1}2+${2}"),
    (r"\(\s*([+-])\s*\)", " $1 "),
    (rf"^((?:not |non[- ]?|no )?[a-z]+)\s+(?:by|por|par|per)\s+({_ISH})$", "$2 $1"),
)
_PLUS = {"+++": 3.0, "++": 2.0}
_DEFINITE = ("positive", "negative")


def joined(ihc: pl.Expr, ish: pl.Expr) -> pl.Expr:
    """Two cells as one text; of a cell alone the text as it stands, an in situ result still called one.

    In the cell of the hybridisation a number is the ratio. A number without a plus is a score only where it is 0, negative as a
    score and as a code; 1 is 1+ (negative) or a yes.
    """
    low_ihc, low_ish = ihc.str.to_lowercase(), ish.str.to_lowercase()
    is_named = low_ihc.str.contains(r"ihc|her|erb|^\s*[1-9]\s*$")
    first = pl.when(is_named).then(ihc).otherwise(pl.lit("IHC ") + ihc)
    is_number = low_ish.str.contains(r"^\s*\d{1,2}\.\d+\s*$")
    named = pl.when(is_number).then(pl.lit("FISH ratio ")).otherwise(pl.lit("FISH ")) + ish
    second = pl.when(low_ish.str.contains("ish|in situ")).then(ish).otherwise(named)
    return (
        pl.when(ish.is_null())
        .then(pl.when(low_ihc.str.contains(r"^\s*0\s*$")).then(first).otherwise(ihc))
        .otherwise(pl.concat_str(first, second, separator="; ", ignore_nulls=True))
    )


def her2(rows: pl.DataFrame, cutoffs: pl.DataFrame) -> pl.DataFrame:
    """READ columns for rows (place, context, text) of HER2, null where the text is not read.

    The score decides where it is 0, 1+ or 3+ and the hybridisation does not contradict it; at 2+, or without a score, the
    hybridisation decides where there is one. A score of 2+ alone is borderline.
    """
    told = _tests(_measured(_parts(rows), cutoffs)).with_columns(differs=_differs())
    is_doubtful = pl.col("is_by_ish") & pl.col("is_either")
    is_read = pl.col("is_whole") & ~pl.col("differs") & ~is_doubtful & pl.col("told").is_not_null()
    said = (pl.when(is_read).then(value).alias(name) for name, value in _said().items())
    return told.select("place", *said, is_read=is_read.fill_null(value=False), differs="differs")


def _measured(parts: pl.DataFrame, cutoffs: pl.DataFrame) -> pl.DataFrame:
    """`parts` with what the score (`scored`) and the ratio (`measured`) mean by the cut-offs."""
    for unit, number, found in (("ihc_score", "score", "scored"), ("ish_ratio", "ratio", "measured")):
        parts = by_cutoff(parts.with_columns(unit=pl.lit(unit)), cutoffs, number, found)
    return parts


def _tests(parts: pl.DataFrame) -> pl.DataFrame:
    """`parts` with the result of each test (`ihc`, `ish`), whether the hybridisation decides (`is_by_ish`), and what all say (`told`)."""
    tests = parts.with_columns(ihc=pl.coalesce("scored", "ihc_word"), ish=pl.coalesce("measured", "ish_word"))
    has_ish = pl.col("ish").is_not_null() & (pl.col("ish") != "unknown")
    tests = tests.with_columns(is_by_ish=has_ish & ~pl.col("ihc").is_in(_DEFINITE).fill_null(value=False))
    return tests.with_columns(told=pl.when("is_by_ish").then("ish").otherwise(pl.coalesce("ihc", "ish", "overall")))


def _differs() -> pl.Expr:
    """Whether parts of a text contradict each other: the ratio and its word, the two tests, what they say and what is said of the whole."""
    of_ish = (pl.col("measured") != pl.col("ish_word")) & (pl.col("ish_word") != "borderline")
    of_tests = pl.col("ihc").is_in(_DEFINITE) & pl.col("ish").is_in(_DEFINITE) & (pl.col("ihc") != pl.col("ish"))
    of_whole = (pl.col("told") != "unknown") & (pl.col("told") != pl.col("overall"))
    return pl.any_horizontal(part.fill_null(value=False) for part in (of_ish, of_tests, of_whole))


def _said() -> dict[str, pl.Expr]:
    """Result, the number that decides with its unit, and the test that does."""
    has_ratio = pl.col("is_by_ish") & pl.col("ratio").is_not_null()
    has_score, has_ihc = pl.col("score").is_not_null(), pl.col("ihc") != "unknown"
    return {
        "result_code": pl.col("told"),
        "result_value": pl.when(has_ratio).then("ratio").otherwise("score"),
        "result_unit_code": pl.when(has_ratio).then(pl.lit("ish_ratio")).when(has_score).then(pl.lit("ihc_score")),
        "reason_code": pl.when("is_by_ish").then(pl.lit("ish")).when(has_ihc).then(pl.lit("ihc")),
    }


def _parts(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` with ratio, ish_word, score and ihc_word, and whether they are all that the text says."""
    # of a report on amplification a number in brackets is the ratio
    text = pl.col("text").str.replace(r"(amplified) ?\((\d{1,2}\.\d+)\)", "$1, ratio $2")
    for form, plain in _WRITTEN:
        text = text.str.replace(form, plain)
    steps = rows.with_columns(rest=text + " ")
    for name, pattern in _TAKEN:
        steps = _taken(steps, pattern, name)
    plus = pl.col("ihc_text").replace_strict(_PLUS, default=None, return_dtype=pl.Float64)
    ish_word = pl.coalesce(_meaning("ish_text"), _meaning("amplified_text"))
    return steps.with_columns(
        ratio=pl.col("ratio_text").cast(pl.Float64, strict=False),
        score=pl.coalesce(pl.col("score_text").cast(pl.Float64, strict=False), plus),
        ish_word=ish_word,
        overall=_meaning("overall_text"),
        ihc_word=_meaning("ihc_text"),
        is_whole=pl.col("rest").str.replace_all(_REST, "") == "",
    ).with_columns(is_either=_is_either(text))


def _is_either(text: pl.Expr) -> pl.Expr:
    """Whether the number of the hybridisation is a ratio or a copy number, the result differs by which of them, and no word tells it."""
    is_between = pl.col("ratio").is_between(*_EITHER, closed="left").fill_null(value=False)
    return is_between & ~text.str.contains(_SAID) & pl.col("ish_word").is_null() & pl.col("overall").is_null()


def _taken(rows: pl.DataFrame, pattern: str, name: str) -> pl.DataFrame:
    """The first group of a pattern that matched as a column, and the rest without the match."""
    groups = [pl.col("rest").str.extract(pattern, number) for number in range(1, pattern.count("(") - pattern.count("(?:") + 1)]
    return rows.with_columns(pl.coalesce(*groups).alias(name), rest=pl.col("rest").str.replace(pattern, " "))


def _meaning(column: str) -> pl.Expr:
    """A word of a test as a result."""
    text = pl.col(column)
    return (
        pl.when(text.str.contains(rf"^(?:{_NEGATIVE})$")).then(pl.lit("negative"))
        .when(text.str.contains(rf"^(?:{_POSITIVE})$")).then(pl.lit("positive"))
        .when(text.str.contains(rf"^(?:{_BORDERLINE})$")).then(pl.lit("borderline"))
        .when(text.str.contains(rf"^(?:{_ABSENT})$")).then(pl.lit("unknown"))
    )  # fmt: skip
