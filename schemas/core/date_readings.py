"""Every way in which the texts of a column can be read as a date; vectorised over distinct texts.

One row per text (its `place` among the distinct texts of the column) and reading (READINGS). `order` is that of a numeric
date (dmy, mdy, ymd), null where the text leaves no doubt about it. `is_declared` is false of a reading that speaks only
as evidence against what is declared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
    DateRules,
    format_pattern,
    mirror,
    order_of,
)  # fmt: skip

READINGS: dict[str, type[pl.DataType]] = {
    "place": pl.UInt32, "order": pl.String, "is_declared": pl.Boolean, "is_serial": pl.Boolean, "earliest": pl.Date, "latest": pl.Date,
    "precision": pl.String, "is_possible": pl.Boolean, "is_sentinel": pl.Boolean,
}  # fmt: skip
EPOCHS = {1900: -25_569, 1904: -24_107}  # day number 0 of Excel in days since 1970-01-01; its 29 February 1900 is number 60
FIRST_SERIAL, FIRST_BIRTH_SERIAL = 2200, 61
SIX_DIGITS = r"^[0-9]{6}$"


def readings(texts: pl.DataFrame, rules: DateRules) -> pl.DataFrame:
    """READINGS of each text of `texts` (place, text: distinct, trimmed, without time of day); texts that are no date have no row."""
    found = list(_declared(texts, rules)) if rules.formats else list(_built_in(texts, rules))
    if rules.serials is not None:
        found.append(_serials(texts, rules))
    return pl.concat([pl.DataFrame(schema=READINGS), *found])


def iso_days(texts: pl.DataFrame, rules: DateRules) -> pl.DataFrame:
    """READINGS of texts that are ISO dates and nothing else: how a real date of Excel is delivered."""
    return _shape(texts, ISO[0], rules)


def swapped(days: pl.DataFrame) -> pl.DataFrame:
    """READINGS of single days with day and month in each other's place, where the calendar has such a day."""
    day, month = pl.col("earliest").dt.day(), pl.col("earliest").dt.month()
    other = pl.date(pl.col("earliest").dt.year(), pl.when(day <= 12).then(day), month)
    apart = days.filter("is_possible", (day <= 12) & (day != month), precision="day")
    return apart.with_columns(earliest=other, latest=other)


def _declared(texts: pl.DataFrame, rules: DateRules) -> Iterator[pl.DataFrame]:
    """The declared formats; one with day and month as numbers also in the other order, as evidence."""
    for text in rules.formats:
        order = order_of(text)
        yield _shape(texts, format_pattern(text), rules, order=order, is_short="%y" in text)
        if order is not None and mirror(text) not in rules.formats:
            other = "mdy" if order == "dmy" else "dmy"
            yield _shape(texts, format_pattern(mirror(text)), rules, order=other, is_short="%y" in text, is_declared=False)


def _built_in(texts: pl.DataFrame, rules: DateRules) -> Iterator[pl.DataFrame]:
    """The shapes that need no declaration. A text has one of them only, so what one takes the next need not look at."""
    has_letter = texts["text"].str.contains(r"\p{L}")
    three, plain = _taken(texts.filter(~has_letter), THREE)
    said, lettered = _taken(texts.filter(has_letter), THREE)  # XX.03.2009
    yield from _numeric(pl.concat([three, said]), rules)
    whole = _whole_years(plain)
    for pattern in (*COMPACT, *TWO):
        found, plain = _taken(plain, pattern)
        yield _from_groups(found.filter(whole) if pattern == COMPACT[1] else found, pattern, rules)
    yield _quarters(lettered, rules)
    for pattern in (*TWO, *HAN, *NAMED, *NAMED_MONTH):
        found, lettered = _taken(lettered, pattern)
        yield _from_groups(found, pattern, rules)
    yield _ranges(plain, rules)


def _whole_years(texts: pl.DataFrame) -> pl.Expr:
    """Six digits are YYYYMM only where all of the column can be: 190309 beside 140309 is 19 March 2009, or nobody knows what."""
    six = texts["text"].filter(texts["text"].str.contains(SIX_DIGITS))
    return pl.lit(bool(six.str.contains("^(?:1[89]|2[01])").all()))


