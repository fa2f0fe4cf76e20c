"""Texts that the tables of this folder ask for are read together: the reading of one alone costs nearly as much as that of a hundred."""

from __future__ import annotations

import pytest

from tests.schemas.vocabulary_outcome import asked_within


def pytest_collection_finish(session: pytest.Session) -> None:
    """Notes the longer texts of every row of a table with a `domain`, for `outcome` to read at once."""
    for item in session.items:
        row = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
        text = row.get("raw", row.get("text"))
        if isinstance(row.get("domain"), str) and isinstance(text, str):
            asked_within.setdefault(row["domain"], {})[text] = None
