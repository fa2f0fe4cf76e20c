"""What a reader of `share/` can subtract is found: of women as bits, and in printed cells."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.derivable import differences, printed, told

EIGHT, FIVE, REST = 0b11111111, 0b00011111, 0b11100000


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        pytest.param({"all": EIGHT, "known": FIVE}, ["missing is all - known"], id="a whole and its part"),
        pytest.param({"all": EIGHT, "I": 0b11, "nobody": 0}, [], id="others are left too"),
        pytest.param({"all": EIGHT, "I": 0b11, "II": 0b11100}, ["missing is all - I - II"], id="a whole and two parts"),
    ],
)  # fmt: skip
def test_finds_what_is_left_of_shown_counts(shown: dict[str, int], expected: list[str]) -> None:
    assert [*told({"missing": REST}, shown, 5)] == expected


def test_finds_what_two_nights_tell_where_one_woman_came() -> None:
    night, nights = {"tonight": REST | 1 << 8}, {"all tonight": EIGHT | 1 << 8, "all before": EIGHT}
    (found,) = told({"missing": REST}, night | nights, 5)
    # 4 tonight less the one who came, or 8 before less the 5 others
    assert found in {f"missing is {way}" for way in ("tonight - (all tonight - all before)", "all before - (all tonight - tonight)")}


def test_tells_of_no_hidden_count_that_is_large_or_of_nobody() -> None:
    assert [*told({"many": FIVE, "nobody": 0}, {"all": EIGHT, "rest": REST}, 5)] == []


def test_names_counts_of_two_studies_that_differ_by_a_few() -> None:
    assert [*differences({"a.n": EIGHT}, {"b.n": FIVE, "b.rest": REST, "b.same": EIGHT}, 4)] == ["3: a.n and b.n"]


def test_sees_a_small_count_that_is_printed(tmp_path: Path) -> None:
    row = "<tr><td>3</td><td>{}</td><td>12 (4.5)</td></tr>"
    (tmp_path / "table.html").write_text(f"<h1>2 of 9</h1>{row.format('4 (3.1)')}{row.format('–')}<p>Of 40 patients 3 events.</p>", "utf-8")
    (tmp_path / "figure.svg").write_text("<svg><!-- Held: 2 --><text>n = 14</text></svg>", "utf-8")
    found = ["figure.svg: Held: 2", "table.html: 4 (3.1)", "table.html: Of 40 patients 3 events."]
    assert [*printed(tmp_path, 5)] == found
