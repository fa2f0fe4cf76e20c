"""Whose number a number is: the source of its file, another one that the contract names, or the one that a column of the row tells.

A laboratory's file has the numbers of several hospitals, and 17 of one is another woman than 17 of the other. Where the column says
nothing, or a text that the contract's map does not have, the number is nobody's: it is never guessed.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from schemas.contract import Contract, Identifier


def issued(one_form: pl.Series, said: Identifier, contract: Contract, cells: pl.DataFrame) -> pl.Series:
    """Numbers with who issued them before them: a hospital's number is its own, a national one is the same everywhere.

    `cells` has the column that tells whose each number is, in the rows of the numbers; null where that is not told.
    """
    if said.kind == "nric":
        return said.kind + ":" + one_form
    told = issuers(said, cells)
    return (own_issuer(said, contract) + ":" + one_form) if told is None else (told + ":" + one_form).alias(one_form.name)


def own_issuer(said: Identifier, contract: Contract) -> str:
    """The one source whose numbers a field holds, where no column tells."""
    return contract.source if said.issuer is None or said.issuer.value is None else said.issuer.value


def column(said: Identifier | None) -> str | None:
    """The column that tells whose numbers a field holds; None where all are of one source."""
    return said.issuer.from_ if said is not None and said.issuer is not None else None


def issuers(said: Identifier, cells: pl.DataFrame) -> pl.Series | None:
    """By the column that tells it the source that issued the number in each row, null where nothing tells; None without such a column."""
    name = column(said)
    if name is None or said.issuer is None:
        return None
    told = said.issuer.map
    return cells[name].replace_strict(list(told), list(told.values()), default=None, return_dtype=pl.String)


def columns(contract: Contract, name: str) -> list[str]:
    """The columns that make a number of a person: its own, and the one that tells whose it is."""
    other = column(_said(contract, name))
    return [name] if other is None else [name, other]


def of_every_issuer(texts: pl.Series, name: str, contract: Contract) -> Iterator[tuple[str, pl.DataFrame]]:
    """Texts that stand in no row as the cells of a field: once for each source whose numbers it may hold, with that source."""
    said = _said(contract, name)
    cells = texts.alias(name).to_frame()
    if said is None or said.issuer is None or said.issuer.from_ is None:
        yield contract.source if said is None else own_issuer(said, contract), cells
        return
    one_text = {issuer: text for text, issuer in reversed(said.issuer.map.items())}
    for issuer in said.issuer.sources:
        yield issuer, cells.with_columns(pl.lit(one_text[issuer], pl.String).alias(said.issuer.from_))


def _said(contract: Contract, name: str) -> Identifier | None:
    field = contract.fields.get(name)
    return field.identifier if field is not None and isinstance(field.identifier, Identifier) else None
