"""Another order of trust gives women whom several sources know other keys: it is told, with what becomes of the answers."""

from __future__ import annotations

import pytest

from etl.nights.trusted import trust_changed


@pytest.mark.parametrize(
    ("before", "now", "is_told"),
    [
        (["deaths", "a", "b"], ["deaths", "a", "b"], False),
        (["deaths", "a", "b"], ["deaths", "a", "b", "c"], False),  # nobody goes by the number of the least trusted who has another
        (["deaths", "a", "b"], ["deaths", "b", "a"], True),
        (["deaths", "a", "b"], ["c", "deaths", "a", "b"], True),
        (["deaths", "a", "b"], ["deaths", "a"], True),
        ([], [], False),
        ([], ["b", "a"], True),
        (None, ["a", "b"], False),  # of an older version
    ],
)
def test_tells_of_another_order(before: list[str] | None, now: list[str], is_told: bool) -> None:
    run = {"run_id": "abc"} if before is None else {"run_id": "abc", "trust": before}
    found = trust_changed(now, run)
    assert found["name"].to_list() == ["trust_as_before"] * is_told
    if is_told:
        assert f"was made with {', '.join(before or []) or 'nothing'}, expected the same order" in found["detail"][0]
        assert "record_gone" in found["reason"][0]
