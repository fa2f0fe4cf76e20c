"""A column that is there and holds nothing any more: the file is refused alone, until somebody says that it is right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from landing_project import NOW, contract, deliver, project

from etl.landing.land import land
from etl.nights.emptied_columns import check_emptied_columns
from etl.nights.legible_before import Earlier
from etl.readers import read
from schemas.core.errors import UnreadableError

FIELDS: dict[str, Any] = {"id": {"required": True}, "stage": {}, "day": {}}


def csv(rows: int, *, stages: int = 0, day: str = "2009-01-13", nothing: str = "") -> str:
    """So many women; so many of them have a stage."""
    return "id,stage,day\n" + "".join(f"W{n},{'II' if n < stages else nothing},{day}\n" for n in range(rows))


def tonight(folder: Path, before: str, now: str, then: dict[str, Any] | None = None, **more: Any) -> str:
    """The reason for which the file of tonight is refused; nothing where it is taken."""
    raw = []
    for text, said in ((before, then or {"fields": FIELDS}), (now, {"fields": FIELDS, **more})):
        ward = project(folder, contract("ward", "ward.csv", **said))
        deliver(ward, ward__csv=text)
        [file] = land(ward, folder / "out", NOW).files
        raw.append(read(file, file.contract))
    try:
        check_emptied_columns(raw[1], Earlier(raw[0].file, raw[0].rows))
    except UnreadableError as error:
        assert "W1" not in str(error)
        return f"{error.reason}: {error}"
    return ""


UNKNOWN = {"fields": FIELDS | {"stage": {"null_tokens": ("unknown",)}}}
TAKEN: dict[str, tuple[str, str, dict[str, Any]]] = {
    "it never had anything": (csv(40), csv(41), {}),
    "few had something": (csv(40, stages=19), csv(40), {}),
    "one is left": (csv(40, stages=40), csv(40, stages=1), {}),
    "a window of a tenth of the rows": (csv(400, stages=100), csv(40), {}),
    "what is new may have nothing": (csv(40, stages=40), csv(41), {"delivery": "append"}),
    "the contract takes a text for nothing since": (csv(40, stages=40), csv(40, nothing="unknown"), UNKNOWN),
}  # fmt: skip


@pytest.mark.parametrize("case", TAKEN)
def test_takes(tmp_path: Path, case: str) -> None:
    before, now, more = TAKEN[case]
    assert tonight(tmp_path, before, now, **more) == ""


def test_refuses_a_snapshot_of_which_a_column_holds_nothing_any_more(tmp_path: Path) -> None:
    says = tonight(tmp_path, csv(40, stages=20), csv(40))
    assert says.startswith("column_empty: ward.csv: no cell of column 'stage' is filled, and 20 looked at were in the last release")
    [word] = [part for part in says.split('"') if len(part) == 12]
    assert tonight(tmp_path / "said", csv(40, stages=20), csv(40), exchanged_after=word) == ""
    assert tonight(tmp_path / "two", csv(40, stages=20), csv(40, day="")).count("no cell of column") == 2
    assert tonight(tmp_path / "nothing", csv(40, stages=20), csv(40, nothing="unknown"), UNKNOWN, **UNKNOWN).startswith("column_empty")
