"""Receptors as laboratories write them, one line per text in data/marker_texts.csv, and what each says.

`result` is the code, `value` and `unit` the number beside it, `test` what decides HER2; where `result` is empty and `value` too the
text is not understood (`contradiction` where its parts do not agree), or it says a number that has no cut-off.
"""

import csv
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from etl.normalise.markers import read_results
from schemas.vocabularies.marker_her2 import joined
from schemas.vocabulary import load

FILE = Path(__file__).parent / "data" / "marker_texts.csv"
KNOWN = load()


def texts():
    lines = [line for line in FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


@cache
def results():
    """What each text of the table is read as, by marker and text: the whole table in one go, as a column is read."""
    rows = texts()
    asked = pl.DataFrame({"raw": [row["text"] for row in rows], "context": [row["marker"] for row in rows]})
    found = read_results(KNOWN, asked).rows(named=True)
    return {(row["marker"], row["text"]): one for row, one in zip(rows, found, strict=True)}


def outcome(marker, text):
    found = results()[marker, text]
    value = "" if found["result_value"] is None else f"{found['result_value']:g}"
    said = {
        "result": found["code"],
        "unit": found["result_unit_code"],
        "test": found["reason_code"],
        "bin": found["bin"],
        "reason": found["reason"],
    }
    return {"value": value, **{key: word or "" for key, word in said.items()}}


@pytest.mark.parametrize("row", texts(), ids=lambda row: f"{row['marker']}: {row['text']}")
def test_reads_the_result_as_the_table_says(row):
    assert outcome(row["marker"], row["text"]) == {key: row[key] for key in ("value", "result", "unit", "test", "bin", "reason")}


def test_lists_texts_of_every_kind():
    rows = texts()
    assert len(rows) >= 90
    assert sum(row["bin"] == "rejected" for row in rows) >= 20
    assert {row["unit"] for row in rows} == {"", "percent", "allred", "h_score", "irs", "fmol_mg", "ihc_score", "ish_ratio"}


@pytest.mark.parametrize(
    ("ihc", "ish", "expected"),
    [
        ("2+", "amplified", ("positive", 2, "ihc_score", "ish")),
        ("2+", "2.4", ("positive", 2.4, "ish_ratio", "ish")),
        ("2", "FISH neg", (None, None, None, None)),  # 2+, or a code of its registry
        ("1", None, (None, None, None, None)),  # 1+ is negative, a yes is not
        ("0", None, ("negative", 0, "ihc_score", "ihc")),
        ("3+", None, ("positive", 3, "ihc_score", "ihc")),
        ("1+", "not done", ("negative", 1, "ihc_score", "ihc")),
        ("2+", "pending", ("borderline", 2, "ihc_score", "ihc")),
        (None, "ratio 1.1", ("negative", 1.1, "ish_ratio", "ish")),
        ("3+", "not amplified", (None, None, None, None)),  # one of the two is wrong
        ("0", "amplified", (None, None, None, None)),
        ("positive", None, ("positive", None, None, None)),
    ],
)
def test_combines_two_cells_of_her2(ihc, ish, expected):
    cells = pl.DataFrame({"ihc": [ihc], "ish": [ish]}, schema={"ihc": pl.String, "ish": pl.String})
    asked = cells.select(raw=joined(pl.col("ihc"), pl.col("ish")), context=pl.lit("her2"))
    found = read_results(KNOWN, asked)
    assert found.select("code", "result_value", "result_unit_code", "reason_code").row(0) == expected


@pytest.mark.parametrize(
    ("marker", "raw"),
    [
        ("er", "negative (80%)"),
        ("er", "negative in 80% of cells"),
        ("er", "positive in 0%"),
        ("er", "PR positive"),  # of another marker
        ("her2", "HER2 low positive"),  # low is negative (1+, or 2+ without amplification)
        ("her2", "HER2 low (2+, FISH positive)"),
        ("her2", "ER+ negative"),
        ("her2", "positive (1+)"),
        ("her2", "HER 2 negative (2+)"),  # 2+ is neither, as long as no hybridisation says more
        ("her2", "HER2 is negative (2+)"),
        ("her2", "2+ so negative"),
        ("her2", "negative (1-2+)"),
        ("her2", "negatiivinen (2+)"),
        ("her2", "negativna (3+)"),
        ("her2", "pozitivan (1+)"),
        ("her2", "IHC 0, FISH amplified"),
    ],
)
def test_takes_no_word_that_the_rest_of_a_longer_text_contradicts(marker: str, raw: str) -> None:
    asked = pl.DataFrame({"raw": [raw], "context": [marker]})
    assert read_results(KNOWN, asked, within_text=True).select("code", "bin", "reason").row(0) == (None, "rejected", "contradiction")


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("2+ but then in FISH negative", "negative"),
        ("negativna (1+)", "negative"),
        ("positiivinen (3+)", "positive"),
        ("HER2 positive, 2-3+", None),
    ],
)
def test_reads_a_word_of_her2_that_its_score_or_the_hybridisation_bears_out(raw: str, read: str | None) -> None:
    asked = pl.DataFrame({"raw": [raw], "context": ["her2"]})
    assert read_results(KNOWN, asked, within_text=True)["code"].to_list() == [read]


