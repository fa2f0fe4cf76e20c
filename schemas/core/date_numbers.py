"""Texts of a column as year, month and day: numbers, of which no calendar has been asked yet (NUMBERS)."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from schemas.core.date_doubts import LAST_DAY, lost_noughts, undecided_months, with_other_parts, without_doubtful
from schemas.core.date_shapes import COMPACT, HAN, NAMED, NAMED_MONTH, THREE, TWO, WORD, DateRules, format_pattern, mirror, order_of

# One row per text and way to read it as year, month and day (null: not said). `is_short`: the year has two digits; `is_sure`: the
# text is a date, whatever its year.
NUMBERS: dict[str, type[pl.DataType]] = {
    "place": pl.UInt32, "y": pl.Int32, "m": pl.Int32, "d": pl.Int32, "is_short": pl.Boolean, "order": pl.String, "is_declared": pl.Boolean,
    "is_sure": pl.Boolean,
}  # fmt: skip
SIX_DIGITS = r"^[0-9]{6}$"
# Roman months stand beside a day (12.VII.2016, Polish and Hungarian); without one IV 2016 may be a quarter. X alone may be a month that
# is not known: they are read where the column also has one of several letters.
# I and V between a day and a year with full stops (6.I.1928) need no other cell to prove them: no hospital writes anything else there.
DOTTED_ROMAN = r"^[0-9]{1,2}\.\s?[IV]\.\s?[0-9]{4}$|^[0-9]{4}\.\s?[IV]\.\s?[0-9]{1,2}$"
ALONE = {"I": 1, "V": 5}
_MARKS = r"[\u{300}-\u{36f}]"
ROMAN = {name: number for number, name in enumerate(("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"), start=1)}


def declared(texts: pl.DataFrame, rules: DateRules) -> Iterator[pl.DataFrame]:
    """The declared formats; one with day and month as numbers also in the other order, as evidence. NUMBERS."""
    for text in rules.formats:
        order = order_of(text)
        for numbers in shape(texts, format_pattern(text), rules, order=order):
            yield numbers
            if order is None:
                yield from with_other_parts(numbers, rules.last_year)
        if order is not None and mirror(text) not in rules.formats:
            other = "mdy" if order == "dmy" else "dmy"
            yield from shape(texts, format_pattern(mirror(text)), rules, order=other, is_declared=False)


def built_in(texts: pl.DataFrame, rules: DateRules) -> Iterator[pl.DataFrame]:
    """The shapes that need no declaration: NUMBERS. A text has one of them only, so what one takes the next need not look at."""
    three, rest = taken(texts, THREE)  # with letters too: XX.03.2009
    yield from _numeric(three, rules)
    if not rest.height:
        return
    has_letter = rest["text"].str.contains(r"\p{L}")
    plain, lettered = rest.filter(~has_letter), rest.filter(has_letter)
    is_whole = _whole_years(plain)
    if rules.last_year is not None:
        yield from _six_digits(texts, plain, rules.last_year)
    plain = without_doubtful(plain)
    yield from _octobers(plain)
    for pattern in (*COMPACT, *TWO):
        found, plain = taken(plain, pattern)
        if pattern != COMPACT[1] or is_whole:
            yield from _and_others(found, pattern, rules)
    for pattern in (*TWO, *HAN, *NAMED, *NAMED_MONTH):
        found, lettered = taken(lettered, pattern)
        yield from _and_others(found, pattern, rules)


def _and_others(found: pl.DataFrame, pattern: str, rules: DateRules) -> Iterator[pl.DataFrame]:
    """NUMBERS of the texts, and those of the other thing that a part of them may be."""
    for numbers in _from_groups(found, pattern, rules):
        yield numbers
        yield from with_other_parts(numbers, rules.last_year)


def _octobers(plain: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """NUMBERS of 2009.1 as October, beside January."""
    found = lost_noughts(plain)
    if found.height:
        october = {"m": pl.lit(10, pl.Int32), "d": pl.lit(None, pl.Int32), "is_short": pl.lit(value=False)}
        yield said(found.select("place", "y", **october), None, is_allowed=True)


def _six_digits(texts: pl.DataFrame, plain: pl.DataFrame, last_year: int) -> Iterator[pl.DataFrame]:
    """NUMBERS of 200312 as 12 March 2020 and 20 March 2012, beside the month of 2003 that it is in `COMPACT`."""
    found = undecided_months(texts["text"], plain, last_year)
    if found.height:
        a, b, c = (pl.col("text").str.slice(place, 2).cast(pl.Int32) for place in (0, 2, 4))
        for y, d in ((a, c), (c, a)):
            yield said(found.select("place", y=y, m=b, d=d, is_short=pl.lit(value=True)), None, is_allowed=True)


def _whole_years(texts: pl.DataFrame) -> bool:
    """Six digits are YYYYMM only where all of the column can be: 190309 beside 140309 is 19 March 2009, or nobody knows what."""
    six = texts["text"].filter(texts["text"].str.contains(SIX_DIGITS))
    return bool(six.str.contains("^(?:1[89]|2[01])").all())


def taken(texts: pl.DataFrame, pattern: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The texts that fit, with the groups of the pattern, and the rest. Where none fits there are no groups."""
    if not texts.height:
        return texts, texts
    fits = texts["text"].str.contains(pattern)
    if not fits.any():
        return texts.clear(), texts
    apart = texts.filter(fits).with_columns(pl.col("text").str.extract_groups(pattern).alias("found")).unnest("found")
    return apart, texts.filter(~fits)


