"""A configuration file against its pydantic model: every mistake of shape with its line, in our words.

After reporting, what is wrong is left out or replaced and the rest is validated again, so that the checks that follow
can still look at the whole file and all mistakes come in one go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from schemas.contract import Model
from schemas.core.errors import did_you_mean
from schemas.stand_ins import is_choice, is_model, needs, stand_in
from schemas.yaml_lines import Path, Source

M = TypeVar("M", bound=Model)
WORDS = {
    "string_type": "expected text",
    "int_type": "expected a whole number",
    "int_from_float": "expected a whole number",
    "float_type": "expected a number",
    "finite_number": "expected a number",
    "bool_type": "expected true or false",
    "tuple_type": "expected a list",
    "dict_type": "expected a mapping",
    "model_type": "expected a mapping",
    "date_type": "expected a date YYYY-MM-DD",
    "string_too_short": "must not be empty",
    "too_short": "has too few entries",
    "string_pattern_mismatch": "a name is small letters, digits and _, and begins with a letter",
}
# What a pattern asks for that is not one of names.
PATTERNS = {"subjects": "words of letters, as in: patients", "layout": "the name of a .csv file beside the contract"}
UNQUOTED = "without quotes"
HINTS = {"string_type": "put it in quotes", "bool_type": UNQUOTED}
# Kinds of which a text in quotes may have the look.
QUOTED = re.compile(r"-?\d+(\.\d+)?|\d{4}-\d\d-\d\d")
NO_TEXT = frozenset({"int_type", "float_type", "date_type"})
# What to write where a contract says nothing yet: a draft of headers that are not known leaves both open.
FIRST = {
    "fields": "name each column that is used: `patient_id: {header: PatNo, identifier: hospital_number}`",
    "records": "say what a row delivers: `- {rule: person, record: patient, set: {patient_id: {from: patient_id}}}` (docs/contracts.md)",
}


def shaped(source: Source, model: type[M]) -> M | None:
    """The file as `model`; None where its shape is too broken to look further. Mistakes are noted in `source`."""
    if not source.value:
        return None
    try:
        return _checked(source, model.model_validate(source.value))
    except ValidationError as error:
        details = _told_once(error.errors(include_url=False, include_input=False))
    names = _misspelt(details)
    for detail in details:
        if detail["loc"] not in names.values():
            _report(source, model, detail)
    return _salvaged(source, model, details, names)


def _told_once(details: list[ErrorDetails]) -> list[ErrorDetails]:
    """Without lists that are short only because an entry of theirs has a mistake, which is told itself."""
    paths = [tuple(detail["loc"]) for detail in details]
    inner = {path[:n] for path in paths for n in range(len(path))}
    return [detail for detail, path in zip(details, paths, strict=True) if detail["type"] != "too_short" or path not in inner]


def _checked(source: Source, built: M) -> M:
    for path, sentence in _problems(built, ()):
        if not any(broken[: len(path)] == path for broken in source.broken):
            source.report(_named_in(source, path, sentence), sentence)
    return built


def _named_in(source: Source, path: Path, sentence: str) -> Path:
    """Path of the key with which the sentence begins ('arms' needs …), where the file has it; else of the mapping."""
    key = sentence.split("'")[1] if sentence.startswith("'") else ""
    return (*path, key) if (*path, key) in source.lines else path


def _misspelt(details: list[ErrorDetails]) -> dict[Path, Path]:
    """By the path of an unknown key, that of the key which is missing beside it and looks like it."""
    unknown = [tuple(detail["loc"]) for detail in details if detail["type"] == "extra_forbidden"]
    found: dict[Path, Path] = {}
    for missing in (tuple(detail["loc"]) for detail in details if detail["type"] == "missing"):
        near = [path for path in unknown if path[:-1] == missing[:-1] and did_you_mean(str(path[-1]), [str(missing[-1])])]
        if len(near) == 1:
            found[near[0]] = missing
    return found


def _salvaged(source: Source, model: type[M], details: list[ErrorDetails], names: Mapping[Path, Path]) -> M | None:
    """The file with something of the right kind in the place of what is wrong, and what is not needed left out.

    Where any one of several words stands in, nothing more is said of its mapping: another word would ask for other keys.
    """
    value: Any = source.value
    for wrong, right in names.items():
        value = _mended(_mended(value, right, _at(source.value, wrong)), wrong, None)
        source.lines |= {(*right, *path[len(wrong) :]): line for path, line in source.lines.items() if path[: len(wrong)] == wrong}
    for detail in details:
        if tuple(detail["loc"]) in {*names, *names.values()}:
            continue
        path = tuple(detail["loc"]) if detail["type"] == "missing" else _known(source, detail["loc"])
        source.broken.add(path)
        meant = _meant(source, path, detail)
        other = meant or (stand_in(model, path) if path and needs(model, path) else None)
        if other is not None and not meant and is_choice(model, path) and len(path) > 1:
            source.muted.add(path[:-1])
        elif isinstance(other, dict | tuple):
            source.muted.add(path[:-1] if detail["type"] == "missing" and len(path) > 1 else path)
        value = _mended(value, path, other)
    try:
        return _checked(source, model.model_validate(value))
    except ValidationError:
        return None


def _meant(source: Source, path: Path, detail: ErrorDetails) -> str | None:
    """The word that a misspelt one is most like, where there is one."""
    if detail["type"] != "literal_error":
        return None
    known = _literals(detail["ctx"]["expected"])
    near = [word for word in known if f"did you mean {word}?" == did_you_mean(str(_at(source.value, path)), known)]
    return near[0] if near else None


def _mended(value: Any, path: Path, other: Any) -> Any:
    """A copy with `other` at `path`, or where that is None with the key left out."""
    if not path:
        return value
    head, rest = path[0], path[1:]
    if isinstance(value, tuple) and isinstance(head, int):
        return tuple((_mended(child, rest, other) if rest else other) if number == head else child for number, child in enumerate(value))
    if not isinstance(value, dict):
        return value
    if rest:
        return {key: _mended(child, rest, other) if key == head else child for key, child in value.items()}
    return {key: child for key, child in value.items() if key != head} | ({} if other is None else {head: other})


def _problems(built: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Each sentence of each model in the tree, with its path in the YAML file."""
    if isinstance(built, Model):
        yield from ((path, sentence) for sentence in built.problems())
        for name, option in type(built).model_fields.items():
            yield from _problems(getattr(built, name), (*path, option.alias or name))
    elif isinstance(built, Mapping):
        for key, child in built.items():
            yield from _problems(child, (*path, key))
    elif isinstance(built, tuple):
        for number, child in enumerate(built):
            yield from _problems(child, (*path, number))


