"""Units of measures: the factor from the unit of an export to the unit of the dictionary's column (unit_factors.csv)."""

from __future__ import annotations

from functools import cache

from schemas.facts import shipped


@cache
def _factors() -> dict[tuple[str, str], float]:
    return {(row["unit"], row["column_unit"]): float(row["factor"]) for row in shipped("unit_factors.csv", "unit", "column_unit", "factor")}


@cache
def known_units() -> tuple[str, ...]:
    """Every unit in which a measure may come."""
    return tuple(dict.fromkeys(unit for unit, _ in _factors()))


def units_for(column_unit: str) -> tuple[str, ...]:
    """The units that can be turned into the unit of a column; none of a column without one."""
    return tuple(unit for unit, target in _factors() if target == column_unit)


def units_of(column_unit: str, domain: str) -> tuple[str, ...]:
    """The units in which a column may come: those of its measure, and per cent of a receptor's result, whose number says the code."""
    return ("percent",) if domain == "marker_result" else units_for(column_unit)


def factor(unit: str, column_unit: str) -> float | None:
    """By how much a number in `unit` is multiplied to be one in `column_unit`; None where they measure different things."""
    return _factors().get((unit, column_unit))
