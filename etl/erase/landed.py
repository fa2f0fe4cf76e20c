"""Landed files without the rows of erased persons: those that are there are written anew, new ones are landed without them.

Each step can be done again: the list comes first, then the file without her, then what says so, and the file with her goes last.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock

from etl.corrections import in_force
from etl.erase.file import CHECKING, Cleaned, Looked, look_through
from etl.erase.rows import Known, Persons, numbers_of
from etl.erase.withheld import DAMAGED, ERASED, OLDER, PERSONS, Person, Secret, Withheld, as_text, read_withheld, withheld_path
from etl.landing.delivery import NotLandedError, contract_of, fingerprint, holds, land_bytes
from etl.landing.landed import LandedFile, landed_file
from etl.landing.manifest import GOOD, Entry, manifest_path, private_folder, read_manifest, write_atomically, write_manifest
from etl.setting import Setting
from schemas.contract import Contract
from schemas.core.errors import RefusedError, UnreadableError, few
from validations.report.numbers import plural
from warehouse.runs import HISTORY, runs

DROP = "mend the contract that should read them, or say `oncomart forget --drop`: their landed copies are taken away"
SHA256 = 64  # letters of a hash


@dataclass
class Erasing:
    """What one run does to the landing folder for the persons on its list. `drop`: what cannot be looked through is taken away.

    `clean`: by digest of a list the contents (SHA-256) that are known to hold nobody on it.
    """

    given: Setting
    withheld: Withheld
    persons: Persons
    drop: bool = False
    clean: Mapping[str, frozenset[str]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    @classmethod
    def of(cls, given: Setting, *, drop: bool = False, clean: Mapping[str, frozenset[str]] | None = None) -> Erasing:
        """With the list as it is. Raises RefusedError where it is gone, or an older one, although somebody was erased here since."""
        path = withheld_path(_landing(given))
        erasures = [one for one in runs(given.out) if one.get("outcome") == ERASED]
        if erasures and not path.is_file():
            raise RefusedError(f"{path}: {DAMAGED}")
        withheld = read_withheld(_landing(given))
        if len(withheld.persons) < max((int(one.get(PERSONS) or 0) for one in erasures), default=0):
            raise RefusedError(f"{path}: {OLDER}")
        return cls(given, withheld, Persons(given.key), drop, clean or {})

    @property
    def landing(self) -> Path:
        """The landing folder."""
        return _landing(self.given)

    @property
    def secret(self) -> Secret:
        """What the list is hashed with."""
        return Secret(self.given.key)

    @property
    def known(self) -> Known:
        """What it takes to know her again in a file."""
        project, day = self.given.project, self.given.as_of
        return Known(
            project.vocabularies,
            self.given.key,
            self.withheld.hashes,
            numbers_of(project.contracts),
            in_force(project.corrections, day),
            self.persons,
        )

    def put(self, withheld: Withheld) -> None:
        """Write the list down."""
        self.withheld = withheld
        write_atomically(withheld_path(self.landing), as_text(withheld))

    def list(self, person: Person) -> None:
        """Put a person on the list, before anything else is done."""
        self.put(self.withheld.having(person))

    def grow(self, hashes: Iterable[str]) -> None:
        """Put other numbers of persons on the list: whose they are does not matter, the first one's."""
        if new := set(hashes) - self.withheld.hashes:
            self.list(replace(self.withheld.persons[0], hashes=(*self.withheld.persons[0].hashes, *sorted(new))))

    def sweep(self, *, strict: bool = True) -> Sequence[str]:
        """Look through every landed file for the list as it is now. Raises RefusedError where one cannot be; where that is not `strict`
        says which, and they stay as they are until a person is forgotten the next time.
        """
        left_alone: Sequence[str] = ()
        for left in self.landing.glob(f"{CHECKING}.*") if self.withheld else ():  # of a run that died
            left.unlink()
        while self.withheld.is_pending:
            swept = self.withheld.digest
            self._clear()
            clean = self.clean.get(swept, frozenset())
            looked = [entries for entries in by_content(self.given.out) if entries[0].sha256 not in clean]
            stuck = [told for entries in looked if (told := self._swept(entries)) is not None]
            if stuck and strict:
                raise not_looked_through(stuck)
            left_alone = stuck
            self.put(replace(self.withheld, swept=swept))
        return left_alone

    def look_again(self, in_force: Collection[str]) -> None:
        """Look through the landed files as today's contracts read them; what cannot be is passed over, unless it is in force (SHA-256)."""
        stuck = [told for entries in by_content(self.given.out) if (told := self._swept(entries)) and entries[0].sha256 in in_force]
        if stuck:
            raise not_looked_through(stuck)

    def _swept(self, entries: Sequence[Entry]) -> str | None:
        """Look through one content; why it cannot be, None where it was."""
        try:
            looked = self.look(entries)
        except UnreadableError as error:
            if not (self.drop or self.was_taken_away(entries)):
                return str(error)
            looked = Looked(Cleaned(b"", ()), frozenset())
        self.grow(looked.known_by)
        if looked.cleaned is not None:
            self._replace(entries, looked.cleaned)
        return None

    def look(self, entries: Sequence[Entry]) -> Looked:
        """One landed content, by all contracts that read it. Raises UnreadableError where one cannot."""
        if gone := next((entry for entry in entries if not entry.path(self.landing).is_file()), None):
            raise UnreadableError("gone", f"{gone.name}: its landed copy is gone")
        files = [landed_file(self.landing, entry, contract_for(entry, self.given.project.contracts), "goes_on") for entry in entries]
        return look_through(files, self.known, self.landing)

    def was_taken_away(self, entries: Sequence[Entry]) -> bool:
        """Whether a content that no release has used does not lie there: who took its copy away wants none of it (`never_used`)."""
        return not any(entry.status == GOOD or entry.path(self.landing).is_file() for entry in entries)

    def _replace(self, entries: Sequence[Entry], cleaned: Cleaned) -> None:
        """Put the file without her in the place of the one with her, in the manifest too, and take that away."""
        was = entries[0].sha256
        now = cleaned.sha256 if cleaned.gone else ""
        for entry in entries if now else ():  # one file for each ending that the content came under
            self._write(replace(entry, sha256=now), cleaned.content)
        self.put(self.withheld.with_file(self.secret, was, now, cleaned.gone))
        told = [_entry_now(entry, was, now, len(cleaned.content)) for entry in read_manifest(self.given.out)]
        write_manifest(self.given.out, _each_once(entry for entry in told if entry.sha256))
        for entry in entries:
            self._forget_content(entry.path(self.landing), now)

    def _write(self, entry: Entry, content: bytes) -> Path:
        path = entry.path(self.landing)
        private_folder(path.parent)
        write_atomically(path, content)
        return path

    def _forget_content(self, path: Path, now: str) -> None:
        """Take a file with her rows away, and its hash out of the history of runs."""
        history, sha256 = self.given.out / HISTORY, path.stem[:SHA256]
        if history.is_file() and sha256 in (text := history.read_text(encoding="utf-8")):
            write_atomically(history, text.replace(sha256, now).encode())
            history.chmod(0o644)
        path.unlink(missing_ok=True)

    def _clear(self) -> None:
        """Take away what no entry of the manifest names: what a run that died has left, and files that were written anew."""
        named = {entry.path(self.landing) for entry in read_manifest(self.given.out)}
        kept = {*named, manifest_path(self.given.out), withheld_path(self.landing)}
        for path in sorted(self.landing.rglob("*")):
            if path.is_file() and path not in kept:
                self._forget_content(path, self.withheld.now(self.secret, path.stem[:SHA256]))

    def keep(self, path: Path, exports: Path, blank: Entry, readings: Sequence[tuple[str, Contract]]) -> Entry:
        """Land one export without the rows of persons on the list; `readings`: under which names and contracts it is read.

        Raises NotLandedError where it cannot be looked through: then nothing of it is kept.
        """
        with self.lock:
            sha256, size = fingerprint(blank.name, path, exports)
            entry = replace(blank, sha256=sha256, size=size)
            now = replace(entry, sha256=self.withheld.now(self.secret, sha256))
            if now.sha256 and holds(now.path(self.landing), now.sha256):  # looked through before, or made without her
                return replace(now, size=now.path(self.landing).stat().st_size)
            files = [LandedFile(name, sha256, size, path, contract, blank.first_seen, "goes_on") for name, contract in readings]
            try:
                looked = look_through(files, self.known, self.landing)
            except UnreadableError as error:
                raise NotLandedError(error.reason, str(error)) from error
            self.grow(looked.known_by)
            if looked.cleaned is None:
                if (back := self.withheld.as_delivered(self.secret, sha256)) is not self.withheld:
                    self.put(back)
                land_bytes(blank.name, path, exports, lambda found: self._looked_through(entry, found))
                return entry
            cleaned = looked.cleaned
            now = replace(entry, sha256=cleaned.sha256, size=len(cleaned.content))
            self._write(now, cleaned.content)
            self.put(self.withheld.with_file(self.secret, sha256, now.sha256, cleaned.gone))
            return now

    def _looked_through(self, entry: Entry, sha256: str) -> Path:
        """Where the bytes of an export go; only those that were looked through do."""
        if sha256 != entry.sha256:
            raise NotLandedError("changing", f"{entry.name}: is still being written")
        return entry.path(self.landing)


