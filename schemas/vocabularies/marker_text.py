"""Results of receptors and markers as texts write them: `ER 90%`, `Allred 7/8`, `H-score 180`, `IHC 2+, FISH ratio 2.4`.

One row per distinct text and marker, read by expressions over whole columns. The number is kept beside what it means by
marker_cutoffs.csv; where a text says two things that do not agree it means nothing.
"""

from __future__ import annotations

import polars as pl

from schemas.facts import shipped
from schemas.vocabularies.marker_cutoffs import by_cutoff
from schemas.vocabularies.marker_her2 import her2
from schemas.vocabularies.spelling import fold, rewrite, words

# One row per text: result_code, result_value and result_unit_code (null where it says none), reason_code (the test, HER2 only),
# is_read (the text has this form), differs (its parts contradict each other).
READ = {
    "result_code": pl.String, "result_value": pl.Float64, "result_unit_code": pl.String, "reason_code": pl.String,
    "is_read": pl.Boolean, "differs": pl.Boolean,
}  # fmt: skip
_NUMBER = r"(\d{1,3}(?:\.\d+)?)"
_PERCENT = r"\s*(?:%|percent|pct)(?:\s*(?:of\s*)?(?:cells|nuclei|tumou?r cells|staining|stained|positive))?"
_INTENSITY = rf"(?:(?:{'|'.join(row['word'] for row in shipped('marker_intensities.csv', 'word', 'language'))}) )?"
# Those of other languages are English ones by now (text_rules.csv, expand).
_WORDS = {
    "positive": rf"{_INTENSITY}(?:positive|pos|\+ve)",
    "negative": r"(?:negative|neg|-ve)",
}
# Unit, and the expression whose only group is its number; the whole text must fit.
_EXACT = (
    ("percent", rf"^(?:~|about |approx\.? )?{_NUMBER}{_PERCENT}$"),
    ("allred", r"^(?:allred|quick ?score|total score|score|as|qs)?(?: score)?\s*[:=]?\s*([0-8])\s*/\s*8$"),
    ("allred", r"^(?:allred|quick ?score)(?: score)?\s*[:=]?\s*([0-8])$"),
    ("h_score", r"^h[ -]?score\s*[:=]?\s*([0-2]?\d{1,2}|300)(?:\s*/\s*300)?$"),
    ("h_score", r"^([0-2]?\d{1,2}|300)\s*/\s*300$"),
    # intensity 0 to 3 times share 0 to 4 (Remmele): no other number is such a product
    ("irs", r"^(?:irs|remmele|immunoreactive score|immunreaktiver score)(?:[ -]?score)?\s*[:=]?\s*([0-4689]|12)(?:\s*/\s*12)?$"),
    ("irs", r"^([0-4689]|12)\s*/\s*12$"),
    ("fmol_mg", r"^(\d{1,5}(?:\.\d+)?)\s*fmol(?:\s*/\s*mg)?(?: protein)?$"),
)
# Two parts of one text that say the same in different measures.
_SCORED = r"\b(?:irs|remmele|allred|quick ?score|h[ -]?score)(?: score)?\s*[:=]?\s*\d{1,3}(?:\s*/\s*(?:8|12|300))?\b"
_SHARE = r"\b\d{1,3}(?:\.\d+)?\s*%"
_SUM = r"^(?:allred\s*[:=]?\s*)?([0-5])\s*\+\s*([0-5])\s*=\s*([0-8])(?:\s*/\s*8)?$"
# The same without its total, where the score is named: `Allred 5+3`.
_TERMS = r"^(?:allred|quick ?score)(?: score)?\s*[:=]?\s*([0-5])\s*\+\s*([0-5])(?:\s*/\s*8)?$"
_RANGE = rf"^{_NUMBER}\s*%?\s*(?:-|to)\s*{_NUMBER}{_PERCENT}$"
# How far a share that is only about right may be off, as a part of it: ~1% may lie on either side of a cut-off of 1, ~20% does not.
_ABOUT, _OFF = rf"^(?:~|about |approx\.? ){_NUMBER}{_PERCENT}$", 0.5
_BOUND = rf"^(<=?|>=?|≤|≥)\s*{_NUMBER}{_PERCENT}$"
# So little above or below the end that a bound leaves out: >90% begins there.
_BEYOND = 0.001
# NAACCR items 3826 and 3914 (ER, PR): R10 is 1 to 10 per cent, R20 11 to 20, and so on; R99 is 91 to 100.
_CODED = r"^r([1-8]0|90|99)$"
# Words and signs behind the name of the marker as the forms below write them.
_PLAIN = (
    (r"\b(?:less than|below)\b", "<"), (r"\b(?:more than|greater than|above)\b", ">"), (r"^\+ ?\((.*)\)$", "positive ($1)"),
    (r"^no (?:nuclear )?staining$", "negative"), (r"^ps ?([0-5])[ ,;+/&]*is ?([0-3]) ?= ?([0-8])$", "$1+$2=$3"),
    (r"^(?:allred )?\(?ps ?([0-5])[ ,;+/&]*is ?([0-3])\)?$", "allred $1+$2"),
    (r"^- ?\((.*)\)$", "negative ($1)"), (r"^-(positive|pos|negative|neg|[<>])", "$1"),
)  # fmt: skip
# ER - 90%; without the name a number below nought is none
_DASHED = r"^-\s*(\d)"
_SCORES = {"0": "ihc 0", "++": "2+", "+++": "3+"}
# Signs for a result where no score is meant (ER, PR): `+ 90%`, `3+ (90%)`, `(80%+)`, `(-)`, `positive (90%) strong`.
_SIGNED = (
    (r"^\(?\s*[1-3]?\+{1,3}\s*\)?\s*[,;:]?\s*\(?\s*((?:about |[<>])?\d{1,3}(?:\.\d+)?\s*%)\s*\)?$", "positive ($1)"),
    (r"^\(?\s*((?:about |>)?\d{1,3}(?:\.\d+)?\s*%)\s*[,;]?\s*\(?[1-3]?\+{1,3}\s*\)?$", "positive ($1)"),
    (r"^[1-3]\+ in ((?:about |[<>])?\d{1,3}(?:\.\d+)?\s*%)(?: of (?:the )?(?:tumou?r |invasive )?(?:cells|nuclei))?$", "positive ($1)"),
    (r"^(positive) \((\d{1,3}\s*%)\s*,\s*[1-3]?\+{1,3}\)$", "$1 ($2)"), (r"^\(?\s*\+{1,3}\s*\)?$", "positive"),
    # strong, in every scale of intensity (Allred, H-score): positive. 2 may be an Allred score, which is negative, and 1+ less than 1%
    (r"^\(?3\s?\+\)?$", "positive"),
    (r"^\(?\s*-\s*\)?$", "negative"),
    (r"^(?:弱|中等?)\s*(positive|\+)", "$1"), (r"[\s,(]+(?:弱|中等?)\)?$", ""),
    (r"[\s,(]+(?:fuerte|moderad[oa]|debil|intens[oa]|forte|faible|strong|moderate|weak|stark|schwach|massig|sterk|zwak|matig)\)?$", ""),
    (r"^(positive|pos)\.?\s*[,;]?\s*\(?[1-3]\+\)?$", "positive"), (r"^(?:negative|neg)\.?\s*\(0\)$", "negative"),
)  # fmt: skip
# ER low positive, 1 to 10 per cent, is a positive result (ASCO/CAP 2020, ER; "similar principles" for PR); HER2 low is a negative one
_LOW = r"^\(?(?:low[ -]?(?:positive|pos)\b\.?|(?:positive|pos)\b\.?(?:[ ,-]*\(low\)|[ ,-]+low\b))\)?"


