"""Under which headers columns come: what `oncomart draft` proposes contracts by (header_words.csv). No run reads it."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files

from schemas.facts import SEPARATOR, plain
from schemas.headings import loosely


def without_marks(header: str) -> str:
    """The header as its words are compared: without capitals, blanks, signs and accents (`Début du traitement`, `Größe`)."""
    parts = unicodedata.normalize("NFKD", header.replace("ß", "ss").replace("ø", "o").replace("Ø", "O"))
    return loosely("".join(part for part in parts if not unicodedata.combining(part)))


@cache
def meanings() -> dict[str, str]:
    """The meaning by header as `without_marks` leaves it."""
    text = files("schemas").joinpath("header_words.csv").read_text("utf-8")
    return {without_marks(word): row["meaning"] for row in plain(text) for word in row["words"].split(SEPARATOR)}


def meaning_of(header: str) -> tuple[str | None, int | None]:
    """What a column of that header most likely holds, and the number in it where the header is known without it (`Surgery 2 Date`).

    None where no word is known for it.
    """
    found = meanings().get(without_marks(header))
    numbers = re.findall(r"\d+", header)
    if found is None and len(numbers) == 1:
        return meanings().get(without_marks(header.replace(numbers[0], " "))), int(numbers[0])
    return found, None
