"""The command line: what it says, how it ends, and that it starts fast."""

from __future__ import annotations

import atexit
import errno
import gc
import os
import runpy
import subprocess
import sys
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from duckdb import InvalidInputException, OutOfMemoryException

from etl import cli
from etl.bundled import bundled
from etl.machine import FULL, note_room, trouble
from etl.options import run_options, too_late
from etl.outcome import Attempt
from etl.process import begun
from schemas.core.errors import ConfigurationError
from schemas.project import load_project
from tests.commands import oncomart

EXAMPLES = {folder.name: folder for folder in bundled()}
HEAVY = ("polars", "duckdb", "pandas", "scipy", "matplotlib", "lifelines", "great_expectations", "pandera", "great_tables", "sqlglot")


def of_its_own(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A command as a user starts it: a process."""
    return subprocess.run([sys.executable, "-m", "etl.cli", *words], capture_output=True, text=True, check=False, **settings)  # type: ignore[call-overload,no-any-return]


def modules_after(words: str) -> set[str]:
    """Modules loaded once the command has ended."""
    script = f"import sys, etl.cli\nsys.argv = ['oncomart', *{words.split()!r}]\ntry: etl.cli.main()\nexcept SystemExit: pass\n"
    script += "print('LOADED', *sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split("LOADED", 1)[1].split())


def test_python_m_etl_is_the_command_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["etl", "--version"])
    monkeypatch.setattr(os, "umask", lambda _mask: 0)
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("etl", run_name="__main__")
    assert not ended.value.code and capsys.readouterr().out.startswith("oncomart ")


def test_the_process_of_a_command_never_looks_for_circular_garbage_nor_when_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[object] = []
    monkeypatch.setattr(os, "umask", lambda _mask: 0)
    monkeypatch.setattr(gc, "disable", lambda: said.append("disabled"))
    monkeypatch.setattr(atexit, "register", said.append)
    begun()
    assert said == ["disabled", gc.freeze]


@pytest.mark.parametrize("words", ["--help", "--version", "run --help", "explain --help"])
def test_help_imports_nothing_heavy(words: str) -> None:
    assert not modules_after(words) & set(HEAVY)


def test_check_imports_neither_statistics_nor_great_expectations() -> None:
    assert not modules_after(f"check --project {EXAMPLES['published']}") & {
        "scipy",
        "matplotlib",
        "lifelines",
        "great_expectations",
        "pandas",
    }


@pytest.mark.parametrize("name", EXAMPLES)
def test_check_finds_no_mistake_in_the_bundled_projects(name: str) -> None:
    done = oncomart("check", "--project", str(EXAMPLES[name]))
    assert (done.returncode, done.stderr) == (0, "")
    assert "No mistakes" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("run", "--as-of", "yesterday"), ("run", "--memory-limit", "lots"), ("run", "--exports", "not/there"),
        ("frobnicate",), ("run", "--no-such-option"), ("explain",), ("explain", "a.b.c.d.e", "--out", "not/there"),
        ("check", "--project", "not/there"), ("run", "--project", "not/there"),
    ],
)  # fmt: skip
def test_wrong_usage_ends_with_2_and_a_sentence(words: tuple[str, ...], tmp_path: Path) -> None:
    done = oncomart(*words, cwd=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr and "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_command_within_the_test_says_what_a_process_says(tmp_path: Path) -> None:
    """The word of `tests.commands`, on which this and other files rely: the same for an answer and for wrong usage."""
    for words in (("check", "--project", str(EXAMPLES["published"])), ("run", "--project", "not/there"), ("explain",)):
        within, process = oncomart(*words, cwd=str(tmp_path)), of_its_own(*words, cwd=str(tmp_path))
        assert (within.returncode, within.stdout, within.stderr.splitlines()[-1:]) == (
            process.returncode, process.stdout, process.stderr.splitlines()[-1:],
        )  # fmt: skip


def test_runs_tells_the_history_and_marks_the_current_release(bundled_out: Path) -> None:
    done = oncomart("runs", "--out", str(bundled_out / "published"))
    assert done.returncode == 0
    assert "published" in done.stdout and "* current" in done.stdout


def test_runs_of_an_empty_folder_says_that_nothing_is_published(tmp_path: Path) -> None:
    done = oncomart("runs", "--out", str(tmp_path))
    assert done.returncode == 0
    assert "nothing is published" in done.stdout


def test_runs_of_a_folder_that_is_not_there_ends_with_2(tmp_path: Path) -> None:
    done = oncomart("runs", "--out", str(tmp_path / "nowhere"))
    assert done.returncode == 2
    assert f"--out: there is no output folder '{tmp_path / 'nowhere'}'" in done.stderr


def test_a_file_in_the_place_of_the_output_folder_ends_with_2_and_its_name(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("", encoding="utf-8")
    done = oncomart("run", "--project", str(EXAMPLES["published"]), "--out", str(tmp_path / "out"))
    assert done.returncode == 2
    assert f"{tmp_path / 'out'}: cannot be used as the output folder" in done.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("run", "--project", "a/registry.yml"), "registry.yml: 'a/registry.yml' is a file; what is named is a folder"),
        (("run", "--project", "a", "--exports", "file"), "--exports: 'file' is a file; what is named is a folder"),
        (("run", "--project", "a", "--memory-limit", "0GB"), "--memory-limit: is not a size"),
        (("runs", "--out", "file"), "--out: 'file' is a file; what is named is a folder"),
        (("forget", "--list", "--out", "nowhere"), "nowhere: nothing was landed here"),
        (("init", "file/b"), "file: is not a folder"),
        (("draft", "file", "--project", "b"), "--project: there is no project folder 'b' (begin one with `oncomart init`"),
        (("draft", "file", "--print", "--encoding", "utf-88"), "--encoding: is not the name of an encoding"),
        (("draft", "file", "--print", "--encoding", "base64"), "--encoding: is not the name of an encoding"),
        (("draft", "file", "--print", "--layout", "a"), "a: is a folder (--layout names a CSV file"),
        (("selfcheck", "--project", "a", "--law", "x"), "--law: there is no law x (one of rows_in_another_order, "),
    ],
)  # fmt: skip
def test_says_what_stands_in_the_place_of_what_was_meant(words: tuple[str, ...], says: str, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "registry.yml").touch()
    (tmp_path / "file").write_text("a,b\n1,2\n", encoding="utf-8")
    done = oncomart(*words, cwd=str(tmp_path))
    assert (done.returncode, done.stderr.rpartition(says)[0]) == (2, "") and says in done.stderr, done.stderr
    assert not (tmp_path / "b").exists()


def test_what_to_type_next_can_be_pasted_whatever_the_folder_is_called(tmp_path: Path) -> None:
    said = oncomart("init", "Ward 7 Süd", cwd=str(tmp_path)).stdout
    assert "oncomart draft --project 'Ward 7 Süd' 'Ward 7 Süd/exports'/…" in said and "run --project 'Ward 7 Süd' --out" in said


def test_explain_says_where_it_cuts_the_list(bundled_out: Path) -> None:
    words = ("explain", "hormonal.cohort_counts.analysed.n.all", "--out", str(bundled_out / "trial_days"))
    assert "… and 636 more (--all shows them)" in oncomart(*words).stdout
    whole = oncomart(*words, "--all").stdout
    assert whole.count("\npseudonym ") + whole.count("\nsubject ") == 686


def test_explain_names_three_women_with_file_line_column_and_steps(bundled_out: Path) -> None:
    number = "metastasectomy.table_1.stage_iiia.n.metastasectomy"
    done = oncomart("explain", number, "--out", str(bundled_out / "published"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{number} = 3, from 3 subjects")
    for line in (10, 11, 12):  # patients 4, 5 and 6 of Table 2
        assert f"table2.csv line {line} " in done.stdout
    assert done.stdout.count('column "stage"') == 3
    assert "[IIIA]" not in done.stdout
    raw = oncomart("explain", number, "--raw", "--out", str(bundled_out / "published"), cwd="/")
    assert raw.stdout.count('column "stage" [IIIA]') == 3


TROUBLES = [
    (OSError(errno.ENOSPC, "No space left on device", "/out/x"), "the disk is full"),
    (RuntimeError('Could not write file "/out/Lim Mary": No space left on device'), "the disk is full"),
    (FileNotFoundError(2, "No usable temporary directory found in ['/tmp']"), "the disk is full"),
    (OSError(errno.EFBIG, "File too large"), "a file may not become as large"),
    (RuntimeError('Could not write file "/out/Lim Mary": File too large'), "a file may not become as large"),
    (MemoryError(), "the memory does not suffice"), (PermissionError(errno.EACCES, "denied", "/out/x"), "/out/x: permission denied"),
    (ImportError("/lib/Lim Mary.so: failed to map segment from shared object"), "the memory does not suffice"),
    (InvalidInputException("reading 'Lim Mary' failed: Out of memory: realloc failed"), "the memory does not suffice"),
    (OutOfMemoryException("Lim Mary"), "the memory does not suffice"),
    (RuntimeError("can't start new thread"), "the memory does not suffice"),
    (InvalidInputException("Lim Mary"), None), (RuntimeError("out of memory of Lim Mary"), None),
    (ImportError("no module Lim Mary"), None), (ValueError("Lim Mary"), None),
]  # fmt: skip


@pytest.mark.parametrize(("error", "says"), TROUBLES, ids=[str(n) for n in range(len(TROUBLES))])
def test_tells_a_trouble_of_the_machine_from_a_bug(error: Exception, says: str | None) -> None:
    found = trouble(error)
    assert (found or "").startswith(says or "") and "Lim Mary" not in (found or "")
    assert (found is None) is (says is None)


def test_says_of_a_full_disk_how_much_room_there_is_and_a_run_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda place: SimpleNamespace(free=1_200_000 if place == tmp_path else 3_400_000_000))
    monkeypatch.setenv("TMPDIR", str(tmp_path.parent))
    (tmp_path / "releases/a").mkdir(parents=True)
    (tmp_path / "releases/a/warehouse.duckdb").write_bytes(b"0" * 8_000_000)
    (tmp_path / "current").symlink_to("releases/a")
    error = OSError(errno.ENOSPC, "No space left on device")
    error.add_note("Lim Mary")
    with suppress(OSError), Attempt(tmp_path):
        raise error
    free = f"now free: 1.2 MB for the output folder ({tmp_path}) and 3.4 GB for temporary files ({tmp_path.parent})"
    needs = "the current release holds 8.0 MB, and a run needs about 12.0 MB in the output folder"
    assert trouble(error) == f"{FULL}; {free}; {needs}"
    other = ValueError("x")
    note_room(other, tmp_path)
    assert not hasattr(other, "__notes__")


@pytest.mark.parametrize("how", [KeyboardInterrupt(), SystemExit(130)], ids=["interrupt", "exit"])
def test_says_that_an_interrupted_run_has_published_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], how: BaseException
) -> None:
    def stopped() -> None:
        raise how

    monkeypatch.setattr(cli, "app", stopped)
    before = os.umask(0o022)
    try:
        with pytest.raises(SystemExit) as ended:
            cli.main()
    finally:
        os.umask(before)
    assert (ended.value.code, capsys.readouterr().err) == (1, "interrupted: nothing was published\n")


def test_quiet_says_nothing_where_nothing_is_wrong(bundled_alone: Path) -> None:
    done = of_its_own("run", "--quiet", "--project", str(EXAMPLES["trial_days"]), "--out", str(bundled_alone / "trial_days"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_day_that_has_not_come_is_refused_wherever_it_is_named(published: Path, tmp_path: Path) -> None:
    done = oncomart("run", "--as-of", "3026-01-01", "--project", str(published), "--out", str(tmp_path / "out"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("--as-of: the as-of date 3026-01-01 has not come: today is ")
    registry = published / "registry.yml"
    lines = registry.read_text(encoding="utf-8").splitlines()
    line = next(n for n, text in enumerate(lines, 1) if text.startswith("as_of:"))
    registry.write_text("\n".join([*lines[: line - 1], "as_of: 3026-01-01", *lines[line:]]) + "\n", encoding="utf-8")
    for words in ("check", "run"):
        done = oncomart(words, "--project", str(published), *(["--out", str(tmp_path / "out")] if words == "run" else []))
        assert done.returncode == 2
        assert done.stderr.startswith(f"registry.yml:{line}: the as-of date 3026-01-01 has not come: today is ")


@pytest.mark.parametrize(("days", "is_late"), [(-99999, True), (-9999, False), (0, False), (1, False), (2, True)])
def test_tomorrow_is_today_somewhere(days: int, is_late: bool) -> None:
    today = date(2026, 1, 31)
    project = load_project(EXAMPLES["published"])
    assert (too_late(project, today + timedelta(days=days), today) is not None) is is_late


@pytest.mark.parametrize("text", ["2026-W01-1", "20260101", "2026-1-1", "2026-02-30", " 2026-01-01", "２０２６-０１-０１", "today", ""])
def test_a_day_has_one_form(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^--as-of: is not a date of the form YYYY-MM-DD$"):
        run_options(None, text, None, False)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("run", "--out", ""), "names no folder: it is empty"),
        (("run", "--project", " "), "names no folder: it is empty"),
        (("run", "--exports", ""), "names no folder: it is empty"),
        (("init", ""), "names no folder: it is empty"),
        (("simulate", ""), "names no folder: it is empty"),
        (("run", "--project", str(EXAMPLES["published"]), "--out", "x" * 300), "cannot be used as the output folder: file name too long"),
        (("init", "ward", "--source", ""), "--source: is empty, or names one source twice"),
        (("init", "ward", "--source", "a", "--source", "a"), "--source: is empty, or names one source twice"),
    ],
)
def test_a_name_that_is_none_is_told_and_nothing_is_made(words: tuple[str, ...], says: str, tmp_path: Path) -> None:
    done = oncomart(*words, cwd=str(tmp_path))
    assert done.returncode == 2
    assert says in " ".join(done.stderr.replace("│", " ").split())
    assert list(tmp_path.iterdir()) == []
