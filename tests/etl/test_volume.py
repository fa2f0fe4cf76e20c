"""What a snapshot is held to: the rows of the last good delivery, but not of one that was sent or read twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from etl.volume import last_rows

HEAD = "stage,unit,source_file,fate,n\n"


def released(out: Path, run_id: str, previous: str, rows: dict[str, int]) -> None:
    """A release as far as `last_rows` looks at it, made current."""
    folder = out / "releases" / run_id
    folder.mkdir(parents=True)
    landed = [{"name": f"{contract}.csv", "contract": contract} for contract in rows]
    run = {"run_id": run_id, "previous_release": previous or None, "inputs": {"landed": landed}}
    (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
    lines = [f"read,row,{contract}.csv,goes_on,{n}\n" for contract, n in rows.items()]
    (folder / "ledger.csv").write_text(HEAD + "".join(lines), encoding="utf-8")
    (out / "current").unlink(missing_ok=True)
    (out / "current").symlink_to(Path("releases") / run_id)


@pytest.mark.parametrize(
    ("nights", "held_to"),
    [
        ([1000], 1000),
        ([1000, 900], 900),
        ([1000, 1500], 1500),
        ([700, 1600], 700),  # sent twice: the one that mends it may have 700 again
        ([700, 1600, 1600, 1600], 700),  # as long as the release before it is kept
        ([700, 900, 1200, 1600], 1600),  # it grows
    ],
)
def test_the_last_good_delivery_is_the_measure_unless_it_multiplied_overnight(tmp_path: Path, nights: list[int], held_to: int) -> None:
    before = ""
    for place, rows in enumerate(nights):
        released(tmp_path, f"{place:012x}", before, {"south": rows, "north": 10})
        before = f"{place:012x}"
    assert last_rows(tmp_path) == {"south": held_to, "north": 10}


def test_nothing_is_known_before_the_first_release_and_the_last_stands_for_one_that_is_not_kept(tmp_path: Path) -> None:
    assert last_rows(tmp_path) == {}
    released(tmp_path, "a" * 12, "b" * 12, {"south": 1600})
    assert last_rows(tmp_path) == {"south": 1600}
