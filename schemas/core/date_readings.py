"""Every way in which the texts of a column can be read as a date; vectorised over distinct texts.

One row per text (its `place` among the distinct texts of the column) and reading (READINGS). `order` is that of a numeric
date (dmy, mdy, ymd), null where the text leaves no doubt about it. `is_declared` is false of a reading that speaks only
as evidence against what is declared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from schemas.core.date_shapes import (
    COMPACT,
    FIRST_YEAR,
    HAN,
    ISO,
    LAST_YEAR,
    NAMED,
    NAMED_MONTH,
    OPEN,
    QUARTER,
    RANGE,
    THREE,
    TWO,
    UNKNOWN,
    YEARS,
    DateRules,
    format_pattern,
    mirror,
    order_of,
)  # fmt: skip

READINGS: dict[str, type[pl.DataType]] = {
    "place": pl.UInt32, "order": pl.String, "is_declared": pl.Boolean, "is_serial": pl.Boolean, "earliest": pl.Date, "latest": pl.Date,
    "precision": pl.String, "is_possible": pl.Boolean, "is_sentinel": pl.Boolean,
}  # fmt: skip
# One row per text and way to read it as year, month and day (null: not said). `is_short`: the year has two digits; `is_sure`: the
# text is a date, whatever its year.
NUMBERS: dict[str, type[pl.DataType]] = {
    "place": pl.UInt32, "y": pl.Int32, "m": pl.Int32, "d": pl.Int32, "is_short": pl.Boolean, "order": pl.String, "is_declared": pl.Boolean,
    "is_sure": pl.Boolean,
}  # fmt: skip
EPOCHS = {1900: -25_569, 1904: -24_107}  # day number 0 of Excel in days since 1970-01-01; its 29 February 1900 is number 60
FIRST_SERIAL, FIRST_BIRTH_SERIAL = 2200, 61
SIX_DIGITS = r"^[0-9]{6}$"


def readings(texts: pl.DataFrame, rules: DateRules) -> pl.DataFrame:
    """READINGS of each text of `texts` (place, text: distinct, trimmed, without time of day); texts that are no date have no row."""
    if rules.formats:
        found = [_dated(_declared(texts, rules), rules)]
    else:
        is_two = _is_two_years(texts)
        two, rest = (texts.filter(is_two), texts.filter(~is_two)) if is_two.any() else (texts.clear(), texts)
        found = [
            _dated(_built_in(rest, rules), rules),
            _two_years(two, rules),
            _quarters(rest, rules),
            _ranges(rest, rules),
        ]
    if rules.serials is not None:
        found.append(_serials(texts, rules))
    return pl.concat(found)


def iso_days(texts: pl.DataFrame, rules: DateRules) -> pl.DataFrame:
    """READINGS of texts that are ISO dates, months or years and nothing else: how a real date of Excel is delivered, as it is shown."""
    return _dated((part for pattern in ISO for part in _shape(texts, pattern, rules)), rules)


def swapped(days: pl.DataFrame) -> pl.DataFrame:
    """READINGS of single days with day and month in each other's place, where the calendar has such a day."""
    day, month = pl.col("earliest").dt.day(), pl.col("earliest").dt.month()
    other = pl.date(pl.col("earliest").dt.year(), pl.when(day <= 12).then(day), month)
    apart = days.filter("is_possible", (day <= 12) & (day != month), precision="day")
    return apart.with_columns(earliest=other, latest=other)


def _declared(texts: pl.DataFrame, rules: DateRules) -> Iterator[pl.DataFrame]:
    """The declared formats; one with day and month as numbers also in the other order, as evidence. NUMBERS."""
    for text in rules.formats:
        order = order_of(text)
        yield from _shape(texts, format_pattern(text), rules, order=order)
        if order is not None and mirror(text) not in rules.formats:
            other = "mdy" if order == "dmy" else "dmy"
            yield from _shape(texts, format_pattern(mirror(text)), rules, order=other, is_declared=False)


def _built_in(texts: pl.DataFrame, rules: DateRules) -> Iterator[pl.DataFrame]:
    """The shapes that need no declaration: NUMBERS. A text has one of them only, so what one takes the next need not look at."""
    three, rest = _taken(texts, THREE)  # with letters too: XX.03.2009
    yield from _numeric(three, rules)
    if not rest.height:
        return
    has_letter = rest["text"].str.contains(r"\p{L}")
    plain, lettered = rest.filter(~has_letter), rest.filter(has_letter)
    is_whole = _whole_years(plain)
    for pattern in (*COMPACT, *TWO):
        found, plain = _taken(plain, pattern)
        if pattern != COMPACT[1] or is_whole:
            yield from _from_groups(found, pattern, rules)
    for pattern in (*TWO, *HAN, *NAMED, *NAMED_MONTH):
        found, lettered = _taken(lettered, pattern)
        yield from _from_groups(found, pattern, rules)