def results(asked: pl.DataFrame, cutoffs: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """READ for each row of `asked` (raw, context: the marker), in its order. `names` (text, code): how markers are called.

    A text that begins with the name of another marker is not read.
    """
    # a comma between two digits is a decimal one: 90,5%
    text = rewrite(fold(pl.col("raw")), "marker_result", "expand").str.replace_all(r"(\d),(\d)", "$1.$2")
    rows = asked.with_row_index("place").with_columns(text=text)
    rows = _without_name(rows, names)
    quantities = _two_quantities(rows.filter(pl.col("context") != "her2"), cutoffs)
    scores = her2(rows.filter(pl.col("context") == "her2"), cutoffs)
    found = pl.concat([frame.select("place", *READ) for frame in (quantities, scores)])
    joined = rows.select("place").join(found, on="place", how="left", maintain_order="left")
    return joined.select(pl.col(name).fill_null(value=False) if kind == pl.Boolean else name for name, kind in READ.items())


def names_another(asked: pl.DataFrame, names: pl.DataFrame) -> pl.Series:
    """Whether each text of `asked` (raw, context: the marker) names other markers and not its own (PR positive, told of ER)."""
    spelt = names.select("code", name=words(pl.col("text")))
    said = asked.select(
        "context",
        name=words(fold(pl.col("raw")).str.replace_all("+", " ", literal=True)).str.extract_many(spelt["name"].implode(), overlapping=True),
    )
    codes = said.with_row_index("row").explode("name", empty_as_null=True).join(spelt, on="name", how="left", maintain_order="left")
    is_own = (pl.col("code") == pl.col("context")).fill_null(value=False)
    return codes.group_by("row", maintain_order=True).agg(other=pl.col("code").is_not_null().any() & ~is_own.any())["other"]


def by_percent(asked: pl.DataFrame, cutoffs: pl.DataFrame) -> pl.Series:
    """What the first number in per cent of each text means by the cut-offs of its marker, wherever it stands in the text."""
    number = fold(pl.col("raw")).str.extract(r"(\d{1,3}(?:[.,]\d+)?)\s*(?:%|percent|per cent)", 1).str.replace(",", ".").cast(pl.Float64)
    rows = asked.select("context", unit=pl.lit("percent"), number=number).with_row_index("place")
    return by_cutoff(rows, cutoffs, "number", "found")["found"]


def _without_name(rows: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """The texts without the name of their own marker in front; of another one nothing is left that could be read."""
    escaped = sorted(names["text"].str.escape_regex(), key=lambda text: (-len(text), text))
    pattern = rf"^({'|'.join(escaped)})(?:\s*[:=]\s*|\s+|\b|$)"
    named = rows.with_columns(name=pl.col("text").str.extract(pattern, 1))
    named = named.join(names.rename({"text": "name", "code": "named"}), on="name", how="left", maintain_order="left")
    rest = pl.col("text").str.replace(pattern, "").str.strip_chars()
    foreign = pl.col("named").is_not_null() & (pl.col("named") != pl.col("context")).fill_null(value=True)
    own = pl.when(foreign).then(pl.lit("")).when(pl.col("named").is_not_null() & (rest != "")).then(rest).otherwise("text")
    for pattern, plain in _PLAIN:
        own = own.str.replace(pattern, plain)
    said = pl.when(pl.col("named").is_not_null()).then(own.str.replace(_DASHED, "$1")).otherwise(own).str.strip_chars()
    # HER2 0 is a score; a 0 alone may be a code
    score = said.replace_strict(_SCORES, default=None, return_dtype=pl.String)
    is_score = (pl.col("context") == "her2") & pl.col("named").is_not_null() & score.is_not_null()
    return named.with_columns(text=pl.when(is_score).then(score).otherwise(said)).drop("name", "named")


def _two_quantities(rows: pl.DataFrame, cutoffs: pl.DataFrame) -> pl.DataFrame:
    """`_quantities`, also of texts with a score beside a share (`positive, IRS 9, 80 %`): each is read without the other, and both must say
    the same. The share is kept."""
    has_both = pl.col("text").str.contains(_SCORED) & pl.col("text").str.contains(_SHARE)
    both = rows.filter(has_both)
    alone = _quantities(rows.filter(~has_both), cutoffs)
    if both.is_empty():
        return alone
    scored, shared = (_quantities(both.with_columns(text=_without(part)), cutoffs) for part in (_SHARE, _SCORED))
    agrees = (scored["result_code"] == shared["result_code"]).fill_null(value=False)
    is_read = scored["is_read"] & shared["is_read"] & agrees
    values = [pl.when(is_read).then(name).alias(name) for name in ("result_code", "result_value", "result_unit_code")]
    differs = scored["differs"] | shared["differs"] | (scored["is_read"] & shared["is_read"] & ~agrees)
    return pl.concat([alone, shared.with_columns(*values, is_read=is_read, differs=differs)])


def _without(part: str) -> pl.Expr:
    """The text without one of its parts and what joined it to the others."""
    rest = pl.col("text").str.replace(rf"[\s,;/(]*{part}\)?[\s,;/]*", " ")
    return rest.str.strip_chars(" ,;/")


def _quantities(rows: pl.DataFrame, cutoffs: pl.DataFrame) -> pl.DataFrame:
    """Numbers with their unit, alone or beside positive or negative (`positive (90%)`), for markers other than HER2."""
    read = _coded(_between(_numbers(_worded(rows))))
    read = read.with_columns(low=pl.coalesce("low", "value"), high=pl.coalesce("high", "value"))
    read = by_cutoff(by_cutoff(read, cutoffs, "low", "at_low"), cutoffs, "high", "at_high")
    return _agreed(read.with_columns(measured=pl.when(pl.col("at_low") == pl.col("at_high")).then("at_low")))


def _worded(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` with `word`, the result in a word before or behind all else (null: none), and `bare`, the text without it."""
    text = pl.when(pl.col("context").is_in(["er", "pr"])).then(pl.col("text").str.replace(_LOW, "positive")).otherwise("text")
    for form, sign in _SIGNED:
        text = text.str.replace(form, sign)
    words = (pl.when(pl.col("text").str.contains(rf"^{said}\b|\b{said}\)?$")).then(pl.lit(code)) for code, said in _WORDS.items())
    bare = pl.col("text")
    for said in _WORDS.values():
        bare = bare.str.replace(rf"^{said}\.?\s*[,;:(-]?\s*|\s*[,;(]?\s*{said}\)?$", "")
    return rows.with_columns(text=text).with_columns(word=pl.coalesce(*words), bare=bare.str.strip_chars(" ()"))


def _numbers(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` with the number that the bare text is, and its unit; null where it is none."""
    bare, total = pl.col("bare"), _allred_sum()
    fits = [(unit, form, bare.str.contains(form)) for unit, form in _EXACT]
    value = pl.coalesce(total, pl.coalesce(*(pl.when(fit).then(bare.str.extract(form, 1)) for _, form, fit in fits)).cast(pl.Float64))
    unit = pl.coalesce(pl.when(total.is_not_null()).then(pl.lit("allred")), *(pl.when(fit).then(pl.lit(unit)) for unit, _, fit in fits))
    more_than_all = (pl.col("unit") == "percent") & (pl.col("value") > 100)
    return rows.with_columns(value=value, unit=unit).with_columns(value=pl.when(~more_than_all.fill_null(value=False)).then("value"))


def _allred_sum() -> pl.Expr:
    """The score that the bare text writes as a sum (`4+3=7`, `Allred 4+3`): of a share 0 to 5 and an intensity 0 to 3, in either order.

    Nothing that stains has an intensity of 0, so one term alone is never 0.
    """
    one, other, total = (pl.col("bare").str.extract(_SUM, place).cast(pl.Float64) for place in (1, 2, 3))
    first, last = (pl.col("bare").str.extract(_TERMS, place).cast(pl.Float64) for place in (1, 2))
    named = pl.when(((first > 0) == (last > 0)) & (pl.min_horizontal(first, last) <= 3)).then(first + last)
    return pl.coalesce(pl.when((one + other == total) & (pl.min_horizontal(one, other) <= 3)).then(total), named)


def _agreed(read: pl.DataFrame) -> pl.DataFrame:
    """READ of the number and the word of each text where they agree; `measured`: what the number, or both ends of a range, means."""
    word, measured, value = pl.col("word"), pl.col("measured"), pl.col("value")
    has_score = (pl.col("unit") != "allred") | (value != 1)  # there is no Allred score of 1
    is_word = pl.any_horizontal(*(pl.col("text").str.contains(rf"^{said}$") for said in _WORDS.values()))  # ER negative
    has_form = value.is_not_null() & has_score | measured.is_not_null() | is_word
    agrees = word.is_null() | measured.is_null() | (measured == word)
    result = pl.coalesce(measured, word)
    # a number between the cut-offs (H-score 20, 5 fmol/mg) is kept, but it is no result, and told of as one that is not understood
    counts = result.is_not_null() | (pl.col("context") == "ki67")
    said = {"result_code": result, "result_value": value, "result_unit_code": pl.when(value.is_not_null()).then("unit")}
    kept = (pl.when(agrees & has_form).then(what).alias(name) for name, what in said.items())
    return read.select("place", *kept, reason_code=pl.lit(None, pl.String), is_read=has_form & agrees & counts, differs=~agrees)


def _between(rows: pl.DataFrame) -> pl.DataFrame:
    """The ends of a range or bound in per cent: `5-10%`, `>90%`, `<1%`, and `~1%` without a word of its result; null where it is none."""
    sign, bound = pl.col("bare").str.extract(_BOUND, 1), pl.col("bare").str.extract(_BOUND, 2).cast(pl.Float64)
    first, last = (pl.col("bare").str.extract(_RANGE, place).cast(pl.Float64) for place in (1, 2))
    below, above = sign.str.contains("<|≤"), sign.str.contains(">|≥")
    step = pl.when(sign.is_in(["<", ">"])).then(_BEYOND).otherwise(0.0)
    whole = first <= last
    about = pl.when(pl.col("word").is_null()).then(pl.col("bare").str.extract(_ABOUT, 1).cast(pl.Float64))
    low = pl.when(below).then(0.0).when(above).then(bound + step).when(whole).then(first).otherwise(about * (1 - _OFF))
    most = (about * (1 + _OFF)).clip(upper_bound=100.0)
    high = pl.when(above).then(100.0).when(below).then(bound - step).when(whole).then(last).otherwise(most)
    ranged = rows.with_columns(low=low, high=high)
    return ranged.with_columns(unit=pl.when(pl.col("low").is_not_null()).then(pl.lit("percent")).otherwise("unit"))


def _coded(rows: pl.DataFrame) -> pl.DataFrame:
    """The ends of a coded range in per cent (`R20`) of ER and PR beside those of written ones."""
    code = pl.when(pl.col("context").is_in(["er", "pr"])).then(pl.col("bare").str.extract(_CODED, 1)).cast(pl.Float64)
    high = pl.when(code == 99).then(100.0).otherwise(code)
    low = pl.when(code == 99).then(91.0).otherwise(code - 9)
    coded = rows.with_columns(low=pl.coalesce("low", low), high=pl.coalesce("high", high))
    return coded.with_columns(unit=pl.when(code.is_not_null()).then(pl.lit("percent")).otherwise("unit"))
