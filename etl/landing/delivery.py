"""What lies in the exports folder: the files delivered, in order, each with the one contract that reads it."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from threading import get_ident

from etl.landing.manifest import private_file, private_folder
from schemas.contract import Contract
from schemas.contract_format import sheets_apart
from schemas.sheet_names import matching, of_sheet, reading, workbook_of

CHUNK = 1 << 20
ATTEMPTS = 3
# Leftovers of editors, browsers and operating systems, never an export.
LEFTOVERS = ("~*", "*~", "#*#", "*.swp", "*.tmp", "*.part", "*.crdownload", "thumbs.db", "desktop.ini", "__macosx")


class NotLandedError(Exception):
    """One file could not be landed; `reason` is a word for the ledger, the text says why. `contracts` match it where several do."""

    def __init__(self, reason: str, message: str, contracts: Sequence[str] = ()) -> None:
        self.reason = reason
        self.contracts = contracts
        super().__init__(message)


def natural(name: str) -> list[tuple[int, int, str]]:
    """Sort key of a name in which numbers count as numbers: export_9 before export_10; a sheet stands where its workbook does."""
    name = workbook_of(name)
    return [(0, int(part), part) if part.isdigit() and part.isascii() else (1, 0, part) for part in re.split(r"([0-9]+)", name) if part]


def delivered(exports: Path) -> Iterator[tuple[str, Path]]:
    """Name (path under the folder) and path of each file, in natural order; hidden files and leftovers are passed over."""
    found: dict[str, Path] = {}
    for folder, folders, names in os.walk(exports, followlinks=False):
        here = Path(folder)
        linked = [name for name in folders if (here / name).is_symlink()]
        folders[:] = [name for name in folders if name not in linked and not _leftover(name)]
        for name in (*names, *linked):
            if not _leftover(name):
                path = here / name
                found[_printable(path.relative_to(exports).as_posix())] = path
    for name in sorted(found, key=lambda name: (natural(name), name)):
        yield name, found[name]


def closed_folders(exports: Path) -> list[str]:
    """Folders below the exports folder that may not be looked into (`.`: that folder itself); what lies in them is not delivered."""
    closed: list[str] = []
    for folder, folders, _ in os.walk(exports, onerror=lambda error: closed.append(str(error.filename)), followlinks=False):
        folders[:] = [name for name in folders if not _leftover(name) and not (Path(folder) / name).is_symlink()]
    return sorted(_printable(Path(name).relative_to(exports).as_posix()) for name in closed)


def folders_like_files(exports: Path, contracts: Sequence[Contract], names: Iterable[str]) -> Iterator[str]:
    """Folders that stand where a contract expects a file, in natural order; `names` are those of the files that are there.

    A pattern without an ending of its own (`2026/*`) matches folders by the way, and a folder whose files a contract reads is one
    of a delivery: neither is told of.
    """
    patterns = [pattern for contract in contracts for pattern in contract.files if _has_ending(pattern)]
    read = [name for name in names if any(fnmatchcase(name, pattern) for contract in contracts for pattern in contract.files)]
    found = []
    for folder, folders, _ in os.walk(exports, followlinks=False):
        folders[:] = [name for name in folders if not _leftover(name) and not (Path(folder) / name).is_symlink()]
        found += [_printable((Path(folder) / name).relative_to(exports).as_posix()) for name in folders]
    for name in sorted(found, key=lambda name: (natural(name), name)):
        if any(fnmatchcase(name, pattern) for pattern in patterns) and not any(one.startswith(f"{name}/") for one in read):
            yield name


def _has_ending(pattern: str) -> bool:
    """Whether the pattern says how the name of a file ends."""
    return bool(re.split(r"[*?\]]", pattern)[-1])


def _printable(name: str) -> str:
    """The name as text that can be written: bytes that are not UTF-8 and control characters are shown escaped."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def _leftover(name: str) -> bool:
    return name.startswith(".") or any(fnmatchcase(name.lower(), pattern) for pattern in LEFTOVERS)


