"""What several files of `warehouse/mart/` must say alike: they run as they stand on any engine, so none can call a macro."""

from __future__ import annotations

from importlib.resources import files

import pytest
from sqlglot import exp

from warehouse.mart import model

BOUNDS = {exp.Greatest: ("latest", "earliest"), exp.Least: ("earliest", "latest")}
FILES = sorted(path.name.removesuffix(".sql") for path in files("warehouse").joinpath("mart").iterdir() if path.name.endswith(".sql"))


def between(name: str, kind: type[exp.Expr]) -> list[str]:
    """The bounds of the days from an origin to another date in one file, the other date called `day`."""
    found = []
    for node in model(name).find_all(kind):
        columns = list(node.find_all(exp.Column))
        if any(column.table == "origin" for column in columns):
            for column in (column for column in columns if column.table != "origin"):
                column.set("table", exp.to_identifier("day"))
            found.append(node.sql("duckdb"))
    return found


@pytest.mark.parametrize("kind", BOUNDS)
def test_counts_the_days_between_two_dates_alike_in_every_file(kind: type[exp.Expr]) -> None:
    """Bounded on each axis that both dates are on: least from the latest day of the origin, most from its earliest."""
    origin, day = BOUNDS[kind]
    offsets = f"CASE WHEN origin.anchor = day.anchor THEN day.{day}_offset_days - origin.{origin}_offset_days END"
    said = f"{kind.__name__.upper()}(DATE_DIFF('DAY', origin.{origin}_date, day.{day}_date), {offsets})"
    found = {(name, text) for name in FILES for text in between(name, kind)}
    assert found == {(name, said) for name in ("list_days", "list_entry", "mart_time_to_event")}
