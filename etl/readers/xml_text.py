"""The bytes of an XML file, compressed or not, as pieces of UTF-8 text: what its byte order mark or its prolog declares."""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Iterator
from typing import NoReturn

from etl.readers.find_out import BOMS
from etl.readers.parsed import unreadable
from schemas.contract_format import is_encoding

GZIP = b"\x1f\x8b"
PIECE = 1 << 18
LINE_END = re.compile(r"\r\n|\r|\n")
PROLOG = re.compile(rb"""^<\?xml\s[^>]*?\bencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']""")
WIDE = {b"<\0?\0": "utf-16-le", b"\0<\0?": "utf-16-be"}
MARKED = {
    codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF32_LE: "utf-32-le", codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be",
}  # fmt: skip


def xml_pieces(name: str, content: bytes) -> Iterator[bytes]:
    """The text in UTF-8 without byte order mark; no piece ends between CR and LF. Raises UnreadableError where it is no text."""
    pieces = _unpacked(name, content)
    head = next(pieces, b"")
    encoding = _encoding(name, head)
    decoder = codecs.getincrementaldecoder(encoding)()
    line, held, is_first = 1, "", True
    for piece in _and_end(head, pieces):
        try:
            text = held + decoder.decode(piece or b"", final=piece is None)
        except UnicodeError as error:
            _not_text(name, encoding, line, held, error)
        text = text.removeprefix("\ufeff") if is_first and text else text
        is_first = is_first and not text
        held = "\r" if text.endswith("\r") and piece is not None else ""
        text = text.removesuffix(held)
        line += len(LINE_END.findall(text))
        yield text.encode("utf-8", "replace")


def _and_end(head: bytes, pieces: Iterator[bytes]) -> Iterator[bytes | None]:
    """The pieces, then None for the end."""
    yield head
    yield from pieces
    yield None


def _not_text(name: str, encoding: str, line: int, held: str, error: UnicodeError) -> NoReturn:
    """Refuse the file, with the line of the byte where it is known."""
    if isinstance(error, UnicodeDecodeError):
        line += len(LINE_END.findall(held + error.object[: error.start].decode(encoding, "replace")))
    unreadable("encoding", name, line, f"is not {encoding}, the encoding that the file declares or XML has without a declaration")


def _unpacked(name: str, content: bytes) -> Iterator[bytes]:
    """The bytes in pieces; of a gzip file those of all its members."""
    if not content.startswith(GZIP):
        yield from (content[at : at + PIECE] for at in range(0, len(content), PIECE))
        return
    packed = content
    while packed.startswith(GZIP):
        member = zlib.decompressobj(wbits=31)
        try:
            while not member.eof:
                piece = member.decompress(packed, PIECE)
                packed = member.unconsumed_tail
                if piece:
                    yield piece
                elif not packed and not member.eof:
                    unreadable("truncated", name, None, "its compressed bytes end early: the file is cut off")
        except zlib.error:
            unreadable("damaged", name, None, "its compressed bytes are damaged")
        packed = member.unused_data.lstrip(b"\0")
    if packed:
        unreadable("damaged", name, None, "something stands behind its compressed bytes")


def _encoding(name: str, head: bytes) -> str:
    """By byte order mark, by the first characters, by the prolog; UTF-8 where nothing is said."""
    for mark, _ in BOMS:
        if head.startswith(mark):
            return MARKED[mark]
    for begins, encoding in WIDE.items():
        if head.startswith(begins):
            return encoding
    found = PROLOG.match(head)
    declared = found[1].decode("ascii") if found else "utf-8"
    if not is_encoding(declared):
        unreadable("encoding", name, 1, "declares an encoding that is not known")
    if "<".encode(declared) != b"<":
        unreadable("encoding", name, 1, f"declares {declared}, and its bytes are not")
    return declared