def readings(exports: Path, contracts: Sequence[Contract]) -> Iterator[tuple[str, Path]]:
    """`delivered`, a workbook of which several contracts read each a sheet of its own once per contract: `ward[surgery].xlsx`.

    A file that itself has such a name is none of those sheets: its bracket is shown escaped, and no contract takes it for one.
    """
    for name, path in delivered(exports):
        found = matching(name, contracts)
        stem, dot, ending = name.rpartition(".")
        if sheets_apart([c.format for c in found]):
            yield from ((f"{stem}[{c.contract}]{dot}{ending}", path) for c in found)
        elif of_sheet(name, contracts) is not None:
            yield name.replace("[", r"\x5b"), path
        else:
            yield name, path


def contract_of(name: str, contracts: Sequence[Contract]) -> Contract:
    """The one contract that reads the file of that name (of `readings`); raises NotLandedError where none or several do."""
    found = reading(name, contracts)
    if len(found) > 1:
        names = [contract.contract for contract in found]
        raise NotLandedError(
            "two_contracts",
            f"{name}: matches the contracts {' and '.join(names)}; make their 'files' differ (or 'sheet', of a workbook)",
            names,
        )
    if not found:
        raise NotLandedError("no_contract", f"{name}: no contract reads this file (see 'files' in contracts/*.yml)")
    return found[0]


def fingerprint(name: str, path: Path, exports: Path) -> tuple[str, int]:
    """SHA-256 and size of one delivered file; raises NotLandedError where it is no plain file of the folder."""
    try:
        if not path.resolve().is_relative_to(exports.resolve()):
            raise NotLandedError("outside", f"{name}: a link that leads out of the exports folder")
        if not path.is_file():
            raise NotLandedError("not_a_file", f"{name}: not a plain file")
        return _steady(name, path)
    except (OSError, RuntimeError) as error:  # RuntimeError: links that lead to each other
        raise NotLandedError("not_readable", f"{name}: cannot be opened") from error


def _steady(name: str, path: Path) -> tuple[str, int]:
    """Hash a file that is not being written to: it is the same before and after, or is tried again."""
    for _ in range(ATTEMPTS):
        before = _state(path)
        digest = sha256_of(path)
        if _state(path) == before:
            return digest, before[0]
    raise NotLandedError("changing", f"{name}: is still being written")


def _state(path: Path) -> tuple[int, int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns, stat.st_ino


def land_bytes(name: str, path: Path, exports: Path, target: Callable[[str], Path]) -> tuple[str, int]:
    """SHA-256 and size of the file, its bytes put unchanged at `target(sha256)`; hashed anew where it changes meanwhile."""
    for _ in range(ATTEMPTS):
        sha256, size = fingerprint(name, path, exports)
        try:
            if _copied(path, target(sha256), sha256):
                return sha256, size
        except FileNotFoundError:
            continue  # taken away and put back: the next attempt says what is there
    raise NotLandedError("changing", f"{name}: is still being written")


def holds(target: Path, sha256: str) -> bool:
    """Whether these bytes lie there already. A copy that was changed by hand is none: it is landed anew, or no night could read it."""
    return target.is_file() and sha256_of(target) == sha256


def sha256_of(path: Path) -> str:
    """SHA-256 (hex) of the bytes of a file, read a piece at a time."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _copied(path: Path, target: Path, sha256: str) -> bool:
    """Put the bytes at `target` (0600) unless they are there; False where they are no longer those that were hashed."""
    if holds(target, sha256):
        return True
    private_folder(target.parent)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.{get_ident()}")
    digest = hashlib.sha256()
    try:
        with path.open("rb") as source, private_file(temporary) as copy:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                copy.write(chunk)
            copy.flush()
            os.fsync(copy.fileno())
        if digest.hexdigest() != sha256:
            return False
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return True
