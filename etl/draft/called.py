"""What a drafted contract is called, of which source it is and which files it claims: by the names of the files that it is made of."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence, Set
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import count
from pathlib import Path

from etl.draft import redcap
from etl.draft.columns import names
from schemas.configuration import REGISTRY
from schemas.project import Registry
from schemas.yaml_lines import read_yaml

# What may stand behind the stem of a name where anything would be too much: nothing, or a number or day (`_stem`).
BEHIND = ("", "[0-9]*", "[-_ ][0-9]*")


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


def contracts_there(place: Place) -> frozenset[str]:
    """The names of the contracts that are there."""
    return frozenset(path.stem for path in (place.folder / "contracts").glob("*.yml"))


def contract_name(called: str, taken: Set[str]) -> str:
    """The name of a contract by that of its file and sheet. One of other letters than a name can have (乳癌登録) is numbered, for of two
    such files neither may take the place of the other."""
    if called.isascii():
        return names([called])[0]
    plain = re.sub(r"[^\x00-\x7f]+", " ", unicodedata.normalize("NFKD", called)).strip(" _-")
    if sum(letter.isalpha() for letter in plain) >= sum(letter.isalpha() for letter in called) / 2:  # Ärzte: mostly its own letters
        return names([called])[0]
    begins = names([plain])[0] if re.match(r"[A-Za-z]", plain) else "export"
    return next(name for n in count(1) if (name := f"{begins}_{n}") not in taken)


def stems(files: Sequence[Path], place: Place) -> list[str]:
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


def patterns_of(file: Path, place: Place, stem: str, files: Sequence[Path]) -> list[str]:
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


def source_of(file: Path, place: Place) -> str:
    """The one source of the project, else the folder in which the file lies, else its own name.

    Where the exports lie in several folders each is a source, whatever registry.yml says so far: numbers of two hospitals under one
    source would be numbers of one, and those that both have by chance one person. Folders of years are none.
    """
    top = _top(file, place)
    if top is not None and len(_tops(place)) > 1:
        return top if top in place.sources else names([top])[0]
    if len(place.sources) == 1:
        return place.sources[0]
    folder = file.resolve().parent
    below = folder.is_relative_to(place.exports.resolve()) and folder != place.exports.resolve()
    return names([folder.name if below else _stem(file)])[0]


def _tops(place: Place) -> frozenset[str]:
    """The folders right below the exports that hold files, without those that are named by a year or a day."""
    found = {_top(file, place) for file in place.exports.rglob("*") if file.is_file()} if place.exports.is_dir() else set()
    return frozenset(top for top in found if top is not None)


def _top(file: Path, place: Place) -> str | None:
    """The folder right below the exports in which a file lies; None where it lies in none, or in one of a year or a day."""
    exports, here = place.exports.resolve(), file.resolve().parent
    parts = here.relative_to(exports).parts if here.is_relative_to(exports) else ()
    return parts[0] if parts and re.search(r"[^\W\d_]", parts[0]) else None
