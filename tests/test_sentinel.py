"""No patient value in any log, message or shareable file (DESIGN 2.8).

A value that occurs nowhere else is planted in every text column of every export, then looked for in everything a run says
and in every file that it lets others read. The one exception is Table 2, which the study declares published.
"""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from etl.check import check_project
from schemas.worklist import COLUMNS
from tests.commands import oncomart
from tests.planted import answer
from tests.sentinel_project import HOSTILE, PLANTED, is_clean, shareable, texts


def command(*words: str, project: Path, out: Path) -> subprocess.CompletedProcess[str]:
    return oncomart(*words, "--project", str(project), "--out", str(out))


def test_no_planted_value_leaves_the_data(planted_night: Path, tmp_path: Path) -> None:
    published, out = planted_night / "project", Path(shutil.copytree(planted_night / "out", tmp_path / "planted", symlinks=True))
    said = [*json.loads((planted_night / "said.json").read_text(encoding="utf-8")), (out / "runs.jsonl").read_text(encoding="utf-8")]
    assert len(said) == 3 and said[0], "something was said"
    for words in (
        ("runs",), ("explain", "metastasectomy.table_1.stage.missing.metastasectomy"), ("explain", "metastasectomy.table_1.stag.missing.x"),
        ("replay", "-v"),
    ):  # fmt: skip
        told = command(*words, project=published, out=out)
        said += [told.stdout, told.stderr]
    checked = check_project(published)
    assert "overrides.csv:5: " in checked and "worklist/book.xlsx:2: " in checked, "the rows are told of all the same"
    assert all(is_clean(text) for text in (*said, checked))
    release = out / "current"
    open_files = [path for path in shareable(out) if not path.name.startswith("table_2.")]
    assert len(open_files) > 20
    leaks = [str(path.relative_to(out)) for path in open_files for text in texts(path) if not is_clean(text)]
    assert leaks == []
    # the values did get as far as they may: a check that finds nothing anywhere would prove nothing
    assert not is_clean((release / "internal" / "unmapped.csv").read_text(encoding="utf-8"))
    # what a spreadsheet would run as a formula is text
    book = texts(release / "internal" / "worklist.xlsx")
    assert not all(is_clean(text) for text in book) and not any("<f>" in text for text in book)
    with (release / "internal" / "unmapped.csv").open(encoding="utf-8", newline="") as handle:
        cells = [cell for row in csv.reader(handle) for cell in row]
    assert not any(cell.startswith(("=", "+", "@")) for cell in cells)


@pytest.mark.slow
@pytest.mark.usefixtures("without_great_expectations")
def test_what_changed_and_what_was_tried_is_told_without_a_value(planted_night: Path, tmp_path: Path) -> None:
    project, out = planted_night / "project", Path(shutil.copytree(planted_night / "out", tmp_path / "planted", symlinks=True))
    changed = command("diff", "--all", project=project, out=out)
    assert changed.returncode == 0 and "file changed: table2.csv" in changed.stdout and "pseudonym" in changed.stdout, changed.stderr
    tried = command("selfcheck", "--law", "column_more", project=project, out=out)
    assert tried.returncode in {0, 3} and "column_more" in tried.stdout, tried.stderr
    asked = [command("forget", f"{HOSTILE[0]}0", *more, project=project, out=out) for more in (("--dry-run",), ("--source", HOSTILE[1]))]
    (out / "current" / "column_map.csv").write_text(HOSTILE[0], encoding="utf-8")
    (out / "current" / "internal" / "quarantine.parquet").write_text(HOSTILE[0], encoding="utf-8")
    spoilt = [command(*words, project=project, out=out) for words in (("diff",), ("selfcheck",), ("diff", "abcd"))]
    assert all(done.returncode in {1, 2} for done in spoilt)
    assert [done.args for done in (changed, tried, *asked, *spoilt) if not is_clean(done.stdout + done.stderr)] == []


BROKEN = {
    "a truncated file": lambda text: text + f"{HOSTILE[2]},{HOSTILE[1]}",
    "a ragged row": lambda text: text.replace("\n7,", f"\n{HOSTILE[0]},{HOSTILE[3]}\n7,"),
    "an unclosed quote": lambda text: text.replace("\n7,", f'\n7,"{HOSTILE[0]}'),
    "a renamed column": lambda text: text.replace("\npatient,stage,", "\npatient,stge,").replace("Tamoxifen", HOSTILE[2]),
    "another encoding": lambda text: text.replace("†", "\udcff").replace("Letrozole", HOSTILE[2]),
    "no header": lambda text: "\n".join([f"{HOSTILE[2]},{HOSTILE[3]}"] * 5),
}


@pytest.mark.usefixtures("without_great_expectations")
# a ragged row costs its row, not the file: the whole line runs, as it does above with planted cells
@pytest.mark.parametrize("kind", [pytest.param(kind, marks=pytest.mark.slow if kind == "a ragged row" else ()) for kind in BROKEN])
def test_an_error_does_not_quote_the_file(kind: str, without_claims: Path, tmp_path: Path) -> None:
    path = without_claims / "exports" / "table2.csv"
    text = BROKEN[kind](path.read_text(encoding="utf-8"))
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    done = command("run", "-v", project=without_claims, out=tmp_path / "out")
    assert done.returncode in {0, 3}, done.stderr
    if done.returncode == 3:
        assert "table2.csv" in done.stdout + done.stderr
    history = (tmp_path / "out" / "runs.jsonl").read_text(encoding="utf-8")
    assert all(is_clean(text) for text in (done.stdout, done.stderr, history))


def test_an_unexpected_failure_shows_places_and_no_values(published: Path, tmp_path: Path) -> None:
    fail = f"def fail(*a): raise ValueError({PLANTED!r})"
    lines = ("import etl.cli, etl.pipeline", fail, "etl.pipeline.deliver = fail", "etl.cli.main()")
    call = [sys.executable, "-c", "\n".join(lines), "run", "--project", str(published), "--out", str(tmp_path / "out")]
    (tmp_path / "out").mkdir()
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "ValueError" in done.stderr and "pipeline.py" in done.stderr
    assert all(is_clean(text) for text in (done.stdout, done.stderr, (tmp_path / "out" / "runs.jsonl").read_text(encoding="utf-8")))


@pytest.mark.parametrize("words", [("check",), ("replay",)])
def test_a_message_about_an_answer_does_not_quote_it(
    words: tuple[str, ...], published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(published)
    (published / "worklist" / "text.xlsx").write_text(HOSTILE[0], encoding="utf-8")
    book = openpyxl.Workbook()
    book.create_sheet("b").append([name for name in COLUMNS if name not in ("seal", "answer")])
    book.save(published / "worklist" / "bare.xlsx")
    monkeypatch.setenv("ONCOMART_OUT", str(tmp_path / "out"))
    done = oncomart(*words, "--project", str(published))
    assert done.returncode == 2, done.stderr
    assert "worklist/bare.xlsx:1" in done.stderr and "worklist/text.xlsx" in done.stderr
    assert is_clean(done.stdout + done.stderr)
