"""The list of erased persons: damaged, gone, changed by hand or older than the last erasure."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from etl.erase.withheld import CHECK, NAME, Gone, Person, Withheld, as_text, read_withheld
from schemas.core.errors import RefusedError
from tests.etl.erase.forget_project import at_work, copied, night, places_with_her


def test_it_refuses_where_the_list_is_damaged_or_gone(erased: Path, tmp_path: Path) -> None:
    folder = copied(erased, tmp_path)
    path = folder / "out" / "landing" / "withheld.json"
    path.write_bytes(path.read_bytes()[:50])
    for _ in ("damaged", "gone"):
        done = night(folder)
        assert (done.exit_code, "nobody knows who is erased" in done.reason) == (3, True)
        path.unlink(missing_ok=True)
    assert places_with_her(folder / "out") == []


def test_it_takes_a_list_of_which_every_person_was_taken_out_for_damaged(tmp_path: Path) -> None:
    path = tmp_path / NAME
    whole = Withheld((Person("2026-01-01", ("a" * 32,)),), {"b": "c"}, {"c": (Gone("ward", ()),)}, "d")
    path.write_bytes(as_text(whole))
    assert read_withheld(tmp_path) == whole
    path.write_bytes(as_text(replace(whole, persons=())))
    with pytest.raises(RefusedError, match="nobody knows who is erased"):
        read_withheld(tmp_path)
    path.write_bytes(as_text(Withheld()))
    assert not read_withheld(tmp_path)


def test_it_takes_a_list_of_which_one_person_was_taken_out_for_changed_and_reads_one_written_before(tmp_path: Path) -> None:
    path, two = tmp_path / NAME, Withheld((Person("2026-01-01", ("a" * 32,)), Person("2026-01-02", ("b" * 32,))))
    path.write_bytes(as_text(two))
    assert read_withheld(tmp_path) == two
    told = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(told), encoding="utf-8")
    assert read_withheld(tmp_path) == two, "another layout says the same"
    path.write_text(json.dumps(told | {"persons": told["persons"][:1]}), encoding="utf-8")
    with pytest.raises(RefusedError, match=r"is not as it was written, so nobody knows who is erased; restore it from a backup"):
        read_withheld(tmp_path)
    del told[CHECK]
    path.write_text(json.dumps(told), encoding="utf-8")
    assert read_withheld(tmp_path) == two, "written before it had a check"


def test_it_takes_no_list_that_names_fewer_persons_than_were_erased(erased: Path, tmp_path: Path) -> None:
    folder = copied(erased, tmp_path)
    path = folder / "out" / "landing" / NAME
    path.write_bytes(as_text(Withheld()))  # as a backup from before has it
    with pytest.raises(RefusedError, match=r"withheld\.json: names fewer persons than were erased here"):
        at_work(folder)
