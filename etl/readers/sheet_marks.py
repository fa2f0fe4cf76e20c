"""Cells of an .xlsx sheet that are not what they seem: those whose number format or whose crossed-out text must be looked at.

Most workbooks have none: then nothing but the styles and the texts is looked at, and the sheet is not read for it.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree

from etl.readers.number_formats import BUILT_IN, Kind, kind

STRUCK, NOUGHT = "struck", "nought"
Marks = dict[int, list[tuple[int, Kind]]]
# Cells written in the way of all common programs, in which they are found by their bytes.
_ANY_CELL, _USUAL_CELL = re.compile(rb"<(?:\w+:)?c[\s>/]"), re.compile(rb'<c r="[A-Z]{1,3}\d{1,7}"[\s>/]')
_UNUSUAL = re.compile(rb"<\w+:(?:row|sheetData)\b|<c\s[^>]*>\s|<!\[CDATA\[|</[fv]>\s|<strike|superscript")


def is_usual(xml: bytes) -> bool:
    """Whether the cells of a sheet that begins so can be found by their bytes."""
    return _UNUSUAL.search(xml) is None and len(_ANY_CELL.findall(xml)) == len(_USUAL_CELL.findall(xml))


def root_of(xml: bytes) -> ElementTree.Element:
    """The root of a part of an .xlsx. Raises ParseError where it is no XML, and where its prolog names an encoding that there is not."""
    try:
        return ElementTree.fromstring(xml)
    except (LookupError, ValueError) as error:
        raise ElementTree.ParseError from error


def begins_usual(parts: zipfile.ZipFile, part: str) -> bool:
    """`is_usual` of the part that holds a sheet."""
    with parts.open(part) as xml:
        return is_usual(xml.read(1 << 16).rpartition(b"<")[0])


def is_marked(parts: zipfile.ZipFile, part: str) -> bool:
    """Whether a sheet may have marked cells, or must be read node by node: what sees values only would take them for something else."""
    return bool(styles(parts) or struck_texts(parts)) or not begins_usual(parts, part)


def is_new(book: ElementTree.Element) -> bool:
    """Whether no spreadsheet has computed the workbook (xl/workbook.xml) yet: then the 0 of a formula is no value."""
    return any(node.get("fullCalcOnLoad") in ("1", "true") for node in book.iter() if _is(node, "calcPr"))


def styles(parts: zipfile.ZipFile) -> dict[int, Kind]:
    """The numbers of the styles whose number format shows less or more than the value, and of those that cross it out."""
    try:
        root = root_of(parts.read("xl/styles.xml"))
    except (KeyError, ElementTree.ParseError):
        return {}
    codes = BUILT_IN | {int(node.get("numFmtId", "0")): node.get("formatCode", "") for node in root.iter() if _is(node, "numFmt")}
    kinds = {number: how for number, code in codes.items() if (how := kind(code)) is not None}
    used = [node for group in root if _is(group, "cellXfs") for node in group]
    shown = {n: kinds[number] for n, node in enumerate(used) if (number := int(node.get("numFmtId", "0"))) in kinds}
    fonts = [node for group in root if _is(group, "fonts") for node in group]
    crossed = {number for number, font in enumerate(fonts) if any(map(_strikes, font))}
    return shown | {n: STRUCK for n, node in enumerate(used) if int(node.get("fontId", "0")) in crossed}


def struck_texts(parts: zipfile.ZipFile) -> set[int]:
    """The numbers of the shared texts that are partly crossed out, or in which a raised number follows a number (12 and a footnote 1)."""
    try:
        xml = parts.read("xl/sharedStrings.xml")
    except KeyError:
        return set()
    if b"strike" not in xml and b"superscript" not in xml:
        return set()
    return {n for n, text in enumerate(root_of(xml)) if is_doubtful(text)}


def is_doubtful(text: ElementTree.Element) -> bool:
    """Whether the runs of a text, put together, are another text than the one that is shown."""
    before = ""
    for run in (node for node in text if _is(node, "r")):
        letters = "".join(node.text or "" for node in run if _is(node, "t"))
        for look in (look for node in run if _is(node, "rPr") for look in node):
            if _strikes(look) and letters.strip():
                return True
            if look.get("val") == "superscript" and letters.strip().isdigit() and before[-1:].isdigit():
                return True
        before += letters
    return False


def _strikes(look: ElementTree.Element) -> bool:
    return _is(look, "strike") and look.get("val", "1") not in ("0", "false")


def marked(pieces: Iterable[bytes], of_style: dict[int, Kind], texts: set[int]) -> Iterator[tuple[bytes, bytes, Kind]]:
    """Letters and row of each cell of these styles or with these texts, and what it is, in pieces of a usual sheet."""
    style = _one_of(rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]*?\ss="(%s)"', of_style)
    text = _one_of(rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]*?\st="s"[^>]*><v>(%s)</v>', texts)
    for piece in pieces:
        if style is not None:
            yield from ((found[1], found[2], of_style[int(found[3])]) for found in style.finditer(piece))
        if text is not None:
            yield from ((found[1], found[2], STRUCK) for found in text.finditer(piece))


def _one_of(pattern: bytes, numbers: Iterable[int]) -> re.Pattern[bytes] | None:
    found = b"|".join(str(number).encode() for number in sorted(numbers))
    return re.compile(pattern % found) if found else None


def _is(node: ElementTree.Element, name: str) -> bool:
    return node.tag.rpartition("}")[2] == name
