"""The key of a row of a delivered file, by which a reviewed correction finds the row it was reviewed on and no other.

A key is `<hash of the person>-<hash of the row's content>`, 48 and 32 bits, made with a secret of the run, so that nobody can
try out identifiers against it. It depends on the cells as the contract reads them, never on where the row stands.
"""

from __future__ import annotations

import hmac

import polars as pl

from schemas.contract import Contract
from schemas.core.ids import keys
from schemas.corrections import NOBODY

WHO, SAYS = 12, 8


def row_secret(key: bytes) -> str:
    """What the keys of rows are made with, under the key that makes the pseudonyms."""
    return hmac.digest(key, b"row_key", "sha256").hex()


def row_keys(rows: pl.DataFrame, contract: Contract, secret: str) -> pl.DataFrame:
    """One row per row, in its order: `who`, the part that says of whom it tells (NOBODY: names no person), and the `row_key`.

    `rows` are those of a RawTable (`source_row` and a text column per field).
    """
    who = contract.person_fields
    salted = rows.with_columns(pl.lit(secret).alias("salt"))
    hashes = {"who": keys(salted, ["salt", *who, *contract.issuer_fields]), "says": keys(salted, ["salt", *contract.fields])}
    nobody = rows.select(pl.all_horizontal(pl.col(name).is_null() for name in who)).to_series()
    named = pl.DataFrame(hashes).select(
        pl.when(nobody).then(pl.lit(NOBODY)).otherwise(_hex("who", WHO)).alias("who"), says=_hex("says", SAYS)
    )
    return named.select("who", row_key=pl.concat_str("who", pl.lit("-"), "says"))


def _hex(column: str, digits: int) -> pl.Expr:
    """The last hexadecimal digits of a number."""
    table = dict(enumerate("0123456789abcdef"))
    places = [pl.col(column) // 16**place % 16 for place in reversed(range(digits))]
    return pl.concat_str([place.replace_strict(table, return_dtype=pl.String) for place in places])
