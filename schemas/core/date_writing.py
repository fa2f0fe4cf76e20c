"""Dates written in full-width signs, in the years of an era or of another calendar, as texts that the forms of dates understand.

Works on the distinct texts of a column; of a column of plain ASCII digits nothing is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

# ！ to ～ stand as far behind ! to ~ as U+FF01 behind U+0021; the ideographic blank and full stop have places of their own.
FULL_WIDTH = {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F)}
# The noughts of the digits of other scripts: Arabic, Persian and Urdu, Devanagari, Bengali, Thai.
_NOUGHTS = (0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50)
# With the signs of Arabic numbers: percent, decimal point, thousands, comma.
OTHER_DIGITS = {chr(nought + digit): str(digit) for nought in _NOUGHTS for digit in range(10)} | {"٪": "%", "٫": ".", "٬": ",", "،": ","}
WIDE = FULL_WIDTH | OTHER_DIGITS | {"\u3000": " ", "。": ".", "・": "."}
IS_WIDE = r"[\u{FF01}-\u{FF5E}\u{3000}。・٠-٩۰-۹०-९০-৯๐-๙٪٫٬،]"
_REST = r"(\s*[-/.年]\s*[0-9]{1,2}.*|\s*年)"
_DAY = r"(\s*[-/.年]\s*[0-9]{1,2}\s*[-/.月]\s*[0-9]{1,2}.*)"
_NINES = r"^[^0-9]*9+(?:[^0-9]+9+)*[^0-9]*$"  # 999999 and 99/99/99 are no year 99
_FILLED = r"^[^0-9]*(?:(?:9+|0+)(?:[^0-9]+|$))+$"
_MONTH_OF_OURS = r"^(?:18[5-9]|19[0-9]|20[0-9]|21[0-4])[0-9](?:0[1-9]|1[0-2])$"  # 200903: a month, and 3 September of the year 20
# 2014 г., 2016 р. and 2014.03.14. end with the word for year (Russian, Ukrainian) or a full stop (Korean)
_BEHIND = r"^(.*[0-9])(?:\s*(?:г(?:ода?)?|р(?:оку)?)\.?|\.)\s*$"
_THAI = r"\p{Thai}"
BUDDHIST = 543  # the year 2543 is 2000
MINGUO = 1911  # the year 89 is 2000


@dataclass(frozen=True)
class Era:
    """`pattern` matches the name before the year, `letter` the one letter that stands for it (empty: none)."""

    pattern: str
    letter: str
    first_year: int
    last_number: int


def plain_signs(texts: pl.Series) -> pl.Series:
    """The texts with full-width signs, and the digits of other scripts (٣ ۳ ३ ๓), as plain ones."""
    return texts.str.replace_many(WIDE) if texts.str.contains(IS_WIDE).any() else texts


def western(texts: pl.Series, eras: Sequence[Era], calendar: str | None) -> pl.Series:
    """The texts in plain signs and years of our era; what is no year of the declared calendar stays as it is.

    What has no year that the declared calendar could count becomes no date: by our own calendar it would be another day.
    """
    found = plain_signs(texts)
    if found.str.contains(_BEHIND).any():
        found = found.str.replace(_BEHIND, "$1")
    if found.str.contains(r"^(?:\p{Han}|(?i:[rhst]|meiji))").any():
        found = _counted(found, (form for era in eras for form in _of_era(era)))
    if calendar is None and found.str.contains(_THAI).any():
        found = _in_thai(found)
    if calendar == "minguo":
        return without_year(_in_minguo(found))
    return without_year(_counted(found, _of_buddhist())) if calendar == "buddhist" else found


def _in_thai(texts: pl.Series) -> pl.Series:
    """The texts, with the Buddhist years of those in Thai letters as years of ours: 12 มกราคม 2559 is of 2016, and of 59 nobody knows."""
    name, counted = texts.name, without_year(_counted(texts, _of_buddhist()))
    is_thai = pl.col(name).str.contains(_THAI)
    return texts.to_frame().select(pl.when(is_thai).then(counted).otherwise(name).alias(name)).to_series()


def _in_minguo(texts: pl.Series) -> pl.Series:
    """The texts with years of ours; nines stay what is not known, and six digits that may be a month of ours become no date."""
    name, text = texts.name, pl.col(texts.name)
    found = texts.to_frame().with_columns(_counted(texts, _of_minguo()).alias("counted"))
    may_be_ours = pl.concat_str(text, pl.lit(" (no year)"))
    made = pl.when(text.str.contains(_NINES)).then(text).when(text.str.contains(_MONTH_OF_OURS)).then(may_be_ours).otherwise("counted")
    return found.select(made.alias(name)).to_series()


def without_year(texts: pl.Series) -> pl.Series:
    """The texts of a column of another calendar; one with numbers and no year of four digits is made no date, unless it says not known."""
    name, text = texts.name, pl.col(texts.name)
    lacks = text.str.contains("[0-9]") & ~text.str.contains("[0-9]{4}") & ~text.str.contains(_FILLED)
    made = pl.when(lacks).then(pl.concat_str(text, pl.lit(" (no year)"))).otherwise(text)
    return texts.to_frame().select(made.alias(name)).to_series()


def _counted(texts: pl.Series, forms: Iterable[tuple[str, int, int]]) -> pl.Series:
    """The texts with the year of ours, by the first form that fits: its pattern (groups: before, year, behind), what is added to the
    year, and its last number.
    """
    name, read = texts.name, []
    for pattern, added, last in forms:
        if texts.str.contains(pattern).any():
            number = pl.col(name).str.extract(pattern, 2).str.replace("元", "1").cast(pl.Int32, strict=False)
            parts = [pl.col(name).str.extract(pattern, 1), (number + added).cast(pl.String), pl.col(name).str.extract(pattern, 3)]
            read.append(pl.when(number.is_between(1, last)).then(pl.concat_str(parts)))
    return texts.to_frame().select(pl.coalesce(*read, name).alias(name)).to_series() if read else texts


def _of_era(era: Era) -> Iterator[tuple[str, int, int]]:
    added = era.first_year - 1
    yield rf"^()(?i:{era.pattern})\.?\s*([0-9]{{1,3}}|元){_REST}$", added, era.last_number
    if era.letter:
        # not behind a blank: `R 12.03.14` is a note beside a day of ours
        yield rf"^()(?i:{era.letter})\.?([0-9]{{1,2}}){_DAY}$", added, era.last_number


def _of_minguo() -> Iterator[tuple[str, int, int]]:
    """Years of two or three digits that stand first: 98/03/14, 0980314 and 980314; years of four digits are ours."""
    yield r"^()([0-9]{2,3})(\s*[-/.,\\_|年].*|\s+[0-9].*)$", MINGUO, 150
    yield r"^()([0-9]{3})([0-9]{2}(?:[0-9]{2})?)$", MINGUO, 150
    yield r"^()([0-9]{2})([0-9]{4})$", MINGUO, 150


def _of_buddhist() -> Iterator[tuple[str, int, int]]:
    """Years from 2400 on, first, last or alone."""
    for pattern in (
        r"^((?:.*\s)?)พ\.?\s?ศ\.?\s*(2[4-6][0-9]{2})((?:[ T][0-9]{1,2}:.*)?)$",  # พ.ศ.: of the Buddhist era
        r"^()(2[4-6][0-9]{2})((?:[^0-9].*)?)$",
        r"^(.*[^0-9])(2[4-6][0-9]{2})((?:[ T][0-9]{1,2}:.*)?)$",
        r"^()(2[4-6][0-9]{2})([0-9]{2}(?:[0-9]{2})?)$",
    ):
        yield pattern, -BUDDHIST, 2699
