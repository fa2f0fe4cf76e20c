"""Rules that repeat over numbered columns (`surgery1_date … surgery4_date`), written out before anything else reads them.

A rule with `repeat: {name: n, from: 1, to: 4}` becomes four rules, and each field whose name holds `{n}` four fields. Every
copy keeps the line of what was written, so that a mistake in it is reported there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from schemas.yaml_lines import Path, Source

PLACE = re.compile(r"\{([a-z][a-z0-9_]*)(?:\+1)?\}")
NAME = re.compile(r"[a-z][a-z0-9_]*")
MOST = 1000


def expand(source: Source) -> None:
    """Write out the repeated fields and rules of one contract; what has no proper shape stays, for the model to report."""
    records, fields = source.value.get("records"), source.value.get("fields")
    if not isinstance(records, tuple) or not isinstance(fields, dict):
        return
    numbers: dict[str, list[int]] = {}
    for record in records:
        if (repeat := _repeat(record)) is not None:
            known = numbers.setdefault(repeat[0], [])
            known += [number for number in repeat[1] if number not in known]
    if not numbers and not any(PLACE.search(name) for name in fields):
        return
    source.value = {**source.value, "fields": _fields(source, fields, numbers), "records": _records(source, records)}
    source.is_expanded = True


def _repeat(record: Any) -> tuple[str, range] | None:
    """Name and numbers of the repeat of a rule, None where it has none; of one without a proper range only the first copy.

    So the model reports the range, and nothing else is said about what depends on it.
    """
    said = record.get("repeat") if isinstance(record, dict) else None
    if not isinstance(said, dict):
        return None
    name, first, last = said.get("name"), _whole(said.get("from", 1)), _whole(said.get("to"))
    if not (isinstance(name, str) and NAME.fullmatch(name)):
        return None
    return name, range(first, last + 1) if 0 <= first <= last < MOST else range(1, 2)


def _whole(value: Any) -> int:
    """A whole number, -1 for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else -1


def _fields(source: Source, fields: dict[str, Any], numbers: dict[str, list[int]]) -> dict[str, Any]:
    """The fields in their order, each with a number in its name once per number."""
    lines, written = _taken(source, "fields"), {}
    for key, value in fields.items():
        names = PLACE.findall(key)
        if names and (len(set(names)) > 1 or names[0] not in numbers):
            source.lines[("fields", key)] = lines[("fields", key)]
            source.report(("fields", key), f"no rule repeats over '{names[0] if len(set(names)) == 1 else ' and '.join(names)}'",
                          "write `repeat: {name: …, from: 1, to: …}` in the rule that reads it")  # fmt: skip
            source.broken.add(("fields", key))
            continue
        for name, copy in _copies(key, value, names[0] if names else None, numbers):
            if name in written or (name != key and name in fields):
                source.lines.setdefault(("fields", name), lines[("fields", key)])
                source.report(("fields", name), f"the field '{name}' is there twice, once by the repeat of '{key}'")
            written[name] = copy
            _copy_lines(source, lines, ("fields", key), ("fields", name))
    return written


def _copies(key: str, value: Any, name: str | None, numbers: dict[str, list[int]]) -> Iterator[tuple[str, Any]]:
    if name is None:
        yield key, value
        return
    for number in numbers[name]:
        yield str(_put(key, name, number)), _put(value, name, number)


def _records(source: Source, records: tuple[Any, ...]) -> tuple[Any, ...]:
    """The rules in their order, a repeated one once per number and named by it."""
    lines, written = _taken(source, "records"), list[Any]()
    for place, record in enumerate(records):
        repeat = _repeat(record)
        for number in repeat[1] if repeat is not None else (None,):
            _copy_lines(source, lines, ("records", place), ("records", len(written)))
            written.append(record if repeat is None or number is None else _rule(record, repeat[0], number))
    return tuple(written)


def _rule(record: dict[str, Any], name: str, number: int) -> dict[str, Any]:
    """One copy of a rule; a rule that the text does not name stays without a name."""
    copy = {key: value if key == "repeat" else _put(value, name, number) for key, value in record.items()}
    rule = record.get("rule")
    if isinstance(rule, str) and f"{{{name}}}" not in rule and f"{{{name}+1}}" not in rule:
        copy["rule"] = f"{rule}_{number}"
    return copy


def _put(value: Any, name: str, number: int) -> Any:
    """The value with the number in the place of `{name}` and the next one in that of `{name+1}`; a text that is nothing else becomes it."""
    if isinstance(value, str):
        places = {f"{{{name}}}": number, f"{{{name}+1}}": number + 1}
        if value in places:
            return places[value]
        for place, written in places.items():
            value = value.replace(place, str(written))
        return value
    if isinstance(value, dict):
        return {key: _put(child, name, number) for key, child in value.items()}
    return tuple(_put(child, name, number) for child in value) if isinstance(value, tuple) else value


def _taken(source: Source, head: str) -> dict[Path, int]:
    """The lines of all that stands below one key, taken out of the source."""
    lines = {path: line for path, line in source.lines.items() if path[:1] == (head,) and len(path) > 1}
    for path in lines:
        del source.lines[path]
    return lines


def _copy_lines(source: Source, lines: dict[Path, int], old: Path, new: Path) -> None:
    source.lines.update({(*new, *path[len(old) :]): line for path, line in lines.items() if path[: len(old)] == old})
