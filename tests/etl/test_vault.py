"""The vault is written beside the linking of records, and whole."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from link_people import File, linked

from etl import vault
from etl.linking.persons import Persons, link_persons
from schemas.linkage import Linkage

ONE: File = ("a", 0, {"1": {"nric": "s1"}})
TWO: File = ("a", 0, {"1": {"nric": "s1"}, "2": {"nric": "s2"}})


def persons(*files: File) -> Persons:
    return link_persons(linked(list(files), (("patient_id",),)).parts, Linkage())


def test_is_whole_when_what_is_done_meanwhile_is_over(tmp_path: Path) -> None:
    with vault.preparing(tmp_path, persons(TWO)):
        pass
    with duckdb.connect(str(tmp_path / vault.ASIDE), read_only=True) as connection:
        assert sorted(connection.execute("select patient_id, nric from person_identifier").fetchall()) == [("1", "s1"), ("2", "s2")]


def test_raises_what_writing_it_raises(tmp_path: Path) -> None:
    (tmp_path / vault.ASIDE).mkdir()
    with pytest.raises(OSError, match=vault.ASIDE), vault.preparing(tmp_path, persons(TWO)):
        pass


def test_lets_an_error_of_what_is_done_meanwhile_through(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="meanwhile"), vault.preparing(tmp_path, persons(TWO)):
        raise ValueError("meanwhile")


def test_tells_each_combination_of_identifiers_once_as_first_delivered() -> None:
    held = vault.held(persons(ONE, TWO))
    assert held.select("patient_id", "nric").rows() == [("1", "s1"), ("2", "s2")]
    assert held.columns == vault.COLUMNS
