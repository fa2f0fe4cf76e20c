"""The sheets of the simulated registry as files."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from etl.simulate.sheets import Sheet
from etl.simulate.workbook import column_letters, write_workbook

TITLE = "Hospital A - breast unit - treatment (simulated)"
# Words that group the columns of the workbook in its first header row; what follows them stands in the second.
GROUPS = (
    "Surgery 1", "Surgery 2", "Surgery 3", "Surgery 4", "Chemotherapy", "Trastuzumab", "Radiation", "Hormonal", "After Recurrence",
    "After Metastasectomy", "After Progression",
)  # fmt: skip


def write_sheet(sheet: Sheet, exports: Path) -> None:
    """Write one file below `exports`."""
    path = exports / sheet.name
    path.parent.mkdir(parents=True, exist_ok=True)
    if sheet.form.kind == "xlsx":
        above, merged = header_rows(sheet)
        write_workbook(path, above, sheet.rows.select(sheet.columns), merged)
    else:
        path.write_bytes(_bytes(sheet))


def _bytes(sheet: Sheet) -> bytes:
    end = sheet.form.line_end
    below = [line.format(rows=sheet.rows.height) for line in sheet.form.below]
    lines = pl.concat([pl.Series("line", part, dtype=pl.String) for part in (list(sheet.form.above), sheet.lines()["line"], below)])
    text = str(lines.str.join(end).item()) + end
    return sheet.form.mark + text.encode(sheet.form.encoding)


def header_rows(sheet: Sheet) -> tuple[list[list[str]], list[str]]:
    """Title row and two header rows of the workbook, and the ranges of merged cells."""
    names = sheet.columns
    group = [next((g for g in sorted(GROUPS, key=len, reverse=True) if name.startswith(f"{g} ")), "") for name in names]
    upper = [g if g and (place == 0 or group[place - 1] != g) else "" for place, g in enumerate(group)]
    lower = [name.removeprefix(f"{g} ") if g else name for name, g in zip(names, group, strict=True)]
    title = [TITLE, *([""] * (len(names) - 1))]
    merged = [f"A1:{column_letters(len(names) - 1)}1"]
    for place, g in enumerate(upper):
        last = place
        while g and last + 1 < len(names) and group[last + 1] == g:
            last += 1
        if last > place:
            merged.append(f"{column_letters(place)}2:{column_letters(last)}2")
    return [title, upper, lower], merged
