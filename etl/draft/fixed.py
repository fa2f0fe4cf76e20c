"""A text of fixed width: its columns as a layout says, or guessed from the characters that are blank in every line."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from etl.draft.layout import HEAD_BYTES, Laid, names_columns
from etl.readers.find_out import encoding_of
from etl.readers.text import as_utf8
from etl.readers.xml_text import LINE_END
from schemas.contract_format import AUTO, Format
from schemas.core.errors import ConfigurationError, UnreadableError
from schemas.layout import Place, read_layout

FEWEST_LINES, MOST_COLUMNS = 3, 200
GUESSED = "# Guessed by `oncomart draft` from blank columns: compare it with the record layout. Columns that touch are one."


def given(name: str, content: bytes, path: Path) -> Laid:
    """The table that a layout describes. Raises ConfigurationError with every mistake of the layout."""
    places, mistakes = read_layout(path, path.name)
    if mistakes:
        raise ConfigurationError(mistakes)
    encoding, lines = _lines(name, content)
    return _laid(encoding, lines, places, path.name, path.read_text("utf-8-sig"))


def guessed(name: str, content: bytes, stem: str) -> Laid | None:
    """The table whose columns begin behind characters that every line leaves blank; None where there are no such.

    Columns that touch are one, and blanks within a column that all lines have part it: it is a guess, and said to be one.
    """
    try:
        encoding, lines = _lines(name, content)
    except UnreadableError:
        return None
    if len(lines) < FEWEST_LINES or any("\t" in line for line in lines):
        return None
    starts = _starts(lines)
    if not 1 < len(starts) <= MOST_COLUMNS:
        return None
    ends = [*starts[1:], max(map(len, lines))]
    cells = [lines[0][start:end].strip() for start, end in zip(starts, ends, strict=True)]
    headed = names_columns(cells, [[line[start:end].strip() for start, end in zip(starts, ends, strict=True)] for line in lines[1:]])
    headers = cells if headed and len(set(cells)) == len(cells) and all(cells) else [f"column_{n}" for n in range(1, len(starts) + 1)]
    places = tuple(Place(header, start + 1, end - start) for header, start, end in zip(headers, starts, ends, strict=True))
    return _laid(encoding, lines, places, f"{stem}_layout.csv", _written(places), headed=headed)


def _lines(name: str, content: bytes) -> tuple[str, list[str]]:
    """The encoding, and the lines at the head of the file that are not blank."""
    encoding = encoding_of(name, content, Format(encoding=AUTO))
    text = as_utf8(name, content, encoding)[:HEAD_BYTES].decode("utf-8", "ignore")
    lines = LINE_END.split(text)
    whole = lines[:-1] if len(content) > HEAD_BYTES else lines
    return encoding, [line for line in whole if line.strip()]


def _starts(lines: Sequence[str]) -> list[int]:
    """Where (from 0) a column begins: the first character that some line fills, behind one that none does."""
    filled = [any(line[place : place + 1].strip() for line in lines) for place in range(max(map(len, lines)))]
    runs = [(is_filled, [place for place, _ in run]) for is_filled, run in groupby(enumerate(filled), key=lambda one: one[1])]
    return [places[0] for is_filled, places in runs if is_filled]


def _laid(encoding: str, lines: Sequence[str], places: tuple[Place, ...], file: str, text: str, *, headed: bool | None = None) -> Laid:
    if headed is None:
        headed = bool(lines) and all(
            (cell := lines[0][place.start - 1 : place.end].strip().lower()) and place.header.lower().startswith(cell) for place in places
        )
    said = {"kind": "fixed", "encoding": encoding, "layout": file, "header_rows": int(headed)}
    return Laid(said, tuple(place.header for place in places), places=places, layout=text)


def _written(places: Sequence[Place]) -> str:
    quoted = ((f'"{place.header}"' if "," in place.header else place.header, place) for place in places)
    lines = "".join(f"{header},{place.start},{place.width}\n" for header, place in quoted)
    return f"{GUESSED}\nfield,start,width\n{lines}"
