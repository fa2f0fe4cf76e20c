from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

import warehouse
from warehouse.runs import RunParts, code_version, key_fingerprint, record_run, run_id, runs

PARTS = RunParts(
    (("a.csv", "1" * 64, "goes_on"), ("b.csv", "2" * 64, "goes_on")), (("registry.yml", "3" * 64),), "0.1.0+abc", "f" * 16, "2018-01-12"
)


def test_names_a_run_with_twelve_hex_digits() -> None:
    assert re.fullmatch(r"[0-9a-f]{12}", run_id(PARTS))


def test_names_the_same_input_the_same_in_any_order() -> None:
    assert run_id(replace(PARTS, landed=PARTS.landed[::-1])) == run_id(PARTS)


@pytest.mark.parametrize(
    "other",
    [
        {"landed": PARTS.landed[:1]},
        {"landed": (("a.csv", "2" * 64, "goes_on"), ("b.csv", "1" * 64, "goes_on"))},
        {"landed": (PARTS.landed[0], ("b.csv", "2" * 64, "carried_forward"))}, {"project": ()}, {"code_version": "0.1.1+abc"},
        {"key_fingerprint": "0" * 16}, {"as_of": "2018-01-13"},
    ],
)  # fmt: skip
def test_names_any_other_input_otherwise(other: dict[str, object]) -> None:
    assert run_id(replace(PARTS, **other)) != run_id(PARTS)


def test_tells_keys_apart_without_showing_them() -> None:
    key = b"0123456789abcdef"
    assert key_fingerprint(key) != key_fingerprint(key[::-1])
    assert not {key_fingerprint(key)} & {key.hex(), key.hex()[:16]}


def test_names_the_version_and_the_code() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+\+[0-9a-f]{12}", code_version())


def test_has_one_code_version_wherever_the_packages_lie(tmp_path: Path) -> None:
    root = Path(warehouse.__file__).parents[1]
    for package in ("schemas", "validations", "warehouse", "etl"):
        shutil.copytree(root / package, tmp_path / package, ignore=shutil.ignore_patterns("examples", "__pycache__", "py.typed"))
    ask = "import warehouse.runs as r; print(r.__file__, r.code_version())"
    run = [
        subprocess.run([sys.executable, "-c", ask], cwd=folder, capture_output=True, text=True, check=True) for folder in (root, tmp_path)
    ]
    (here, version), (there, copied) = (one.stdout.split() for one in run)
    assert Path(here).parents[1] == root
    assert Path(there).parents[1] == tmp_path
    assert version == copied
    (tmp_path / "warehouse" / "model" / "ledger.sql").write_text("select 1")
    changed = subprocess.run([sys.executable, "-c", ask], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert changed.stdout.split()[1] != version


def test_lists_attempts_oldest_first(tmp_path: Path) -> None:
    record_run(tmp_path, {"run_id": "a", "exit_code": 0})
    record_run(tmp_path, {"run_id": "b", "exit_code": 3})
    assert [entry["run_id"] for entry in runs(tmp_path)] == ["a", "b"]


def test_has_no_attempt_before_the_first(tmp_path: Path) -> None:
    assert runs(tmp_path) == []


def test_loses_only_the_line_that_a_crash_cut_short(tmp_path: Path) -> None:
    record_run(tmp_path, {"run_id": "a"})
    with (tmp_path / "runs.jsonl").open("a") as handle:
        handle.write('{"run_id": "b", "st')
    record_run(tmp_path, {"run_id": "c"})
    assert [entry["run_id"] for entry in runs(tmp_path)] == ["a", "c"]


def test_keeps_lines_whole_when_written_at_once(tmp_path: Path) -> None:
    record_run(tmp_path, {"run_id": "first"})
    writers = [threading.Thread(target=record_run, args=(tmp_path, {"run_id": str(n), "text": "x" * 500})) for n in range(20)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(runs(tmp_path)) == 21
