"""Longer texts told apart by parts: clause, strict, beside, plain, qualified and named_texts.csv say what a registrar reads in each."""

from __future__ import annotations

import csv
from itertools import groupby
from pathlib import Path

import polars as pl
import pytest

from etl.normalise.markers import read_results
from schemas.facts import shipped
from schemas.vocabularies import clause_rules, clauses
from tests.schemas.vocabulary_outcome import BUILT_IN, outcome

DATA = Path(__file__).parent / "data"
TABLES = ("clause", "strict", "beside", "plain", "qualified", "named")
ROWS = sorted(
    (
        row
        for name in TABLES
        for row in csv.DictReader(
            line for line in (DATA / f"{name}_texts.csv").read_text(encoding="utf-8").splitlines() if not line.startswith("#")
        )
    ),
    key=lambda row: row["domain"],
)
DOMAINS = {domain: [*rows] for domain, rows in groupby(ROWS, lambda row: row["domain"])}


def read(domain: str, texts: list[str]) -> list[str]:
    name, _, marker = domain.partition(":")
    if marker:
        found = read_results(BUILT_IN, pl.DataFrame({"raw": texts, "context": [marker] * len(texts)}), within_text=True)
    else:
        found = BUILT_IN.normalise(name, pl.Series(texts), within_text=True)
    return found["code"].fill_null("").to_list()


@pytest.mark.parametrize("domain", DOMAINS)
def test_reads_of_each_text_what_the_table_says(domain: str) -> None:
    rows = DOMAINS[domain]
    found = read(domain, [row["text"] for row in rows])
    assert dict(zip([row["text"] for row in rows], found, strict=True)) == {row["text"]: row["code"] for row in rows}


def test_sets_aside_only_a_part_of_which_every_word_is_known() -> None:
    texts = pl.Series(["IDC G2; hypertension", "IDC G2; hypertension of Dr Quux", "IDC G2"])
    found = clauses.apart(texts, "grade")
    assert found.select("row", "kept", "is_another").rows() == [(0, "IDC G2", False), (1, "IDC G2; hypertension of Dr Quux", True)]


@pytest.mark.parametrize(
    ("domain", "raw", "expected"),
    [
        ("site", "lung nodule, stable", (None, "rejected", "unknown_spelling")),  # the part set aside names a site: not nothing
        ("site", "hypertension; gout", (None, "canonical", "not_in_text")),
        ("grade", "ILC; asthma", (None, "canonical", "not_in_text")),
        ("stage", "stage IIA quux", (None, "rejected", "unknown_spelling")),  # a word nobody knows, beside the group
        ("stage", "quux; stage IIA", ("IIA", "fixed", "beside_unlisted")),  # in a part of its own it is told
        ("grade", "grade 2 (quux)", ("2", "fixed", "beside_unlisted")),
        ("histology", "IDC, quux", (None, "rejected", "unknown_spelling")),
        ("menopausal_status", "postmenopausal quux", ("postmenopausal", "fixed", "beside_unlisted")),
        ("n_category", "N1 (thyroid)", (None, "rejected", "unknown_spelling")),  # whose it is
        ("n_category", "N1 (hot flushes)", ("N1", "fixed", "within_text")),
        ("site", "no bone mets, liver mets", (None, "rejected", "unknown_spelling")),  # what is denied may go on behind a comma
        ("modality", "plan: chemo; RT", (None, "rejected", "unknown_spelling")),  # a plan goes on to the end
    ],
)
def test_refuses_rather_than_finds_nothing(domain: str, raw: str, expected: tuple[str | None, str, str]) -> None:
    assert outcome(domain, raw, within_text=True) == expected


def test_names_only_classes_and_domains_that_there_are() -> None:
    known = {row["class"] for row in shipped("clause_words.csv", "class", "pattern", "note")} | {"named"}
    rules = [row.cells for row in shipped("clause_rules.csv", "domain")]
    told = {
        name
        for row in rules
        for column in ("aside", "never", "spoils", "bare_with")
        for name in row[column].replace("+", " | ").split(" | ")
    }
    assert told - {""} <= known
    assert {row["domain"] for row in rules} - {"treatment"} <= BUILT_IN.domains


def test_a_list_of_more_names_than_one_pattern_holds_is_read_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clause_rules, "MOST_BYTES", 200)
    names = tuple(f"{sign} remedy" for sign in "bcdfghjk")
    assert len(clause_rules.known_words(names)) > len(names), "many patterns"
    texts = pl.Series(["AC x4, awaiting b remedy", "AC x4, awaiting k remedy", "AC x4, awaiting l remedy"])
    assert clauses.apart(texts, "treatment", names)["row"].to_list() == [0, 1], "nobody knows the last"


def test_no_pattern_of_a_list_of_names_is_too_large_to_compile() -> None:
    patterns = clause_rules.known_words(tuple(f"{number:05d} remedy of the hospital" for number in range(12_000)))
    assert max(map(len, patterns)) < clause_rules.MOST_BYTES + 100
