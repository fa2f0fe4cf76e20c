"""Records of a NAACCR XML file, counted apart from its reader: each Patient and each Tumor, whatever becomes of it."""

from __future__ import annotations

from xml.parsers import expat

from etl.readers.xml_text import xml_pieces


def count_records(name: str, content: bytes) -> int:
    """How many elements Patient and Tumor the file has, in the namespace of its first element. Of a file that was read before."""
    names: list[str] = []
    n = 0

    def begins(tag: str, _: dict[str, str]) -> None:
        nonlocal n
        if not names:
            space = tag.rpartition(" ")[0]
            names.extend(f"{space} {element}" if space else element for element in ("Patient", "Tumor"))
        n += tag in names

    parser = expat.ParserCreate("utf-8", " ")
    parser.StartElementHandler = begins
    for piece in xml_pieces(name, content):
        parser.Parse(piece, False)
    parser.Parse(b"", True)
    return n
