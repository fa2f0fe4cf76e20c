"""Columns whose cells say more than their value: which of them `oncomart draft` reads as longer texts."""

from __future__ import annotations

from pathlib import Path

import pytest
from drafts import draft_of

TAILS = (", seen in clinic", ", Dr Tan", "")


def _cells(value: str) -> str:
    rows = (f'A{n},"{value}{TAILS[n % 3]}"\n' for n in range(9))
    return "".join(rows)


@pytest.mark.parametrize(
    ("header", "value", "column"), [("T", "T2", "t_code"), ("M", "M0", "m_code"), ("Laterality", "left", "laterality_code")]
)
def test_reads_longer_texts_where_every_word_must_be_known(project: Path, header: str, value: str, column: str) -> None:
    text = draft_of(project, f"PID,{header}\n{_cells(value)}")
    assert f"{column}: {{from: {header.lower()}, within_text: true}}" in text


@pytest.mark.parametrize(("header", "value"), [("Menopausal status", "premenopausal"), ("Stage", "IIA")])
def test_only_tells_of_longer_texts_where_a_word_beside_the_value_may_be_let_through(project: Path, header: str, value: str) -> None:
    text = draft_of(project, f"PID,{header}\n{_cells(value)}")
    assert "within_text: true}" not in text
    assert "6 of 9 cells cannot be read so; 6 with `within_text: true`: look at the words beside the values first" in text


def test_leaves_cells_that_are_values_as_they_are(project: Path) -> None:
    assert "within_text" not in draft_of(project, "PID,T\nA1,T2\nA2,T1?\nA3,T2\nA4,T3\n")