def _numeric(three: pl.DataFrame, rules: DateRules) -> Iterator[pl.DataFrame]:
    """Three numbers (NUMBERS): the year first, or last after day and month in either order; of two digits first or last."""
    if not three.height:
        return
    # UNK stands for two digits, as XX and UN do
    length = {name: pl.when(pl.col(name).str.contains("^[0-9]")).then(pl.col(name).str.len_chars()).otherwise(2) for name in "ac"}
    is_short = (length["a"] <= 2) & (length["c"] <= 2)
    # 14/5/9 may be 14 May 2009 as well as 9 May 2014
    ends_short = (length["c"] == 2) | ((length["a"] == 2) & pl.lit(value=rules.is_open))
    # 12/07/XX: a day of a year not said rather than the July of 1912; 85/07/XX can be no day
    is_yearless = ~pl.col("c").str.contains("^[0-9]") & (number(pl.col("a")) <= LAST_DAY).fill_null(value=True)
    numbers = three.select(
        "place", *(number(pl.col(name)).alias(name) for name in "abc"),
        first=(length["a"] == 4) & (length["c"] <= 2), last=(length["a"] <= 2) & (length["c"] == 4),
        short_last=is_short & ends_short, short_first=is_short & (length["a"] == 2) & ~is_yearless,
    )  # fmt: skip
    cases = (("first", None, "abc"), ("last", "dmy", "cba"), ("last", "mdy", "cab"), ("short_last", "dmy", "cba"),
             ("short_last", "mdy", "cab"), ("short_first", "ymd", "abc"))  # fmt: skip
    for fits, order, places in cases:
        if numbers[fits].any():
            parts = {part: pl.col(place) for part, place in zip("ymd", places, strict=True)}
            is_short = pl.lit(fits.startswith("short"))
            told = said(numbers.filter(fits).select("place", **parts, is_short=is_short), order, rules.order in (None, order))
            yield told
            if order is None:
                yield from with_other_parts(told, rules.last_year)


def said(numbers: pl.DataFrame, order: str | None, is_allowed: bool, *, is_sure: bool = True) -> pl.DataFrame:
    """NUMBERS of place, y, m, d and is_short; a date without an order is always declared."""
    known = {"order": pl.lit(order, pl.String), "is_declared": pl.lit(order is None or is_allowed), "is_sure": pl.lit(is_sure)}
    return numbers.with_columns(**known).select(list(NUMBERS))


def shape(
    texts: pl.DataFrame, pattern: str, rules: DateRules, *, order: str | None = None, is_declared: bool = True
) -> Iterator[pl.DataFrame]:
    """NUMBERS of the texts that fit one pattern with the groups y, m and d."""
    return _from_groups(taken(texts, pattern)[0], pattern, rules, order=order, is_declared=is_declared)


def _from_groups(
    found: pl.DataFrame, pattern: str, rules: DateRules, *, order: str | None = None, is_declared: bool = True
) -> Iterator[pl.DataFrame]:
    """NUMBERS of texts taken apart by their pattern; nothing of a word that is no month."""
    if not found.height:
        return
    is_named = WORD in pattern
    nothing = pl.lit(None, pl.Int32)
    has_day = "(?P<d>" in pattern
    is_roman = is_named and has_day and found["m"].str.to_lowercase().is_in([name for name in ROMAN if len(name) > 1]).any()
    month = (_month(rules, is_roman=is_roman) if is_named else number(pl.col("m"))) if "(?P<m>" in pattern else nothing
    if is_named and has_day:
        month = pl.coalesce(month, pl.when(pl.col("text").str.contains(DOTTED_ROMAN)).then(_alone()))
    day = number(pl.col("d")) if has_day else nothing
    year = number(pl.col("y").str.strip_chars_start("'"))
    numbers = found.select("place", y=year, m=month, d=day, is_short=pl.col("y").str.len_chars() < 4)
    yield said(numbers.drop_nulls("m") if is_named else numbers, order, is_declared, is_sure=pattern not in COMPACT)


def number(text: pl.Expr) -> pl.Expr:
    """The number; null where the text says that it is not known (XX, UNK)."""
    return text.cast(pl.Int32, strict=False)


def _month(rules: DateRules, *, is_roman: bool) -> pl.Expr:
    """The number of a month by its name (or Roman number), 0 for a word that says it is not known, null for any other word."""
    names = {**dict.fromkeys(("un", "unk", "uu", "xx", "xxx"), 0), **(ROMAN if is_roman else {}), **(rules.months or {})}
    apart = pl.col("m").str.normalize("NFKD")
    word = apart.str.replace_all(_MARKS, "").str.to_lowercase()
    # Ìáñ and íáń are Μαρ and мая read by another code page, not ian: no language marks every letter of a month
    is_torn = apart.str.count_matches(_MARKS) >= word.str.len_chars()
    return pl.when(~is_torn).then(word.replace_strict(list(names), list(names.values()), default=None, return_dtype=pl.Int32))


def _alone() -> pl.Expr:
    """The number of a month written as I or V; null for any other word."""
    return pl.col("m").replace_strict(ALONE, default=None, return_dtype=pl.Int32)
