"""What the next release is compared with: read from the release itself, or from the one that registry.yml accepts."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from etl.nights.delivered_anew import STOOD as FILES
from etl.nights.history import BASE, CODES, EDITS, STOOD, Before, before, changed_numbers
from schemas.core.errors import RefusedError
from schemas.core.frames import EDIT_COUNTS
from validations.edit_history import EDIT_HISTORY

GOOD, BAD = "a" * 12, "b" * 12
WOMEN = "women_against_previous"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A current release of a version without baselines, and one that was refused with half as many women."""
    for place, run_id, women in (("releases", GOOD, 40), ("refused", BAD, 18)):
        folder = tmp_path / place / run_id
        (folder / "internal").mkdir(parents=True)
        said = {"run_id": run_id, "as_of": "2020-01-01", "expectations": {"dim_patient": women}}
        (folder / "run.json").write_text(json.dumps(said), encoding="utf-8")
    (tmp_path / "releases" / GOOD / "internal" / "category_counts.csv").write_text(
        "expectation,code,n\nstage_shares,I,30\n", encoding="utf-8"
    )
    (tmp_path / "current").symlink_to(Path("releases") / GOOD)
    return tmp_path


def test_a_release_without_baselines_is_what_the_next_one_is_compared_with(out: Path) -> None:
    base = before(out).baselines
    assert (base[WOMEN].run_id, base[WOMEN].counts) == (GOOD, {"dim_patient": 40})
    assert base["stage_shares"].counts == {"I": 30}


def test_a_refused_release_can_be_accepted_as_the_new_normal(out: Path) -> None:
    base = before(out, {WOMEN: BAD}).baselines
    assert (base[WOMEN].run_id, base[WOMEN].counts, base[WOMEN].accepted) == (BAD, {"dim_patient": 18}, BAD)
    assert base["stage_shares"].run_id == GOOD


def test_a_release_that_is_not_kept_changes_nothing_and_is_told(out: Path) -> None:
    base = before(out, {WOMEN: "c" * 12}).baselines
    assert (base[WOMEN].counts, base[WOMEN].missing) == ({"dim_patient": 40}, "c" * 12)


def test_a_release_without_anchors_is_where_they_begin_and_edits_begin_with_their_history(out: Path) -> None:
    quality = out / "releases" / GOOD / "share/quality"
    quality.mkdir(parents=True)
    (quality / "edits.csv").write_text(f"{','.join(EDIT_COUNTS)}\nDATE-010,error,1,0,99,0,0\n", encoding="utf-8")
    found = before(out)
    assert found.anchors.old[WOMEN].run_id == GOOD and not found.anchors.young
    for one in (found.baselines, found.anchors.old):
        assert one["edits_judged.DATE-010"].counts == {"violated": 1, "possible": 0, "satisfied": 99}


@pytest.mark.parametrize("line", ["release", WOMEN, "edits_judged", "edits_judged.DATE-010"])
def test_a_refused_release_speaks_for_the_edits_that_fell_silent_in_it(out: Path, line: str) -> None:
    for place, run_id, judged in (("releases", GOOD, 100), ("refused", BAD, 2)):
        quality = out / place / run_id / "share/quality"
        quality.mkdir(parents=True)
        (quality / "edits.csv").write_text(f"{','.join(EDIT_COUNTS)}\nDATE-010,error,0,0,{judged},0,0\n", encoding="utf-8")
    found = before(out, {line: BAD})
    for one in (found.baselines, found.anchors.old):
        assert (one["edits_judged.DATE-010"].run_id, one["edits_judged.DATE-010"].counts["satisfied"]) == (BAD, 2)
    assert (found.anchors.old[WOMEN].run_id == BAD) == (line in ("release", WOMEN))


@pytest.mark.parametrize("cut", [b"expectation,item,n,run_id,as_of,accepted\nwomen,rows,", b"expectation,it"])
def test_a_damaged_baseline_is_named(out: Path, cut: bytes) -> None:
    path = (out / "current").resolve() / BASE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cut)
    with pytest.raises(RefusedError, match=r"baselines\.csv is damaged: restore the release"):
        before(out)


@pytest.mark.parametrize(
    ("name", "cut"),
    [
        (EDITS, f"{','.join(EDIT_HISTORY)}\n1,aaaa".encode()),
        (CODES, b"expectation,code,n\nstage_shares,I,3"),  # of 30
        (STOOD, b"PAR1 and no more"),
        (FILES, b"contract,sha256,since\nward,00,2020-01-0"),
    ],
)
def test_so_is_every_other_file_that_was_cut_off(out: Path, name: str, cut: bytes) -> None:
    path = (out / "current").resolve() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cut)
    with pytest.raises(RefusedError, match=rf"{path.name} is damaged: restore the release"):
        before(out)


def test_the_digits_that_an_earlier_version_kept_are_no_changed_number(tmp_path: Path) -> None:
    for name, percent in (("old", 43.689320388349515), ("new", 43.6893203883)):
        with duckdb.connect(str(tmp_path / name)) as con:
            con.execute("create table mart_number (number_id varchar, value double)")
            con.execute("insert into mart_number values ('percent', ?), ('n', ?)", [percent, 13.0 if name == "old" else 14.0])
    assert changed_numbers(Before(warehouse=tmp_path / "old"), tmp_path / "new") == {"numbers": 2, "numbers_changed": 1}