def _landing(given: Setting) -> Path:
    return manifest_path(given.out).parent


def by_content(out: Path) -> list[list[Entry]]:
    """The entries of the manifest, those of one content together; each name once."""
    found: dict[str, dict[str, Entry]] = defaultdict(dict)
    for entry in read_manifest(out):
        found[entry.sha256][entry.name] = entry
    return [list(entries.values()) for entries in found.values()]


def contract_for(entry: Entry, contracts: Sequence[Contract]) -> Contract:
    """The contract that reads a landed file today; raises UnreadableError where none does."""
    try:
        return contract_of(entry.name, contracts)
    except NotLandedError as error:
        found = next((contract for contract in contracts if contract.contract == entry.contract), None)
        if found is None:
            raise UnreadableError(error.reason, str(error)) from error
        return found


def not_looked_through(stuck: Sequence[str]) -> RefusedError:
    """What to raise where landed files cannot be looked through for a person."""
    said = "".join(f"\n  {told}" for told in few(sorted(stuck)))
    return RefusedError(f"{plural(len(stuck), 'landed file')} cannot be looked through, and may hold her ({DROP}):{said}")


def _entry_now(entry: Entry, was: str, now: str, size: int) -> Entry:
    return replace(entry, sha256=now, size=size) if entry.sha256 == was else entry


def _each_once(entries: Iterable[Entry]) -> list[Entry]:
    """The entries, of one name and content the last: two deliveries that differed in her rows only are one now."""
    found: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        before = found.pop((entry.name, entry.sha256), None)
        good = GOOD if before is not None and before.status == GOOD else entry.status
        found[entry.name, entry.sha256] = entry if before is None else replace(entry, first_seen=before.first_seen, status=good)
    return list(found.values())