def _known(source: Source, loc: Path) -> Path:
    """The part of pydantic's location that is a path of the file (it adds the member of a union, or `[key]`)."""
    while loc and loc not in source.lines:
        loc = loc[:-1]
    return loc


def _torn(key: str) -> str:
    """What to do about the rest of an expression: within { } a comma ends the value. Or of a key with a blank that came with a copy."""
    if "\u00a0" in key:
        return "it begins with a blank that YAML takes for a letter: delete it and type it anew"
    return "" if key.replace("_", "").isalnum() else 'within { } a comma separates keys: put an expression with a comma in "quotes"'


def _report(source: Source, model: type[Model], detail: ErrorDetails) -> None:
    loc, kind = tuple(detail["loc"]), detail["type"]
    path = _known(source, loc)
    key = next((str(part) for part in reversed(path) if isinstance(part, str)), "")
    if kind == "missing":
        source.report(path, f"missing key '{loc[-1]}'")
    elif kind == "extra_forbidden":
        source.report(path, f"unknown key '{key}'", did_you_mean(key, _keys(model, path[:-1])) or _torn(key))
    elif kind == "literal_error":
        word = _at(source.value, path)
        known = _literals(detail["ctx"]["expected"])
        source.report(path, f"'{key}' knows no word '{str(word)[:40]}'", did_you_mean(str(word), known) or f"known: {', '.join(known)}")
    elif loc != path and loc[-1] != "[key]":
        source.report(path, f"'{key}': expected text, a number, true or false")
    else:
        first = FIRST.get(key, "") if path == (key,) else ""
        asked = PATTERNS.get(key) if kind == "string_pattern_mismatch" else None
        given = _at(source.value, path)
        quoted = UNQUOTED if kind in NO_TEXT and isinstance(given, str) and QUOTED.fullmatch(given) else ""
        source.report(path, f"'{key}': {asked or WORDS.get(kind, detail['msg'].lower())}", HINTS.get(kind, quoted or first))


def _literals(expected: str) -> list[str]:
    return [word.strip("' ") for part in expected.split(" or ") for word in part.split(",")]


def _at(value: Any, path: Path) -> Any:
    for part in path:
        value = value[part]
    return value


def _keys(model: type[Model], path: Path) -> list[str]:
    """Keys that the model knows at that path."""
    kind: Any = model
    for part in path:
        option = next((o for n, o in kind.model_fields.items() if part in (n, o.alias)), None) if is_model(kind) else None
        kind = _inner(option.annotation) if option is not None else kind
    return [option.alias or name for name, option in kind.model_fields.items()] if is_model(kind) else []


def _inner(annotation: Any) -> Any:
    """The model somewhere inside an annotation such as `tuple[Record, ...]` or `Table2 | None`."""
    if is_model(annotation):
        return annotation
    return next((found for part in get_args(annotation) if is_model(found := _inner(part))), annotation)
