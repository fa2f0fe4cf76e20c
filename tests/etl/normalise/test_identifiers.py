"""Identifying numbers in their one form: what one person's number may look like, and what must stay apart."""

from __future__ import annotations

import polars as pl
import pytest

from etl.normalise.identifiers import names, numbers
from schemas.contract import Identifier

ONE_FORM = [
    ("hospital_number", "1-23", "1-23"), ("hospital_number", "12-3", "12-3"), ("hospital_number", "2/2009-1", "2-2009-1"),
    ("hospital_number", " ab 12 ", "AB12"), ("hospital_number", "12.-", "12"), ("hospital_number", "123.0", "123"),
    ("nric", "s1234567-d", "S1234567D"), ("nric", "S 1234567 D", "S1234567D"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "form"), ONE_FORM)
def test_gives_a_number_its_one_form(kind: str, text: str, form: str) -> None:
    assert numbers(pl.Series([text]), Identifier.model_validate({"kind": kind})).to_list() == [form]


@pytest.mark.parametrize("family", ["unbekannt", "Unknown", "N/A", "N.N.", "?", None])
def test_a_name_of_which_a_part_is_not_known_tells_nothing(family: str | None) -> None:
    told = names([pl.Series("family", [family, "Maier", None]), pl.Series("given", ["Eva", "Eva", None])])
    assert told.to_list() == [None, "eva maier", None]


@pytest.mark.parametrize(("text", "name"), [("Unknown Unknown", None), ("Tan, unknown", None), ("Li Na", "li na")])
def test_a_name_with_a_word_for_not_known_tells_nothing(text: str, name: str | None) -> None:
    assert names([pl.Series("name", [text])]).to_list() == [name]
