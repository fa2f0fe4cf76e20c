"""A configuration file against its pydantic model: every mistake of shape with its line, in our words.

After reporting, what is wrong is left out or replaced and the rest is validated again, so that the checks that follow
can still look at the whole file and all mistakes come in one go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from schemas.contract import Model
from schemas.core.errors import did_you_mean
from schemas.yaml_lines import Path, Source

M = TypeVar("M", bound=Model)
PLACEHOLDER = "missing"
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
HINTS = {"string_type": "put it in quotes", "bool_type": "without quotes"}


def shaped(source: Source, model: type[M]) -> M | None:
    """The file as `model`; None where its shape is too broken to look further. Mistakes are noted in `source`."""
    if not source.value:
        return None
    try:
        return _checked(source, model.model_validate(source.value))
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
    for detail in details:
        _report(source, model, detail)
    return _salvaged(source, model, details)


def _checked(source: Source, built: M) -> M:
    for path, sentence in _problems(built, ()):
        if not any(broken[: len(path)] == path for broken in source.broken):
            source.report(_named_in(source, path, sentence), sentence)
    return built


def _named_in(source: Source, path: Path, sentence: str) -> Path:
    """Path of the key with which the sentence begins ('arms' needs …), where the file has it; else of the mapping."""
    key = sentence.split("'")[1] if sentence.startswith("'") else ""
    return (*path, key) if (*path, key) in source.lines else path


def _salvaged(source: Source, model: type[M], details: list[ErrorDetails]) -> M | None:
    value: Any = source.value
    for detail in details:
        path = _known(source, detail["loc"])
        source.broken.add(detail["loc"] if detail["type"] == "missing" else path)
        value = _mended(value, tuple(detail["loc"]) if detail["type"] == "missing" else path, detail["type"] == "missing")
    try:
        return _checked(source, model.model_validate(value))
    except ValidationError:
        return None


def _mended(value: Any, path: Path, missing: bool) -> Any:
    """A copy with the key at `path` left out, or with a word in place of a missing key."""
    if not path:
        return value
    head, rest = path[0], path[1:]
    if isinstance(value, tuple) and isinstance(head, int):
        return tuple(_mended(child, rest, missing) if number == head else child for number, child in enumerate(value))
    if not isinstance(value, dict):
        return value
    if rest:
        return {key: _mended(child, rest, missing) if key == head else child for key, child in value.items()}
    return {**value, head: PLACEHOLDER} if missing else {key: child for key, child in value.items() if key != head}


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


def _report(source: Source, model: type[Model], detail: ErrorDetails) -> None:
    loc, kind = tuple(detail["loc"]), detail["type"]
    path = _known(source, loc)
    key = next((str(part) for part in reversed(path) if isinstance(part, str)), "")
    if kind == "missing":
        source.report(path, f"missing key '{loc[-1]}'")
    elif kind == "extra_forbidden":
        source.report(path, f"unknown key '{key}'", did_you_mean(key, _keys(model, path[:-1])))
    elif kind == "literal_error":
        word = _at(source.value, path)
        known = _literals(detail["ctx"]["expected"])
        source.report(path, f"'{key}' knows no word '{str(word)[:40]}'", did_you_mean(str(word), known) or f"known: {', '.join(known)}")
    elif loc != path and loc[-1] != "[key]":
        source.report(path, f"'{key}': expected text, a number, true or false")
    else:
        source.report(path, f"'{key}': {WORDS.get(kind, detail['msg'].lower())}", HINTS.get(kind, ""))


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
        option = next((o for n, o in kind.model_fields.items() if part in (n, o.alias)), None) if _is_model(kind) else None
        kind = _inner(option.annotation) if option is not None else kind
    return [option.alias or name for name, option in kind.model_fields.items()] if _is_model(kind) else []


def _inner(annotation: Any) -> Any:
    """The model somewhere inside an annotation such as `tuple[Record, ...]` or `Table2 | None`."""
    if _is_model(annotation):
        return annotation
    return next((found for part in get_args(annotation) if _is_model(found := _inner(part))), annotation)


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
