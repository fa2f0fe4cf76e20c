"""A project with two sources for the tests of landing: `ward` (required) and `lab`."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from etl.landing.land import Landing, land
from schemas.contract import Contract
from schemas.project import Project, Registry

NOW = "2026-01-01T00:00:00"
RECORDS = ({"rule": "woman", "record": "patient", "set": {"patient_id": "id"}},)


def contract(name: str, *files: str, **more: Any) -> Contract:
    fields = more.pop("fields", {"id": {"required": True}, "stage": {}})
    needed = {"contract": name, "contract_version": 1, "title": name, "source": name, "files": files}
    return Contract.model_validate({**needed, "fields": fields, "records": RECORDS, **more})


def project(folder: Path, *contracts: Contract, required: tuple[str, ...] = ("ward",)) -> Project:
    known = contracts or (contract("ward", "ward*.csv"), contract("lab", "lab*.csv"))
    sources = {c.source: {"required": c.source in required} for c in known}
    registry = Registry.model_validate({"registry": "r", "title": "R", "is_simulated": False, "sources": sources})
    (folder / "exports").mkdir(parents=True, exist_ok=True)
    return Project(folder, registry, tuple(known), (), SimpleNamespace())  # type: ignore[arg-type]  # landing needs no vocabulary


def deliver(project_: Project, **files: str) -> None:
    """Put files into the exports folder; `__` in a name stands for the dot, an empty text takes the file away."""
    for name, text in files.items():
        path = project_.exports / name.replace("__", ".")
        path.unlink(missing_ok=True)
        if text:
            path.write_text(text, encoding="utf-8")


def fates(landing: Landing) -> list[tuple[str, str, str]]:
    return [(str(name), str(fate), str(reason)) for name, fate, reason in landing.ledger.select("source_file", "fate", "reason").rows()]


def landed(project_: Project, out: Path, now: str = NOW) -> Landing:
    return land(project_, out, now)