def test_finds_the_own_marker_beside_another_and_a_number_that_agrees() -> None:
    asked = pl.DataFrame({"raw": ["tumour is ER-positive in 80% of cells", "ER and PR positive"], "context": ["er", "er"]})
    assert read_results(KNOWN, asked, within_text=True)["code"].to_list() == ["positive", "positive"]


REPORTS = {
    "ER neg (0%), PR neg (0%), HER2 3+": ("negative", "negative", "positive"),
    "ER positive (80%), PR positive (40%). HER2 IHC 2+. Dual-probe ISH pending.": ("positive", "positive", None),
    "ER positive (95%), PR positive (80%), HER2 negative (IHC 1+), Ki-67 18%.": ("positive", "positive", "negative"),
    "HER2-negative (IHC 1+), ER positive (95%), PR <1%": ("positive", "negative", "negative"),
    "Estrogen receptor: 90%; Progesterone receptor: <1%; HER-2: 2+ (FISH not amplified)": ("positive", "negative", "negative"),
    "ER/PR negative, HER2 3+": ("negative", "negative", "positive"),
    "ER and PR positive, HER2 negative": ("positive", "positive", "negative"),
    "ER PR neg, HER2 3+": ("negative", "negative", "positive"),
    "ER PR HER2: pos neg neg": (None, None, None),
    "ER prob pos, PR neg": (None, "negative", None),
    "ER+PR+HER2-": ("positive", "positive", "negative"),
    "positive for ER and PR, and negative for HER2": (None, None, None),
    "90% ER, 10% PR, HER2 0": (None, None, None),
    "ER-PR positive, HER2 2+": (None, "positive", "borderline"),
    "ER+ PR neg, HER2+ 3+": ("positive", "negative", None),
    "ER + PR negative, HER2 0": (None, None, None),  # both, or one of each
    "ER or PR positive, HER2 0": (None, None, None),
    "no ER, PR positive, HER2 0": (None, None, None),
    "ER positive, no PR, HER2 0": (None, None, None),
    "loss of ER, PR positive, HER2 0": (None, None, None),
    "Positive: ER, PR. Negative: HER2": (None, None, None),
    "pos = ER, neg = PR, HER2": (None, None, None),
    "(+) ER (-) PR (-) HER2": (None, None, None),
    "-ER, -PR, +HER2": (None, None, None),
    "IHC 3+: HER2, ER neg, PR neg": (None, None, None),
    "?ER pos PR neg HER2 0": (None, None, None),
    "p53 positive, ER positive, PR neg, HER2 neg": ("positive", "negative", "negative"),
    "ER 90%; AR neg; PR 10%; E-cadherin positive; HER2 3+": ("positive", "positive", "positive"),
    "CK5/6 pos, EGFR pos, ER neg, PR neg, HER2 neg": ("negative", "negative", "negative"),
    "HR positive: ER 90%, PR 10%": ("positive", "positive", None),
    "HR positive, ER 90%, PR 10%": ("positive", "positive", None),
    "HR positive, HER2 negative": (None, None, "negative"),
}


@pytest.mark.parametrize("text", REPORTS)
def test_reads_of_a_text_that_names_several_markers_what_it_says_of_each(text):
    asked = pl.DataFrame({"raw": [text] * 3, "context": ["er", "pr", "her2"]})
    found = read_results(KNOWN, asked, within_text=True)
    assert tuple(found["code"]) == REPORTS[text]
    assert (found["bin"].cast(pl.String) == "rejected").to_list() == [code is None for code in REPORTS[text]]
