"""The vault is written beside the linking of records, and whole."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from link_people import File, linked

from etl import vault
from etl.linking.persons import Persons, link_persons
from schemas.linkage import Linkage
from tests.etl.normalise.tiny_exports import contract

ONE: File = ("a", 0, {"1": {"nric": "s1"}})
RELEASE = "0123456789ab"
TWO: File = ("a", 0, {"1": {"nric": "s1"}, "2": {"nric": "s2"}})


def persons(*files: File) -> Persons:
    return link_persons(linked(list(files), (("patient_id",),)).parts, Linkage())


def test_is_whole_when_what_is_done_meanwhile_is_over(tmp_path: Path) -> None:
    with vault.preparing(tmp_path, persons(TWO), RELEASE):
        pass
    with duckdb.connect(str(tmp_path / vault.ASIDE), read_only=True) as connection:
        assert sorted(connection.execute("select patient_id, nric from person_identifier").fetchall()) == [("1", "s1"), ("2", "s2")]


def test_raises_what_writing_it_raises(tmp_path: Path) -> None:
    (tmp_path / vault.ASIDE).mkdir()
    with pytest.raises(OSError, match=vault.ASIDE), vault.preparing(tmp_path, persons(TWO), RELEASE):
        pass


def test_lets_an_error_of_what_is_done_meanwhile_through(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="meanwhile"), vault.preparing(tmp_path, persons(TWO), RELEASE):
        raise ValueError("meanwhile")


def test_tells_each_combination_of_identifiers_once_as_first_delivered() -> None:
    held = vault.held(persons(ONE, TWO))
    assert held.select("patient_id", "nric").rows() == [("1", "s1"), ("2", "s2")]
    assert held.columns == vault.COLUMNS


@pytest.mark.parametrize(("release", "is_lost"), [(RELEASE, False), ("ffffffffffff", True)])
def test_is_lost_for_another_release_than_its_own(tmp_path: Path, release: str, is_lost: bool) -> None:
    named = contract("id2: {identifier: nric}", "{rule: woman, record: patient, set: {patient_id: id}}")
    with vault.preparing(tmp_path, persons(TWO), RELEASE):
        pass
    assert vault.is_lost(tmp_path, [named], RELEASE)  # not in its place yet
    vault.put_in_place(tmp_path)
    assert vault.is_lost(tmp_path, [named], release) is is_lost
    with duckdb.connect(str(tmp_path / vault.NAME)) as connection:
        connection.execute("drop table vault_release")
    assert not vault.is_lost(tmp_path, [named], release)  # of an earlier version, which did not say
