"""Modules that a library imports and we never use: their import waits until something of them is asked for.

Of most it takes the module (`import altair`): a stand-in for the module is enough. Of some it takes names, to hand them on
(`from .spark_datasource import SparkDatasource`): for each name there is a stand-in too.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any


class Late(ModuleType):
    """Stands for a module; that is imported when the first of its names is read (`importlib.util.LazyLoader`: when imported again)."""

    def __getattr__(self, name: str) -> Any:
        _leave(self)
        return getattr(import_module(self.__name__), name)


class HandedOn(ModuleType):
    """Stands for a module, of which names are taken and not used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Name(self.__name__, name)


class Name:
    """Stands for a name of a module; that is imported when the name is called, looked into, derived from or compared with."""

    def __init__(self, module: str, name: str) -> None:
        self._module, self._name = module, name

    def _meant(self) -> Any:
        if isinstance(module := sys.modules.get(self._module), HandedOn):
            _leave(module)
        return getattr(import_module(self._module), self._name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._meant(), name)

    def __call__(self, *given: Any, **named: Any) -> Any:
        """What the name meant makes of it."""
        return self._meant()(*given, **named)

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[Any, ...]:
        return (self._meant(),)

    def __instancecheck__(self, one: Any) -> bool:
        return isinstance(one, self._meant())

    def __subclasscheck__(self, kind: type) -> bool:
        return issubclass(kind, self._meant())


@contextmanager
def late(*names: str, handed_on: Iterable[str] = ()) -> Iterator[None]:
    """Whoever imports one of these modules meanwhile is given its stand-in; one that is there already is left alone."""
    stand_ins = (*map(Late, names), *map(HandedOn, handed_on))
    placed = [module for module in stand_ins if module.__name__ not in sys.modules]
    sys.modules.update({module.__name__: module for module in placed})
    try:
        yield
    finally:
        for module in placed:
            _leave(module)


@contextmanager
def some_home() -> Iterator[None]:
    """Whoever has no home folder (a container's user of whom no list knows) is given one meanwhile, in which there is nothing: a library
    asks for it while it is imported, to look for settings of its own."""
    try:
        Path.home()
    except RuntimeError:
        os.environ["HOME"] = os.devnull
        try:
            yield
        finally:
            del os.environ["HOME"]
    else:
        yield


def _leave(module: ModuleType) -> None:
    if sys.modules.get(module.__name__) is module:
        del sys.modules[module.__name__]
