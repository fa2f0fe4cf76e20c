"""Measures and counts as cells write them: `2.5 cm`, `25 x 18 mm`, `5000cGy`, `3/15` nodes, and the codes that stand in their place."""

from __future__ import annotations

from functools import cache

import polars as pl

from etl.normalise.distinct import Distinct
from etl.normalise.numbers import PLACES, numbers
from schemas.core.date_writing import OTHER_DIGITS
from schemas.date_words import words_for_no_number
from schemas.facts import shipped
from schemas.items import Column
from schemas.units import factor
from schemas.vocabularies.spelling import rewrite, rules, unraised

# A column of bare sizes is likely in centimetres: so many of its distinct numbers have a fraction, and nearly none is above 15 (a tumour
# of 15 cm is rare, a column in which none is above 15 mm too).
# Where nearly none is above 10 (sizes noted to half a centimetre: 1, 1.5, 2, 2.5) a third with a fraction is enough.
FEWEST_FRACTIONS, NEARLY_ALL, MOST_CENTIMETRES, FEW_CENTIMETRES = 5, 0.95, 15, 10
# The two counts of one cell: which side of `3/15` each column is.
SIDES = {"nodes_positive": 1, "nodes_examined": 2}
# behind the counts may stand that they were sentinel nodes or hold micrometastases; isolated cells (itc) are no positive node
# The words between them are of a dozen languages (3 af 17, 3 z 17). French: 3N+/12, 2N+/15N
_PAIR = (
    r"^\(?\s*(\d{1,3})\s*(?:n\+\s*)?(?:/|of|out of|von|van|van de|de|di|su|sur|af|ud af|av|z|ze|из)\s*(\d{1,3})\s*(?:n\b)?"
    r"\s*(?:\(?(?:sn|sln|mic?|micromet|macromet)\)?\s*)?\)?$"
)
_NUMBER = r"\d+(?:\.\d+)?"
_METRIC = ("mm", "cm", "мм", "см")  # what stands behind a diameter
_DIAMETERS = rf"^(?:{_NUMBER}\s*(?:{'|'.join(_METRIC)})?\s*[xх×*]\s*)+{_NUMBER}$"
# 3 x 2, without a unit
_BARE = r"^[\d.,\s]+(?:[xх×*][\d.,\s]+)+$"
_GREATEST = r"\s*,?\s*(?:in )?(?:greatest|largest|maximum|maximal|max\.?)(?:\s+(?:dimension|diameter|extent))?$|\s+diameter$"
# 5 cms, 5 c.m., 5 cm by 4 cm
_CENTIMETRES, _BY = r"(\d\s*)c\.?m\.?s?(\W|$)", r"(\d\s*(?:[cm]m)?)\s*by\s*(\d)"


def measured(text: pl.Series, column: Column, decimal: str, unit: str | None, is_side: bool = False) -> pl.DataFrame:
    """One row per cell: `value` and `is_known`; a code, and a word for not known, is known and has no value. Read once per distinct text.

    `decimal` is how plain numbers are written, `unit` the one they come in (null: the column's own); a unit written in the
    cell goes before it. `is_side`: the column is one of two counts of the cell, so that only both together are understood.
    """
    cells = Distinct.of(text.to_frame("raw"))
    distinct = cells.table["raw"]
    folded = unraised(pl.col("raw")).str.normalize("NFKC").str.replace_many(OTHER_DIGITS).str.to_lowercase().str.strip_chars()
    folded = folded.str.replace_all(_CENTIMETRES, "${1}cm$2").str.replace_all(_BY, "${1} x $2")
    if rules(column.name, "retry"):  # the words around counts and diameters
        folded = rewrite(folded, column.name, "retry")
    worded = _pair(column) if is_side else pl.coalesce(*_in_words(column, unit))
    read = pl.LazyFrame({"raw": distinct, "plain": numbers(distinct, column, decimal, unit)})
    read = read.with_columns(text=folded).with_columns(worded=worded)
    known_codes = number_codes().get(column.name, {})
    codes = pl.col("text").str.replace(r"^0+(\d)", "$1").is_in(list(known_codes))
    is_code = codes if unit in (None, column.item.unit) else pl.lit(value=False)
    kind = column.polars
    alone = pl.when(pl.lit(not is_side)).then("plain")
    is_nothing = pl.col("text").is_in(list(words_for_no_number()))
    is_sure = ~is_code & ~is_nothing & ~_lacks_unit(column, unit, codes)
    value = pl.when(is_sure).then(pl.coalesce(alone, _whole(pl.col("worded"), column).cast(kind, strict=False)))
    is_none = (value == 0).fill_null(value=False) if "0" in known_codes else pl.lit(value=False)  # 0 cm too: no size
    known = read.select(value=pl.when(~is_none).then(value), is_known=is_code | is_nothing | value.is_not_null()).collect()
    return cells.spread(known).with_columns(pl.col("is_known").fill_null(value=True))


def _lacks_unit(column: Column, unit: str | None, codes: pl.Expr) -> pl.Expr:
    """Numbers alone in a column of sizes where nothing tells what those are in, and no contract says it: a 3 among `3.5 cm` may be
    either, and `2.8`, `1.7`, `6.2` are centimetres in a column that never says so. Where more of the distinct cells are whole numbers
    alone or say millimetres, they are millimetres."""
    if column.item.unit != "mm" or unit is not None:
        return pl.lit(value=False)
    text = pl.col("text")
    alone = pl.col("plain").is_not_null() | text.str.contains(_BARE)
    says = text.str.contains(r"\dcm|\d\s+cm").sum()
    in_millimetres = text.str.contains(r"\dmm|\d\s+mm").sum()
    are_fractions = _are_fractions(pl.when(~codes).then("plain")) & (in_millimetres == 0)
    return alone & (((says > 1) & (says >= alone.sum()) & (says > in_millimetres)) | are_fractions)


