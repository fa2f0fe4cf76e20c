"""A NAACCR XML file without some of its patients: the elements are cut out, their line breaks stay, so that the other lines keep their
numbers. Where several records begin on one line they are numbered, and those behind move up.
"""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass, field
from xml.parsers import expat

from etl.readers.naaccr_elements import PATIENT, TUMOUR
from etl.readers.xml_text import GZIP, xml_pieces

DECLARED = re.compile(rb"""^(<\?xml\s[^>]*?\bencoding\s*=\s*["'])[^"']*""")
TEXT, ITEM = re.compile(rb"[^\r\n]+"), re.compile(r"<[^>]*>")


@dataclass
class _Patient:
    """One element: where it begins and ends in the text, the lines where its rows begin."""

    begins: int
    line: int
    ends: int = 0
    tumours: list[int] = field(default_factory=list)

    def rows(self, *, per_tumour: bool) -> list[int]:
        return self.tumours if per_tumour and self.tumours else [self.line]


def emptied(name: str, content: bytes, rows: set[int], *, per_tumour: bool) -> bytes:
    """The file (UTF-8, compressed where it was) without the patients who have one of these rows, by their `source_row`, and without
    comments.
    """
    text = b"".join(xml_pieces(name, content))
    kept, place = [], 0
    hers = [(patient.begins, patient.ends) for patient, mine in _numbered(text, per_tumour=per_tumour) if rows & set(mine)]
    for begins, ends in sorted([*hers, *_comments(text)]):
        if begins >= place:  # else it stands within one of them
            kept += [text[place:begins], TEXT.sub(b"", text[begins:ends])]
            place = ends
    cut = DECLARED.sub(rb"\g<1>UTF-8", b"".join([*kept, text[place:]]))
    return gzip.compress(cut, mtime=0) if content.startswith(GZIP) else cut


def other_records(name: str, content: bytes, rows: set[int], *, per_tumour: bool) -> dict[int, str]:
    """The text of each patient who has a row outside `rows`, by the first of her rows."""
    text = b"".join(xml_pieces(name, content))
    return {
        mine[0]: ITEM.sub(" ", text[patient.begins : patient.ends].decode("utf-8", "replace"))
        for patient, mine in _numbered(text, per_tumour=per_tumour)
        if not set(mine) <= rows
    }


def comments(name: str, content: bytes) -> list[str]:
    """The comments of the file."""
    text = b"".join(xml_pieces(name, content))
    return [text[begins:ends].decode("utf-8", "replace") for begins, ends in _comments(text)]


def _comments(text: bytes) -> list[tuple[int, int]]:
    """Where comments begin and end in the text."""
    found: list[tuple[int, int]] = []
    parser = expat.ParserCreate("utf-8", " ")

    def comment(_: str) -> None:
        begins = parser.CurrentByteIndex
        found.append((begins, text.index(b"-->", begins) + len(b"-->")))

    parser.CommentHandler = comment
    if b"<!--" in text:
        parser.Parse(text, True)
    return found


def _numbered(text: bytes, *, per_tumour: bool) -> list[tuple[_Patient, list[int]]]:
    """The patients, each with the `source_row` of her rows."""
    patients = _patients(text)
    lines = [patient.rows(per_tumour=per_tumour) for patient in patients]
    every = [line for mine in lines for line in mine]
    if len(set(every)) < len(every):  # not the line but the number names a row
        numbers = iter(range(1, len(every) + 1))
        lines = [[next(numbers) for _ in mine] for mine in lines]
    return list(zip(patients, lines, strict=True))


def _patients(text: bytes) -> list[_Patient]:
    """The patients in the order of the file; it was read before, so it is well-formed and the elements stand where they may."""
    found: list[_Patient] = []
    parser = expat.ParserCreate("utf-8", " ")

    def begins(tag: str, _: dict[str, str]) -> None:
        element = tag.rpartition(" ")[2]
        if element == PATIENT:
            found.append(_Patient(parser.CurrentByteIndex, parser.CurrentLineNumber))
        elif element == TUMOUR and found:
            found[-1].tumours.append(parser.CurrentLineNumber)

    def ends(tag: str) -> None:
        if tag.rpartition(" ")[2] == PATIENT:
            found[-1].ends = text.index(b">", parser.CurrentByteIndex) + 1

    parser.StartElementHandler, parser.EndElementHandler = begins, ends
    parser.Parse(text, True)
    return found
