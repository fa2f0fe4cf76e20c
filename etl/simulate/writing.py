"""The sheets of the simulated registry as files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

import polars as pl

from etl.simulate.sheets import Form, Sheet
from etl.simulate.workbook import column_letters, write_workbook

SLICE = 200_000  # rows of a text file that are written at once
TITLE = "Hospital A - breast unit - treatment (simulated)"
# What one sheet of Excel holds.
MOST_ROWS = 1_048_576
# Words that group the columns of the workbook in its first header row; what follows them stands in the second.
GROUPS = (
    "Surgery 1", "Surgery 2", "Surgery 3", "Surgery 4", "Chemotherapy", "Trastuzumab", "Radiation", "Hormonal", "After Recurrence",
    "After Metastasectomy", "After Progression",
)  # fmt: skip


def cut(sheets: Mapping[str, Sheet]) -> dict[str, Sheet]:
    """The sheets by the names of their files; what does not fit one sheet of Excel goes on in `treatment_2.xlsx` and so on."""
    made: dict[str, Sheet] = {}
    for name, sheet in sheets.items():
        fits = MOST_ROWS - len(sheet.form.above)
        if sheet.form.kind != "xlsx" or sheet.rows.height <= fits:
            made[name] = sheet
            continue
        for number, rows in enumerate(sheet.rows.iter_slices(fits), start=1):
            made[_numbered(name, number)] = replace(sheet, name=_numbered(name, number), rows=rows)
    return made


def _numbered(name: str, number: int) -> str:
    path = PurePosixPath(name)
    return name if number == 1 else str(path.with_stem(f"{path.stem}_{number}"))


def relabelled(sheets: Mapping[str, Sheet], defects: pl.DataFrame) -> pl.DataFrame:
    """The labels with the files and rows of the sheets as `cut` leaves them; `defects` counts rows as if a sheet had no end."""
    for name, sheet in sheets.items():
        above = len(sheet.form.above)
        fits = MOST_ROWS - above
        if sheet.form.kind == "xlsx" and sheet.rows.height > fits:
            part, mine = (pl.col("row") - above - 1) // fits, pl.col("file") == name
            names = {number: _numbered(name, number + 1) for number in range(-(-sheet.rows.height // fits))}
            defects = defects.with_columns(
                file=pl.when(mine).then(part.replace_strict(names, default=name, return_dtype=pl.String)).otherwise("file"),
                row=pl.when(mine).then(pl.col("row") - part * fits).otherwise("row"),
            )
    return defects


def write_sheet(sheet: Sheet, exports: Path) -> None:
    """Write one file below `exports`."""
    path = exports / sheet.name
    path.parent.mkdir(parents=True, exist_ok=True)
    if sheet.form.kind == "xlsx":
        above, merged = header_rows(sheet)
        write_workbook(path, above, sheet.rows.select(sheet.columns), merged)
    else:
        with path.open("wb") as file:
            file.writelines(_parts(sheet))


def _parts(sheet: Sheet) -> Iterator[bytes]:
    """The file in parts, so that the text of a large one is never in memory as a whole."""
    form = sheet.form
    yield form.mark + _encoded(pl.Series(form.above, dtype=pl.String), form)
    for start in range(0, sheet.rows.height, SLICE):
        lines = _encoded(sheet.with_rows(sheet.rows.slice(start, SLICE)).lines()["line"], form)
        is_last = start + SLICE >= sheet.rows.height and not form.below
        yield lines.removesuffix(form.line_end.encode(form.encoding)) if is_last and not form.ends_last else lines
    yield _encoded(pl.Series([line.format(rows=sheet.rows.height) for line in form.below], dtype=pl.String), form)


def _encoded(lines: pl.Series, form: Form) -> bytes:
    return (str(lines.str.join(form.line_end).item()) + form.line_end).encode(form.encoding) if len(lines) else b""


def header_rows(sheet: Sheet) -> tuple[list[list[str]], list[str]]:
    """Title row and two header rows of the workbook, and the ranges of merged cells of them and of the data."""
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
    for row, first, past in sheet.merged():
        merged.append(f"{column_letters(names.index(first))}{row}:{column_letters(names.index(past))}{row}")
    return [title, upper, lower], merged
