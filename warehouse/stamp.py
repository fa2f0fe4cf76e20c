"""What a printed figure or table says of where it comes from: a sheet of paper leaves its folder and its file name behind."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
from sqlglot import exp

from warehouse import ddl, mart

# Of what stands in internal/: it has another copy with small counts hidden, or one row per woman.
CLOSED = "internal, not to be shared"


@dataclass(frozen=True)
class Stamp:
    """One study of one release. All of it is known before anything is estimated: a run_id is a hash of what goes in."""

    study: str
    registry: str
    run_id: str
    as_of: str
    code_version: str

    def line(self, *, is_closed: bool = False) -> str:
        """The words under a figure or table; `is_closed`: it stands in internal/ because it may not be shared."""
        of = f"Study {self.study}, registry {self.registry}, release {self.run_id}, data as of {self.as_of}, oncomart {self.code_version}"
        return f"{of}; {CLOSED}" if is_closed else of


def stamp(con: duckdb.DuckDBPyConnection, study: str) -> Stamp:
    """The stamp of a study of the release that this warehouse is; the table `release` has one row."""
    names = ("registry", "run_id", "as_of", "code_version")
    found = mart.frame(con, exp.select(*map(ddl.field, names)).from_(ddl.named("release"))).row(0, named=True)
    return Stamp(study, found["registry"], found["run_id"], found["as_of"].isoformat(), found["code_version"])
