"""The sentinel test for every kind of file: exports, what people write, and what is wrong with each (see test_sentinel.py).

The commands run in this process, with the file descriptors caught: a reader in Rust that panics writes past Python.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
import pytest

from etl import cli
from etl.delivering import deliver
from etl.landing.land import land
from schemas.project import load_project
from tests.sentinel_project import CASES, EXPORTS, HOSTILE, PLANTED, is_clean, project, shareable, texts

Said = Callable[..., tuple[int, str]]


@pytest.fixture
def said(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Said:
    """Run a command; its exit code and everything it has said."""

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["oncomart", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        told = capfd.readouterr()
        return int(ended.value.code or 0), told.out + told.err

    return run


def leaks(out: Path) -> list[str]:
    return [str(path.relative_to(out)) for path in shareable(out) for text in texts(path) if not is_clean(text)]


@pytest.mark.usefixtures("without_great_expectations")
def test_no_planted_value_of_any_kind_of_file_leaves_the_data(said: Said, tmp_path: Path) -> None:
    folder = project(tmp_path / "project")
    (folder / "exports" / "<b>Qwrtz.doc").write_text(HOSTILE[2], encoding="utf-8")  # names of files are told, and are text
    where = ("--project", str(folder), "--out", str(tmp_path / "out"))
    code, told = said("run", "-v", *where)
    assert code == 0 and "refused" not in told, told
    assert is_clean(told)
    assert leaks(tmp_path / "out") == []
    release = tmp_path / "out" / "current"
    page = (release / "share/quality/index.html").read_text(encoding="utf-8").replace("<wbr>", "")
    assert "&lt;b&gt;Qwrtz.doc" in page and "<b>Qwrtz" not in page
    found = pl.read_csv(release / "internal/findings.csv", infer_schema=False)
    met = found.filter(pl.col("edit").is_in(["NORM-UNMAPPED", "NORM-DATE"]))["source_file"].unique().sort().to_list()
    assert met == sorted(EXPORTS()), "the planted values of every file were met"
    assert {"CORR-INCOMPLETE", "OVR-INCOMPLETE", "READ-EXTRA-COLUMN", "READ-MERGED-CELL", "READ-OTHER-SHEET"} <= set(found["edit"])
    assert is_clean("".join(found.filter(pl.col("edit") != "READ-EXTRA-COLUMN")["columns"].drop_nulls()))
    for words in (("check",), ("replay", "-v"), ("runs",), ("explain", "a.b.c.d.e"), ("explain", f"{PLANTED.lower()}.b.c.d.e")):
        _, more = said(*words, *(where[:2] if words == ("check",) else where))
        assert is_clean(more.replace(words[-1], "")), words
    _, row = said("explain", "plain.csv:43", *where)
    assert "row_key: " in row and is_clean(row)
    _, cells = said("explain", "plain.csv:43", "--raw", *where)
    assert PLANTED in cells, "--raw is there to show them"


# Damage that costs rows or cells, not the file.
TAKEN = {"a width that is another", "a tab in a line", "a header that stands there twice"}
GOOD = EXPORTS()
BROKEN: dict[str, tuple[str, bytes]] = {
    "a workbook that is text": ("book.xlsx", f"{HOSTILE[2]}\n".encode()),
    "a workbook that is cut off": ("book.xlsx", GOOD["book.xlsx"][:-200]),
    "a workbook whose bytes are damaged": ("book.xlsx", GOOD["book.xlsx"].replace(b"\x00\x00", b"\x00\x01")),
    "an old workbook that is cut off": ("old.xls", GOOD["old.xls"][: len(GOOD["old.xls"]) // 2]),
    "an old workbook with damaged records": ("old.xls", GOOD["old.xls"][:600] + b"\xff" * 600 + GOOD["old.xls"][1200:]),
    "a width that is another": ("lines.dat", GOOD["lines.dat"].replace(b"  \n", b"\n").replace(b"left  ", b"left")),
    "a tab in a line": ("lines.dat", GOOD["lines.dat"].replace(b"left   ", b"left\t")),
    "no UTF-8": ("plain.csv", GOOD["plain.csv"].replace(b"Mrs", b"\xff\xfe")),
    "NUL bytes": ("guessed.txt", GOOD["guessed.txt"].replace(b"Mrs", b"\0\0\0")),
    "no delimiter": ("guessed.txt", f"{HOSTILE[2]}\n".encode() * 9),
    "a header that is data": ("tabs.tsv", GOOD["tabs.tsv"].split(b"\n", 1)[1]),
    "a header much like that of the contract": ("tabs.tsv", GOOD["tabs.tsv"].replace(b"Patient", f"Patient {PLANTED}".encode())),
    "a column more than the contract has": ("items.csv", f"id,item,value,{PLANTED}\nP1,grade,2,x\n".encode()),
    "a header that stands there twice": ("tabs.tsv", GOOD["tabs.tsv"].replace(b"Side\tGrade", f"{PLANTED} note\tGrade".encode())),
    "an open quote": ("plain.csv", GOOD["plain.csv"] + f'P1,"{HOSTILE[2]}\n'.encode()),
    "a last row that breaks off": ("plain.csv", GOOD["plain.csv"] + f"P1,{HOSTILE[2]}".encode()),
    "rows of other widths": ("plain.csv", GOOD["plain.csv"] + f"P1,{HOSTILE[2]},x\n".encode() * 30),
    "XML that is not well formed": ("abstracts.xml", GOOD["abstracts.xml"].replace(b"</Tumor>", f"<{PLANTED}>".encode(), 1)),
    "XML of another kind": ("abstracts.xml", f"<{PLANTED}>{PLANTED}</{PLANTED}>".encode()),
    "XML with text between": ("abstracts.xml", GOOD["abstracts.xml"].replace(b"<Tumor>", f"{PLANTED}<Tumor>".encode(), 1)),
    "XML with an entity": ("abstracts.xml", f'<!DOCTYPE a [<!ENTITY b "{PLANTED}">]>\n<a>&b;</a>'.encode()),
    "XML of an encoding that there is not": ("abstracts.xml", f'<?xml version="1.0" encoding="{PLANTED}"?>\n<a/>'.encode()),
    "XML cut off": ("abstracts.xml", GOOD["abstracts.xml"][:-300]),
}  # fmt: skip


def damaged(folder: Path, kinds: Sequence[str]) -> Path:
    """A project to which only these damaged files were delivered."""
    project(folder)
    for path in (folder / "exports").iterdir():
        path.unlink()
    for kind in kinds:
        name, content = BROKEN[kind]
        (folder / "exports" / name).write_bytes(content)
    return folder


def test_no_reader_quotes_a_file_that_it_refuses(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    given, refused = load_project(project(tmp_path / "project")), set()
    for kind, (name, content) in BROKEN.items():
        for path in given.exports.iterdir():
            path.unlink()
        (given.exports / name).write_bytes(content)
        out = tmp_path / kind
        delivered = deliver(given, out, land(given, out, "2026-01-01T00:00:00"), b"k" * 32)
        assert all(is_clean(repr(one)) for one in (*delivered.landing.refusals, *delivered.landing.notices)), kind
        assert is_clean("".join(delivered.findings.filter(pl.col("edit") != "READ-EXTRA-COLUMN")["columns"].drop_nulls())), kind
        refused |= {kind} if any(one.source_file == name for one in delivered.landing.refusals) else set()
    assert is_clean("".join(capfd.readouterr()))
    assert set(BROKEN) - refused == TAKEN


# One of each kind of file that is refused; the others alone, each in a run of its own, are slow.
A_NIGHT = (
    "a workbook that is cut off",
    "an old workbook that is cut off",
    "no UTF-8",
    "no delimiter",
    "a header that is data",
    "XML cut off",
)


@pytest.mark.usefixtures("without_great_expectations")
@pytest.mark.parametrize(
    "kinds", [pytest.param(A_NIGHT, id="a night"), *(pytest.param((kind,), id=kind, marks=pytest.mark.slow) for kind in BROKEN)]
)
def test_no_run_quotes_a_file_that_it_refuses(said: Said, tmp_path: Path, kinds: Sequence[str]) -> None:
    folder, out = damaged(tmp_path / "project", kinds), tmp_path / "out"
    code, told = said("run", "-v", "--project", str(folder), "--out", str(out))
    assert code in {0, 3}, told
    assert all(f"refused: {BROKEN[kind][0]}" in told or kind in TAKEN for kind in kinds), told
    assert is_clean(told)
    assert is_clean((out / "runs.jsonl").read_text(encoding="utf-8"))
    if code == 0:
        assert leaks(out) == []


CONFIGURATION = {
    "vocabularies/ours.csv": "domain,spelling,code,label\n" + "".join(
        f"{domain},{spelling},{code},{label}\n"
        for domain in ("laterality", "site", "month", HOSTILE[2]) for spelling in (HOSTILE[0], "left") for code in (HOSTILE[2], "left", "1")
        for label in ("", HOSTILE[2])
    ),
    "vocabularies/node_counts.csv": "tnm_edition_code,n_code,min_positive,max_positive,certainty,note\n"
    + 2 * (",".join([HOSTILE[2]] * 6) + "\n"),
    "overrides.csv": f"edit,{HOSTILE[2]}\n",
    "corrections.csv": f"target,{HOSTILE[2]}\n",
    "contracts/lines.csv": f"field,start,width\nID,{HOSTILE[2]},{HOSTILE[2]}\n",
    "worklist/june.xlsx": HOSTILE[2],
    "worklist/july.csv": HOSTILE[2],
}  # fmt: skip


@pytest.mark.parametrize("words", [("check",), ("run", "-v"), ("replay",)])
def test_no_mistake_of_the_configuration_quotes_a_cell(said: Said, tmp_path: Path, words: Sequence[str]) -> None:
    folder = project(tmp_path / "project")
    for name, written in CONFIGURATION.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(written, encoding="utf-8")
    code, told = said(*words, "--project", str(folder), *([] if words == ("check",) else ["--out", str(tmp_path / "out")]))
    assert code == 2, told
    assert not [name for name in CONFIGURATION if name not in told], told
    assert is_clean(told)


def test_no_mistake_of_the_cases_of_an_edit_quotes_them(said: Said, tmp_path: Path) -> None:
    folder = project(tmp_path / "project")
    (folder / "edit_cases").mkdir()
    for number, cases in enumerate((CASES, CASES.split("\n  - {outcome: not")[0].replace("violated,", "satisfied,"))):
        (folder / "edit_cases" / "OURS-001.yml").write_text(cases, encoding="utf-8")
        code, told = said("check", "--project", str(folder))
        assert (code, "edit_cases/OURS-001.yml" in told) == (2, True), (number, told)
        assert is_clean(told)


def test_a_simulation_that_cannot_be_written_says_where_and_no_more(said: Said, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "a.csv").write_text(HOSTILE[2], encoding="utf-8")
    code, told = said("simulate", str(tmp_path / "there"), "--women", "400")
    assert code == 2 and is_clean(told)
