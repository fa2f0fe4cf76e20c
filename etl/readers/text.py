"""The bytes of a text file as UTF-8, or the reason why they are no text."""

from __future__ import annotations

import codecs
import re
from typing import NoReturn

from etl.readers.parsed import unreadable
from schemas.core.errors import Unsaid

BOM, REPLACED = "\ufeff".encode(), "\ufffd".encode()
SAMPLE_BYTES, LEAST_FOREIGN = 1 << 16, 20
# Western letters that are none of ASCII stand alone, those of other scripts side by side.
_FOREIGN, _BESIDE = re.compile(rb"[\x80-\xff]"), re.compile(rb"[\x80-\xff]{2,}")
SCRIPTS = (
    ("cp932", "Japanese", "[\u3040-\u30ff\u4e00-\u9fff]"),
    ("gb18030", "Chinese", "[\u4e00-\u9fff]"), ("big5", "Chinese", "[\u4e00-\u9fff]"),
    ("euc_kr", "Korean", "[\uac00-\ud7a3]"), ("cp1251", "Cyrillic", "[\u0400-\u04ff]"), ("cp1253", "Greek", "[\u0370-\u03ff]"),
)  # fmt: skip
NO_WESTERN = "; its letters are of no Western code page"
USUAL = Unsaid("encoding", " (windows-1252 is usual from Excel), or auto")
AT_ONCE = 1 << 18
BEGINS = {
    b"\xff\xfe": "utf-16: say so under 'encoding'", b"\xfe\xff": "utf-16: say so under 'encoding'",
    b"\x1f\x8b": "a compressed file (gzip): unpack it", b"PK\x03\x04": "a workbook (kind: excel), or a zip file: unpack it",
    b"\xd0\xcf\x11\xe0": "an old workbook (kind: excel)", b"%PDF": "a PDF: ask for the data",
}  # fmt: skip
# UTF-8 read as Windows-1252 or Latin-1 (Ã¤, Â°, â€“): the two or three characters that the bytes of one become, here in UTF-8 again.
# Searched for in the bytes: all begin with the same one, so that a text without it is passed over twenty times as fast as decoded.
_FIRST = b"|".join(sign.encode() for sign in ("Ã", "Â"))
_SIGNS = "".join(bytes([byte]).decode("cp1252", "ignore") + chr(byte) for byte in range(0x80, 0xC0))
_SECOND = b"|".join(re.escape(sign.encode()) for sign in _SIGNS)
_ANY = rb"(?:[^\n\x80-\xff]|[\xc2-\xf4][\x80-\xbf]{1,3})"
_TORN = re.compile(b"(?:%b)(?:%b)|%b%b" % (_FIRST, _SECOND, "â€".encode(), _ANY))
# What no text holds and a wrong code page makes: control characters (M\x81ller), a sign within a word (z³oœliwy, ni¤o), the sign for a
# letter that was lost. Signs that stand between letters by themselves (mg/m²q3w, ER±PR, a·b) are none of them.
_LOST = re.compile(rb"\xc2(?:[\x80-\x9f]|(?<=[A-Za-z]\xc2)[\xa1-\xa5\xa7\xa8\xaf\xb3\xb6\xb8\xb9\xbc-\xbf](?=[A-Za-z]))")
_OTHER_LOST = re.compile(rb"(?<=[A-Za-z])\xcb[\x86\x9c](?=[A-Za-z])|\x1b")
# Four letters side by side that are none of ASCII are a word of another script (ïðàâàÿ for правая).
_RUN, _LETTERS = re.compile(rb"(?:\xc3[\x80-\xbf]|\xc2[\xa1-\xbf]){4,}"), 2


def as_utf8(name: str, content: bytes, encoding: str) -> bytes:
    """The same text in UTF-8 without byte order mark; raises UnreadableError for an empty file, wrong encoding or NUL."""
    if not content:
        unreadable("empty", name, None, "the file is empty")
    utf8 = _recoded(name, content, encoding).removeprefix(BOM)
    if b"\0" in utf8:
        unreadable("nul_bytes", name, _row(utf8, utf8.index(b"\0")), no_text(content))
    return utf8


