"""HER2 by immunohistochemistry and in situ hybridisation, in one text or in two: which of them decides, and what they say together."""

from __future__ import annotations

import polars as pl

_ISH = r"(?:d-dish|[fcsd]?ish|in situ hybridi[sz]ation)"
_NOT_AMPLIFIED = (
    r"not[ -]amplified|non[ -]?amplified|unamplified|no amplification|nicht amplifiziert|keine amplifikation"
    r"|non amplifi[ée]e?|no amplificad[oa]|niet geamplificeerd|geen amplificatie|ej amplifiera[dt]|ej amp|nao amplificad[oa]"
)
_IS_AMPLIFIED = r"amplified|amplifiziert|amplifiera[dt]|amplifi[ée]e?|amplificad[oa]|geamplificeerd|amplificatie"
_NEGATIVE = rf"{_NOT_AMPLIFIED}|negativ[eoa]?|negatief|n[ée]gatif|neg\.?|-ve|-"
_POSITIVE = rf"{_IS_AMPLIFIED}|positiv[eoa]?|positif|positief|pos\.?|\+ve|\+"
_BORDERLINE = r"equivocal|equivoco|borderline|indeterminate|grenzwertig|[ée]quivoque"
_ABSENT = r"not done|not performed|nd|pending|awaited|na|n/a|unknown|not available"
_WORD = rf"({_NEGATIVE}|{_POSITIVE}|{_BORDERLINE}|{_ABSENT})"
# In this order: what is read is taken out of the text, and nothing may be left but what joins the parts.
_RATIO = (
    rf"(?:{_ISH}\s*(?:her2/cep17\s*)?(?:ratio)?|ratio)\s*(?:of|is)?\s*[:=]?\s*(\d{{1,2}}\.\d+)|ratio\s*(?:of|is)?\s*[:=]?\s*(\d{{1,2}})\b"
)
_ISH_WORD = rf"{_ISH}\s*(?:result)?\s*[:=]?\s*(?:is )?{_WORD}(?:$|[\s,;)/])"
_AMPLIFIED = rf"({_NOT_AMPLIFIED}|{_IS_AMPLIFIED})"
_SCORE = r"(?:\bihc\s*(?:e?score)?\s*[:=]?\s*|\be?score\s*)([0-3])\s*\+?(?:$|[\s,;)/])|(?:^|[\s(,;/])([0-3])\s*\+(?:$|[\s,;()/])"
_IHC_WORD = rf"\bihc\s*[:=]?\s*(?:is )?({_NEGATIVE}|{_POSITIVE}|{_BORDERLINE}|{_ABSENT}|\+\+\+|\+\+)(?:$|[\s,;)/])"
_NEGATIVE_WORD, _POSITIVE_WORD = r"negativ[eoa]?|negatif|negatief|neg", r"positiv[eoa]?|positif|positief|pos"
_EQUIVOCAL_WORD = r"equivocal|equivoco|equivoque|borderline"
_OVERALL = rf"^({_NEGATIVE_WORD}|{_POSITIVE_WORD}|{_EQUIVOCAL_WORD})\b"  # what the report says of the whole: negative (IHC 1+)
_REST = r"[\s,;:/()&|=.-]|\b(?:by|on|and|with|but|e?score|ihc)\b"
# The score first and the word of the whole behind it, plus signs for the score, signs in brackets, the test behind its result.
_WORDS = f"{_NEGATIVE_WORD}|{_POSITIVE_WORD}|{_EQUIVOCAL_WORD}"
_WRITTEN = (
    (r"\s+\)", ")"),
    (rf"\b2\s*\+\s*\((?:{_EQUIVOCAL_WORD})\)(\s*[;,/])", "2+$1"),
    (rf"\b([01]\s*\+?)\s*\((?:{_NEGATIVE_WORD})\)(\s*[;,/])", "$1$2"),
    (rf"\b3\s*\+\s*\((?:{_POSITIVE_WORD})\)(\s*[;,/])", "3+$1"),
    (rf"^\(?([0-3])\s*(\+?)\)?\s*[,;:-]?\s*\(?\s*({_WORDS})\s*\)?$", "$3 (ihc $1$2)"),
    (rf"^({_WORDS})\s*\(\s*([0-3])\s*\)$", "$1 (ihc $2)"),
    (r"^/?\s*cep ?17\s*", ""),
    (r"^\+\+\+([\s(,;:/])", "3+$1"),
    (r"^\+\+([\s(,;:/])", "2+$1"),
    (r"([\s(,;:/])\+\+\+($|[\s),;/])", "${1}3+${2}"),
    (r"([\s(,;:/])\+\+($|[\s),;/])", "${1}2+${2}"),
    (r"\(\s*([+-])\s*\)", " $1 "),
    (rf"^((?:not |non[- ]?|no )?[a-z]+)\s+(?:by|por|par|per)\s+({_ISH})$", "$2 $1"),
)
_PLUS = {"+++": 3.0, "++": 2.0}


