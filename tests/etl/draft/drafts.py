"""Exports written into a project, and the drafts made of them."""

from __future__ import annotations

from pathlib import Path

from etl.draft.drafting import drafted, place_of


def export(project: Path, text: str, name: str = "ward_2026-01.csv", encoding: str = "utf-8") -> Path:
    path = project / "exports" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding)
    return path


def draft_of(project: Path, text: str) -> str:
    [draft] = drafted([export(project, text)], place_of(project)).drafts
    return draft.text
