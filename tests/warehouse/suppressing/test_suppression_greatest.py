"""A mean with its deviation that would tell the greatest or the least value of a number: one woman's own."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from small_registry import Woman, registry, study

from warehouse.studies import publish_studies
from warehouse.suppressing.greatest import Seen, greatest, least, told

# Another arm has many values, so the number is no scale of few.
MANY = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 30, 31, 32]


def hidden(values: list[float], min_cell: int = 5) -> set[str]:
    """The statistics that may not stand of the women of an arm with these values."""
    rows = [("few", value) for value in values] + [("many", value) for value in MANY]
    known = pl.DataFrame(rows, schema={"arm": pl.String, "value": pl.Float64}, orient="row")
    return {statistic for statistic, arm in told(known, min_cell) if arm == "few"}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        # 8.0 with 17.9: no other five numbers have both
        pytest.param([0, 0, 0, 0, 40], {"sd"}, id="one has nearly all of the nodes"),
        # 1.2 with 1.8: the greatest is 3 or more, and no more than 4.5
        pytest.param([0, 0, 0, 2, 4], {"sd"}, id="the greatest is one of few"),
        # 0.2 of five is one node in all
        pytest.param([0, 0, 0, 0, 1], {"mean", "sd"}, id="the mean alone tells it"),
        pytest.param([58, 59, 60, 61, 62], {"sd"}, id="ages within four years"),
        # 55.4 with 14.8: the oldest is between 62 and 82
        pytest.param([34, 51, 55, 63, 74], set(), id="ages"),
        # 2.5 with 6.3: by the bounds 17 to 21, by sum and squares 20 or 21
        pytest.param([0, 0, 0, 0, 0, 0, 0, 1, 1, 4, 21], {"sd"}, id="eleven, with the sum of all and their squares"),
        pytest.param([0] * 12 + [9], {"sd"}, id="thirteen, of whom one has nodes"),
        pytest.param([*range(13)], set(), id="thirteen with all kinds of numbers"),
        pytest.param([3, 3, 3, 3, 3], set(), id="five have the greatest"),
        pytest.param([0.137, 0.271, 0.314, 0.552, 0.91], set(), id="a share, of which no two are alike"),
    ],
)
def test_hides_what_tells_one_value(values: list[float], expected: set[str]) -> None:
    assert hidden(values) == expected


@pytest.mark.parametrize("values", [[0, 0, 0, 0, 40], [0, 1, 1, 5, 9], [1, 2, 2, 3, 20, 20], [0, 0, 7, 7, 7]])
def test_knows_bounds_between_which_the_ends_lie(values: list[int]) -> None:
    of = pl.Series(values, dtype=pl.Float64)
    seen = Seen(len(values), round(float(str(of.mean())), 1), round(float(str(of.std())), 1), is_positive=True)
    for (low, high), end in ((greatest(seen), max(values)), (least(seen), min(values))):
        assert low <= end <= high


def test_shares_the_mean_without_the_deviation(tmp_path: Path) -> None:
    number = {"variable": "nodes", "label": "Nodes", "value": "nodes_positive", "statistics": ("mean", "sd")}
    women: list[Woman] = [
        {"nodes_positive": n, "events": [{"event_type_code": "metastasectomy", "event": "2010-01-01"}] if is_operated else []}
        for is_operated, each in ((True, [0, 0, 0, 0, 40]), (False, MANY))
        for n in each
    ]
    with registry(tmp_path, *women) as con:
        publish_studies(con, [study(min_cell=5, table_1=(number,))], tmp_path / "share", tmp_path / "internal", is_simulated=False)
    rows = pl.read_csv(tmp_path / "share" / "studies" / "small" / "table_1.csv").filter(pl.col("statistic").is_in(["mean", "sd"]))
    found = {(row["statistic"], row["arm"]): row["value"] is not None for row in rows.iter_rows(named=True)}
    # of all it would be left by that of the rest; the rest's own tells nobody's
    assert {of for of, is_shown in found.items() if not is_shown} == {("sd", "operated"), ("sd", "all")}
