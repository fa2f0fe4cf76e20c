"""What the texts of hospital cells mean, one line per text in data/spellings/<domain>.csv.

`code` is what the text means and `bin` where it falls: `canonical` (the code itself; without a code: known to say nothing), `fixed`
(a spelling of it) or `rejected` (not understood, or of several meanings: never guessed). Of a slip of the pen `nearest` is the code of
the first suggestion, a hint for a person. Marks for what cannot be seen: {nbsp} a blank that does not break, {zwsp} one without width,
{bom} the mark of the start of a file.
"""

import csv
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from schemas.vocabulary import load

FOLDER = Path(__file__).parent / "data" / "spellings"
UNSEEN = {"{nbsp}": "\u00a0", "{zwsp}": "\u200b", "{bom}": "\ufeff"}
KNOWN = load()
DOMAINS = (
    "cause_of_death",
    "drug",
    "ethnicity",
    "grade",
    "histology",
    "laterality",
    "procedure",
    "radiation_volume",
    "regimen",
    "sex",
    "site",
    "stage",
    "vital_status",
)


def rows_of(name):
    lines = [line for line in (FOLDER / f"{name}.csv").read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


def unseen(text):
    for mark, character in UNSEEN.items():
        text = text.replace(mark, character)
    return text


CASES = [(row.get("domain", name), row) for name in (*DOMAINS, "tnm_alone") for row in rows_of(name)]


@cache
def read(domain):
    """What each text of a domain is read as, by text and organ: all of them in one go, as a column is read."""
    rows = [row for of, row in CASES if of == domain]
    texts = pl.Series([unseen(row["text"]) for row in rows])
    beside = pl.Series([row.get("organ") or None for row in rows], dtype=pl.String)
    found = KNOWN.normalise(domain, texts, beside if beside.count() else None).rows(named=True)
    return {(row["text"], row.get("organ")): one for row, one in zip(rows, found, strict=True)}


@pytest.mark.parametrize("domain", sorted({domain for domain, _ in CASES}))
def test_reads_every_text_as_the_table_says(domain):
    rows = [row for of, row in CASES if of == domain]
    assert rows
    found = [read(domain)[row["text"], row.get("organ")] for row in rows]
    assert [(row["text"], row.get("organ"), one["code"] or "", one["bin"], row["why"]) for row, one in zip(rows, found, strict=True)] == [
        (row["text"], row.get("organ"), row["code"], row["bin"], row["why"]) for row in rows
    ]


SLIPS = [case for case in CASES if case[1].get("nearest")]


@pytest.mark.parametrize("domain", sorted({domain for domain, _ in SLIPS}))
def test_proposes_the_nearest_spelling_of_a_slip_of_the_pen(domain):
    slips = {row["text"]: row["nearest"] for of, row in SLIPS if of == domain}
    assert {text: KNOWN.nearest(domain, pl.Series([unseen(text)]))["code"].to_list() for text in slips} == {
        text: [nearest] for text, nearest in slips.items()
    }


@pytest.mark.parametrize("row", [row for row in rows_of("drug") if row["code"]], ids=lambda row: row["text"])
def test_knows_class_and_atc_code_of_the_drug(row):
    drug = KNOWN.table("drug").row(by_predicate=pl.col("drug_code") == row["code"], named=True)
    assert (drug["atc_code"], drug["drug_class"]) == (row["atc"], row["class"])


@pytest.mark.parametrize("domain", DOMAINS)
def test_lists_enough_texts_of_every_bin(domain):
    rows = rows_of(domain)
    assert len(rows) >= 50
    assert len({(row["text"], row.get("organ")) for row in rows}) == len(rows), "each text once"
    assert sum(row["bin"] == "rejected" for row in rows) >= 9
    assert all(bool(row["code"]) == (row["bin"] == "fixed") or row["bin"] == "canonical" for row in rows)
