"""Each feature of docs/contracts.md: the export of the page, read by the contract of the page, becomes the records of the page."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest
from test_read_excel import workbook

from etl.delivering import deliver
from etl.landing.land import land
from schemas.core.ids import pseudonym, text_key
from schemas.project import load_project

WHO, SECRET = "patient", b"k" * 32
PAGE = Path(__file__).parents[2] / "docs" / "contracts.md"
REGISTRY = """\
registry: ward
title: A ward
is_simulated: false
key: public_example
sources: {ward: {required: true}}
"""
KEYS = {"contract": "ward", "contract_version": "1", "title": "A book", "source": "ward", "files": "[ward.csv]", "columns": "exact"}
BLOCK = re.compile(r"```(\w+)(?: (\S+))?(?: (\S+))?\n(.*?)```", re.DOTALL)


class Example(NamedTuple):
    title: str
    contract: str
    files: dict[str, bytes]
    layouts: dict[str, str]
    records: list[dict[str, str]]


def examples() -> Iterator[Example]:
    page = PAGE.read_text(encoding="utf-8")
    features = page.partition("## Features, each")[2].partition("\n## ")[0]
    for section in features.split("\n### ")[1:]:
        contract, files, layouts = "", dict[str, bytes](), dict[str, str]()
        for kind, name, encoding, text in BLOCK.findall(section):
            if kind == "yaml":
                contract = text
            elif kind == "csv":
                layouts[name] = text
            else:
                files[name] = sheet(text) if name.endswith(".xlsx") else text.encode(encoding or "utf-8")
        yield Example(section.split("\n")[0], contract, files, layouts, list(shown(section)))


def sheet(text: str) -> bytes:
    grid = [[cell.strip() for cell in line.split("|")] for line in text.splitlines()]
    merged = [(row, first, row, last) for row, line in enumerate(grid) for first, last in spans(line, "<")]
    merged += [(first, column, last, column) for column, cells in enumerate(zip_longest(*grid)) for first, last in spans(cells, "^")]
    return workbook([[cell_of(cell) for cell in line] for line in grid], merged)


def spans(line: Sequence[str | None], sign: str) -> Iterator[tuple[int, int]]:
    for first, cell in enumerate(line):
        last = next((place for place in range(first + 1, len(line)) if line[place] != sign), len(line)) - 1
        if cell != sign and last > first:
            yield first, last


def cell_of(text: str) -> Any:
    if text.startswith("date("):
        return datetime.date.fromisoformat(text[5:-1])
    return ("=1/0", text) if text.startswith("#") else float(text) if text.isdigit() else None if text in ("", "<", "^") else text


def shown(section: str) -> Iterator[dict[str, str]]:
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("|")]
    yield from (dict(zip(lines[0], line, strict=True)) for line in lines[2:])


@pytest.mark.parametrize("example", list(examples()), ids=lambda example: example.title)
def test_delivers_what_the_page_shows(tmp_path: Path, example: Example) -> None:
    own = [line.split(":")[0] for line in example.contract.splitlines()]
    contract = "".join(f"{key}: {value}\n" for key, value in KEYS.items() if key not in own) + example.contract
    folder = tmp_path / "project"
    others = sorted({*re.findall(r"hospital_[a-z]\b", contract)})  # whose numbers the export has
    registry = REGISTRY.replace("}}\n", "}" + "".join(f", {name}: {{}}" for name in others) + "}\n")
    for name, content in {"registry.yml": registry, "contracts/ward.yml": contract, **example.layouts}.items():
        put(folder / name, content.encode())
    for name, content in example.files.items():
        put(folder / "exports" / name, content)
    project = load_project(folder)
    delivered = deliver(project, tmp_path / "out", land(project, tmp_path / "out", "2026-01-01T00:00:00"), SECRET)
    assert not delivered.landing.refusals
    columns = [column for column in example.records[0] if column not in ("row", "record")]
    found = [row for part in delivered.parts for name, frame in part.records.items() for row in of_file(name, frame, columns)]
    assert sorted(found) == sorted(
        [wanted["row"], wanted["record"], *(said(wanted, column) for column in columns)] for wanted in example.records
    )


def said(wanted: dict[str, str], column: str) -> str:
    """A cell of the table; of a person the key that stands for the number shown."""
    return str(text_key(pseudonym(SECRET, wanted[column]))) if column == WHO else wanted[column]


def put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def of_file(record: str, frame: pl.DataFrame, columns: list[str]) -> Iterator[list[str]]:
    row = pl.col("source_row_id") & ((1 << 32) - 1)
    named = frame.rename({"patient_key": WHO}, strict=False)
    told = [pl.col(column).cast(pl.String) if column in named.columns else pl.lit(None, pl.String).alias(column) for column in columns]
    for cells in named.select(row.cast(pl.String).alias("row"), *told).rows():
        yield [cells[0], record, *(cell or "" for cell in cells[1:])]


def test_has_an_example_of_every_feature() -> None:
    assert len(list(examples())) >= 13
    assert all(example.contract and example.files and example.records for example in examples())