def no_text(content: bytes) -> str:
    """What to say of a file with NUL bytes: what its first bytes say it is."""
    return f"holds NUL bytes: not a text file, or damaged in transfer{_begins(content)}"


def torn(utf8: bytes) -> int:
    """How many pieces of a text in UTF-8 look like letters once read in another encoding; an Ã before a letter is none.

    What only a wrong code page makes, which a file has as a whole or not, is looked for in its beginning.
    """
    if utf8.isascii() and b"\x1b" not in utf8:
        return 0
    head = utf8[:SAMPLE_BYTES]
    runs = sum(match.group().count(b"\xc3") >= _LETTERS for match in _RUN.finditer(head))
    return len(_TORN.findall(utf8)) + sum(len(sign.findall(head)) for sign in (_LOST, _OTHER_LOST)) + utf8.count(REPLACED) + runs


def _recoded(name: str, content: bytes, encoding: str) -> bytes:
    is_utf8 = codecs.lookup(encoding).name in ("utf-8", "utf-8-sig", "ascii")
    if is_utf8 and (content.isascii() or _is_valid(content, encoding)):
        return content
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        _other_encoding(name, content, encoding, error.start)
    except UnicodeError:
        _other_encoding(name, content, encoding)
    return content if is_utf8 else text.encode("utf-8", "replace")


def _is_valid(content: bytes, encoding: str) -> bool:
    """Whether a text has the encoding: a piece at a time, for as a whole it takes four times its memory where a letter is a rare one."""
    decoder, whole = codecs.getincrementaldecoder(encoding)(), memoryview(content)
    try:
        for place in range(0, len(content), AT_ONCE):
            decoder.decode(whole[place : place + AT_ONCE])
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _other_encoding(name: str, content: bytes, encoding: str, place: int | None = None) -> NoReturn:
    """Refuse a file that has not the encoding of its contract, from the byte at `place` on, with what it is instead."""
    begins, script = _begins(content), other_script(content)
    row, what = (None, "the file") if place is None else (_row(content, place), f"byte {place + 1} of the file")
    says = f"{what} is not {encoding}, the encoding of its contract{begins or (NO_WESTERN if script else '')}"
    unreadable("encoding", name, row, says, None if begins else script or USUAL)


def _begins(content: bytes) -> str:
    """What the first bytes say the file is; nothing where they say nothing."""
    said = next((said for begins, said in BEGINS.items() if content.startswith(begins)), "")
    return f"; it looks like {said}" if said else ""


def other_script(content: bytes) -> Unsaid | None:
    """The encodings that a file may have in which letters stand side by side that are none of ASCII, as in no Western text."""
    head = content[:SAMPLE_BYTES].rpartition(b"\n")[0] or content[:SAMPLE_BYTES]
    foreign = len(_FOREIGN.findall(head))
    beside = sum(len(run) for run in _BESIDE.findall(head))
    if foreign < LEAST_FOREIGN or beside < foreign / 2:
        return None
    names = [f"{name} ({language})" for name, language, script in SCRIPTS if _is_written(head, name, script)]
    return Unsaid("encoding", f", perhaps {' or '.join(names)}" if names else "")


def _is_written(content: bytes, encoding: str, script: str) -> bool:
    """Whether the text has that encoding and nearly all its foreign letters are of that script."""
    try:
        letters = [letter for letter in content.decode(encoding) if not letter.isascii() and letter.isalpha()]
    except UnicodeError:
        return False
    return bool(letters) and len(re.findall(script, "".join(letters))) > 0.9 * len(letters)


def _row(content: bytes, position: int) -> int:
    """Physical line of a byte: lines end with LF, CRLF or CR."""
    before = content[:position]
    return before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n") + 1
