"""landing/withheld.json: the persons whom no run may use, as keyed hashes, and the landed files that were made without them.

One file, written whole by one rename: the list and what it has made of the landed files are never at odds. It holds no identifier
and no plain hash of a file with the rows of such a person: with the rest of the file at hand, that would confirm a guess at them.
It ends with a hash of itself, for a list of which one person is gone reads as a whole one; lists written before that have none.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from schemas.core.errors import RefusedError
from schemas.core.ids import KeyedHashes

NAME = "withheld.json"
DAMAGED = "is damaged or gone, so nobody knows who is erased; restore it from a backup"
CHANGED = "is not as it was written, so nobody knows who is erased; restore it from a backup"
OLDER = "names fewer persons than were erased here (it is older than runs.jsonl), so one would be landed again; restore the newest one"
PERSONS = "persons"  # how many the list names, in the line of an erasure in the history of runs
REASON = "erased"  # of rows and records in the ledger
ERASED = "erased"  # the outcome in the history of runs
CHECK = "sha256"  # of all else in the list
SIZE = 16  # bytes of a hash
# A line of the ledger without its file: stage, unit, fate, reason, n.
Line = tuple[str, str, str, str, int]


@dataclass(frozen=True)
class Person:
    """One erased person: the day, and the hash of each number that she is known by.

    `alike`: hashes of the same numbers with other leading zeros, as a spreadsheet may write them, where no other person has these.
    """

    since: str
    hashes: tuple[str, ...]
    alike: tuple[str, ...] = ()

    @property
    def every(self) -> frozenset[str]:
        """All of them."""
        return frozenset((*self.hashes, *self.alike))


@dataclass(frozen=True)
class Gone:
    """What a landed file holds no longer, as the ledger counts what one contract read of it.

    `lines`: what is to be added to its ledger. The blank rows in the place of hers are taken off: their number is below 0.
    """

    contract: str
    lines: tuple[Line, ...]

    @property
    def rows(self) -> int:
        """Rows of data, also those that were refused."""
        return sum(n for stage, _, fate, reason, n in self.lines if stage == "read" and (fate == "goes_on" or reason == REASON))

    @property
    def physical(self) -> int:
        """Physical lines that the file holds no more, not even as blank ones."""
        return sum(n for stage, *_, n in self.lines if stage == "read")

    @property
    def records(self) -> int:
        """Records that are withheld."""
        return sum(n for _, _, fate, _, n in self.lines if fate == "withheld")


@dataclass(frozen=True)
class Withheld:
    """The list of erased persons, and what it has made of the landed files.

    `persons`: the list. `made`: by keyed hash of the content of a file with rows of theirs, the SHA-256 of the file without these rows
    (empty where there is none). `gone`: by that SHA-256, what was taken out of the file. `swept`: the `digest` of the list with which all
    landed files were last searched.
    """

    persons: tuple[Person, ...] = ()
    made: Mapping[str, str] = field(default_factory=dict)
    gone: Mapping[str, tuple[Gone, ...]] = field(default_factory=dict)
    swept: str = ""

    def __bool__(self) -> bool:
        """Whether anybody is withheld."""
        return bool(self.persons)

    @cached_property
    def hashes(self) -> frozenset[str]:
        """All hashes of the list."""
        return frozenset(one for person in self.persons for one in person.every)

    @property
    def digest(self) -> str:
        """What the list adds to the name of a release, the same whatever the order and the days."""
        return hashlib.sha256("\n".join(sorted(self.hashes)).encode()).hexdigest() if self else ""

    @property
    def is_pending(self) -> bool:
        """Whether landed files have yet to be looked through for the list as it is now."""
        return self.swept != self.digest

    def having(self, person: Person) -> Withheld:
        """The list with this person: numbers already on it stay where they are, new numbers of a known person are added to hers."""
        hashes, alike = (tuple(sorted({*told} - self.hashes)) for told in (person.hashes, person.alike))
        more = replace(person, hashes=hashes, alike=alike)
        if not more.every:
            return self
        known = next((one for one in self.persons if one.every & set(person.hashes)), None)
        if known is None:
            return replace(self, persons=(*self.persons, more))
        grown = replace(known, hashes=tuple(sorted({*known.hashes, *hashes})), alike=tuple(sorted({*known.alike, *alike})))
        return replace(self, persons=tuple(grown if one is known else one for one in self.persons))

    def now(self, secret: Secret, sha256: str) -> str:
        """The SHA-256 of what lies in the place of a file now: its own where nothing of hers was in it, empty where it was dropped."""
        return self.made.get(secret.of_content(sha256), sha256) if self.made else sha256

    def holds(self, secret: Secret, sha256: str) -> bool:
        """Whether a file with that content held rows of a person who is erased."""
        return secret.of_content(sha256) in self.made

    def as_delivered(self, secret: Secret, sha256: str) -> Withheld:
        """With a file that lies there as it was delivered, also where an earlier copy of it was dropped."""
        name = secret.of_content(sha256)
        return replace(self, made={was: now for was, now in self.made.items() if was != name}) if name in self.made else self

    def with_file(self, secret: Secret, was: str, sha256: str, gone: Iterable[Gone]) -> Withheld:
        """With the content of a file (`was`) taken over by another; what came before of that file follows it."""
        made = {old: sha256 if new == was else new for old, new in self.made.items()} | {secret.of_content(was): sha256}
        kept = {name: said for name, said in self.gone.items() if name != was}
        if sha256:
            told = {one.contract: one for one in (*kept.get(sha256, ()), *gone)}
            kept[sha256] = tuple(told.values())
        return replace(self, made=made, gone=kept)


class Secret:
    """Keyed hashes for the list, under a key of their own: they are no pseudonyms."""

    def __init__(self, key: bytes) -> None:
        self._key = hmac.digest(key, b"oncomart withheld", "sha256")
        self._hashes = KeyedHashes(self._key, SIZE)

    def of(self, pseudonyms: pl.Series) -> pl.Series:
        """The hash of each pseudonym, of which none is null."""
        return self._hashes.of(pseudonyms)

    def of_content(self, sha256: str) -> str:
        """The hash of the content of a file."""
        return hmac.digest(self._key, f"content {sha256}".encode(), "sha256").hex()[: 2 * SIZE]


def withheld_path(landing: Path) -> Path:
    """Where the list of a landing folder stands."""
    return landing / NAME


def read_withheld(landing: Path) -> Withheld:
    """The list below a landing folder; empty where there is none. Raises RefusedError where it is damaged or was changed by hand."""
    path = withheld_path(landing)
    if not path.is_file():
        return Withheld()
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        check = told.pop(CHECK, None)
        persons = tuple(Person(one["since"], tuple(one["hashes"]), tuple(one.get("alike", ()))) for one in told["persons"])
        gone = {sha256: tuple(map(_gone, all_)) for sha256, all_ in told["gone"].items()}
        found = Withheld(persons, told["made"], gone, told["swept"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RefusedError(f"{path}: {DAMAGED}") from error
    if check not in (None, _check(told)):
        raise RefusedError(f"{path}: {CHANGED}")
    if not found and (found.made or found.gone or found.swept):  # somebody was erased, and nobody is named: she would be landed again
        raise RefusedError(f"{path}: {DAMAGED}")
    return found


def as_text(withheld: Withheld) -> bytes:
    """The list as it is written."""
    told = {
        "persons": [asdict(person) for person in withheld.persons],
        "made": dict(withheld.made),
        "gone": {sha256: [asdict(one) for one in all_] for sha256, all_ in withheld.gone.items()},
        "swept": withheld.swept,
    }
    return json.dumps(told | {CHECK: _check(told)}, indent=1, sort_keys=True).encode() + b"\n"


def gone_of(landing: Path, sha256: str, contract: str) -> Gone | None:
    """What a landed file holds no longer of what a contract read; None of nearly every file.

    Of a contract that was given another name since what the one of before read.
    """
    found = read_withheld(landing).gone.get(sha256, ())
    own = next((one for one in found if one.contract == contract), None)
    return replace(found[0], contract=contract) if own is None and len(found) == 1 else own


def accounted(ledger: pl.DataFrame, files: Mapping[str, Gone]) -> pl.DataFrame:
    """The ledger with the rows and records of erased persons, whose rows are not counted as blank ones. `files`: by name."""
    if not files:
        return ledger
    lines = [(name, *line) for name, gone in files.items() for line in gone.lines]
    more = pl.DataFrame(lines, schema=ledger.schema, orient="row")
    by = [name for name in ledger.columns if name != "n"]
    return pl.concat([ledger, more]).group_by(by, maintain_order=True).agg(pl.col("n").sum()).filter(pl.col("n") != 0)


def parts(withheld: Withheld, files: Iterable[tuple[str, Gone | None]]) -> Sequence[tuple[str, str, str]]:
    """What the list adds to the inputs of a release: the list itself, and what was taken out of each file (name and Gone)."""
    if not withheld:
        return ()
    told = [(name, json.dumps(asdict(gone), sort_keys=True), "withheld") for name, gone in files if gone is not None]
    return [("", withheld.digest, "withheld"), *told]


def _check(told: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _gone(told: Mapping[str, Any]) -> Gone:
    return Gone(told["contract"], tuple((a, b, c, d, n) for a, b, c, d, n in told["lines"]))
