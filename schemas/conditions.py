"""Expressions of contracts and studies: held to the allow-list, to the types of their columns and to the code lists.

Each mistake is reported with its line. Types are asked of an empty frame, all expressions of one table at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl
from sqlglot import exp

from schemas.core.errors import did_you_mean
from schemas.core.expression import ExpressionError, check_types, parse
from schemas.core.three_valued import valued
from schemas.domains import Codes, code_list
from schemas.items import Column
from schemas.yaml_lines import Path, Source

Kind = Literal["condition", "number", "any"]
Schema = Mapping[str, pl.DataType | type[pl.DataType]]


@dataclass(frozen=True)
class Columns:
    """What expressions of one table may name: plain columns with type and code list, and clinical dates."""

    schema: Schema
    dates: tuple[str, ...] = ()
    lists: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def plain(self) -> tuple[str, ...]:
        """The columns that may stand anywhere: all but the parts of dates."""
        parts = tuple(f"{date}_" for date in self.dates)
        return tuple(name for name in self.schema if name in self.lists or not name.startswith(parts))


def columns_of(columns: tuple[Column, ...], dates: tuple[str, ...], more: tuple[str, ...] = ()) -> Columns:
    """The columns of one table of the dictionary, and text columns beside them."""
    lists = {column.name: code_list(column) for column in columns if column.item.type != "interval"}
    return Columns({column.name: column.polars for column in columns} | dict.fromkeys(more, pl.String), dates, lists | dict.fromkeys(more))


@dataclass
class Conditions:
    """Collects the expressions of one file over one table; `finish` checks what they have in common."""

    source: Source
    columns: Columns
    codes: Codes | None = None
    _read: list[tuple[Path, Kind, exp.Expr]] = field(default_factory=list)

    def add(self, path: Path, text: str | None, kind: Kind = "condition") -> None:
        """Parse one expression and report what is wrong with it; nothing where there is none."""
        if text is None:
            return
        try:
            tree = parse(text, self.columns.plain, self.columns.dates)
            certain = valued(tree, self.columns.dates).certain
        except ExpressionError as error:
            self._report(path, error)
            return
        for message, hint in unknown_codes(tree, self.columns.lists, self.codes):
            self.source.report(path, f"'{path[-1]}': {message}", hint)
        self._read.append((path, kind, certain))

    @property
    def trees(self) -> dict[Path, exp.Expr]:
        """What was read without a mistake, by its place."""
        return {path: tree for path, _, tree in self._read}

    def finish(self) -> None:
        """Report expressions whose types do not fit, or that give something else than asked for."""
        try:
            types = self._types()
        except ExpressionError:
            types = [self._one_type(path, tree) for path, _, tree in self._read]
        for (path, kind, _), found in zip(self._read, types, strict=True):
            if kind == "condition" and found not in (None, pl.Boolean, pl.Null):
                self.source.report(path, f"'{path[-1]}': is no condition", "compare it with something: it must be true or false")
            elif kind == "number" and found is not None and not (found.is_numeric() or found in (pl.Boolean, pl.Null)):
                self.source.report(path, f"'{path[-1]}': is no number")

    def _types(self) -> list[pl.DataType | None]:
        """Type of each expression; raises ExpressionError where any of them does not fit its columns."""
        if not self._read:
            return []
        parts = [exp.PropertyEQ(this=exp.to_identifier(f"e{n}"), expression=tree.copy()) for n, (_, _, tree) in enumerate(self._read)]
        together = check_types(exp.Struct(expressions=parts), self.columns.schema)
        assert isinstance(together, pl.Struct)
        return [part.dtype if isinstance(part.dtype, pl.DataType) else part.dtype() for part in together.fields]

    def _one_type(self, path: Path, tree: exp.Expr) -> pl.DataType | None:
        try:
            return check_types(tree, self.columns.schema)
        except ExpressionError as error:
            self._report(path, error)
            return None

    def _report(self, path: Path, error: ExpressionError) -> None:
        self.source.report(path, f"'{path[-1]}': {error.message.removeprefix('value ')}", error.hint)


def unknown_codes(tree: exp.Expr, lists: Mapping[str, str | None], codes: Codes | None) -> Iterator[tuple[str, str]]:
    """Texts that are compared with a coded column and are none of its codes: the comparison would never hold."""
    for node in tree.find_all(exp.EQ, exp.NEQ, exp.In) if codes is not None else ():
        sides = list(node.iter_expressions())
        texts = [side.name for side in sides if isinstance(side, exp.Literal) and side.is_string]
        for name in (lists.get(side.name) for side in sides if isinstance(side, exp.Column)):
            known = codes.codes(name) if name and codes is not None else frozenset(texts)
            yield from ((f"'{text}' is no code of '{name}'", did_you_mean(text, known)) for text in texts if text not in known)
