"""Every edit of a run: the built-in files, the pairs of date_order.csv, and the project's edits.yml."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.core.errors import ConfigurationError, Mistake
from schemas.date_order import date_order
from schemas.reading_edits import reading_edits
from schemas.shapes import shaped
from schemas.yaml_lines import Source, read_yaml
from validations.compile import mistakes
from validations.edit import Edit, EditFile, from_pair

if TYPE_CHECKING:
    from schemas.domains import Codes


def load_edits(local: Path | None = None, codes: Codes | None = None) -> tuple[Edit, ...]:
    """The edits in the order of their codes; `local` is the project's edits.yml.

    With `codes` (the vocabularies) a local edit is also held to the code lists. Raises ConfigurationError with every
    mistake of the local file: its shape, its expressions, a code that a built-in or retired edit has.
    """
    own = () if local is None else _local_edits(local, codes)
    return tuple(sorted((*built_in_edits(), *own), key=lambda edit: edit.edit))


@cache
def built_in_edits() -> tuple[Edit, ...]:
    """The edits that come with oncomart, by code. A mistake in them is a ConfigurationError too."""
    sources = [read_yaml(f"edits/{path.name}", path.read_bytes()) for path in _subject_files()]
    shapes = [(source, shaped(source, EditFile)) for source in sources]
    found = [*(from_pair(pair) for pair in date_order()), *(edit for _, shape in shapes if shape for edit in shape.edits)]
    wrong = [mistake for source in sources for mistake in source.mistakes]
    codes = [edit.edit for edit in found]
    taken = {code for code in codes if codes.count(code) > 1} | (set(codes) & retired_codes())
    wrong += [Mistake("edits", None, f"{code} is given twice or retired") for code in taken]
    if wrong:
        raise ConfigurationError(wrong)
    return tuple(sorted(found, key=lambda edit: edit.edit))


@cache
def subjects() -> dict[str, str]:
    """Code of each built-in edit -> its subject (the name of its file)."""
    files_read = [(path.name.removesuffix(".yml"), read_yaml(path.name, path.read_bytes())) for path in _subject_files()]
    named = {edit["edit"]: subject for subject, source in files_read for edit in source.value["edits"]}
    return {**{pair.code: "dates" for pair in date_order()}, **named}


@cache
def retired_codes() -> frozenset[str]:
    """Codes that were edits once; they are never given again."""
    text = files("validations").joinpath("edits", "retired.csv").read_text(encoding="utf-8")
    return frozenset(row["edit"] for row in csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def _subject_files() -> list[Path]:
    folder = Path(str(files("validations").joinpath("edits")))
    return sorted(folder.glob("*.yml"))


def _local_edits(path: Path, codes: Codes | None) -> tuple[Edit, ...]:
    source = read_yaml(path.name, path.read_bytes())
    shape = shaped(source, EditFile)
    own = shape.edits if shape else ()
    for number, edit in enumerate(own):
        for key, message, hint in (*_code_mistakes(edit, own[:number]), *mistakes(edit, codes)):
            place = ("edits", number, key) if ("edits", number, key) in source.lines else ("edits", number)
            source.report(place, f"{edit.edit}: {message}", hint)
    return _unless_wrong(source, own)


def _code_mistakes(edit: Edit, earlier: tuple[Edit, ...]) -> Iterator[tuple[str, str, str]]:
    taken = {known.edit for known in built_in_edits()} | set(reading_edits()) | retired_codes()
    if edit.edit in taken:
        yield "edit", "is the code of a built-in edit", "give it a code of its own; a built-in edit cannot be replaced"
    if any(other.edit == edit.edit for other in earlier):
        yield "edit", "the code is given twice", ""


def _unless_wrong(source: Source, own: tuple[Edit, ...]) -> tuple[Edit, ...]:
    if source.mistakes:
        raise ConfigurationError(source.mistakes)
    return own
