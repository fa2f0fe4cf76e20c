"""The history of runs as a terminal of 80 columns shows it."""

import json
from pathlib import Path

import pytest

from etl.attempts import history

REFUSED = "sued/Nachsorge_2026-03-28.csv: 40 rows, where the last good delivery has 314"


def test_shows_each_refusal_whole_on_a_line_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A table that folds it breaks the name of the file that is to be looked for."""
    entries = [
        {"started": "2026-11-20T02:00:00+00:00", "run_id": "6ee50cb35cf5", "exit_code": 0, "outcome": "published",
         "rows": {"dim_patient": 254}},
        {"started": "2026-11-21T02:00:00+00:00", "run_id": "68593f30310a", "exit_code": 0, "outcome": "published_with_refusals",
         "rows": {"dim_patient": 254}, "refusals": [{"message": REFUSED}, {"message": "contract x: no file was delivered"}]},
        {"started": "2026-11-22T02:00:00+00:00", "outcome": "died", "reason": "killed\nsecond line"},
    ]  # fmt: skip
    (tmp_path / "runs.jsonl").write_text("".join(f"{json.dumps(entry)}\n" for entry in entries), encoding="utf-8")
    history(tmp_path)
    assert capsys.readouterr().out.splitlines() == [
        f"runs of {tmp_path}",
        "started           run             exit  outcome                  patients",
        "2026-11-20 02:00  6ee50cb35cf5    0     published                     254",
        "2026-11-21 02:00  68593f30310a    0     published_with_refusals       254",
        f"    {REFUSED}",
        "    contract x: no file was delivered",
        "2026-11-22 02:00                        died",
        "    killed",
        "nothing is published",
    ]
