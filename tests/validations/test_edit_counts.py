"""What the catalogue says of each edit on the bundled registries is what they give."""

from __future__ import annotations

from pathlib import Path

import pytest

from validations import edit_counts
from validations.edit_counts import FILE, bundled_counts, counted, main, written
from validations.load import built_in_edits


def test_is_what_the_bundled_registries_give(bundled_out: Path) -> None:
    got = counted(bundled_out)
    assert got == bundled_counts(), "run `make pipeline`, `python -m validations.edit_counts out` and `python -m validations.pages`"
    assert written(got) == FILE.read_text(encoding="utf-8")


def test_counts_every_edit_on_every_registry() -> None:
    rows = bundled_counts()
    registries = {row.registry for row in rows}
    assert {(row.edit, row.registry) for row in rows} == {(edit.edit, name) for edit in built_in_edits() for name in registries}
    assert all(row.violated + row.possible <= row.judged for row in rows)


def test_writes_the_file_from_releases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "out" / "ours" / "current" / "share" / "quality"
    folder.mkdir(parents=True)
    header = "edit,severity,violated,possible,satisfied,not_applicable,not_judgeable,title"
    folder.joinpath("edits.csv").write_text(f"{header}\nTUM-001,warning,1,2,3,4,5,t\nNORM-DATE,warning,1,0,0,0,0,t\n", encoding="utf-8")
    monkeypatch.setattr(edit_counts, "FILE", tmp_path / "counts.csv")
    assert main([str(tmp_path / "out")]) == 0
    assert [line for line in tmp_path.joinpath("counts.csv").read_text(encoding="utf-8").splitlines() if line[0] != "#"] == [
        "edit,registry,judged,violated,possible",
        "TUM-001,ours,6,1,2",
    ]
    assert main([str(tmp_path / "nowhere")]) == 2
    assert "name the folder" in capsys.readouterr().err
