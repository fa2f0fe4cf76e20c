"""docs/contracts.md and docs/studies.md name every key of the models, and each of their examples passes the check."""

from __future__ import annotations

import grp
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from ruamel.yaml import YAML
from small_project import CONTRACT, FILES, REGISTRY, STUDY, written

from etl.check import check_project
from schemas.contract import Contract, Model
from schemas.project import Registry
from schemas.study import Study

DOCS = Path(__file__).parents[2] / "docs"


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def blocks(name: str) -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", page(name), re.DOTALL)


def told(name: str) -> tuple[str, str]:
    """Text and examples of a page, with those of the page on linkage where registry.yml is described."""
    names = (name, "linkage.md") if name == "contracts.md" else (name,)
    return "\n".join(map(page, names)), "\n".join(block for one in names for block in blocks(one))


def keys(model: type[Model]) -> Iterator[str]:
    for name, option in model.model_fields.items():
        yield option.alias or name
        yield from (key for inner in models(option.annotation) for key in keys(inner))


def models(annotation: Any) -> Iterator[type[Model]]:
    if isinstance(annotation, type) and issubclass(annotation, Model):
        yield annotation
    for part in get_args(annotation):
        yield from models(part)


@pytest.mark.parametrize(("name", "model"), [("contracts.md", Contract), ("contracts.md", Registry), ("studies.md", Study)])
def test_names_every_key(name: str, model: type[Model]) -> None:
    text = told(name)[0]
    assert not [key for key in keys(model) if f"`{key}`" not in text and f"`{key}:" not in text]


@pytest.mark.parametrize(("name", "model"), [("contracts.md", Contract), ("contracts.md", Registry), ("studies.md", Study)])
def test_shows_every_key_in_an_example(name: str, model: type[Model]) -> None:
    shown = told(name)[1]
    assert not [key for key in keys(model) if not re.search(rf"\b{key}:", shown) and key != "min_cell_reason"]


@pytest.mark.parametrize(
    "block", [*blocks("contracts.md"), *blocks("studies.md"), *blocks("expectations.md")], ids=lambda block: block.split("\n")[0]
)
def test_gives_an_example_without_mistakes(tmp_path: Path, block: str) -> None:
    whole = {"contract": "contracts/ward.yml", "study": "studies/outcome.yml", "registry": "registry.yml"}
    first = block.partition(":")[0]
    layouts = dict(re.findall(r"```csv ((?:contracts|vocabularies)/\S+)\n(.*?)```", page("contracts.md"), re.DOTALL))
    block = block.replace("group: research", f"group: {grp.getgrgid(os.getgid()).gr_name}")  # a group that is here, as is the source
    block = block if block.startswith("registry:") else block.replace(".hospital_a:", ".ward:")
    files = layouts | ({whole[first]: block} if first in whole else dict([merged(block)]))
    others = "".join(f"\n  {name}: {{}}" for name in sorted({*re.findall(r"\bhospital_[a-z]\b", block)}))  # whose numbers a file has
    files = (
        files if "registry.yml" in files else {**files, "registry.yml": REGISTRY.replace("{required: true}", "{required: true}" + others)}
    )
    assert "No mistakes" in check_project(written(tmp_path, files))


def merged(block: str) -> tuple[str, str]:
    """The small contract or study with the keys of the example in the place of its own."""
    yaml = YAML(typ="safe", pure=True)
    own = yaml.load(block)
    bases = (("contracts/ward.yml", CONTRACT, Contract), ("registry.yml", REGISTRY, Registry), ("studies/outcome.yml", STUDY, Study))
    file, base = next((file, base) for file, base, model in bases if own.keys() <= model.model_fields.keys())
    assert file in FILES
    kept = "\n".join(chunk for chunk in re.split(r"\n(?=\w)", base) if chunk.split(":")[0] not in own)
    return file, f"{kept.strip()}\n{block}"
