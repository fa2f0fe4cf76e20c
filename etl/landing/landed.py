"""What landing hands on: the files in force, the files passed over, and what was refused."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from etl.erase.withheld import Gone, gone_of
from etl.landing.manifest import Entry
from schemas.contract import Contract
from schemas.core import frames
from schemas.core.errors import RefusedError
from schemas.core.ids import source_key
from schemas.reading_edits import counts, findings

# Reasons of a notice: nothing that was expected is missing.
NO_CONTRACT, NEVER_DELIVERED = "no_contract", "never_delivered"
# Reason of a refusal of an earlier file, of a delivery of which all files count, that no release has used and that does not come any more.
NEVER_USED = "never_used"
# Reason of a refusal of files that were not read: which of them came last is not known.
UNCLEAR = "unclear_order"


@dataclass(frozen=True)
class LandedFile:
    """One delivered file: `name` is its path under the exports folder, `path` where its bytes lie now.

    `fate` is `goes_on` or `carried_forward` for a file that is read, else `superseded` or `already_landed`. `gone`: what it holds no
    longer of persons who are erased.
    """

    name: str
    sha256: str
    size: int
    path: Path
    contract: Contract
    first_seen: str
    fate: str
    gone: Gone | None = None

    @property
    def rows_gone(self) -> int:
        """Rows of data that it holds no longer."""
        return self.gone.rows if self.gone is not None else 0

    @property
    def source_key(self) -> int:
        """Key of the file in dim_source."""
        return source_key(self.name, self.sha256)


@dataclass(frozen=True)
class Refusal:
    """A file or a delivery that is not used: which file or contract, why (a word and a sentence), and what is carried forward instead.

    A notice about the whole load (`expectation_not_met`) has the same form and names neither file nor contract.

    `contract`: the one that reads the file, blank-separated where several match it.
    `sha256`: of a file that was landed and then could not be read; its copy is kept and may be tried again.
    """

    source_file: str
    contract: str
    reason: str
    message: str
    carried_forward: str = ""
    sha256: str = ""

    def concerns(self, contract: str) -> bool:
        """Whether the file or delivery is one of that contract."""
        return contract in self.contract.split()


class NoGoodDeliveryError(RefusedError):
    """A required source has no good delivery; `refusals` says everything that was not used."""

    def __init__(self, message: str, refusals: tuple[Refusal, ...]) -> None:
        self.refusals = refusals
        super().__init__(message)


@dataclass(frozen=True)
class Landing:
    """What is in force (`files`, to be read in this order), what is not, what was refused, and what is only noticed.

    A refusal is something expected that is not used. `notices`: a stray file (`no_contract`), an optional contract of which
    nothing ever came (`never_delivered`).
    """

    files: tuple[LandedFile, ...]
    passed_over: tuple[LandedFile, ...]
    refusals: tuple[Refusal, ...]
    notices: tuple[Refusal, ...] = ()

    @property
    def ledger(self) -> pl.DataFrame:
        """The lines of stage `land`, unit `file`."""
        used = [(file.name, "land", "file", file.fate, "", 1) for file in (*self.files, *self.passed_over)]
        refused = [(r.source_file, "land", "file", "refused", r.reason, 1) for r in (*self.refusals, *self.notices) if r.source_file]
        return frames.ledger([*used, *refused]).sort("source_file", "fate", "reason")

    @property
    def parts(self) -> tuple[tuple[str, str, str], ...]:
        """Everything of the landing that a release is a function of: name, content (or why there is none) and fate of each file."""
        used = [(file.name, file.sha256, file.fate) for file in (*self.files, *self.passed_over)]
        unused = [(r.source_file or r.contract, r.message, r.reason) for r in (*self.refusals, *self.notices)]
        return tuple(sorted((*used, *unused)))

    @property
    def findings(self) -> pl.DataFrame:
        """One notice per file that no contract reads (READ-NO-CONTRACT). Its file is no source, so no key names it."""
        return findings(pl.DataFrame({"record": ["file"] * self._stray}, schema={"record": pl.String}), "READ-NO-CONTRACT")

    @property
    def counts(self) -> pl.DataFrame:
        """How many delivered files a contract reads, and how many none does (EDIT_COUNTS)."""
        matched = len([file for file in self.files if file.fate == "goes_on"]) + len(self.passed_over)
        return counts("READ-NO-CONTRACT", violated=self._stray, satisfied=matched, not_applicable=0)

    @property
    def _stray(self) -> int:
        return sum(notice.reason == NO_CONTRACT for notice in self.notices)


def landed_file(landing: Path, entry: Entry, contract: Contract, fate: str) -> LandedFile:
    """The file of one manifest entry below the landing folder."""
    gone = gone_of(landing, entry.sha256, contract.contract)
    return LandedFile(entry.name, entry.sha256, entry.size, entry.path(landing), contract, entry.first_seen, fate, gone)