def _are_fractions(plain: pl.Expr) -> pl.Expr:
    """Whether many of the distinct numbers alone have a fraction, and nearly none is as large as the sizes that tumours have in
    millimetres: nobody measures most of them to a tenth of one."""
    fractions, largest = (plain != plain.round(0)).sum(), plain.quantile(NEARLY_ALL)
    is_most = (2 * fractions > plain.count()) & (largest <= MOST_CENTIMETRES)
    is_third = (3 * fractions >= plain.count()) & (largest <= FEW_CENTIMETRES)
    return (fractions >= FEWEST_FRACTIONS) & (is_most | is_third)


@cache
def number_codes() -> dict[str, dict[str, str]]:
    """By column what each code says of the nodes (empty where nothing)."""
    found: dict[str, dict[str, str]] = {}
    for row in shipped("number_codes.csv", "column", "number", "node_status_code"):
        found.setdefault(row["column"], {})[row["number"]] = row["node_status_code"]
    return found


def node_status(text: pl.Series) -> pl.Series:
    """What a code in the place of the number of positive nodes says of them; null where the cell is no such code."""
    says = {number: status for number, status in number_codes()["nodes_positive"].items() if status}
    asked = text.str.strip_chars().str.strip_chars_start("0")
    return asked.replace_strict(says, default=None, return_dtype=pl.String)


def _whole(value: pl.Expr, column: Column) -> pl.Expr:
    """A value that fits the type: of a whole number only one without a fraction."""
    return pl.when((value == value.round(0)) | pl.lit(column.type == "float")).then(value)


def _largest(text: pl.Expr, times: float) -> pl.Expr:
    """The largest of several diameters without a unit of their own (`18×15`), in that of the column."""
    body = _with_point(text)
    return _greatest_of(pl.when(body.str.contains(rf"^(?:{_NUMBER}\s*[xх×*]\s*)+{_NUMBER}$")).then(body), times)


def _with_point(text: pl.Expr) -> pl.Expr:
    """A comma before one or two digits is a decimal comma where a unit or another diameter follows, whatever the file has."""
    return text.str.replace_all(r"(\d),(\d{1,2})(\D|$)", "${1}.${2}${3}")


def _greatest_of(diameters: pl.Expr, times: float) -> pl.Expr:
    """The greatest of the numbers in a text, in the unit of the column."""
    return (diameters.str.extract_all(_NUMBER).cast(pl.List(pl.Float64)).list.max() * times).round(PLACES)


def _in_words(column: Column, unit: str | None) -> list[pl.Expr]:
    """The ways in which a cell of this column says a number otherwise than plainly; `unit`: the one in which its cells come."""
    text = pl.col("text").str.replace(_GREATEST, "")
    ways: list[pl.Expr] = []
    if column.name == "result_value":
        # a comma before one or two digits and the sign is a decimal one, whatever the file has
        ways.append(_with_point(text).str.extract(rf"^({_NUMBER})\s*%$").cast(pl.Float64, strict=False))
        # Turkish writes the sign first; a comma there is a decimal one
        first = text.str.extract(r"^%\s*(\d{1,3}(?:[.,]\d{1,2})?)$").str.replace(",", ".", literal=True)
        ways.append(first.cast(pl.Float64, strict=False))
    if column.name == "tumour_no":
        ways.append(text.str.extract(r"^(\d{1,2})$").cast(pl.Float64))  # what a rule made of `2nd of 2 or more primaries`
    if column.name in SIDES:
        ways.append(_pair(column))
    if column.item.unit == "mm":
        ways.append(_largest(text, factor(unit, "mm") or 1.0 if unit else 1.0))
    for word, times in _words(column.item.unit):
        body = _with_point(text).str.strip_suffix(word).str.strip_chars_end()
        written = pl.when(text.str.ends_with(word) & body.str.contains(rf"^{_NUMBER}$")).then(body)
        ways.append((written.cast(pl.Float64, strict=False) * times).round(PLACES))
        if column.item.unit == "mm" and word in _METRIC:
            several = pl.when(text.str.ends_with(word) & body.str.contains(_DIAMETERS)).then(body)
            same_unit = several.str.count_matches("|".join(_METRIC)) == several.str.count_matches(word)
            ways.append(pl.when(same_unit).then(_greatest_of(several, times)))
    return ways or [pl.lit(None, pl.Float64)]


def _pair(column: Column) -> pl.Expr:
    """One side of `3/15`; of 99/99 no side is a count, and of 0/0, where none was examined, not the one of those with tumour."""
    first, second = (pl.col("text").str.extract(_PAIR, side).cast(pl.Float64) for side in (1, 2))
    is_count = (first <= second) & (second < 90)
    return pl.when(is_count & (second > 0)).then(first) if SIDES[column.name] == 1 else pl.when(is_count).then(second)


@cache
def _words(unit: str) -> tuple[tuple[str, float], ...]:
    """Words of the units that can be turned into one, the longest first, each with its factor."""
    rows = [row for row in shipped("unit_words.csv", "column_unit", "word", "unit") if unit and row["column_unit"] == unit]
    found = [(row["word"], 1.0 if row["unit"] == unit else factor(row["unit"], unit) or 1.0) for row in rows]
    return tuple(sorted(found, key=lambda pair: (-len(pair[0]), pair[0])))
