"""What a reader of `share/studies` can subtract: `python -m tests.derivable RELEASE [AN_EARLIER_RELEASE …] [--min-cell 5]`.

The reader knows of each shown count who it is of, as its words say it, and takes counts from one another: all studies of a release, and of
several releases, whose women are found again by their pseudonyms. Nothing here is taken from what hides them. Listed are counts that are
small and stand, hidden small counts that are what is left of shown ones, and differences of few between two studies or two nights
(docs/studies.md says what of these is promised). A list that is empty proves no more than that: curves, medians, means and tests are not
looked at, and no linear program is asked.
"""

from __future__ import annotations

import argparse
import re
import sys
import zipfile
from collections.abc import Iterator, Mapping
from html import unescape
from itertools import combinations
from pathlib import Path

import duckdb
import polars as pl

# Women as bits of a number: the sets of thousands of counts are compared.
Women = int
Sets = Mapping[str, Women]
# A count in a printed cell, and in a sentence.
CELL = re.compile(r"(?:.*\bn\s=\s|.*: )?(\d+)(?: \(\d+(?:\.\d+)?\)?)?")
SAID = re.compile(r"\b(\d+) (?:of|women|patients|persons|subjects|events|deaths)\b")
XLSX_CELL = re.compile(r'<c r="([A-Z]+)\d+"([^>]*)><v>([^<]*)</v>')
# Letters of a figure are drawn; what they say stands beside them as a comment.
SVG_TEXT = re.compile(r"(?:<text\b[^>]*>|<!-- )([^<]+?)(?= -->|<)")
COUNTED = ("n", "missing", "not_applicable")


def _rows(file: Path) -> list[dict[str, str | None]]:
    return pl.read_csv(file, infer_schema=False).rows(named=True) if file.is_file() else []


def counts(con: duckdb.DuckDBPyConnection, folder: Path) -> Iterator[tuple[str, str | None, str]]:
    """The counts that the files of one study hold: name, value (None: hidden) and the query for the women behind it."""
    behind = dict(con.sql("select number_id, subjects_sql from mart_number").fetchall())
    named = [(row["number_id"], row["n"]) for row in _rows(folder / "cohort_counts.csv")]
    named += [(row["number_id"], row["value"]) for row in _rows(folder / "table_1.csv") if row["statistic"] in COUNTED]
    named += [(row["number_id"], row["at_risk"]) for row in _rows(folder / "at_risk.csv")]
    for row in _rows(folder / "survival.csv"):
        named += [(str(row["number_id"]).replace(".median_days.", f".{name}."), row[name]) for name in ("n", "events")]
    yield from ((str(name), value, behind[name]) for name, value in named if name in behind)
    yield from _events(folder)


def _events(folder: Path) -> Iterator[tuple[str, str | None, str]]:
    """Events up to each tick at which a curve stands, as if S(t) told them; of exact files those of the day."""
    for name, value, cause in (("km", "survival", None), ("cuminc", "incidence", "cause")):
        for row in (row for row in _rows(folder / f"{name}.csv") if row["analysis"] == "as_published"):
            arm = "true" if row["arm"] == "all" else f"arm = '{row['arm']}'"
            met = "is_event" if cause is None else f"cause = '{row[cause]}'"
            of = f"from mart_time_to_event where study = '{folder.name}' and endpoint = '{row['endpoint']}' and is_among"
            begun = f"{arm} and {met} and coalesce(cut_off_state, '') <> 'not_begun'"
            by = f"select patient_key {of} and {begun} and point_days <= {row['days']}"
            yield f"events by {row['number_id']}", row[value], by


def women(con: duckdb.DuckDBPyConnection, folder: Path, place: dict[str, int]) -> tuple[dict[str, Women], set[str]]:
    """By name the women behind each count of a folder of studies, and which of them stand. `place`: the bit of each pseudonym, added to."""
    known = dict(con.sql("select patient_key, patient_pseudonym from dim_patient").fetchall())
    found, shown = dict[str, Women](), set[str]()
    for study in sorted(path for path in folder.iterdir() if path.is_dir()):
        for name, value, query in counts(con, study):
            keys = {known.get(key, str(key)) for (key, *_) in con.sql(query).fetchall()}
            found[name] = sum(1 << place.setdefault(key, len(place)) for key in keys)
            shown |= {name} if value is not None else set()
    return found, shown


def told(hidden: Sets, shown: Sets, min_cell: int) -> Iterator[str]:
    """The hidden small counts that are what is left of two, three or four shown ones."""
    by_women = dict[Women, str]()
    for name, group in shown.items():
        by_women.setdefault(group, name)
    left = {whole & ~part: (whole, part) for whole in by_women for part in by_women if part & whole == part and part != whole}
    for name, few in hidden.items():
        if not 0 < few.bit_count() < min_cell:
            continue
        if few in by_women:
            yield f"{name} is {by_women[few]}"
        elif few in left:
            yield f"{name} is {' - '.join(by_women[one] for one in left[few])}"
        elif parts := _of_three(few, by_women, left):
            yield f"{name} is {parts}"


