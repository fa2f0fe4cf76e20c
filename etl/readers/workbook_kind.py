"""What a file that is no workbook of ours is instead, and what to do about it."""

from __future__ import annotations

import io
import re
import zipfile

from etl.readers.compound import MAGIC

BLOWN_UP = "its parts unpack to far more than those of a workbook do: damaged, or made to fill the memory; ask for it again"
ANEW = "open it in a spreadsheet program and save it as .xlsx"
PASSWORD = "is protected by a password: ask for it without one"
DAMAGED = "cannot be opened as a workbook: damaged or cut off; ask for it again"
PARTS_OF_OFFICE = "[Content_Types].xml"
OTHER_KINDS = {
    "content.xml": "an OpenDocument sheet",
    "xl/workbook.bin": "a binary workbook (.xlsb)",
    "word/document.xml": "a text document",
}


def tells_damage(error: BaseException) -> bool:
    """Whether it says that a workbook cannot be opened; a damaged one can make the Rust code panic, which is no ordinary exception."""
    is_rust = type(error).__name__ == "PanicException" or type(error).__module__.startswith(("python_calamine", "_python_calamine"))
    return is_rust or isinstance(error, OSError | ValueError | IndexError)


def what_it_is(content: bytes) -> str:
    """The sentence of a refusal: what the file is, and what to do; nothing of what stands in it."""
    if content.startswith(MAGIC):
        return PASSWORD if "EncryptedPackage".encode("utf-16-le") in content else f"{DAMAGED}. An .xls may also be protected by a password"
    if content.startswith(b"PK"):
        return _of_zip(content)
    start = content[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"<"):
        return f"is a web page or XML with the ending of a workbook; {ANEW}"
    is_text = re.search(rb"[\x00-\x08\x0e-\x1f]", start.removeprefix(b"\xff\xfe").replace(b"\x00", b"")) is None
    return "is a text file with the ending of a workbook: read it with 'kind: csv', or ask for a workbook" if is_text else DAMAGED


def _of_zip(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if any(part.flag_bits & 1 for part in parts.infolist()):
                return PASSWORD
            names = {part.filename for part in parts.infolist()}
    except (zipfile.BadZipFile, ValueError, RuntimeError):
        return DAMAGED
    if not names & {PARTS_OF_OFFICE, *OTHER_KINDS}:
        return "is a zip file and no workbook: unpack it, and deliver what is in it"
    kind = next((kind for name, kind in OTHER_KINDS.items() if name in names), None)
    return f"is {kind}, not an .xlsx or .xls; {ANEW}" if kind is not None else f"{DAMAGED}, or {ANEW}"
