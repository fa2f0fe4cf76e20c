"""Every feature of a contract on every kind of file (contract_features.yml), and the table of docs/contracts.md that says so."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from contract_exports import ENDINGS, KINDS, LAYOUT, OLD, export, layout
from ruamel.yaml import YAML
from test_contract_features import KEYS, PAGE, of_file, put

from etl.delivering import Delivered, deliver
from etl.landing.land import land
from etl.link import link
from schemas.core.errors import ConfigurationError
from schemas.project import Project, load_project

FEATURES = Path(__file__).with_name("contract_features.yml")
Feature = dict[str, Any]
REGISTRY = """\
registry: ward
title: A ward
is_simulated: false
key: public_example
sources: {ward: {}}
"""
TWO = REGISTRY.replace("{ward: {}}", "{ward: {}, beside: {}}") + "trust: [ward, beside]\n"


@cache
def features() -> list[Feature]:
    return list(_as_text(YAML(typ="safe", pure=True).load(FEATURES.read_text(encoding="utf-8"))))


def _as_text(value: Any) -> Any:
    """Days as the text of a cell: YAML reads 2009-03-04 as a date."""
    if isinstance(value, dict):
        return {key: _as_text(part) for key, part in value.items()}
    return [_as_text(part) for part in value] if isinstance(value, list) else str(value) if isinstance(value, datetime.date) else value


def of_kind(feature: Feature, kind: str) -> Feature:
    """What is otherwise for this kind of file."""
    return dict(feature.get("excel" if kind == OLD else kind, {}))


def form_of(feature: Feature, kind: str) -> dict[str, Any]:
    """What the contract says under `format`."""
    own = {**feature.get("format", {}), **of_kind(feature, kind).get("format", {})}
    needed = {"layout": LAYOUT} if kind == "fixed" else {}
    return {"kind": "excel" if kind == OLD else kind, **needed, **{key: value for key, value in own.items() if value is not None}}


def headers(feature: Feature, cells: list[list[str]], form: dict[str, Any]) -> list[str]:
    """The names of the columns: those of several header rows joined."""
    first = int(form.get("preamble_rows", 0))
    rows = cells[first : first + int(form.get("header_rows", 1))]
    return [" ".join(part for part in column if part) for column in zip(*rows, strict=True)]


def contract_text(feature: Feature, kind: str, name: str) -> str:
    files = f'["{name}{ENDINGS[kind]}"]'
    own = {line.split(":")[0] for line in feature["contract"].splitlines()}
    keys = {**KEYS, "files": files, "format": form_of(feature, kind)}
    return "".join(f"{key}: {value}\n" for key, value in keys.items() if key not in own) + feature["contract"]


def project(folder: Path, feature: Feature, kind: str) -> Path:
    """The project folder of one feature and one kind of file, its exports written."""
    form, name = form_of(feature, kind), feature.get("name", "ward")
    encoding = feature.get("written") or feature.get("format", {}).get("encoding", "utf-8")
    put(folder / "registry.yml", (TWO if "beside" in feature else REGISTRY).encode())
    put(folder / "contracts/ward.yml", contract_text(feature, kind, name).encode())
    exports = {name: feature["cells"], **feature.get("earlier", {})}
    for file, cells in exports.items():
        put(folder / "exports" / f"{file}{ENDINGS[kind]}", export(kind, cells, form, encoding))
    if kind == "fixed":
        widest = [*feature["cells"], *(row for cells in feature.get("earlier", {}).values() for row in cells[1:])]
        put(folder / "contracts" / LAYOUT, layout(widest, form, headers(feature, feature["cells"], form)).encode())
    if "beside" in feature:
        text = contract_text(feature["beside"], "csv", "beside").replace("contract: ward", "contract: beside")
        put(folder / "contracts/beside.yml", text.replace("source: ward", "source: beside").encode())
        put(folder / "exports/beside.csv", export("csv", feature["beside"]["cells"], {}, "utf-8"))
    return folder


def delivered(read: Project, folder: Path) -> Delivered:
    return deliver(read, folder / "out", land(read, folder / "out", "2026-01-01T00:00:00"), b"k" * 32)


def records(feature: Feature, read: Project, found: Delivered) -> Iterator[list[str]]:
    """The records of the export; those of several files after they were linked."""
    columns = feature["gives"][0][1:]
    parts = [part.records for part in found.parts]
    if "beside" in feature:
        linked = link(found.parts, read.registry.linkage, read.registry.surviving, read.vocabularies).records
        parts = [{record: frame for record, frame in linked.items() if record == feature["gives"][1][0]}]
    for part in parts:
        for record, frame in part.items():
            yield from (row[1:] for row in of_file(record, frame, columns))


# Old workbooks are read as new ones are: each feature of theirs is a slow proof.
CASES = [
    pytest.param(feature, kind, id=f"{feature['feature']}, {kind}", marks=pytest.mark.slow if kind == OLD else ())
    for feature in features()
    for kind in (*KINDS, OLD)
]


@pytest.mark.parametrize(("feature", "kind"), CASES)
def test_does_for_this_kind_of_file_what_the_table_says(tmp_path: Path, feature: Feature, kind: str) -> None:
    folder = project(tmp_path / "project", feature, kind)
    if (no := of_kind(feature, kind).get("no")) is not None:
        with pytest.raises(ConfigurationError) as caught:
            load_project(folder)
        found_at = [(mistake.file, bool(mistake.line)) for mistake in caught.value.mistakes if no in str(mistake)]
        assert found_at == [("contracts/ward.yml", True)], str(caught.value)
        return
    read = load_project(folder)
    found = delivered(read, tmp_path)
    if "refused" in feature:
        assert [refusal.reason for refusal in found.landing.refusals] == [feature["refused"]]
        return
    assert not found.landing.refusals
    assert sorted(records(feature, read, found)) == sorted([str(cell) for cell in row] for row in feature["gives"][1:])


def table() -> str:
    """The table of the page: what works for which kind of file."""
    lines = [f"| feature | {' | '.join(KINDS.values())} |", f"|{'---|' * (len(KINDS) + 1)}"]
    for feature in features():
        cells = [of_kind(feature, kind).get("says") or ("–" if "no" in of_kind(feature, kind) else "yes") for kind in KINDS]
        lines.append(f"| {feature['feature']} | {' | '.join(cells)} |")
    return "\n".join(lines)


def test_shows_on_the_page_what_was_tried() -> None:
    assert table() in PAGE.read_text(encoding="utf-8"), f"the table of docs/contracts.md should be:\n{table()}"
