"""Means, medians and tests of numbers that would tell how many women have a value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small_registry import SURVIVAL, Woman, registry, study

from warehouse.studies import publish_studies
from warehouse.suppressing.means import Closed, Scales

# Who has a positive node: a flag as a number, the nodes in two levels, and the number itself.
FLAG = {"variable": "flag", "label": "Any node", "value": "case when nodes_positive > 0 then 1 else 0 end", "statistics": ("mean", "sd")}
LEVEL = {"variable": "some", "label": "Nodes", "level": "case when nodes_positive > 0 then 'some' else 'none' end"}
NODES = {"variable": "nodes", "label": "Positive nodes", "value": "nodes_positive", "statistics": ("median", "mean")}


# The same counted by a subgroup, or by whom an endpoint is among.
GROUP = {"arm": "operated", "subgroup": "some", "label": "With nodes", "when": "nodes_positive > 0"}
AMONG = SURVIVAL | {"among": "nodes_positive > 0"}


def shared(folder: Path, nodes: dict[bool, list[int]], *variables: dict[str, Any], **parts: Any) -> dict[str, float | None]:
    """What is shared of the means, medians and p-values, by variable, statistic and arm; `nodes`: of who is operated, and of the rest."""
    women: list[Woman] = [
        {"treatment_start": 0, "nodes_positive": n, "events": [{"event_type_code": "metastasectomy", "event": 1}] if is_operated else []}
        for is_operated, each in nodes.items()
        for n in each
    ]
    made = study(min_cell=5, table_1=variables, table_1_p_values=True, **parts)
    with registry(folder, *women) as con:
        publish_studies(con, [made], folder / "share", folder / "internal", is_simulated=False)
    files = folder / "share" / "studies" / "small"
    rows = pl.read_csv(files / "table_1.csv").filter(pl.col("statistic").is_in(["mean", "median"])).rows(named=True)
    tests = pl.read_csv(files / "table_1_tests.csv").rows(named=True)
    return {f"{r['variable']} {r['statistic']} {r['arm']}": r["value"] for r in rows} | {f"{r['variable']} p": r["p"] for r in tests}


# 2 of 15 who are operated have a positive node, 10 of the 20 others.
FEW = {True: [0] * 13 + [1, 3], False: [0] * 10 + [1, 1, 2, 3, 4, 5, 6, 7, 8, 9]}
ENOUGH = {True: [0] * 10 + [1, 2, 3, 4, 5], False: FEW[False]}


@pytest.mark.parametrize(
    ("nodes", "variables", "expected"),
    [
        # a mean of 0.13 of 15 is 2 women, and what the mean of the others leaves of that of all is it too; the levels hide who has how
        # many, so no mean, median or test of the number tells them
        (
            FEW,
            [FLAG, LEVEL, NODES],
            {"flag mean operated": None, "flag mean rest": None, "flag mean all": None, "flag p": None}
            | {f"nodes {what}": None for what in ("mean operated", "median operated", "mean rest", "median rest", "mean all", "p")}
            | {"nodes median all": 0.0},
        ),
        # 5 of 15 may be known, and a mean has the decimal that is printed; without levels nobody counts a number of many values
        (
            ENOUGH,
            [FLAG, NODES],
            {"flag mean operated": 0.3, "flag mean rest": 0.5, "flag mean all": 0.4, "flag p": 0.33}
            | {"nodes mean operated": 1.0, "nodes median operated": 0.0, "nodes mean rest": 2.3, "nodes mean all": 1.7},
        ),
    ],
)
def test_shares_no_mean_that_counts_a_few(tmp_path: Path, nodes: Any, variables: Any, expected: dict[str, float | None]) -> None:
    found = shared(tmp_path, nodes, *variables)
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize("parts", [{"subgroups": (GROUP,)}, {"endpoints": (AMONG,)}], ids=["subgroup", "among"])
def test_shares_no_mean_that_counts_a_subgroup_or_whom_an_endpoint_is_among(tmp_path: Path, parts: dict[str, Any]) -> None:
    # 0.3 of 15 is a sum of 4 or 5: so no more than 4 of them can have a node, or 5 with one each; a median of 0 says at most 7
    found = shared(tmp_path, FEW, NODES, **parts)
    closed = ("mean operated", "median operated", "mean all", "p")
    assert {found[f"nodes {what}"] for what in closed} == {None}


def test_closes_the_mean_of_all_beside_an_arm_but_not_its_median() -> None:
    counts = {"some": {("some", "x"): 2, ("none", "x"): 30, ("some", "all"): 9}}
    made = Scales(ranges={"nodes": ("some",)}).closed(counts, {"some": {("none", "x"), ("some", "all")}}, {"x", "all"})
    assert made == Closed({"nodes": frozenset({"x"})}, {"nodes": frozenset({"x", "all"})})
    assert [made.hides("nodes", "all", statistic) for statistic in ("mean", "sd", "median", "n")] == [True, True, False, False]


@pytest.mark.parametrize(
    ("hidden", "expected"),
    [
        # 0.4 of 29 less 0.5 of the 20 who are shown: of the nine others no more than four have one
        pytest.param({"x": [(0, 2), (1, 1)], "y": [(0, 5), (1, 1)]}, {"all"}, id="two of nine"),
        # of these 13 it is seven, which may be known
        pytest.param({"x": [(0, 2), (1, 1)], "y": [(0, 4), (1, 6)]}, set(), id="seven of thirteen"),
        # the sum of 100 who are shown may be wrong by five, and that of all by five and a half
        pytest.param({"x": [(0, 2), (1, 1)], "y": [(0, 5), (1, 1)], "rest": [(0, 50), (1, 50)]}, set(), id="two of nine beside many"),
        pytest.param({}, set(), id="all arms are shown"),
    ],
)
def test_shares_no_mean_of_all_that_counts_a_few_in_the_arms_that_are_hidden(hidden: Any, expected: set[str]) -> None:
    rows = [(arm, float(value), n) for arm, each in ({"rest": [(0, 10), (1, 10)]} | hidden).items() for value, n in each]
    values = pl.DataFrame(rows, schema={"arm": pl.String, "value": pl.Float64, "n": pl.UInt32}, orient="row")
    made = Scales(values={"flag": values}, min_cell=5).closed({}, {}, {"rest", "all"})
    assert made.means.get("flag", frozenset()) == expected
    assert made.hides("flag", "all", "mean") is bool(expected)
