"""Rows that sum up a column where a person should stand (`Summe`, `Total`, `N = 322`), or say something below it: footers not declared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import polars as pl

from etl.readers.headers import Columns
from etl.readers.parsed import CellNotice
from schemas.contract import Contract
from schemas.facts import shipped

EDIT = "READ-TOTAL"
# A line of words below a table stands where a person should, alone in its row: `(*) dati provvisori`. Where most persons are called
# by several words (names), or one row in five and more is such a line, it may be one. A number made of letters (KKH-BC-12) has no blank.
SENTENCE = r"^\W*\p{L}{2,}[^\w\s]*\s(?:.*\W)?\p{L}{2,}"
MOST_SENTENCES = 0.2
# A row that sums up is mostly empty: with more than half of its other cells filled, it may be a person after all.
MOST_FILLED = 0.5
FEWEST_COUNTED = 3
FIRST = "0"  # the first column of a file, as it is called until a field takes it


@dataclass(frozen=True)
class Totals:
    """`refused`: rows that cannot be a person; `doubtful`: rows named like one, but full, by header. These go on."""

    refused: list[int]
    doubtful: list[tuple[str, CellNotice]]


def totals(rows: pl.DataFrame, whole: pl.DataFrame, contract: Contract, columns: Columns) -> Totals:
    """The rows of `rows` (RawTable's) whose person is a word for a sum (schemas/total_words.csv), or that begin with one,
    and notes and lines of words alone in their row.

    `whole` has the cells that no field reads: the first column (a running number) may be one of them.
    """
    refused = _begun(rows, whole, contract, columns)
    doubtful: list[tuple[str, CellNotice]] = []
    for name in contract.person_fields:
        place = columns.places[name]
        if place is None:
            continue
        refused += _notes(rows, whole, name, contract) + _count(rows, whole, name, contract)
        met = rows.filter(pl.col(name).str.contains(sum_pattern()).fill_null(value=False))
        if met.is_empty():
            continue
        is_full = met.select(_is_full(contract)).to_series()
        refused += met.filter(~is_full)["source_row"].to_list()
        full = met.filter(is_full)["source_row"].to_list()
        doubtful += [(columns.headers[place], CellNotice(EDIT, place, full, len(full)))] if full else []
    return Totals(sorted(set(refused)), doubtful)


def _notes(rows: pl.DataFrame, whole: pl.DataFrame, name: str, contract: Contract) -> list[int]:
    """Rows with nothing in any other cell, read or unread, but a note in the place of the person: one that begins like a note
    (schemas/note_words.csv), or a line of words where few persons are called by several.
    """
    others = [other for other in contract.fields if other != name and other in rows.columns]
    if not others:
        return []
    said = rows.filter(pl.col(name).str.contains(f"{note_pattern()}|{SENTENCE}").fill_null(value=False))
    worded = said.filter(pl.col(name).str.contains(SENTENCE)).height
    notes = said if worded <= MOST_SENTENCES * rows.height else said.filter(pl.col(name).str.contains(note_pattern()))
    alone = notes.filter(pl.all_horizontal(pl.col(others).is_null()))["source_row"]
    return sorted(set(alone.to_list()) - set(_filled(whole, alone)))


def _count(rows: pl.DataFrame, whole: pl.DataFrame, name: str, contract: Contract) -> list[int]:
    """The last row where it is the number of the rows above and nothing else; after 7 an 8 is the next person."""
    others = [other for other in contract.fields if other != name and other in rows.columns]
    last = rows.tail(1)
    if rows.height < FEWEST_COUNTED or not others or last[name][0] != str(rows.height - 1):
        return []
    is_next = rows[name].is_in([str(rows.height - 2)]).any()
    is_alone = last.select(pl.all_horizontal(pl.col(others).is_null())).item() and not _filled(whole, last["source_row"])
    return last["source_row"].to_list() if is_alone and not is_next else []


def _filled(whole: pl.DataFrame, asked: pl.Series) -> list[int]:
    """Those of the rows asked for that have something in a cell that no field reads: a person of whom this contract asks nothing."""
    unread = [pl.col(column).cast(pl.String).str.strip_chars() != "" for column in whole.columns if column.isdigit()]
    if asked.is_empty() or not unread:
        return []
    met = whole.filter(pl.col("source_row").is_in(asked.implode()))
    return met.filter(pl.any_horizontal(unread).fill_null(value=False))["source_row"].to_list()


def _is_full(contract: Contract) -> pl.Expr:
    """Whether more than half of the cells beside the person's are filled."""
    others = [other for other in contract.fields if other not in contract.person_fields]
    filled = pl.sum_horizontal(pl.lit(0), *(pl.col(other).is_not_null().cast(pl.Int32) for other in others))
    return filled > MOST_FILLED * len(others)


def _begun(rows: pl.DataFrame, whole: pl.DataFrame, contract: Contract, columns: Columns) -> list[int]:
    """Mostly empty rows with such a word in the first column of the file, where the person stands further right."""
    if FIRST not in whole.columns or not any(columns.places[name] for name in contract.person_fields):
        return []
    named = whole.filter(pl.col(FIRST).cast(pl.String).str.contains(sum_pattern()).fill_null(value=False))["source_row"]
    met = rows.filter(pl.col("source_row").is_in(named.implode())) if len(named) else rows.clear()
    return met.filter(~_is_full(contract))["source_row"].to_list()


@cache
def sum_pattern() -> str:
    """A word alone, or with a number after it; a word of one letter only with a number."""
    words = sorted((row["word"] for row in shipped("total_words.csv", "word", "language")), key=len, reverse=True)
    long, short = ("|".join(re.escape(word) for word in words if (len(word) > 1) is is_long) for is_long in (True, False))
    number = r"[0-9][0-9.,' ]*"
    return rf"(?i)^\W*(?:(?:{long})(?:\s*/\s*(?:{long}))?\s*[:=]?\s*(?:{number})?|(?:{short})\s*[:=]\s*{number})\W*$"


@cache
def note_pattern() -> str:
    """A word for a note with words behind it; a number behind it would be a person's."""
    words = sorted((row["word"] for row in shipped("note_words.csv", "word", "language")), key=len, reverse=True)
    return rf"(?i)^(?:\W*(?:{'|'.join(map(re.escape, words))})(?:\s*[:.：]|\s)[^\p{{L}}]*|\*+\s*)\p{{L}}{{2}}"
