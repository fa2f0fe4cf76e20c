"""The published registry with a planted value in every text column of every export, run as a user runs it, after a night before."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl

from schemas.worklist import COLUMNS
from tests.sentinel_project import HOSTILE, PLANTED

EXAMPLES = Path(__file__).parent.parent / "etl" / "examples"
MARKUP = "<img src=https://evil.example/x onerror=alert(1)><script>alert(2)</script>"


def plant(project: Path) -> int:
    """Add rows to every export in which every cell holds a planted value, and one where single cells do; gives the number of cells."""
    planted = 0
    for path in sorted((project / "exports").glob("*.csv")):
        lines = path.read_text(encoding="utf-8").splitlines()
        start = next(i for i, line in enumerate(lines) if not line.startswith("# "))
        rows = list(csv.reader(lines[start:]))
        width = len(rows[0])
        added = [[f"{HOSTILE[i % len(HOSTILE)]}{i}" for i in range(width)]]
        for column in range(1, width):  # a known person with one strange cell: reaches further down the line
            row = list(rows[1])
            row[column] = f"{HOSTILE[column % len(HOSTILE)]}{column}"
            added.append(row)
        if path.name == "text_facts.csv":  # every item with a strange value
            added += [[row[0], row[1], HOSTILE[0], *row[3:]] for row in rows[1:]]
        planted += len(added)
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([*rows, *added])
        path.write_text("\n".join(lines[:start]) + "\n" + text.getvalue(), encoding="utf-8")
    return planted


def answer(project: Path) -> None:
    """Over-rides and a work list of which every cell is a planted value."""
    names = ("edit", "record", "record_key", "fingerprint", "reason", "author", "date", "expires")
    text = io.StringIO()
    csv.writer(text).writerows([names, *([HOSTILE[(place + i) % len(HOSTILE)] for i in range(len(names))] for place in range(4))])
    (project / "overrides.csv").write_text(text.getvalue(), encoding="utf-8")
    (project / "worklist").mkdir()
    book = openpyxl.Workbook()
    sheet = book.create_sheet(PLANTED)
    sheet.append(COLUMNS)
    sheet.append([HOSTILE[2]] * len(COLUMNS))
    book.save(project / "worklist" / "book.xlsx")


def process(*words: str, project: Path, out: Path) -> subprocess.CompletedProcess[str]:
    """A command as a user starts it, with all that its libraries may write."""
    environment = {**os.environ, "HOME": str(out.parent)}
    call = [sys.executable, "-m", "etl.cli", *words, "--project", str(project), "--out", str(out)]
    return subprocess.run(call, capture_output=True, text=True, env=environment, check=False)


def planted(folder: Path, night_before: Path) -> None:
    """The night after of a project with planted values, and with markup as its title and as the name of a file; what was said beside it."""
    project, out = folder / "project", folder / "out"
    shutil.copytree(EXAMPLES / "published", project)
    shutil.copytree(night_before, out, symlinks=True)
    assert plant(project) > 100
    answer(project)
    registry = project / "registry.yml"
    registry.write_text(re.sub("(?m)^title: .*", f"title: '{MARKUP}'", registry.read_text(encoding="utf-8")), encoding="utf-8")
    (project / "exports" / f"{MARKUP.replace('/', '')}.csv").write_text("a\n1\n", encoding="utf-8")
    done = process("run", "-v", project=project, out=out)
    assert done.returncode == 0, done.stderr
    (folder / "said.json").write_text(json.dumps([done.stdout, done.stderr]), encoding="utf-8")
