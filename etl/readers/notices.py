"""What was noticed about a file and its rows while it was read: findings, and counts by edit (reading_edits.csv)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from etl.readers.parsed import CellNotice
from schemas.core import frames
from schemas.core.errors import few
from schemas.reading_edits import counts, findings

ROW_EDITS = {
    "ragged": "READ-RAGGED", "malformed": "READ-MALFORMED", "line_length": "READ-LINE-LENGTH", "tab": "READ-TAB",
    "repeated_item": "READ-REPEATED-ITEM", "total_row": "READ-TOTAL", "header_again": "READ-HEADER-AGAIN",
    "other_table": "READ-OTHER-TABLE",
}  # fmt: skip
FILE_EDITS = ("READ-EXTRA-COLUMN", "READ-ABSENT-COLUMN", "READ-NO-LINE-END")
# Of some kinds of file only: counted where they were met.
MORE_FILE_EDITS = (
    "READ-FOUND-OUT", "READ-SHORT-LINE", "READ-OTHER-SHEET", "READ-MERGED-CELL", "READ-ONE-LINE", "READ-TORN-TEXT", "READ-EPOCH",
)  # fmt: skip


@dataclass
class Notices:
    """`refused`: lines of refused rows by reason, `whole`: rows that go on, `about_file`: edit to the headers it names.

    `cells`: what was met in single cells, each with the header of its column. `told`: by reason what is said of each refused row.
    """

    source_key: int
    whole: int
    refused: dict[str, list[int]]
    about_file: dict[str, list[str]] = field(default_factory=dict)
    cells: list[tuple[str, CellNotice]] = field(default_factory=list)
    told: dict[str, list[str]] = field(default_factory=dict)

    def findings(self) -> pl.DataFrame:
        """One row per refused row, and one per thing noticed about the file as a whole (FINDINGS)."""
        rows = [
            findings(_refused(self.refused[reason], self.told.get(reason)), edit)
            for reason, edit in ROW_EDITS.items()
            if reason in self.refused
        ]
        for header, notice in self.cells:
            met = pl.DataFrame({"source_row": notice.rows}, schema={"source_row": pl.Int64})
            rows.append(findings(met.with_columns(columns=pl.lit(header)), notice.edit))
        about = pl.DataFrame(
            [{"edit": edit, "columns": listed(headers) or None} for edit, headers in self.about_file.items()],
            schema={"edit": pl.String, "columns": pl.String},
        )
        found = frames.stack([*rows, findings(about)], frames.FINDINGS)
        return found.with_columns(record=pl.lit("row"), source_key=pl.lit(self.source_key, pl.Int64))

    def counts(self) -> pl.DataFrame:
        """One row per edit (EDIT_COUNTS): rows judged for the first two, the file itself for the others."""
        rows = self.whole + sum(map(len, self.refused.values()))
        judged = [self._counted(edit, len(self.refused[reason]), rows) for reason, edit in ROW_EDITS.items() if reason in self.refused]
        judged += [self._counted(edit, int(edit in self.about_file), 1) for edit in FILE_EDITS]
        judged += [self._counted(edit, 1, 1) for edit in MORE_FILE_EDITS if edit in self.about_file]
        judged += [self._counted(notice.edit, len(notice.rows), notice.judged) for _, notice in self.cells]
        return frames.stack(judged, frames.EDIT_COUNTS)

    @staticmethod
    def _counted(edit: str, violated: int, judged: int) -> pl.DataFrame:
        return counts(edit, violated=violated, satisfied=judged - violated, not_applicable=0)


def listed(headers: Iterable[str]) -> str:
    """Headers as a finding about a file names them."""
    return " ".join(few(headers))


def _refused(rows: list[int], told: list[str] | None) -> pl.DataFrame:
    columns = told if told is not None else [None] * len(rows)
    return pl.DataFrame({"source_row": rows, "columns": columns}, schema={"source_row": pl.Int64, "columns": pl.String})
