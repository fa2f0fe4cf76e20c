"""`oncomart draft FILE…`: a contract proposed for each file (each sheet of a workbook), written into the project or shown."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import count
from pathlib import Path

from etl.draft import fixed, redcap, writing
from etl.draft.code_page import laid_out
from etl.draft.columns import Export, names, seen
from etl.draft.layout import Laid
from etl.draft.trial import tried
from etl.standard_output import answer
from schemas import vocabulary
from schemas.contract_format import AUTO
from schemas.core.errors import ConfigurationError, Mistake, UnreadableError
from schemas.project import REGISTRY, Registry
from schemas.vocabulary import Vocabularies
from schemas.yaml_lines import read_yaml


@dataclass(frozen=True)
class Reading:
    """How the files are to be read, as far as it was said: the columns of files of fixed width, and the encoding."""

    layout: Path | None = None
    encoding: str = AUTO


AS_FOUND = Reading()
# What may stand behind the stem of a name where anything would be too much: nothing, or a number or day (`_stem`).
BEHIND = ("", "[0-9]*", "[-_ ][0-9]*")
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


@dataclass(frozen=True)
class Place:
    """Where a draft goes: the project folder, its exports and its sources (none where it has no registry.yml)."""

    folder: Path
    exports: Path
    sources: tuple[str, ...]


def place_of(project: Path) -> Place:
    """What registry.yml says of the place; it need not be complete yet."""
    file = project / REGISTRY
    known = read_yaml(REGISTRY, file.read_bytes()).value if file.is_file() else {}
    sources = known.get("sources")
    return Place(
        project,
        project / str(known.get("exports") or Registry.model_fields["exports"].default),
        tuple(sources) if isinstance(sources, dict) else (),
    )


def drafted(files: Sequence[Path], place: Place, source: str | None = None, reading: Reading = AS_FOUND) -> Drafted:
    """A draft for each table of the files. Raises ConfigurationError where a file, or the layout, is not there."""
    if gone := [file for file in (*files, *([reading.layout] if reading.layout else [])) if not file.is_file()]:
        says = {True: "is a folder", False: "there is no such file"}
        raise ConfigurationError([Mistake(str(file), None, says[file.is_dir()], "name an export") for file in gone])
    known = vocabulary.load(place.folder / "vocabularies")
    drafts: list[Draft] = []
    wrong: list[str] = []
    for file, stem in zip(files, _stems(files, place), strict=True):
        try:
            drafts += _of_file(
                Export(file, file.read_bytes()), (stem, source or _source(file, place), _patterns(file, place, stem, files)), known,
                reading, _taken(place) | {draft.contract for draft in drafts},
            )  # fmt: skip
        except UnreadableError as error:
            wrong.append(_refusal(error))
    return Drafted(tuple(drafts), tuple(wrong))


def _refusal(error: UnreadableError) -> str:
    """Why there is no draft; a setting is said with an option, for there is no contract yet in which to write it."""
    unsaid = error.unsaid
    return str(error) if unsaid is None else f"{error.what}; say which it has with --{unsaid.key}{unsaid.perhaps}"


def _taken(place: Place) -> frozenset[str]:
    """The names of the contracts that are there."""
    return frozenset(path.stem for path in (place.folder / "contracts").glob("*.yml"))


def _name(called: str, taken: Set[str]) -> str:
    """The name of a contract by that of its file and sheet. One of other letters than a name can have (乳癌登録) is numbered, for of two
    such files neither may take the place of the other."""
    if called.isascii():
        return names([called])[0]
    plain = re.sub(r"[^\x00-\x7f]+", " ", unicodedata.normalize("NFKD", called)).strip(" _-")
    if sum(letter.isalpha() for letter in plain) >= sum(letter.isalpha() for letter in called) / 2:  # Ärzte: mostly its own letters
        return names([called])[0]
    begins = names([plain])[0] if re.match(r"[A-Za-z]", plain) else "export"
    return next(name for n in count(1) if (name := f"{begins}_{n}") not in taken)


def _of_file(export: Export, called: Called, known: Vocabularies, reading: Reading, taken: Set[str]) -> Iterator[Draft]:
    """A draft for each table of one file; `taken`: names of contracts that are there already."""
    file, layout = export.path, reading.layout
    stem, source, patterns = called
    found = [fixed.given(file.name, export.content, layout)] if layout is not None else _found(export, reading.encoding, stem)
    for laid in found:
        name = _name(f"{stem} {laid.sheet}" if len(found) > 1 else stem, taken)
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


def _stems(files: Sequence[Path], place: Place) -> list[str]:
    """The names of the files without the day or number at their end, but for those that only it tells apart: rhc_c50 and rhc_c61, also
    where the contract of the one is there already and does not read the other."""
    short = [_stem(file) for file in files]
    return [
        stem if short.count(stem) == 1 and not _is_of_another(file, stem, place) else _whole(file)
        for file, stem in zip(files, short, strict=True)
    ]


def _is_of_another(file: Path, stem: str, place: Place) -> bool:
    """Whether the contract of that name is there, and none of its patterns is of this file."""
    there = place.folder / "contracts" / f"{names([stem])[0]}.yml"
    if not there.is_file():
        return False
    patterns = read_yaml(there.name, there.read_bytes()).value.get("files")
    said = patterns if isinstance(patterns, list | tuple) else [patterns]
    return not any(fnmatchcase(file.name, str(pattern).rpartition("/")[2]) for pattern in said)


def _whole(file: Path) -> str:
    return file.name.split(".")[0]


def _stem(file: Path) -> str:
    """The name of the file without its ending, and without the day or number at its end; `c50` and `smr06` are words of a name, not
    deliveries of one `c` and `smr`: where the file of another site matched, the later would take the place of the earlier."""
    return re.sub(r"(?:[-_ ]+\d+|(?<=\D)\d{4,})[\d\-_ ]*$", "", _whole(file)) or _whole(file)


def _patterns(file: Path, place: Place, stem: str, files: Sequence[Path]) -> list[str]:
    """The paths below the exports folder, with `*` for the day or number at the end of the name; where that would be the name of another
    of the `files` too (`ukb*` that of ukb_cancer.csv), with a number in its place."""
    try:
        folder = file.resolve().parent.relative_to(place.exports.resolve()).as_posix()
    except ValueError:
        folder = "."
    ending = "".join(file.suffixes[-2:] if file.suffix == ".gz" else file.suffixes[-1:])
    found = [f"{stem}{rest}{ending}" for rest in redcap.behind(stem)]
    others = [other.name for other in files if other.parent == file.parent and _stem(other) != _stem(file)]
    if any(fnmatchcase(other, pattern) for other in others for pattern in found):
        found = [f"{stem}{rest}{ending}" for rest in BEHIND]
    return found if folder == "." else [f"{folder}/{name}" for name in found]


def _source(file: Path, place: Place) -> str:
    """The one source of the project, else the folder in which the file lies, else its own name."""
    if len(place.sources) == 1:
        return place.sources[0]
    folder = file.resolve().parent
    below = folder.is_relative_to(place.exports.resolve()) and folder != place.exports.resolve()
    return names([folder.name if below else _stem(file)])[0]


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
    place = place_of(project)
    found = drafted(files, place, source, reading)
    kept = [draft for draft in found.drafts if draft.knows or show]
    if kept:
        answer("---\n".join(draft.shown for draft in kept) if show else _told(kept, write(kept, place), place))
    wrong = [*found.unreadable, *(_nothing_known(draft) for draft in found.drafts if draft not in kept)]
    for says in wrong:
        print(f"no draft: {says}", file=sys.stderr)  # noqa: T201
    return UnreadableError.exit_code if wrong else 0


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
    return "\n".join([*lines, f"then: oncomart check --project {place.folder}"])
