"""Levels of a variable of Table 1: their words and their order, both of the code list of the column they are levels of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

from schemas.candidate import Own, known
from schemas.domains import code_list as domain_of
from schemas.study import Variable
from schemas.vocabularies import code_list


def worded(variable: Variable, own: Own = ()) -> Callable[[str], str]:
    """The function that words the levels of one variable; a level of no code list is its own word."""
    labels = {code: label for code, (label, _) in _listed(variable.level, own).items()}
    return lambda level: labels.get(level, level.capitalize() if level in {"yes", "no"} else level)


def ordered(variable: Variable, met: Iterable[str], own: Own = ()) -> tuple[str, ...]:
    """The levels the study lists and those met beside them, each once: no woman falls out of the table.

    Levels met stand in their place where the study lists its own in the order of the code list, or as rising numbers; else
    they follow the listed ones.
    """
    places = {code: place for code, (_, place) in _listed(variable.level, own).items()}
    beside = set(met) - set(variable.levels)

    def place(level: str) -> tuple[float, float, str]:
        return places.get(level, float("inf")), _number(level), level

    listed = list(variable.levels)
    if listed == sorted(listed, key=place):
        return tuple(sorted({*listed, *beside}, key=place))
    return (*listed, *sorted(beside, key=place))


def _number(level: str) -> float:
    return float(level) if level.isascii() and level.replace(".", "", 1).isdigit() else float("inf")


@cache
def _listed(column: str | None, own: Own) -> dict[str, tuple[str, float]]:
    """Label and place of each code, where the levels are those of a column with a code list."""
    found = next((one for one in known(own).columns if one.name == column), None)
    domain = domain_of(found) if found is not None else None
    if domain is None:
        return {}
    return {row["code"]: (row["label"], float(row["sort"] or "inf")) for row in code_list.rows(domain)}
