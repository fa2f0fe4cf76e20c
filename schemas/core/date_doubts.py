"""What the other texts of a column say against the reading of one of them: decimal years, YYMMDD, counts of days, parts in other places.

Each function works on the distinct texts of one column that have no letters and are not three numbers (place, text), or on the numbers
that were made of texts of one shape (NUMBERS).
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from schemas.core.date_shapes import AHEAD

# A declared order, or form, stands against slips of the pen, not against more than one in twenty of the cells that can tell.
TOLERATED_ONE_IN = 20
FEWEST_COUNTS = 3
_DOTTED, _SIX = r"^[0-9]{4}\.[0-9]{1,2}$", r"^[0-9]{6}$"
# No month, nor the 00 and 99 that say that it is not known.
_NO_MONTH = r"(?:1[3-9]|[2-8][0-9]|9[0-8])$"
_YEAR = r"^(?:18[5-9]|19[0-9]|20[0-9]|21[0-4])[0-9]$"
_COUNT = r"^[0-9]{3,4}$"
_CODE = r"^(?:0+|8+|9+)$"
# A month of 2000 to 2017 or, the month first, of any year: 2012 beside one in five of them is December 2020, or December 1920.
_SHORT_MONTH, SHORT_MONTHS_ONE_IN = r"^(?:0[0-9]|1[0-7])(?:0[1-9]|1[0-2])$|^(?:0[1-9]|1[0-2])[0-9]{2}$", 5
# Six digits that are a month of 1901 to 1912 or 2001 to 2012, and a day of 2019 or 2020; and what shows that the year has four digits.
_BOTH, _YEAR_FIRST = r"^(?:19|20)(?:0[1-9]|1[0-2]){2}$", r"^(?:18|19|20)[0-9]{2}(?:$|[-/.]|[0-9]{4})"
ENOUGH_MONTHS = 20
LAST_DAY, NOT_KNOWN = 31, 99
_SHORT_TENTH = r"^([0-9]{4})\.1$"


def without_doubtful(texts: pl.DataFrame) -> pl.DataFrame:
    """The texts but those that fit the form of a month or a year where the column holds another thing; impossible ones stay.

    2009.5 beside 2009.25 is the middle of a year; 190309 beside 190325 is a day of 2019; 2011 beside 365 and 1200 is a number of days.
    """
    text = pl.col("text")
    doubtful = [text.str.contains(shape) & ~text.str.contains(_NO_MONTH) for shape in (_DOTTED, _SIX) if _is_another(texts["text"], shape)]
    if _are_counts(texts["text"]):
        doubtful.append(text.str.contains(_YEAR))
    return texts.filter(~pl.any_horizontal(*doubtful)) if doubtful else texts


def lost_noughts(texts: pl.DataFrame) -> pl.DataFrame:
    """The texts like 2009.1 (place, text, y) that may be October: a program that takes 2009.10 for a number drops the nought.

    None where the column holds a .10: there it was kept.
    """
    if texts["text"].str.contains(r"^[0-9]{4}\.10$").any():
        return texts.clear().with_columns(y=pl.lit(None, pl.Int32))
    found = texts.filter(pl.col("text").str.contains(_SHORT_TENTH))
    return found.with_columns(y=pl.col("text").str.extract(_SHORT_TENTH).cast(pl.Int32))


def _is_another(texts: pl.Series, shape: str) -> bool:
    """Whether more than one in twenty of the texts of a shape has no month where the month would be."""
    shaped = texts.filter(texts.str.contains(shape))
    n_none = shaped.str.contains(_NO_MONTH).sum() if len(shaped) else 0
    return n_none * TOLERATED_ONE_IN > len(shaped) and n_none < len(shaped)


def _are_counts(texts: pl.Series) -> bool:
    """Whether the column holds numbers of three and four digits most of which are no years, or months as YYMM (0903, 1012)."""
    numbers = texts.filter(texts.str.contains(_COUNT) & ~texts.str.contains(_CODE))
    n_years, n_short = (numbers.str.contains(shape).sum() if len(numbers) else 0 for shape in (_YEAR, _SHORT_MONTH))
    n_others = len(numbers) - n_years
    return n_others >= FEWEST_COUNTS and (n_others > 2 * n_years or n_short * SHORT_MONTHS_ONE_IN >= len(numbers))


def undecided_months(texts: pl.Series, plain: pl.DataFrame, last_year: int) -> pl.DataFrame:
    """Those of `plain` (place, text) with six digits that may be months as well as days of 2019 or 2020 (YYMMDD).

    None where one of them can be a month only, where a text of the column (`texts`) begins with a year of four digits, where they are so
    many that some would have a day above 12, and where such a day has not come (`last_year` is AHEAD years from now).
    """
    six = plain.filter(pl.col("text").str.contains(_SIX))
    is_open = six["text"].str.contains(_BOTH).all() and not texts.str.contains(_YEAR_FIRST).any()
    if six.height >= ENOUGH_MONTHS or not is_open:
        return six.clear()
    return six.filter(pl.col("text").str.head(2).cast(pl.Int32) + 2000 + AHEAD <= last_year)


def with_other_parts(numbers: pl.DataFrame, last_year: int | None) -> Iterator[pl.DataFrame]:
    """Of NUMBERS of one shape without an order those with two parts in each other's place, where the column has that shape too.

    2009-04-03 is also 4 March beside 2009-14-03, and 09-Mar-03 also the third of March 2009 beside 98-Mar-14: where of the texts that can
    tell more than one in twenty speak for it. Those that tell stay what they are, no date. 09-Mar-25 as of 2020 (`last_year` is AHEAD years
    on) tells less, for it may be planned: more of the texts must speak so than for the other place (25-Mar-09).
    """
    y, m, d = pl.col("y"), pl.col("m"), pl.col("d")
    is_month = {"m": d, "d": m}
    if numbers["d"].null_count() < numbers.height:
        if _speak(numbers, m.is_between(13, LAST_DAY) & d.is_between(1, 12), m.is_between(1, 12) & d.is_between(13, LAST_DAY)):
            yield numbers.filter(m.is_between(1, 12) & d.is_between(1, 12)).with_columns(**is_month)
        short = numbers.filter("is_short")
        is_day = y.is_between(1, LAST_DAY)
        has_first = _speak(short, d.is_between(LAST_DAY + 1, NOT_KNOWN - 1) & is_day, d.is_between(1, LAST_DAY) & ~is_day)
        if has_first or (last_year is not None and _is_ahead(short, (last_year - AHEAD) % 100)):
            yield short.filter((d.is_between(0, LAST_DAY) | (d == NOT_KNOWN)) & is_day).with_columns(y=d, d=y)


def _is_ahead(short: pl.DataFrame, this_year: int) -> bool:
    """Whether the last of two short numbers beside a month is a year to come more often than the first would be."""
    y, d = pl.col("y"), pl.col("d")
    ahead, other = short.select(
        ahead=(y.is_between(this_year + 1, LAST_DAY) & d.is_between(0, this_year)).sum(),
        other=(d.is_between(this_year + 1, LAST_DAY) | (y > LAST_DAY) | (y == 0)).sum(),
    ).row(0)
    return bool(ahead > other)


def _speak(numbers: pl.DataFrame, against: pl.Expr, witness: pl.Expr) -> bool:
    """Whether more than one in twenty of the texts that can tell speak against the order of the shape."""
    n_against, n_witnesses = numbers.select(against=against.sum(), witness=witness.sum()).row(0)
    return bool(n_against * TOLERATED_ONE_IN > n_against + n_witnesses)