def joined(ihc: pl.Expr, ish: pl.Expr) -> pl.Expr:
    """Two cells as one text; of a cell alone the text as it stands, an in situ result still called one.

    A number without a plus is a score only where it is 0, negative as a score and as a code; 1 is 1+ (negative) or a yes.
    """
    low_ihc, low_ish = ihc.str.to_lowercase(), ish.str.to_lowercase()
    is_named = low_ihc.str.contains(r"ihc|her|erb|^\s*[1-9]\s*$")
    first = pl.when(is_named).then(ihc).otherwise(pl.lit("IHC ") + ihc)
    second = pl.when(low_ish.str.contains("ish|in situ")).then(ish).otherwise(pl.lit("FISH ") + ish)
    return (
        pl.when(ish.is_null())
        .then(pl.when(low_ihc.str.contains(r"^\s*0\s*$")).then(first).otherwise(ihc))
        .otherwise(pl.concat_str(first, second, separator="; ", ignore_nulls=True))
    )


def her2(rows: pl.DataFrame, cutoffs: pl.DataFrame) -> pl.DataFrame:
    """READ columns for rows (place, context, text) of HER2.

    The score decides where it is 0, 1+ or 3+ and the hybridisation does not contradict it; at 2+, or without a score, the
    hybridisation decides where there is one. A score of 2+ alone is borderline.
    """
    parts = _parts(rows)
    by_score = _cut(parts, cutoffs, "ihc_score", "score", "scored")
    both = _cut(by_score, cutoffs, "ish_ratio", "ratio", "measured")
    ihc = pl.coalesce("scored", "ihc_word")
    ish = pl.coalesce("measured", "ish_word")
    word_differs = (pl.col("measured") != pl.col("ish_word")) & (pl.col("ish_word") != "borderline")
    both = both.with_columns(ihc=ihc, ish=ish, word_differs=word_differs.fill_null(value=False))
    definite = pl.col("ihc").is_in(["positive", "negative"])
    contradicts = definite & pl.col("ish").is_in(["positive", "negative"]) & (pl.col("ihc") != pl.col("ish"))
    both = both.with_columns(differs=pl.col("word_differs") | contradicts.fill_null(value=False))
    by_ish = pl.col("ish").is_not_null() & (pl.col("ish") != "unknown") & ~definite.fill_null(value=False)
    decides = pl.when(by_ish).then("ish").otherwise(pl.coalesce("ihc", "ish"))
    decides = pl.coalesce(decides, "overall")
    both = both.with_columns(differs=pl.col("differs") | ((decides != "unknown") & (decides != pl.col("overall"))).fill_null(value=False))
    is_read = pl.col("is_whole") & ~pl.col("differs") & decides.is_not_null()
    value = pl.when(by_ish & pl.col("ratio").is_not_null()).then("ratio").otherwise("score")
    unit = (
        pl.when(by_ish & pl.col("ratio").is_not_null())
        .then(pl.lit("ish_ratio"))
        .when(pl.col("score").is_not_null())
        .then(pl.lit("ihc_score"))
    )
    test = pl.when(by_ish).then(pl.lit("ish")).when(pl.col("ihc").is_not_null() & (pl.col("ihc") != "unknown")).then(pl.lit("ihc"))
    return both.select(
        "place",
        result_code=pl.when(is_read).then(decides),
        result_value=pl.when(is_read).then(value),
        result_unit_code=pl.when(is_read).then(unit),
        reason_code=pl.when(is_read).then(test),
        is_read=is_read.fill_null(value=False),
        differs=pl.col("differs"),
    )


def _parts(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` with ratio, ish_word, score and ihc_word, and whether they are all that the text says."""
    # of a report on amplification a number in brackets is the ratio
    text = pl.col("text").str.replace(r"(amplified) ?\((\d{1,2}\.\d+)\)", "$1, ratio $2")
    for form, plain in _WRITTEN:
        text = text.str.replace(form, plain)
    steps = _taken(rows.with_columns(rest=text + " "), _OVERALL, "overall_text")
    steps = _taken(steps, _RATIO, "ratio_text")
    steps = _taken(steps, _ISH_WORD, "ish_text")
    steps = _taken(steps, _SCORE, "score_text")
    steps = _taken(steps, _IHC_WORD, "ihc_text")
    steps = _taken(steps, _AMPLIFIED, "amplified_text")
    plus = pl.col("ihc_text").replace_strict(_PLUS, default=None, return_dtype=pl.Float64)
    ish_word = pl.coalesce(_meaning("ish_text"), _meaning("amplified_text"))
    return steps.with_columns(
        ratio=pl.col("ratio_text").cast(pl.Float64, strict=False),
        score=pl.coalesce(pl.col("score_text").cast(pl.Float64, strict=False), plus),
        ish_word=ish_word,
        overall=_meaning("overall_text"),
        ihc_word=_meaning("ihc_text"),
        is_whole=pl.col("rest").str.replace_all(_REST, "") == "",
    )


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


def _cut(rows: pl.DataFrame, cutoffs: pl.DataFrame, unit: str, value: str, name: str) -> pl.DataFrame:
    """`rows` with the result of one number by the cut-offs of HER2, null outside every range."""
    expression: pl.Expr = pl.lit(None, pl.String)
    for first, end, result in (
        cutoffs.filter((pl.col("marker_code") == "her2") & (pl.col("unit_code") == unit))
        .select("from_value", "to_value", "result_code")
        .iter_rows()
    ):
        inside = pl.col(value) >= first if end is None else (pl.col(value) >= first) & (pl.col(value) < end)
        expression = pl.when(inside).then(pl.lit(result)).otherwise(expression)
    return rows.with_columns(expression.alias(name))
