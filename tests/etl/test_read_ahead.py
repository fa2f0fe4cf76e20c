"""The next file is read while one is normalised: what reading it raised comes in its own turn; whole numbers of a sheet as text."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from etl import read_ahead
from etl.read_ahead import Ahead
from etl.readers.excel_cells import column
from schemas.core.errors import UnreadableError


def _read(file: Any, contract: Any) -> str:
    if contract.contract == "bad":
        raise UnreadableError("ragged", "said of the second")
    return f"rows of {contract.contract}"


def _file(name: str, kind: str = "csv") -> Any:
    return SimpleNamespace(contract=SimpleNamespace(contract=name, format=SimpleNamespace(kind=kind)))


def test_a_file_that_cannot_be_read_is_refused_in_its_own_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_ahead, "read", _read)
    one, two, three, sheet = _file("one"), _file("bad"), _file("three"), _file("sheet", "excel")
    with Ahead() as opened:
        ahead: Any = opened  # the rows are texts here
        assert ahead.read(one, [two, three, sheet]) == "rows of one"
        assert {file.contract.contract for file, _ in ahead._begun.values()} == {"bad", "sheet"}
        with pytest.raises(UnreadableError, match="said of the second"):
            ahead.read(two, [three, sheet])
        assert ahead.read(sheet, [one]) == "rows of sheet"
        assert ahead.read(one, []) == "rows of one"


def test_no_more_files_than_three_are_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_ahead, "read", _read)
    one, two, sheet = _file("one"), _file("two"), _file("sheet", "excel")
    with Ahead() as opened:
        ahead: Any = opened
        ahead.read(one, [two, sheet], held=1)
        assert {file.contract.contract for file, _ in ahead._begun.values()} == {"two"}  # beside it and the one that is normalised
        ahead.begin([two, sheet], held=1)
        assert {file.contract.contract for file, _ in ahead._begun.values()} == {"two", "sheet"}


@pytest.mark.parametrize(
    ("cells", "texts"),
    [
        ([1.0, "", -3.0], ["1", "", "-3"]),
        ([-0.0, "x", 999_999_999_999_999.0], ["0", "x", "999999999999999"]),
        ([1.0, 2.5], ["1", "2.5"]),
        ([1e15, 2.0], ["", "2"]),
    ],
)
def test_whole_numbers_have_no_point(cells: list[Any], texts: list[str]) -> None:
    assert column(cells).text.to_list() == texts
