"""Columns of a sheet by their letters."""

from __future__ import annotations

LETTERS = 26


def column_number(letters: bytes) -> int:
    """Number of a column from 0: A is 0, Z is 25, AA is 26."""
    number = 0
    for letter in letters:
        number = number * LETTERS + letter - 64
    return number - 1
