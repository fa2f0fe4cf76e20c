"""How canonical records are worded in the exports: dates in each file's form, treatment lines, TNM cells, labels for codes."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from schemas.vocabulary import load

EXCEL_EPOCH = pl.date(1899, 12, 30)


def form(date: str, pattern: str) -> pl.Expr:
    """A date column as text in a strftime pattern."""
    return pl.col(date).dt.strftime(pattern)


def spread(salt: int) -> pl.Expr:
    """A number from 0 to 99 per row that depends on the person and `salt` alone."""
    return ((pl.col("person_no").cast(pl.Int64) * 7919 + salt * 104_729) % 10_007) % 100


def mixed(date: str, usual: str, *others: str, salt: int = 1) -> pl.Expr:
    """A date mostly in its usual form, in each other form for one woman in ten."""
    text = form(date, usual)
    for place, other in enumerate(others):
        text = pl.when(spread(salt).is_between(place * 10, place * 10 + 9)).then(form(date, other)).otherwise(text)
    return text


def in_excel(date: str, salt: int = 1) -> pl.Expr:
    """A date as Excel holds it: mostly a real date, some a bare serial number, some typed as text day first."""
    serial = (pl.col(date) - EXCEL_EPOCH).dt.total_days().cast(pl.String)
    return (
        pl.when(pl.col(date).is_null()).then(pl.lit(None, pl.String))
        .when(spread(salt) < 6).then("number:" + serial)
        .when(spread(salt) < 14).then(form(date, "%d/%m/%Y"))
        .otherwise("date:" + serial)
    )  # fmt: skip


def labels(frame: pl.DataFrame, column: str, domain: str) -> pl.Expr:
    """A code column in the words of its code list."""
    vocabularies = load(None)
    codes = frame[column].drop_nulls().unique().sort().to_list()
    return pl.col(column).replace_strict({code: vocabularies.label(domain, code) for code in codes}, default=None, return_dtype=pl.String)


def codes(column: str, known: Mapping[str, str]) -> pl.Expr:
    """A code column in the codes of one hospital; null where it has none."""
    return pl.col(column).replace_strict(dict(known), default=None, return_dtype=pl.String)


def courses(treatment: pl.DataFrame) -> pl.DataFrame:
    """One row per person, tumour and course: its line of text, the day on which all its components began (null: several), its reason."""
    keys = ["person_no", "tumour_no", "course_code"]
    began = pl.col("treatment_date")
    return treatment.group_by(keys, maintain_order=True).agg(
        text=pl.col("course_text").first(),
        begins=pl.when((began.n_unique() == 1) & (began.null_count() == 0)).then(began.first()),
        ends=pl.when(pl.len() == 1).then(pl.col("treatment_end_date").first()),
        is_given=pl.col("is_given").any(),
        reason_code=pl.col("not_given_reason_code").drop_nulls().first(),
    )


def tnm() -> pl.Expr:
    """T, N and M in one cell, each with the prefix of the tumour: `pT2 pN1 M0`."""
    prefix = pl.col("prefix").fill_null("")
    parts = [
        pl.when(pl.col(c).is_not_null()).then((prefix if c != "m_code" else pl.lit("")) + pl.col(c)) for c in ("t_code", "n_code", "m_code")
    ]
    text = pl.concat_str(parts, separator=" ", ignore_nulls=True)
    return pl.when(text != "").then(text)


def comma(column: str) -> pl.Expr:
    """A number with a decimal comma."""
    return pl.col(column).cast(pl.String).str.replace(".", ",", literal=True)


def whole(column: str) -> pl.Expr:
    """A whole number, whatever its type."""
    return pl.col(column).cast(pl.Int64).cast(pl.String)


def percent_or_word(frame: pl.DataFrame, marker: str) -> pl.Expr:
    """A receptor as per cent of cells where that is known, else in words."""
    percent = pl.col(f"{marker}_percent")
    return pl.when(percent.is_not_null()).then(whole(f"{marker}_percent") + "%").otherwise(labels(frame, f"{marker}_code", "marker_result"))


def hospital_b_her2(frame: pl.DataFrame) -> pl.Expr:
    """HER2 in one cell: the score, and the ratio where the score leaves it open; else in words."""
    score, ratio = pl.col("her2_ihc_score"), pl.col("her2_ish_ratio")
    words = labels(frame, "her2_code", "marker_result")
    scored = "IHC " + score.cast(pl.String) + pl.when(score > 0).then(pl.lit("+")).otherwise(pl.lit(""))
    return (
        pl.when(ratio.is_not_null())
        .then(scored + ", FISH ratio " + ratio.cast(pl.String))
        .when(score.is_not_null())
        .then(scored)
        .otherwise(words)
    )
