"""The words that keep texts from being read: ranked by the cells that they give back, and what a paste of them gives."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from etl.normalise import normalise
from etl.normalise.result import UNMAPPED, Normalised
from etl.own_words import FILE, ranked, settled
from schemas.vocabulary import Vocabularies, load
from tests.etl.normalise.tiny_exports import KEY, contract, raw, vocabularies

SITE = (
    "{rule: relapse, record: event, "
    "set: {patient_id: id, event_type_code: {value: distant_recurrence}, site_code: {from: cell, within_text: true}}}"
)
CELLS = (
    *["foie, labo Cerba"] * 3, *["foie Maple"] * 2, "poumon Maple", "foie labo Quux", *["foie, os"] * 4, "os",
    "pas de métastase hépatique, labo Cerba", "foie et cerveau, Maple", "mère: foie Maple", "foie, former Maple", "foie liverr",
)  # fmt: skip


def read(known: Vocabularies, cells: tuple[str, ...] = CELLS) -> Normalised:
    rows = ((str(number), cell) for number, cell in enumerate(cells, 1))
    return normalise(raw(contract("cell: {header: Cell}", SITE), *rows), known, KEY, 0)


def test_ranks_words_by_the_cells_that_they_give_back_and_offers_none_that_says_something() -> None:
    found = ranked(settled(read(vocabularies()).unmapped, vocabularies()))
    assert found.select("domain", "word", "cells", "so_far", "with_others", "example", "would_read").rows() == [
        ("site", "maple", 3, 3, 0, "foie Maple", "liver"),
        # labo gives nothing alone: with cerba three cells, with quux one
        ("site", "labo", 0, 3, 4, "foie, labo Cerba", "liver"),
        ("site", "cerba", 0, 6, 3, "foie, labo Cerba", "liver"),
        ("site", "quux", 0, 7, 1, "foie labo Quux", "liver"),
    ]


def test_says_of_each_text_why_it_was_not_read() -> None:
    found = settled(read(vocabularies()).unmapped, vocabularies())
    assert set(found.select("spelling", "n", "reason", "words", "would_read").rows()) == {
        ("foie, labo Cerba", 3, "unlisted_word", "labo cerba", "liver"),
        ("foie Maple", 2, "unlisted_word", "maple", "liver"),
        ("poumon Maple", 1, "unlisted_word", "maple", "lung"),
        ("foie labo Quux", 1, "unlisted_word", "labo quux", "liver"),
        ("foie, os", 4, "unlisted_word", "os", ""),  # nothing is promised: os is a value
        ("os", 1, "unknown", "", ""),
        ("pas de métastase hépatique, labo Cerba", 1, "denial", "", ""),
        ("foie et cerveau, Maple", 1, "several_values", "", ""),
        ("mère: foie Maple", 1, "another_person", "", ""),
        ("foie, former Maple", 1, "unlisted_word", "former maple", ""),
        ("foie liverr", 1, "unlisted_word", "liverr", ""),
    }
    assert list(found.columns)[-3:] == ["reason", "words", "would_read"], "behind the columns that were there"


@pytest.mark.slow
@pytest.mark.parametrize("n_lines", [1, 2, 3, 4])
def test_a_paste_of_the_first_lines_gives_what_they_promise(tmp_path: Path, n_lines: int) -> None:
    before = read(vocabularies())
    pasted = ranked(settled(before.unmapped, vocabularies())).head(n_lines)
    folder = tmp_path / "vocabularies"
    folder.mkdir()
    pasted.write_csv(folder / "plain_words.csv")
    after = read(load(folder))
    assert before.unmapped["n"].sum() - after.unmapped["n"].sum() == pasted["so_far"].to_list()[-1]
    read_now = after.records["event"]["site_code"].drop_nulls().len() - before.records["event"]["site_code"].drop_nulls().len()
    assert read_now == pasted["so_far"].to_list()[-1]


def test_ranks_nothing_where_nothing_was_lost() -> None:
    assert ranked(settled(pl.DataFrame(schema=UNMAPPED), vocabularies())).is_empty()
    assert FILE == "own_words.csv"
