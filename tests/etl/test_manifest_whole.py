"""A manifest that lacks a file of the current release refuses: what was appended would count no longer, and nothing would say so."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.erase.withheld import Person, Secret, Withheld, as_text, withheld_path
from etl.landing.manifest import GOOD, Entry, manifest_path, read_manifest, write_manifest
from etl.landing.manifest_whole import check_whole
from schemas.core.errors import RefusedError

KEY = b"k" * 32
RUN = {"inputs": {"landed": [{"name": "ward_1.csv", "sha256": "aa"}, {"name": "ward_2.csv", "sha256": "bb"}]}}


def manifest(out: Path, *contents: tuple[str, str]) -> None:
    write_manifest(out, [Entry(name, 1, sha256, "2026-01-01", "ward", GOOD) for name, sha256 in contents])


def test_is_content_with_one_that_knows_every_file_and_more(tmp_path: Path) -> None:
    manifest(tmp_path, ("ward_1.csv", "aa"), ("ward_2.csv", "bb"), ("ward_3.csv", "cc"))
    check_whole(tmp_path, RUN, KEY)
    check_whole(tmp_path, {}, KEY)


@pytest.mark.parametrize("left", [(), (("ward_2.csv", "cc"),), (("ward_3.csv", "bb"),)], ids=["row gone", "older bytes", "another name"])
def test_refuses_one_that_lacks_a_file_of_the_current_release(left: tuple[tuple[str, str], ...], tmp_path: Path) -> None:
    manifest(tmp_path, ("ward_1.csv", "aa"), *left)
    with pytest.raises(RefusedError, match=r"manifest\.csv does not know files .*\n  ward_2\.csv$"):
        check_whole(tmp_path, RUN, KEY)


def test_passes_over_a_file_that_was_freed_of_an_erased_person(tmp_path: Path) -> None:
    manifest(tmp_path, ("ward_1.csv", "aa"))
    told = Withheld((Person("2026-01-02", ("hash",)),)).with_file(Secret(KEY), "bb", "", ())
    withheld_path(tmp_path / "landing").write_bytes(as_text(told))
    check_whole(tmp_path, RUN, KEY)


def test_tells_the_lines_that_are_missing_where_the_copies_are_there(tmp_path: Path) -> None:
    whole = [Entry(name, 1, sha256, "2026-01-01T00:00:00", "ward", GOOD) for name, sha256 in (("ward_1.csv", "aa"), ("ward,2.csv", "bb"))]
    landed = [{"name": entry.name, "sha256": entry.sha256, "contract": entry.contract} for entry in whole]
    run = {"started": "2026-01-01T00:00:00", "inputs": {"landed": landed}}
    for entry in whole:
        path = entry.path(tmp_path / "landing")
        path.parent.mkdir(parents=True)
        path.write_text("x", encoding="utf-8")
    write_manifest(tmp_path, whole[:1])
    with pytest.raises(RefusedError, match="or add these lines at its end:\n") as refused:
        check_whole(tmp_path, run, KEY)
    path = manifest_path(tmp_path)
    path.write_text(path.read_text(encoding="utf-8") + str(refused.value).partition("\n")[2] + "\n", encoding="utf-8")
    check_whole(tmp_path, run, KEY)
    assert read_manifest(tmp_path) == whole
