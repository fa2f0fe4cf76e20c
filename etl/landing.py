"""What landing hands on: the files in force, the files passed over, and what was refused."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from etl.manifest import Entry
from schemas.contract import Contract
from schemas.core import frames
from schemas.core.ids import source_key
from schemas.reading_edits import counts, findings


@dataclass(frozen=True)
class LandedFile:
    """One delivered file: `name` is its path under the exports folder, `path` where its bytes lie now.

    `fate` is `goes_on` or `carried_forward` for a file that is read, else `superseded` or `already_landed`.
    """

    name: str
    sha256: str
    size: int
    path: Path
    contract: Contract
    first_seen: str
    fate: str

    @property
    def source_key(self) -> int:
        """Key of the file in dim_source."""
        return source_key(self.name, self.sha256)


@dataclass(frozen=True)
class Refusal:
    """Something expected that is not used: which file or contract, why (a word and a sentence), what stands in for it."""

    source_file: str
    contract: str
    reason: str
    message: str
    carried_forward: str = ""


@dataclass(frozen=True)
class Landing:
    """What is in force (`files`, to be read in this order), what is not, and what was refused."""

    files: tuple[LandedFile, ...]
    passed_over: tuple[LandedFile, ...]
    refusals: tuple[Refusal, ...]

    @property
    def ledger(self) -> pl.DataFrame:
        """The lines of stage `land`, unit `file`."""
        used = [(file.name, "land", "file", file.fate, "", 1) for file in (*self.files, *self.passed_over)]
        refused = [(r.source_file, "land", "file", "refused", r.reason, 1) for r in self.refusals if r.source_file]
        return frames.ledger([*used, *refused]).sort("source_file", "fate", "reason")

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
        return sum(refusal.reason == "no_contract" for refusal in self.refusals)


def landed_file(landing: Path, entry: Entry, contract: Contract, fate: str) -> LandedFile:
    """The file of one manifest entry below the landing folder."""
    return LandedFile(entry.name, entry.sha256, entry.size, entry.path(landing), contract, entry.first_seen, fate)
