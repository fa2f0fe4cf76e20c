"""The order of day and month, proved per file and column (DESIGN 5): what cells that can be read one way only say of the others.

The typed cells of an Excel column (real dates, and day numbers, which are real dates without their format) and its text
cells are two groups: Excel turns the texts it can read into dates, in its own order, and leaves the others as text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from etl.normalise.date_resaved import converted
from schemas.core.date_doubts import TOLERATED_ONE_IN
from schemas.core.date_readings import iso_days, readings, swapped
from schemas.core.date_shapes import DateRules
from schemas.core.interval import core_texts, distinct, settle, widened

LEAST_CELLS, LEAST_WITNESSES = 20, 5
BITS = {"dmy": 1, "mdy": 2, "ymd": 4}
ORDERS = {bit: order for order, bit in BITS.items()}
NOWHERE = pl.Series("place", [], dtype=pl.UInt32)
WHOLE_YEAR = "[0-9]{4}"
STYLE = r"([-/.,\\_|·‐‑–−\s])"


@dataclass(frozen=True)
class Verdict:
    """What holds for the numeric dates of one style: the order declared or proved (null: none), and how far a declared one is believed.

    Overruled: the file is in another order. Doubted: the few cells that can tell all speak against it, too few to say more.
    """

    style: str
    declared: str | None
    proved: str | None
    is_overruled: bool = False
    is_doubted: bool = False


def read_column(cells: pl.DataFrame, rules: DateRules) -> pl.DataFrame:
    """One row per row of `cells` (raw, is_typed, n: distinct cells of one column and how often each stands there).

    Columns raw, is_typed, earliest, latest, precision, reason; is_unproved (ambiguous for want of a proved order), is_torn
    (speaks against the order that most cells or the contract give), is_doubtful (a real date that Excel may have swapped), is_zoneless
    (an instant whose day is open for want of a zone).
    """
    as_text, as_date = cells.filter(~pl.col("is_typed")), cells.filter("is_typed")
    texts = core_texts(as_text["raw"], rules)
    named = distinct(texts)
    known, counted = readings(named, rules), _counted(texts, as_text)
    allowed, torn, resaved = known, NOWHERE, NOWHERE
    if known["order"].null_count() < known.height:
        voices = _voices(known, named, counted)
        verdicts = _verdicts(voices)
        allowed, torn = _allowed(known, voices, verdicts), _torn(voices, verdicts)
        changed = swapped(converted(allowed, voices, named))
        allowed, resaved = pl.concat([allowed, changed]), changed["place"]
    if not as_date.height and not known["is_serial"].any():
        return _found(texts, allowed, known, rules, doubtful=resaved, torn=torn).with_columns(is_typed=pl.lit(False))
    typed = core_texts(as_date["raw"], rules)
    days = iso_days(distinct(typed), rules)
    other, other_number = swapped(days), swapped(known.filter("is_serial"))
    if not _may_be_swapped(days, known, _counted(typed, as_date), counted):
        other, other_number = other.clear(), other_number.clear()
    plain = _found(texts, pl.concat([allowed, other_number]), known, rules, doubtful=pl.concat([resaved, other_number["place"]]), torn=torn)
    real = _found(typed, pl.concat([days, other]), days, rules, doubtful=other["place"], torn=NOWHERE)
    return pl.concat([plain.with_columns(is_typed=pl.lit(False)), real.with_columns(is_typed=pl.lit(True))])


def _counted(texts: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """How many cells hold each text: place, n. Both frames have the same rows."""
    tally = pl.DataFrame([texts["place"], cells["n"]])
    return tally if tally["place"].is_unique().all() else tally.group_by("place").agg(pl.col("n").sum())


def _found(
    texts: pl.DataFrame, allowed: pl.DataFrame, known: pl.DataFrame, rules: DateRules, *, doubtful: pl.Series, torn: pl.Series
) -> pl.DataFrame:
    """The interval of each raw text, and why it is ambiguous where it is."""
    found = widened(texts, settle(allowed, known), rules).hstack(texts.select("place"))
    several = NOWHERE
    if (found["precision"] == "ambiguous").any():
        several = _masks(allowed.filter("is_possible")).filter(pl.col("mask").bitwise_count_ones() > 1)["place"]
    is_ambiguous = pl.col("precision").eq_missing("ambiguous")
    among = {name: pl.col("place").is_in(places.implode()).fill_null(False) if len(places) else pl.lit(False) for name, places in
             (("is_unproved", several), ("is_doubtful", doubtful), ("is_torn", torn))}  # fmt: skip
    return found.with_columns(
        is_unproved=among["is_unproved"] & is_ambiguous, is_doubtful=among["is_doubtful"] & is_ambiguous, is_torn=among["is_torn"]
    ).drop("place")


def _may_be_swapped(days: pl.DataFrame, known: pl.DataFrame, counted_days: pl.DataFrame, counted: pl.DataFrame) -> bool:
    """Whether the real dates of a column that also holds text dates may be swapped.

    They may where none has a day above 12, or of 20 or more fewer than 5.
    """
    if not known.filter("is_possible", ~pl.col("is_serial")).height:
        return False
    dated = (
        days.filter("is_possible", precision="day").join(counted_days, on="place"),
        known.filter("is_serial", "is_possible").join(counted, on="place"),
    )
    real = pl.concat([part.select("earliest", "n") for part in dated])
    late = int(real.filter(pl.col("earliest").dt.day() > 12)["n"].sum())
    return bool(real.height) and late < (LEAST_WITNESSES if int(real["n"].sum()) >= LEAST_CELLS else 1)


def _masks(found: pl.DataFrame) -> pl.DataFrame:
    """The orders in which each text can be read, as bits: place, mask."""
    ordered = found.filter(pl.col("order").is_not_null())
    bits = ordered.select("place", mask=pl.col("order").replace_strict(list(BITS), list(BITS.values()), return_dtype=pl.UInt8))
    return bits.group_by("place").agg(pl.col("mask").bitwise_or())


def _voices(known: pl.DataFrame, texts: pl.DataFrame, counted: pl.DataFrame) -> pl.DataFrame:
    """One row per text that is a numeric date in some order: place, style, n, declared (bits), only (its order where it has but one)."""
    ordered = known.filter(pl.col("order").is_not_null())
    declared = _masks(ordered.filter("is_declared")).rename({"mask": "declared"})
    voices = _masks(ordered.filter("is_possible")).join(declared, on="place", how="left").join(counted, on="place")
    # 03/04/2009 proves nothing about 09/04/03, whose year may stand first
    style = pl.concat_str(
        pl.col("text").str.extract(STYLE).fill_null(""),
        pl.when(pl.col("text").str.contains(WHOLE_YEAR)).then(pl.lit("y")).otherwise(pl.lit("")),
    )
    styled = voices.join(texts, on="place").with_columns(style=style)
    return styled.with_columns(only=pl.col("mask").replace_strict(ORDERS, default=None, return_dtype=pl.String)).drop("text")


def _tally(voices: pl.DataFrame) -> dict[str, int]:
    """How many cells can be read in each order only."""
    said = voices.filter(pl.col("only").is_not_null())
    return dict(said.group_by("only").agg(pl.col("n").sum()).iter_rows())


def _unlike(orders: Sequence[str | None]) -> pl.Expr:
    """Whether a text can be read in none of these orders: 25/03/09 has two, and neither begins with the month."""
    return pl.col("mask").cast(pl.Int64) & sum(BITS[order] for order in orders if order is not None) == 0


def _against(voices: pl.DataFrame, order: str) -> int:
    """How many cells cannot be read in this order."""
    return int(voices.filter(_unlike([order]))["n"].sum())


def _verdicts(voices: pl.DataFrame) -> list[Verdict]:
    """One verdict per style. An order proved for the column holds for a style that has a witness of its own."""
    styles = {str(key[0]): part for key, part in voices.group_by("style", maintain_order=True)}
    declared = {style: _declared(part) for style, part in styles.items()}
    free = voices.filter(pl.col("style").is_in([style for style, order in declared.items() if order is None]))
    proved = _proved(free)
    found = []
    for style, part in styles.items():
        tally, order = _tally(part), declared[style]
        if order is None:
            found.append(Verdict(style, None, proved if proved in tally else None))
        else:
            against = _against(part, order)
            found.append(Verdict(style, order, None, _is_overruled(against, tally.get(order, 0)), against > 0 and order not in tally))
    return found


def _declared(part: pl.DataFrame) -> str | None:
    """The one order that is declared for the numeric dates of a style, None where it is open."""
    return ORDERS.get(part.select(pl.col("declared").bitwise_or()).item())


def _proved(voices: pl.DataFrame) -> str | None:
    """The order of at least 20 cells of which 5 or more can be read in it only, and none in others only."""
    tally, cells = _tally(voices), int(voices["n"].sum())
    if len(tally) != 1 or cells < LEAST_CELLS:
        return None
    [(order, witnesses)] = tally.items()
    return order if witnesses >= LEAST_WITNESSES and not _against(voices, order) else None


def _is_overruled(against: int, witnesses: int) -> bool:
    return against >= LEAST_WITNESSES and against * TOLERATED_ONE_IN > against + witnesses


def _allowed(known: pl.DataFrame, voices: pl.DataFrame, verdicts: list[Verdict]) -> pl.DataFrame:
    """The readings that count."""
    schema = {"style": pl.String, "proved": pl.String, "is_overruled": pl.Boolean, "is_doubted": pl.Boolean}
    table = pl.DataFrame([(v.style, v.proved, v.is_overruled, v.is_doubted) for v in verdicts], schema=schema, orient="row")
    has_order = pl.col("order").is_not_null()
    styled = known.filter(has_order).join(voices.select("place", "style", "only").join(table, on="style"), on="place", how="left")
    is_proved = pl.col("proved").is_null() | (pl.col("order") == pl.col("proved"))
    is_heard = pl.col("is_overruled") | (pl.col("is_doubted") & pl.col("only").is_null())
    counts = (pl.col("is_declared") | is_heard.fill_null(False)) & is_proved
    return pl.concat([known.filter(~has_order), styled.filter(counts).select(known.columns)])


def _torn(voices: pl.DataFrame, verdicts: list[Verdict]) -> pl.Series:
    """The texts that contradict an order: the declared one where they overrule it, else that of most of the cells that can tell."""
    against = [_others(voices, [v.style], [v.declared]) for v in verdicts if v.is_overruled or v.is_doubted]
    free = [v.style for v in verdicts if v.declared is None]
    tally = _tally(voices.filter(pl.col("style").is_in(free)))
    most = [order for order, n in tally.items() if n == max(tally.values())]
    return pl.concat([*against, _others(voices, free, most if len(most) == 1 else [])])


def _others(voices: pl.DataFrame, styles: list[str], orders: Sequence[str | None]) -> pl.Series:
    """Texts of these styles that can be read in none of `orders`; without orders those that can be read in one only."""
    is_other = _unlike(orders) if orders else pl.col("only").is_not_null()
    return voices.filter(pl.col("style").is_in(styles), is_other)["place"]
