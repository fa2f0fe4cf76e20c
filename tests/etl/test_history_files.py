"""What the next release is compared with: read from the release itself, or from the one that registry.yml accepts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from etl.history import before

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
