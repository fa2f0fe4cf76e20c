"""Modules that a library imports and we never use: their import waits until something of them is asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any


class Late(ModuleType):
    """Stands for a module; that is imported when the first of its names is read (`importlib.util.LazyLoader`: when imported again)."""

    def __getattr__(self, name: str) -> Any:
        _leave(self)
        return getattr(import_module(self.__name__), name)


@contextmanager
def late(*names: str) -> Iterator[None]:
    """Whoever imports one of these modules meanwhile is given its stand-in; one that is there already is left alone."""
    placed = [Late(name) for name in names if name not in sys.modules]
    sys.modules.update({module.__name__: module for module in placed})
    try:
        yield
    finally:
        for module in placed:
            _leave(module)


def _leave(module: ModuleType) -> None:
    if sys.modules.get(module.__name__) is module:
        del sys.modules[module.__name__]
