"""The base of every configuration file's model: frozen, no unknown keys, no silent conversion."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from datetime import date
from typing import Annotated

import polars as pl
from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic import Field as Option


def _iso_day(value: object) -> object:
    """A day of YAML as the text that it was written as; anything else as it is."""
    return value.isoformat() if type(value) is date else value


Scalar = Annotated[str | bool | int | float, BeforeValidator(_iso_day)]
Name = Annotated[str, Option(pattern=r"^[a-z][a-z0-9_]*$")]


def condition(value: object) -> object:
    """A condition as text: YAML reads an unquoted `true` as a boolean."""
    return str(value).lower() if isinstance(value, bool) else value


Condition = Annotated[str, Option(min_length=1), BeforeValidator(condition)]


def _hash(value: object) -> object:
    """YAML reads a hash that has the look of a number as one: no hash, which is said with what else is wrong in its line."""
    return "" if isinstance(value, int | float) else value


Hash = Annotated[str, BeforeValidator(_hash)]


class Model(BaseModel):
    """Base of all configuration: frozen, no unknown keys, no silent conversion."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True, hide_input_in_errors=True)

    def problems(self) -> Iterator[str]:
        """Sentences about keys that do not go together. Kept out of validation, so that one does not hide the next mistake."""
        return iter(())


def expression_problems(pattern: str, *, group: str | None = None) -> Iterator[str]:
    """Why the text is no regular expression that can be used; look-around and back-references are not known to polars.

    `group`: the named group it must have, `""` for any.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            groups = re.compile(pattern).groupindex
        if group is not None and (group not in groups if group else not groups):
            yield f"the pattern names no group{f' {group}' if group else ''}: write (?P<{group or 'name'}>…)"
        pl.Series([""]).str.contains(pattern)
    except re.error as error:
        yield f"not a regular expression: {error.msg} at position {error.pos}"
    except Warning:
        yield "the pattern has a set [...] that engines read differently: write a backslash before its [, &, -, | or ~"
    except pl.exceptions.ComputeError:
        yield "the pattern uses what its engine does not know: look-around (?=…) or back-references \\1"