def _of_three(few: Women, by_women: Mapping[Women, str], left: Mapping[Women, tuple[Women, Women]]) -> str:
    for rest, (whole, part) in left.items():
        if few & rest == few and (other := rest & ~few) in by_women:
            return f"{by_women[whole]} - {by_women[part]} - {by_women[other]}"
        if not few & rest and (more := few | rest) in by_women:
            return f"{by_women[more]} - ({by_women[whole]} - {by_women[part]})"
    return ""


def differences(one: Sets, other: Sets, min_cell: int) -> Iterator[str]:
    """Counts of two studies or nights of which one is of all women of the other and of a few more."""
    for (name, few), (beside, many) in ((a, b) for a in one.items() for b in other.items()):
        if few and many and few & many in (few, many) and 0 < (n := (few ^ many).bit_count()) < min_cell:
            yield f"{n}: {name} and {beside}"


def printed(folder: Path, min_cell: int) -> Iterator[str]:
    """Small whole numbers that stand as a count in a printed table, a figure or a text, beside the label of their row, where no median or
    mean of Table 1 has that text."""
    for file in sorted(path for path in folder.rglob("*") if path.suffix in (".html", ".svg", ".xlsx", ".txt", ".md")):
        rows = _rows(file.parent / "table_1.csv")
        other = {str(row["text"]) for row in rows if row["statistic"] not in COUNTED}
        for text in (text for text in _texts(file) if text not in other):
            numbers = [CELL.fullmatch(text), *SAID.finditer(text)]
            if any(found and 0 < int(found[1]) < min_cell for found in numbers):
                yield f"{file.relative_to(folder)}: {text[:120]}"


def _texts(file: Path) -> Iterator[str]:
    """The texts of a file; of a table without the first cell of each row, which is a label."""
    if file.suffix == ".xlsx":
        with zipfile.ZipFile(file) as book:
            pages = {name: book.read(name).decode() for name in book.namelist()}
        words = re.findall(r"<si>.*?<t[^>]*>([^<]*)</t>", pages.get("xl/sharedStrings.xml", ""))
        cells = (found for name, page in pages.items() if "/sheet" in name for found in re.findall(XLSX_CELL, page))
        yield from (unescape(words[int(value)] if 't="s"' in kind else value) for column, kind, value in cells if column != "A")
    elif file.suffix == ".html":
        rows = re.findall(r"<tr\b.*?</tr>", file.read_text("utf-8"), re.DOTALL)
        yield from (unescape(text).strip() for row in rows for text in re.findall(r"<t[dh]\b[^>]*>([^<]*)", row)[1:])
        yield from (unescape(text).strip() for text in re.findall(r"<(?:p|li)\b[^>]*>([^<]+)", file.read_text("utf-8")))
    elif file.suffix == ".svg":
        yield from (unescape(text).strip() for text in re.findall(SVG_TEXT, file.read_text("utf-8")))
    else:
        yield from file.read_text("utf-8").splitlines()


def listed(releases: list[tuple[duckdb.DuckDBPyConnection, Path]], min_cell: int) -> Iterator[str]:
    """Everything that is found in some releases, the newest first, one line each."""
    place, nights = dict[str, int](), list[tuple[dict[str, Women], dict[str, Women]]]()
    for number, (con, release) in enumerate(releases):
        exact, shown = women(con, release / "share" / "studies", place)
        before = f"{number} night(s) before: " if number else ""
        stand = {before + name: group for name, group in exact.items() if name in shown}
        nights.append((stand, {before + name: group for name, group in exact.items() if name not in shown}))
        yield from (f"stands      {name}" for name, group in stand.items() if 0 < group.bit_count() < min_cell)
        yield from (f"printed     {before}{line}" for line in printed(release / "share" / "studies", min_cell))
        studies = {name: {of: group for of, group in stand.items() if _study(of) == name} for name in sorted({*map(_study, stand)})}
        for one, other in combinations(studies.values(), 2):
            yield from (f"two studies {line}" for line in differences(one, other, min_cell))
    for one, other in combinations([stand for stand, _ in nights], 2):
        yield from (f"two nights  {line}" for line in differences(one, other, min_cell))
    every = {name: group for stand, _ in nights for name, group in stand.items()}
    yield from (f"told        {line}" for line in told({n: g for _, gone in nights for n, g in gone.items()}, every, min_cell))


def _study(name: str) -> str:
    return name.rpartition(" ")[2].partition(".")[0]


def main(words: list[str]) -> int:
    """Prints what is found; 1 where something is."""
    asked = argparse.ArgumentParser(prog="python -m tests.derivable", description="what a reader of share/ can subtract")
    asked.add_argument("release", nargs="+", type=Path)
    asked.add_argument("--min-cell", type=int, default=5)
    given = asked.parse_args(words)
    opened = [(duckdb.connect(str(release / "warehouse.duckdb"), read_only=True), release) for release in given.release]
    found = [*listed(opened, given.min_cell)]
    print("\n".join(found) if found else "nothing that can be subtracted")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
