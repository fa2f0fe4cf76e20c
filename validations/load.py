"""Every edit of a run: the built-in files, the pairs of date_order.csv, and the project's edits.yml."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas.core.errors import ConfigurationError, Mistake
from schemas.date_order import date_order
from schemas.facts import own_rows
from schemas.items import RECORDS
from schemas.model import condition
from schemas.reading_edits import reading_edits
from schemas.shapes import shaped
from schemas.yaml_lines import read_yaml
from validations.choice import alike
from validations.compile import PARTS_READ, mistakes
from validations.concerned import not_read
from validations.edit import Edit, EditFile, from_pair

if TYPE_CHECKING:
    from schemas.domains import Codes

CODE = re.compile(r"[A-Z]{2,8}-\d{3}")
Written = Mapping[str, Any]  # an edit as its file has it


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


def counted(edits: Iterable[Edit]) -> frozenset[str]:
    """Codes of everything that a release counts: these edits, and those made while reading."""
    return frozenset((*(edit.edit for edit in edits), *reading_edits()))


@cache
def subjects() -> dict[str, str]:
    """Code of each built-in edit -> its subject (the name of its file)."""
    files_read = [(path.name.removesuffix(".yml"), read_yaml(path.name, path.read_bytes())) for path in _subject_files()]
    named = {edit["edit"]: subject for subject, source in files_read for edit in source.value["edits"]}
    return {**{pair.code: "dates" for pair in date_order()}, **named}


def retired_codes() -> frozenset[str]:
    """Codes that were edits once; they are never given again."""
    return frozenset(row["edit"] for row in retired())


@cache
def retired() -> tuple[Mapping[str, str], ...]:
    """The rows of retired.csv: edit, title, retired (the version), reason."""
    return own_rows("validations", "edits", "retired.csv")


def _subject_files() -> list[Path]:
    folder = Path(str(files("validations").joinpath("edits")))
    return sorted(folder.glob("*.yml"))


def _local_edits(path: Path, codes: Codes | None) -> tuple[Edit, ...]:
    """The edits of one file. Each is looked at as written, so that a mistake of shape does not hide those beside it."""
    source = read_yaml(path.name, path.read_bytes())
    shape = shaped(source, EditFile)
    written = source.value.get("edits")
    given = [edit if isinstance(edit, dict) else {} for edit in written] if isinstance(written, tuple) else []
    for number, edit in enumerate(given):
        for key, message, hint in edit_mistakes(edit, given[:number], codes):
            place = ("edits", number, key)
            source.report(place if place in source.lines else place[:2], message, hint)
    for number, made in enumerate(shape.edits if shape and not source.mistakes else ()):
        for name in not_read(made):
            source.report(
                ("edits", number, "between"), f"'{name}' is nothing that the edit reads", "its columns, of another record as record.column"
            )
        if why := alike(made) if made.severity == "error" else "":
            source.report(("edits", number, "violated"), f"{made.edit} {why}", "an error keeps back what it finds: say of which records")
    if source.mistakes:
        raise ConfigurationError(source.mistakes)
    return shape.edits if shape else ()


def edit_mistakes(edit: Written, earlier: Sequence[Written], codes: Codes | None) -> Iterator[tuple[str, str, str]]:
    """(key, message, hint) for what is wrong with one edit as written, beyond the shape of its keys."""
    yield from _code_mistakes(edit.get("edit"), [other.get("edit") for other in earlier])
    if edit.get("scope") == "patient" and edit.get("severity") in ("warning", "notice"):
        yield "scope", "patient means something for errors only", "a warning or a notice holds no record"
    for key in PARTS_READ:
        text = condition(edit.get(key, "true"))
        if edit.get("record") in RECORDS and isinstance(text, str):
            yield from ((key, message, hint) for message, hint in mistakes(str(edit["record"]), text, codes))


def _code_mistakes(code: object, earlier: Sequence[object]) -> Iterator[tuple[str, str, str]]:
    if not isinstance(code, str):
        return
    if not CODE.fullmatch(code):
        yield "edit", "an edit's code is 2 to 8 capital letters, a hyphen and three digits", "such as OURS-001"
    if code in {known.edit for known in built_in_edits()}:
        yield "edit", f"{code} is the code of a built-in edit", "give it a code of its own; a built-in edit cannot be replaced"
    if code in retired_codes():
        yield "edit", f"{code} is the code of a retired edit", "codes are never given again"
    if code in earlier:
        yield "edit", f"{code} is given twice", ""
