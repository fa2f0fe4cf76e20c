"""Encoding, delimiter and quote character decided from the bytes of a file, where the contract says `auto`; never in silence."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter

from etl.readers.parsed import unreadable
from etl.readers.text import NO_WESTERN, as_utf8, no_text, other_script
from schemas.contract_format import AUTO, Format

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
DELIMITERS = (",", ";", "\t", "|")
QUOTES = ('"', "'")
SAMPLE = 200
# What tells Excel how to cut the file, and is no header: a contract need not say that the line is there, for one night it may not be.
SEPARATOR_LINE = re.compile(rb"""["']?sep=.["']?[ \t,;|]*(?:\r|\n)""", re.IGNORECASE)
# Bytes that Windows-1252 does not use; with one of them the text is taken for ISO 8859-1, which uses all.
NOT_WINDOWS = b"\x81\x8d\x8f\x90\x9d"


def encoding_of(name: str, content: bytes, layout: Format) -> str:
    """The encoding of a file: as the contract says, or told by its bytes."""
    return _told_by_bytes(name, content) if layout.encoding == AUTO else layout.encoding


def decided(name: str, content: bytes, layout: Format) -> tuple[Format, bytes, list[str]]:
    """The format with everything decided, the text as UTF-8, and what was decided (`delimiter=;`). Raises UnreadableError."""
    encoding = encoding_of(name, content, layout)
    utf8 = as_utf8(name, content, encoding)
    if layout.kind == "csv" and not layout.preamble_rows and SEPARATOR_LINE.match(utf8):
        layout = layout.model_copy(update={"preamble_rows": 1})
    if not layout.found_out:
        return layout, utf8, []
    lines = _sample(utf8, layout)
    quote = _quote(lines, layout) if layout.quote == AUTO else layout.quote
    delimiter = _delimiter(name, lines, quote) if layout.delimiter == AUTO else layout.delimiter
    if quote == delimiter:
        unreadable("not_found_out", name, None, "delimiter and quote character cannot be told apart: write them in the contract")
    found = {"encoding": encoding, "delimiter": delimiter, "quote": quote}
    words = [f"{key}={'tab' if found[key] == chr(9) else found[key] or 'none'}" for key in layout.found_out]
    return layout.model_copy(update=found), utf8, words


def _told_by_bytes(name: str, content: bytes) -> str:
    """By byte order mark, else UTF-8 where it is valid, UTF-16 where every other byte is NUL, else the Western code pages."""
    for mark, encoding in BOMS:
        if content.startswith(mark):
            return encoding
    head = content[:2000]
    for encoding, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
        if len(head) > 3 and zeros.count(0) > 0.7 * len(zeros):
            return encoding
    try:
        content.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        if b"\0" in content:
            unreadable("nul_bytes", name, None, no_text(content))
    if unsaid := other_script(content):
        unreadable("not_found_out", name, None, f"the encoding cannot be told{NO_WESTERN}", unsaid)
    return "latin-1" if any(byte in content for byte in NOT_WINDOWS) else "cp1252"


def _sample(utf8: bytes, layout: Format) -> list[str]:
    """The first lines after the preamble that are no comment and not blank."""
    head = utf8[: SAMPLE * 2000].decode("utf-8", "ignore")
    lines = head.replace("\r\n", "\n").replace("\r", "\n").split("\n")[layout.preamble_rows :][:SAMPLE]
    return [line for line in lines if line.strip() and not (layout.comment and line.startswith(layout.comment))]


def _quote(lines: list[str], layout: Format) -> str:
    """The character that stands most often around whole cells; the double quote where none does."""
    delimiters = DELIMITERS if layout.delimiter == AUTO else (layout.delimiter,)
    around = {quote: sum(line.count(d + quote) + line.count(quote + d) for line in lines for d in delimiters) for quote in QUOTES}
    for quote in QUOTES:
        around[quote] += sum(line.startswith(quote) + line.endswith(quote) for line in lines)
    return "'" if around["'"] > around['"'] else '"'


def _delimiter(name: str, lines: list[str], quote: str | None) -> str:
    """The one character that cuts the header, and most rows into as many cells; refuses the file where none or two do."""
    share = {delimiter: _agreement(lines, delimiter, quote) for delimiter in DELIMITERS}
    best = max(share.values(), default=0.0)
    found = [delimiter for delimiter, part in share.items() if part == best]
    if best < 0.5 or len(found) != 1:
        unreadable("not_found_out", name, None, "the delimiter cannot be told from the bytes: write it in the contract")
    return found[0]


def _agreement(lines: list[str], delimiter: str, quote: str | None) -> float:
    """Share of the rows that have as many cells as the header, 0 where that has only one; many cells count a little more."""
    try:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter, quotechar=quote)]
    except csv.Error:
        return 0.0
    if not widths or widths[0] < 2:
        return 0.0
    return Counter(widths)[widths[0]] / len(widths) + widths[0] / 1_000_000