def _taken(texts: pl.DataFrame, pattern: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The texts that fit, with the groups of the pattern, and the rest."""
    fits = texts["text"].str.contains(pattern)
    return texts.filter(fits).with_columns(pl.col("text").str.extract_groups(pattern).alias("found")).unnest("found"), texts.filter(~fits)


def _numeric(three: pl.DataFrame, rules: DateRules) -> Iterator[pl.DataFrame]:
    """Three numbers: the year first, or last after day and month in either order; of two digits first or last."""
    a, b, c = (_number(pl.col(name)) for name in "abc")
    length = {name: pl.col(name).str.len_chars() for name in "ac"}
    is_last = (length["a"] <= 2) & (length["c"] == 4)
    is_short = (length["a"] <= 2) & (length["c"] <= 2)
    cases: list[tuple[pl.Expr, str | None, tuple[pl.Expr, pl.Expr, pl.Expr], bool]] = [
        ((length["a"] == 4) & (length["c"] <= 2), None, (a, b, c), False),
        (is_last, "dmy", (c, b, a), False), (is_last, "mdy", (c, a, b), False),
        (is_short & (length["c"] == 2), "dmy", (c, b, a), True), (is_short & (length["c"] == 2), "mdy", (c, a, b), True),
        (is_short & (length["a"] == 2), "ymd", (a, b, c), True),
    ]  # fmt: skip
    for fits, order, parts, two_digits in cases:
        named = [part.alias(name) for part, name in zip(parts, "ymd", strict=True)]
        numbers = three.filter(fits).select("place", *named)
        is_declared = order is None or rules.order in (None, order)
        yield _dated(numbers, rules, order=order, is_short=two_digits, is_declared=is_declared)


def _shape(
    texts: pl.DataFrame, pattern: str, rules: DateRules, *, order: str | None = None, is_short: bool = False, is_declared: bool = True
) -> pl.DataFrame:
    """READINGS of the texts that fit one pattern with the groups y, m and d."""
    return _from_groups(_taken(texts, pattern)[0], pattern, rules, order=order, is_short=is_short, is_declared=is_declared)


def _from_groups(
    found: pl.DataFrame, pattern: str, rules: DateRules, *, order: str | None = None, is_short: bool = False, is_declared: bool = True
) -> pl.DataFrame:
    """READINGS of texts taken apart by their pattern."""
    year = _number(pl.col("y").str.strip_chars_start("'"))
    month = (_month(rules) if r"(?P<m>\p{L}+)" in pattern else _number(pl.col("m"))) if "(?P<m>" in pattern else None
    day = _number(pl.col("d")) if "(?P<d>" in pattern else None
    nothing = pl.lit(None, pl.Int32)
    word = found.select("place", pl.col("y").str.len_chars().alias("digits"), y=year, m=nothing if month is None else month,
                        d=nothing if day is None else day)  # fmt: skip
    if r"(?P<m>\p{L}+)" in pattern:
        word = word.filter(pl.col("m").is_not_null())
    if is_short or pattern in (*NAMED, *NAMED_MONTH):
        few = pl.col("digits") < 4
        parts = [_dated(word.filter(few), rules, order=order, is_short=True, is_declared=is_declared)]
        return pl.concat([*parts, _dated(word.filter(~few), rules, order=order, is_short=False, is_declared=is_declared)])
    return _dated(word, rules, order=order, is_short=False, is_declared=is_declared)


def _number(text: pl.Expr) -> pl.Expr:
    """The number; null where the text says that it is not known (XX, UNK)."""
    return text.cast(pl.Int32, strict=False)


def _month(rules: DateRules) -> pl.Expr:
    """The number of a month by its name, 0 for a word that says it is not known, null for any other word."""
    names = {**dict.fromkeys(("un", "unk", "uu", "xx", "xxx"), 0), **(rules.months or {})}
    word = pl.col("m").str.normalize("NFKD").str.replace_all(r"\p{M}", "").str.to_lowercase()
    return word.replace_strict(list(names), list(names.values()), default=None, return_dtype=pl.Int32)


def _dated(numbers: pl.DataFrame, rules: DateRules, *, order: str | None, is_short: bool, is_declared: bool) -> pl.DataFrame:
    """READINGS of place, y, m and d; a year of two digits in the century of the pivot, or without one in both."""
    year = pl.col("y")
    if not is_short:
        whole = numbers
    elif rules.pivot is not None:
        whole = numbers.with_columns(y=rules.pivot + (year - rules.pivot + 10_000) % 100)
    else:
        whole = pl.concat([numbers.with_columns(y=year + century) for century in (1900, 2000)])
    said = [pl.when(~pl.col(part).is_in(UNKNOWN)).then(part).alias(part) for part in ("m", "d")]
    bounded = _bounded(whole.with_columns(said), [] if is_short else _sentinels(rules))
    said_of_all = {"order": pl.lit(order, pl.String), "is_declared": pl.lit(is_declared), "is_serial": pl.lit(False)}
    return bounded.with_columns(**said_of_all).select(list(READINGS))


def _sentinels(rules: DateRules) -> list[int]:
    return sorted(int(day.replace("-", "")) for day in rules.sentinels)


def _bounded(numbers: pl.DataFrame, sentinels: Sequence[int]) -> pl.DataFrame:
    """Year, month and day (null = not said) as the first and the last day they may mean; years that are none only as sentinels."""
    year, month, day = pl.col("y"), pl.col("m"), pl.col("d")
    is_possible = (month.is_between(1, 12) & day.is_null()) | (month.is_between(1, 12) & day.is_between(1, _month_length(year, month)))
    is_sentinel = (year * 10_000 + month * 100 + day).is_in(sentinels).fill_null(False)
    checked = numbers.with_columns(
        is_possible=(is_possible | (month.is_null() & day.is_null())).fill_null(False), is_sentinel=is_sentinel
    ).filter(year.is_between(FIRST_YEAR, LAST_YEAR) | pl.col("is_sentinel"))
    first, last = pl.when("is_possible").then(month.fill_null(1)), pl.when("is_possible").then(month.fill_null(12))
    precision = pl.when(day.is_not_null()).then(pl.lit("day")).when(month.is_not_null()).then(pl.lit("month")).otherwise(pl.lit("year"))
    return checked.select(
        "place", "is_possible", "is_sentinel",
        earliest=pl.date(year, first, day.fill_null(1)),
        latest=pl.date(year, last, day.fill_null(_month_length(year, last))),
        precision=precision,
    )  # fmt: skip


def _month_length(year: pl.Expr, month: pl.Expr) -> pl.Expr:
    is_leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    return pl.when(month == 2).then(28 + is_leap.cast(pl.Int32)).when(month.is_in([4, 6, 9, 11])).then(30).otherwise(31)


def _serials(texts: pl.DataFrame, rules: DateRules) -> pl.DataFrame:
    """READINGS of day numbers of Excel; 1800 to 2199 are years, and day numbers only where a birth may be so long ago."""
    found, _ = _taken(texts, r"^(?P<n>[1-9][0-9]{1,4})(?:[.,][0-9]+)?$")
    number = found.select("place", n=_number(pl.col("n"))).filter(
        pl.col("n") >= (FIRST_BIRTH_SERIAL if rules.birth_serials else FIRST_SERIAL)
    )
    day = (pl.col("n") + EPOCHS[rules.serials or 1900]).cast(pl.Date)
    iso = day.dt.strftime("%Y-%m-%d")
    return number.select(
        "place", order=pl.lit(None, pl.String), is_declared=pl.lit(True), is_serial=pl.lit(True), earliest=day, latest=day,
        precision=pl.lit("day"), is_possible=pl.lit(True), is_sentinel=iso.is_in(sorted(rules.sentinels)),
    )  # fmt: skip


def _quarters(texts: pl.DataFrame, rules: DateRules) -> pl.DataFrame:
    """READINGS of Q1 2009 and its like: no precision of ours, so an ambiguous date."""
    found, _ = _taken(texts, QUARTER)
    start = (pl.coalesce("q", "r", "s").cast(pl.Int32) * 3) - 2
    year = _number(pl.coalesce("y", "z", "x"))
    first = _dated(found.select("place", y=year, m=start, d=pl.lit(None, pl.Int32)), rules, order=None, is_short=False, is_declared=True)
    return first.with_columns(pl.col("latest").dt.offset_by("2mo").dt.month_end(), precision=pl.lit("ambiguous"))


def _ranges(texts: pl.DataFrame, rules: DateRules) -> pl.DataFrame:
    """READINGS of texts such as 2009-03/2009-06, either side of which may be open (`..`)."""
    taken, _ = _taken(texts, RANGE)
    sides = taken.filter((pl.col("from") != OPEN) | (pl.col("to") != OPEN))
    ends = pl.DataFrame({"text": pl.concat([sides["from"], sides["to"]]).unique()}, schema={"text": pl.String}).with_row_index("place")
    known = pl.concat([_shape(ends, pattern, rules) for pattern in ISO]).filter(~pl.col("is_sentinel")).join(ends, on="place")
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
