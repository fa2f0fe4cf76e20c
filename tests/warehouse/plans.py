"""Every statement that a piece of work gives the database, each with its plan: `explained` records them while it lasts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import pytest

# Compare each row of one side with each of the other, or make as many of two sides that are in order.
EVERY_ROW = ("CROSS_PRODUCT", "NESTED_LOOP_JOIN", "BLOCKWISE_NL_JOIN", "PIECEWISE_MERGE_JOIN", "IE_JOIN", "POSITIONAL_JOIN")
PASSING = ("PROJECTION", "FILTER")
ONE_ROW = ("UNGROUPED_AGGREGATE", "DUMMY_SCAN")
PLANNED = ("select", "with", "insert", "create", "from", "/*", "(")


def multiplying(plan: dict[str, Any]) -> list[str]:
    """The nodes that hold rows against rows where neither side is a single row; what they compare."""
    found = [told for child in plan["children"] for told in multiplying(child)]
    if plan["name"].strip() in EVERY_ROW and not any(_is_single(child) for child in plan["children"]):
        found.append(f"{plan['name'].strip()} {plan['extra_info']}")
    return found


def _is_single(plan: dict[str, Any]) -> bool:
    """One row at most: an aggregate without groups, or an unfiltered scan of a table of one row, of which the estimate is exact."""
    while plan["name"].strip() in PASSING:
        plan = plan["children"][0]
    told = plan["extra_info"]
    is_scan = plan["name"].strip().endswith("SCAN") and "Filters" not in told
    return plan["name"].strip() in ONE_ROW or (is_scan and told.get("Estimated Cardinality") == "1")


@contextmanager
def explained() -> Iterator[dict[str, list[str]]]:
    """By statement, what in its plan multiplies rows; filled while it lasts, by every connection of this process."""
    found: dict[str, list[str]] = {}
    own = duckdb.DuckDBPyConnection.execute

    def told(con: duckdb.DuckDBPyConnection, statement: object, values: object = None) -> None:
        text = str(statement)
        if text in found or not text.lstrip().lower().startswith(PLANNED):
            return
        rows = own(con, f"explain (format json) {text}", *([values] if values is not None else [])).fetchall()
        found[text] = [one for plan in json.loads(rows[0][1]) for one in multiplying(plan)]

    def wrapped(name: str) -> Any:
        given = getattr(duckdb.DuckDBPyConnection, name)

        def run(con: duckdb.DuckDBPyConnection, query: Any, *args: Any, **named: Any) -> Any:
            told(con, query, args[0] if args else named.get("params", named.get("parameters")))
            return given(con, query, *args, **named)

        return run

    with pytest.MonkeyPatch.context() as patch:
        for name in ("execute", "sql"):
            patch.setattr(duckdb.DuckDBPyConnection, name, wrapped(name))
        yield found
