"""Whether a column counts its years in another calendar or in eras: then nobody knows of which year 52 or 98 is."""

from __future__ import annotations

import polars as pl

from schemas.core.date_doubts import TOLERATED_ONE_IN

_MARK = r"\s?[-/.,\s]\s?"
_DAY_MONTH = rf"[0-9]{{1,2}}{_MARK}(?:[0-9]{{1,2}}|\p{{L}}[\p{{L}}\p{{M}}.]*){_MARK}"
# Years of four digits that are none of ours: Hijri and the Persian calendar (1300 to 1499), the Buddhist one (2400 to 2699).
_OTHER_YEAR = r"(?:1[34][0-9]{2}|2[4-6][0-9]{2})"
# Years of Minguo with their three digits: 098, 105.
_MINGUO_YEAR = r"(?:0[0-9]{2}|1[0-4][0-9])"
_END = r"(?:[^0-9]|$)"
OF_ANOTHER = rf"^{_DAY_MONTH}{_OTHER_YEAR}{_END}|^(?:{_OTHER_YEAR}|{_MINGUO_YEAR}){_MARK}[0-9]{{1,2}}{_MARK}[0-9]{{1,2}}{_END}"
# H21/3/14, made a date of ours: it begins with a letter as delivered and with a year as it was read.
NAMED, COUNTED = r"^\p{L}", r"^[0-9]{4}(?:[^0-9]|$)"


def is_of_another(delivered: pl.Series, written: pl.Series) -> bool:
    """Whether more than one in twenty of the distinct texts of a column have a year of another calendar, or of a named era.

    `written`: the texts in plain signs, with named eras and Thai dates as years of ours.
    """
    named = delivered.str.contains(NAMED) & written.str.contains(COUNTED)
    told = named | delivered.str.contains(OF_ANOTHER) | written.str.contains(OF_ANOTHER)
    return bool(told.sum() * TOLERATED_ONE_IN > len(delivered))
