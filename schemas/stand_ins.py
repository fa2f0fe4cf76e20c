"""What stands in for a key that is missing or wrong, so that the rest of a configuration file can still be checked."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from schemas.yaml_lines import Path

PLACEHOLDER = "missing"
PLAIN: dict[Any, Any] = {str: PLACEHOLDER, int: 1, float: 1.0, bool: False, dict: {}}


def needs(model: type[BaseModel], path: Path) -> bool:
    """Whether the file cannot do without the value at that path: a required key, or a named entry of a mapping."""
    above = annotation(model, path[:-1])
    if is_model(above):
        option = _option(above, path[-1])
        return option is not None and bool(option.is_required())
    return get_origin(above) is dict


def stand_in(model: type[BaseModel], path: Path) -> Any:
    """A value of the right kind; None where nothing simple is one."""
    kind = annotation(model, path)
    if get_origin(kind) is Literal:
        return get_args(kind)[0]
    if is_model(kind):
        return {
            option.alias or name: stand_in(kind, (option.alias or name,))
            for name, option in kind.model_fields.items()
            if option.is_required()
        }
    if get_origin(kind) is tuple:
        return (stand_in(model, (*path, 0)),)
    return PLAIN.get(get_origin(kind) or kind)


def is_choice(model: type[BaseModel], path: Path) -> bool:
    """Whether the value is one of several words, so that another word says something else."""
    return get_origin(annotation(model, path)) is Literal


def annotation(model: type[BaseModel], path: Path) -> Any:
    """The kind of value at a path of the file, without what surrounds it (Annotated, None); None where the model knows no such path."""
    kind: Any = model
    for part in path:
        if is_model(kind):
            option = _option(kind, part)
            kind = None if option is None else _plain(option.annotation)
        else:
            kind = _plain(get_args(kind)[-1 if get_origin(kind) is dict else 0]) if get_args(kind) else None
    return kind


def _option(kind: Any, key: str | int) -> Any:
    return next((option for name, option in kind.model_fields.items() if key in (name, option.alias)), None)


def _plain(kind: Any) -> Any:
    """The kind itself: the first of a union that is not None."""
    while True:
        if get_origin(kind) is Annotated:
            kind = get_args(kind)[0]
        elif get_origin(kind) in (Union, UnionType):
            kind = next(part for part in get_args(kind) if part is not NoneType)
        else:
            return kind


def is_model(kind: Any) -> bool:
    """Whether a type is a pydantic model."""
    return isinstance(kind, type) and issubclass(kind, BaseModel)