def _whole_years(texts: pl.DataFrame) -> bool:
    """Six digits are YYYYMM only where all of the column can be: 190309 beside 140309 is 19 March 2009, or nobody knows what."""
    six = texts["text"].filter(texts["text"].str.contains(SIX_DIGITS))
    return bool(six.str.contains("^(?:1[89]|2[01])").all())


def _taken(texts: pl.DataFrame, pattern: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The texts that fit, with the groups of the pattern, and the rest. Where none fits there are no groups."""
    if not texts.height:
        return texts, texts
    fits = texts["text"].str.contains(pattern)
    if not fits.any():
        return texts.clear(), texts
    taken = texts.filter(fits).with_columns(pl.col("text").str.extract_groups(pattern).alias("found")).unnest("found")
    return taken, texts.filter(~fits)


def _numeric(three: pl.DataFrame, rules: DateRules) -> Iterator[pl.DataFrame]:
    """Three numbers (NUMBERS): the year first, or last after day and month in either order; of two digits first or last."""
    if not three.height:
        return
    # UNK stands for two digits, as XX and UN do
    length = {name: pl.when(pl.col(name).str.contains("^[0-9]")).then(pl.col(name).str.len_chars()).otherwise(2) for name in "ac"}
    is_short = (length["a"] <= 2) & (length["c"] <= 2)
    numbers = three.select(
        "place", *(_number(pl.col(name)).alias(name) for name in "abc"),
        first=(length["a"] == 4) & (length["c"] <= 2), last=(length["a"] <= 2) & (length["c"] == 4),
        short_last=is_short & (length["c"] == 2), short_first=is_short & (length["a"] == 2),
    )  # fmt: skip
    cases = (("first", None, "abc"), ("last", "dmy", "cba"), ("last", "mdy", "cab"), ("short_last", "dmy", "cba"),
             ("short_last", "mdy", "cab"), ("short_first", "ymd", "abc"))  # fmt: skip
    for fits, order, places in cases:
        if numbers[fits].any():
            parts = {part: pl.col(place) for part, place in zip("ymd", places, strict=True)}
            is_short = pl.lit(fits.startswith("short"))
            yield _said(numbers.filter(fits).select("place", **parts, is_short=is_short), order, rules.order in (None, order))


def _said(numbers: pl.DataFrame, order: str | None, is_allowed: bool, *, is_sure: bool = True) -> pl.DataFrame:
    """NUMBERS of place, y, m, d and is_short; a date without an order is always declared."""
    known = {"order": pl.lit(order, pl.String), "is_declared": pl.lit(order is None or is_allowed), "is_sure": pl.lit(is_sure)}
    return numbers.with_columns(**known).select(list(NUMBERS))


def _shape(
    texts: pl.DataFrame, pattern: str, rules: DateRules, *, order: str | None = None, is_declared: bool = True
) -> Iterator[pl.DataFrame]:
    """NUMBERS of the texts that fit one pattern with the groups y, m and d."""
    return _from_groups(_taken(texts, pattern)[0], pattern, rules, order=order, is_declared=is_declared)


def _from_groups(
    found: pl.DataFrame, pattern: str, rules: DateRules, *, order: str | None = None, is_declared: bool = True
) -> Iterator[pl.DataFrame]:
    """NUMBERS of texts taken apart by their pattern; nothing of a word that is no month."""
    if not found.height:
        return
    is_named = r"(?P<m>\p{L}+)" in pattern
    nothing = pl.lit(None, pl.Int32)
    month = (_month(rules) if is_named else _number(pl.col("m"))) if "(?P<m>" in pattern else nothing
    day = _number(pl.col("d")) if "(?P<d>" in pattern else nothing
    year = _number(pl.col("y").str.strip_chars_start("'"))
    numbers = found.select("place", y=year, m=month, d=day, is_short=pl.col("y").str.len_chars() < 4)
    yield _said(numbers.drop_nulls("m") if is_named else numbers, order, is_declared, is_sure=pattern not in COMPACT)


def _number(text: pl.Expr) -> pl.Expr:
    """The number; null where the text says that it is not known (XX, UNK)."""
    return text.cast(pl.Int32, strict=False)


def _month(rules: DateRules) -> pl.Expr:
    """The number of a month by its name, 0 for a word that says it is not known, null for any other word."""
    names = {**dict.fromkeys(("un", "unk", "uu", "xx", "xxx"), 0), **(rules.months or {})}
    word = pl.col("m").str.normalize("NFKD").str.replace_all(r"\p{M}", "").str.to_lowercase()
    return word.replace_strict(list(names), list(names.values()), default=None, return_dtype=pl.Int32)


def _dated(parts: Iterable[pl.DataFrame], rules: DateRules) -> pl.DataFrame:
    """READINGS of NUMBERS; a year of two digits in the century of the pivot, or without one in both that it can be in."""
    numbers = pl.concat([pl.DataFrame(schema=NUMBERS), *parts])
    if not numbers.height:
        return pl.DataFrame(schema=READINGS)
    year, short = pl.col("y"), numbers.filter("is_short")
    if rules.pivot is not None:
        century = rules.pivot + (year - rules.pivot + 10_000) % 100
        numbers = numbers.with_columns(y=pl.when("is_short").then(century).otherwise(year))
    elif short.height:
        late = short.with_columns(y=year + 2000)
        if rules.last_year is not None:
            # 31/12/99 may stand for the end of time: then nothing says that it is 1999
            late = late.filter((year <= rules.last_year) | _ymd().is_in(_sentinels(rules)))
        numbers = pl.concat([numbers.filter(~pl.col("is_short")), short.with_columns(y=year + 1900), late])
    said = [pl.when(~pl.col(part).is_in(UNKNOWN)).then(part).alias(part) for part in ("m", "d")]
    return _bounded(numbers.with_columns(said), _sentinels(rules)).with_columns(is_serial=pl.lit(False)).select(list(READINGS))


def _ymd() -> pl.Expr:
    return pl.col("y") * 10_000 + pl.col("m") * 100 + pl.col("d")


def _sentinels(rules: DateRules) -> list[int]:
    return sorted(int(day.replace("-", "")) for day in rules.sentinels)


def _bounded(numbers: pl.DataFrame, sentinels: Sequence[int]) -> pl.DataFrame:
    """Year, month and day (null = not said) as the first and the last day they may mean.

    Of a year that is none of a registry's there is no such day; where the text may as well be no date, it is none.
    """
    year, month, day = pl.col("y"), pl.col("m"), pl.col("d")
    has_day = (month.is_between(1, 12) & day.is_null()) | (month.is_between(1, 12) & day.is_between(1, _month_length(year, month)))
    is_year = year.is_between(FIRST_YEAR, LAST_YEAR)
    is_possible = (is_year & (has_day | (month.is_null() & day.is_null()))).fill_null(False)
    is_sentinel = (~pl.col("is_short") & _ymd().is_in(sentinels)).fill_null(False)
    checked = numbers.with_columns(is_possible=is_possible, is_sentinel=is_sentinel).filter(
        year.is_not_null(), pl.col("is_sure") | is_year | pl.col("is_sentinel")
    )
    first, last = pl.when("is_possible").then(month.fill_null(1)), pl.when("is_possible").then(month.fill_null(12))
    precision = pl.when(day.is_not_null()).then(pl.lit("day")).when(month.is_not_null()).then(pl.lit("month")).otherwise(pl.lit("year"))
    return checked.select(
        "place", "order", "is_declared", "is_possible", "is_sentinel",
        earliest=pl.date(year, first, day.fill_null(1)),
        latest=pl.date(year, last, day.fill_null(_month_length(year, last))),
        precision=precision,
    )  # fmt: skip


def _month_length(year: pl.Expr, month: pl.Expr) -> pl.Expr:
    is_leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    return pl.when(month == 2).then(28 + is_leap.cast(pl.Int32)).when(month.is_in([4, 6, 9, 11])).then(30).otherwise(31)


def _serials(texts: pl.DataFrame, rules: DateRules) -> pl.DataFrame:
    """READINGS of day numbers of Excel; those below 2200 are years, and day numbers only where a birth may be so long ago."""
    found, _ = _taken(texts, r"^(?P<n>[1-9][0-9]{1,4})(?:[.,][0-9]+)?$")
    if not found.height:
        return pl.DataFrame(schema=READINGS)
    number = found.select("place", n=_number(pl.col("n"))).filter(
        pl.col("n") >= (FIRST_BIRTH_SERIAL if rules.birth_serials else FIRST_SERIAL)
    )
    day = (pl.col("n") + EPOCHS[rules.serials or 1900]).cast(pl.Date)
    is_possible = day.dt.year().is_between(FIRST_YEAR, LAST_YEAR)
    iso, known = day.dt.strftime("%Y-%m-%d"), pl.when(is_possible).then(day)
    return number.select(
        "place", order=pl.lit(None, pl.String), is_declared=pl.lit(True), is_serial=pl.lit(True), earliest=known, latest=known,
        precision=pl.lit("day"), is_possible=is_possible, is_sentinel=iso.is_in(sorted(rules.sentinels)),
    )  # fmt: skip


def _is_two_years(texts: pl.DataFrame) -> pl.Series:
    """Whether a text may be a year and the next (2009/10, 1999/00) as well as a month."""
    year, next_two = (pl.col("text").str.extract(YEARS, place).cast(pl.Int32) for place in (1, 2))
    return texts.select(((year + 1) % 100 == next_two).fill_null(value=False)).to_series()


def _two_years(texts: pl.DataFrame, rules: DateRules) -> pl.DataFrame:
    """READINGS of 2009/10 and its like, October 2009 or 2009 to 2010: an ambiguous date that spans both years."""
    if not texts.height:
        return pl.DataFrame(schema=READINGS)
    nothing = pl.lit(None, pl.Int32)
    year = _number(pl.col("text").str.head(4))
    numbers = texts.select("place", y=year, m=nothing, d=nothing, is_short=pl.lit(value=False))
    first = _dated([_said(numbers, None, is_allowed=True)], rules)
    return first.with_columns(pl.col("latest").dt.offset_by("1y"), precision=pl.lit("ambiguous"))


def _quarters(texts: pl.DataFrame, rules: DateRules) -> pl.DataFrame:
    """READINGS of Q1 2009 and its like: no precision of ours, so an ambiguous date."""
    found, _ = _taken(texts, QUARTER)
    if not found.height:
        return pl.DataFrame(schema=READINGS)
    start = (pl.coalesce("q", "r", "s").cast(pl.Int32) * 3) - 2
    numbers = found.select("place", y=_number(pl.coalesce("y", "z", "x")), m=start, d=pl.lit(None, pl.Int32), is_short=pl.lit(False))
    first = _dated([_said(numbers, None, is_allowed=True)], rules)
    return first.with_columns(pl.col("latest").dt.offset_by("2mo").dt.month_end(), precision=pl.lit("ambiguous"))


def _ranges(texts: pl.DataFrame, rules: DateRules) -> pl.DataFrame:
    """READINGS of texts such as 2009-03/2009-06, either side of which may be open (`..`)."""
    taken, _ = _taken(texts, RANGE)
    if not taken.height:
        return pl.DataFrame(schema=READINGS)
    sides = taken.filter((pl.col("from") != OPEN) | (pl.col("to") != OPEN), ~pl.col("text").str.contains(THREE))
    ends = pl.DataFrame({"text": pl.concat([sides["from"], sides["to"]]).unique()}, schema={"text": pl.String}).with_row_index("place")
    numbers = [part for pattern in ISO for part in _shape(ends, pattern, rules)]
    known = _dated(numbers, rules).filter(~pl.col("is_sentinel")).join(ends, on="place")
    start, end = known.select("text", "earliest", known="is_possible"), known.select("text", "latest", known="is_possible")
    first = sides.select("place", "from", "to").join(start, left_on="from", right_on="text", how="left")
    both = first.join(end, left_on="to", right_on="text", how="left", suffix="_to")
    is_known = (pl.col("known") | (pl.col("from") == OPEN)) & (pl.col("known_to") | (pl.col("to") == OPEN))
    is_possible = is_known.fill_null(False) & (pl.col("earliest") <= pl.col("latest")).fill_null(True)
    precision = pl.when(pl.col("earliest") == pl.col("latest")).then(pl.lit("day")).otherwise(pl.lit("ambiguous"))
    return both.select(
        "place", order=pl.lit(None, pl.String), is_declared=pl.lit(True), is_serial=pl.lit(False), earliest="earliest", latest="latest",
        precision=precision, is_possible=is_possible, is_sentinel=pl.lit(False),
    )  # fmt: skip
