"""Levels of a variable of Table 1: their words and their order, both of the code list of the column they are levels of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache

from schemas.candidate import Own, known
from schemas.domains import code_list as domain_of
from schemas.study import Variable
from schemas.vocabularies import code_list

# Of each code list to which the project added codes its labels by code, in order (schemas.vocabulary.Vocabularies.longer_lists).
Longer = Mapping[str, Mapping[str, str]]


def worded(variable: Variable, own: Own = (), longer: Longer | None = None) -> Callable[[str], str]:
    """The function that words the levels of one variable; a level of no code list is its own word."""
    labels = {code: label for code, (label, _) in _listed(variable.level, own, longer).items()}
    return lambda level: labels.get(level, level.capitalize() if level in {"yes", "no"} else level)


def ordered(variable: Variable, met: Iterable[str], own: Own = (), longer: Longer | None = None) -> tuple[str, ...]:
    """The levels the study lists and those met beside them, each once: no woman falls out of the table.

    Levels met stand in their place where the study lists its own in the order of the code list, or as rising numbers; else
    they follow the listed ones.
    """
    places = {code: place for code, (_, place) in _listed(variable.level, own, longer).items()}
    beside = set(met) - set(variable.levels)

    def place(level: str) -> tuple[float, float, str]:
        return places.get(level, float("inf")), _number(level), level

    listed = list(variable.levels)
    if listed == sorted(listed, key=place):
        return tuple(sorted({*listed, *beside}, key=place))
    return (*listed, *sorted(beside, key=place))


def _number(level: str) -> float:
    return float(level) if level.isascii() and level.replace(".", "", 1).isdigit() else float("inf")


def _listed(column: str | None, own: Own, longer: Longer | None) -> dict[str, tuple[str, float]]:
    """Label and place of each code, where the levels are those of a column with a code list."""
    domain = _domain(column, own)
    if domain is None:
        return {}
    if domain in (longer or {}):
        return {code: (label, float(place)) for place, (code, label) in enumerate((longer or {})[domain].items())}
    return {row["code"]: (row["label"], float(row["sort"] or "inf")) for row in code_list.rows(domain)}


@cache
def _domain(column: str | None, own: Own) -> str | None:
    """The code list of a column, where it has one."""
    found = next((one for one in known(own).columns if one.name == column), None)
    return domain_of(found) if found is not None else None
