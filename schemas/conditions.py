"""Conditions of contracts and studies: SQL expressions held to the allow-list, their mistakes with a line."""

from __future__ import annotations

from collections.abc import Collection

from schemas.core.expression import ExpressionError, parse
from schemas.yaml_lines import Path, Source


def check_condition(source: Source, path: Path, text: str | None, columns: Collection[str], dates: Collection[str] = ()) -> None:
    """Report what is wrong with one expression; nothing where there is none."""
    if text is None:
        return
    try:
        parse(text, columns, dates)
    except ExpressionError as error:
        source.report(path, f"'{path[-1]}': {error.message}", error.hint)
