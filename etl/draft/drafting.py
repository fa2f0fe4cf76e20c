"""`oncomart draft FILE…`: a contract proposed for each file (each sheet of a workbook), written into the project or shown."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from etl.draft import fixed, writing
from etl.draft.called import Place, contract_name, contracts_there, patterns_of, place_of, source_of, stems
from etl.draft.code_page import laid_out
from etl.draft.columns import Export, names, seen
from etl.draft.layout import Laid
from etl.draft.trial import tried
from etl.standard_output import answer
from schemas import vocabulary
from schemas.contract_format import AUTO
from schemas.core.errors import ConfigurationError, Mistake, UnreadableError, no_folder
from schemas.vocabulary import Vocabularies


@dataclass(frozen=True)
class Reading:
    """How the files are to be read, as far as it was said: the columns of files of fixed width, and the encoding."""

    layout: Path | None = None
    encoding: str = AUTO


AS_FOUND = Reading()
LAYOUT = "--layout names a CSV file with the columns field,start,width"
# The name of a contract, its source and the patterns of its files.
Called = tuple[str, str, Sequence[str]]


@dataclass(frozen=True)
class Draft:
    """One proposed contract: its name and source, its text, and what is said of it in a line.

    `layout`: name and text of the layout file that it needs, of a file of fixed width. `knows`: whether a column is known to it.
    """

    contract: str
    source: str
    text: str
    told: str
    layout: tuple[str, str] | None = None
    knows: bool = True

    @property
    def shown(self) -> str:
        """The text, and the layout below it."""
        return self.text if self.layout is None else f"{self.text}---\n# contracts/{self.layout[0]}\n{self.layout[1]}"


@dataclass(frozen=True)
class Drafted:
    """What became of the files: `drafts`, and why of some there is none."""

    drafts: tuple[Draft, ...]
    unreadable: tuple[str, ...]


def drafted(files: Sequence[Path], place: Place, source: str | None = None, reading: Reading = AS_FOUND) -> Drafted:
    """A draft for each table of the files. Raises ConfigurationError where a file, or the layout, is not there."""
    named = [*((file, "name an export") for file in files), *([(reading.layout, LAYOUT)] if reading.layout else [])]
    if gone := [(file, hint) for file, hint in named if not file.is_file()]:
        says = {True: "is a folder", False: "there is no such file"}
        raise ConfigurationError([Mistake(str(file), None, says[file.is_dir()], hint) for file, hint in gone])
    known = vocabulary.load(place.folder / "vocabularies")
    there = contracts_there(place)
    drafts: list[Draft] = []
    wrong: list[str] = []
    for file, stem in zip(files, stems(files, place), strict=True):
        try:
            called = (stem, source or source_of(file, place), patterns_of(file, place, stem, files))
            drafts += _of_file(Export(file, file.read_bytes()), called, known, reading, there | {draft.contract for draft in drafts})
        except UnreadableError as error:
            wrong.append(_refusal(error))
    return Drafted(tuple(drafts), tuple(wrong))


def _refusal(error: UnreadableError) -> str:
    """Why there is no draft; a setting is said with an option, for there is no contract yet in which to write it."""
    unsaid = error.unsaid
    return str(error) if unsaid is None else f"{error.what}; say which it has with --{unsaid.key}{unsaid.perhaps}"


def _of_file(export: Export, called: Called, known: Vocabularies, reading: Reading, taken: Set[str]) -> Iterator[Draft]:
    """A draft for each table of one file; `taken`: names of contracts that are there already."""
    file, layout = export.path, reading.layout
    stem, source, patterns = called
    found = [fixed.given(file.name, export.content, layout)] if layout is not None else _found(export, reading.encoding, stem)
    for laid in found:
        name = contract_name(f"{stem} {laid.sheet}" if len(found) > 1 else stem, taken)
        taken = taken | {name}
        yield _of_table(export, laid, (name, source, patterns), known)


def _found(export: Export, encoding: str, called: str) -> list[Laid]:
    """The tables of a file; one without headers and delimiters by the columns that every line leaves blank."""
    file, content = export.path, export.content
    try:
        return laid_out(file.name, content, encoding)
    except UnreadableError as error:
        [stem] = names([called])
        guess = fixed.guessed(file.name, content, stem) if error.reason == "no_header" else None
        if guess is None:
            raise
        return [guess]


def _of_table(export: Export, laid: Laid, called: Called, known: Vocabularies) -> Draft:
    """The draft of one table; `called`: the name of its contract, its source, the patterns of its files."""
    table = seen(export, laid)
    outcome = tried(export, table, known)
    told = writing.text(*called, table, outcome)
    records = ", ".join(f"{n:,} {kind}" for kind, n in outcome.records.items()) or "none yet, say what a row delivers"
    lacks = " (no column is known to name the person)" if outcome.proposal.names_nobody else ""
    layout = (str(laid.said["layout"]), laid.layout) if laid.places else None
    says = f"{len(table.columns)} columns, {len(outcome.proposal.fields)} used; records: {records}{lacks}"
    return Draft(*called[:2], told, says, layout, knows=bool(outcome.proposal.fields))


def write(drafts: Sequence[Draft], place: Place) -> list[Path]:
    """Put the drafts into `contracts/`. Raises ConfigurationError, and writes none, where one is there already."""
    folder = place.folder / "contracts"
    files = {draft: folder / f"{draft.contract}.yml" for draft in drafts}
    beside = {folder / draft.layout[0]: draft.layout[1] for draft in drafts if draft.layout is not None}
    taken = [path for path in files.values() if path.exists() or list(files.values()).count(path) > 1]
    taken += [path for path, text in beside.items() if path.exists() and path.read_text("utf-8-sig") != text]
    if taken:
        hint = "nothing is overwritten: rename it, or show the draft with --print"
        raise ConfigurationError([Mistake(f"contracts/{path.name}", None, "would be written over", hint) for path in taken])
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in [*beside.items(), *((path, draft.text) for draft, path in files.items())]:
        path.write_text(text, "utf-8")
    return list(files.values())


def draft_files(files: Sequence[Path], project: Path, source: str | None, reading: Reading = AS_FOUND, *, show: bool) -> int:
    """Propose, and write or show; returns the exit code: 3 where of a file there is none, which the others do not wait for."""
    _usable(project, reading, is_written=not show)
    place = place_of(project)
    found = drafted(files, place, source, reading)
    kept = [draft for draft in found.drafts if draft.knows or show]
    if kept:
        answer("---\n".join(draft.shown for draft in kept) if show else _told(kept, write(kept, place), place))
    wrong = [*found.unreadable, *(_nothing_known(draft) for draft in found.drafts if draft not in kept)]
    for says in wrong:
        print(f"no draft: {says}", file=sys.stderr)  # noqa: T201
    return UnreadableError.exit_code if wrong else 0


def _usable(project: Path, reading: Reading, *, is_written: bool) -> None:
    """Raises ConfigurationError where the encoding is none, or the folder to write into is not there (a slip would make another one)."""
    mistakes = []
    if reading.encoding != AUTO and not _is_encoding(reading.encoding):
        mistakes.append(Mistake("--encoding", None, "is not the name of an encoding", "for instance utf-8, cp1252, latin-1, cp1251"))
    if is_written and not project.is_dir():
        hint = "begin one with `oncomart init`, or show the draft with --print"
        mistakes.append(Mistake("--project", None, no_folder(project, "project folder"), hint))
    if mistakes:
        raise ConfigurationError(mistakes)


def _is_encoding(name: str) -> bool:
    try:
        return codecs.lookup(name)._is_text_encoding  # base64 and its like are no encodings of a text
    except LookupError:
        return False


def _nothing_known(draft: Draft) -> str:
    """A contract without a field would stop the check of the whole project, so none is written."""
    return f"{draft.contract}: {draft.told}; no column is known by its header or its cells: --print shows them, and what to write yourself"


def _told(drafts: Sequence[Draft], written: Sequence[Path], place: Place) -> str:
    """Which contracts were written, and what to do next."""
    lines = [f"{path}: {draft.told}" for draft, path in zip(drafts, written, strict=True)]
    unknown = sorted({draft.source for draft in drafts} - {*place.sources})
    if unknown:
        lines.append(f"registry.yml has no source {', '.join(unknown)}: name it under `sources`, or give --source")
    lines.append("read every line of them: what is not used stands at the end of each, with the reason; WHICH_COLUMN is yours to write")
    return "\n".join([*lines, f"then: oncomart check --project {quote(str(place.folder))}"])
