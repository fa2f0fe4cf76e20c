"""The code page of a text whose bytes leave several open: the one under which more of its headers are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from etl.draft.layout import Laid, layouts
from schemas.contract_format import AUTO
from schemas.core.errors import UnreadableError
from schemas.header_words import meaning_of

# What bytes that are no UTF-8 are taken for (find_out.py), and the code pages whose letters stand in the same places.
WESTERN = ("cp1252", "latin-1")
BESIDE_WESTERN = ("cp1250", "cp1254", "cp1257")
# Of files that are in no Western code page: Japanese, Chinese, Korean, Cyrillic, Greek, Hebrew, Arabic, Thai.
OF_OTHER_SCRIPTS = ("cp932", "gb18030", "big5", "cp949", "cp1251", "koi8-r", "cp1253", "cp1255", "cp1256", "cp874")
FEWEST = 2  # headers of other letters that must be known where the bytes tell no encoding at all


def laid_out(name: str, content: bytes, encoding: str = AUTO) -> list[Laid]:
    """The tables of the file as `layouts` finds them; where no encoding is said, in that which its headers tell.

    Raises UnreadableError where there is no table, or neither bytes nor headers tell the encoding.
    """
    try:
        found = layouts(name, content, encoding)
    except UnreadableError as error:
        if encoding != AUTO or error.unsaid is None or error.unsaid.key != "encoding":
            raise
        if (told := _best(name, content, OF_OTHER_SCRIPTS, FEWEST)) is None:
            raise
        return told
    if encoding != AUTO or found[0].said.get("encoding") not in WESTERN:
        return found
    return _best(name, content, BESIDE_WESTERN, _known(found) + 1) or found


def _best(name: str, content: bytes, encodings: Sequence[str], fewest: int) -> list[Laid] | None:
    """The tables in the one encoding under which most headers are known, so many at least; None where two are as good."""
    tried = {encoding: found for encoding in encodings if (found := _tables(name, content, encoding)) is not None}
    counted = sorted(((_known(found), encoding) for encoding, found in tried.items()), reverse=True)
    if not counted or counted[0][0] < fewest or counted[0][0] == (counted[1][0] if len(counted) > 1 else 0):
        return None
    return [replace(laid, by_headers=True) for laid in tried[counted[0][1]]]


def _tables(name: str, content: bytes, encoding: str) -> list[Laid] | None:
    """The tables where all of the file can be read so."""
    try:
        content.decode(encoding)
        return layouts(name, content, encoding)
    except (UnicodeDecodeError, UnreadableError):
        return None


def _known(tables: Sequence[Laid]) -> int:
    """How many headers with a letter that is no ASCII have a known meaning."""
    return sum(not header.isascii() and meaning_of(header) is not None for laid in tables for header in laid.headers)
