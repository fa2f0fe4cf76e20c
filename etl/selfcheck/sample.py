"""What the laws are tried on: whole persons of the current release, chosen by a seed, with all their rows from the landed files."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

import duckdb
import polars as pl

from etl.landing.landed import LandedFile
from etl.selfcheck.text_export import TextExport, cut
from warehouse.explain import locked

LINES = {"patient_key": pl.Int64, "source_file": pl.String, "source_row": pl.Int64}


@dataclass(frozen=True)
class Sample:
    """The exports that are tried. texts: those that can be cut into rows; whole: the others, by name, with why they cannot.

    lines: LINES of everybody in it; n: how many persons; of: how many the release has.
    """

    texts: tuple[TextExport, ...]
    whole: Mapping[str, tuple[LandedFile, str]]
    lines: pl.DataFrame
    n: int
    of: int

    def only_texts(self) -> Sample:
        """The same without the files that cannot be cut."""
        return replace(self, whole={})

    def write(self, folder: Path, texts: Iterable[TextExport] | None = None) -> None:
        """The exports folder, with other texts where they are given."""
        for name, (file, _) in self.whole.items():
            _put(folder / name, file.path.read_bytes())
        for text in self.texts if texts is None else texts:
            _put(folder / text.name, text.content())


def sampled(release: Path, landed: Iterable[LandedFile], women: int, seed: int) -> Sample:
    """Half of those chosen are analysed in a study, where so many are; of `women` or fewer persons every file is taken as it is, but for
    rows of upserted ones that deliver nothing.
    """
    with locked(release / "warehouse.duckdb") as con:
        everybody, analysed = _persons(con)
        kept_back = _kept_back(release)
        everybody = sorted({*everybody, *kept_back["patient_key"]})
        chosen = _chosen(everybody, analysed, women, seed)
        lines = pl.concat([_lines(con, chosen), kept_back.filter(pl.col("patient_key").is_in(chosen))]).unique().sort(*LINES)
    made = {file.name: (file, cut(file)) for file in landed}
    texts = [text for _, text in made.values() if isinstance(text, TextExport)]
    wanted = {(name, line) for name, line in lines.select("source_file", "source_row").iter_rows()}
    # a row that another file's replaces tells of nobody, and would be in force again where that one is taken out
    cut_out = {name for name, (file, _) in made.items() if len(chosen) < len(everybody) or file.contract.delivery == "upsert"}
    texts = [t.with_rows(row for row in t.rows if (t.name, row.line) in wanted) if t.name in cut_out else t for t in texts]
    whole = {name: (file, text) for name, (file, text) in made.items() if isinstance(text, str)}
    return Sample(tuple(text for text in texts if text.rows), whole, lines, len(chosen), len(everybody))


def _persons(con: duckdb.DuckDBPyConnection) -> tuple[list[int], list[int]]:
    everybody = con.sql("select patient_key from dim_patient order by patient_key").fetchall()
    analysed = con.sql("select distinct patient_key from mart_subject where is_analysed order by patient_key").fetchall()
    return [key for (key,) in everybody], [key for (key,) in analysed]


def _chosen(everybody: list[int], analysed: list[int], women: int, seed: int) -> list[int]:
    """So many persons, in order; everybody where there are no more."""
    if len(everybody) <= women:
        return everybody
    draw = random.Random(seed)
    first = set(draw.sample(analysed, min(len(analysed), women // 2)))
    others = [key for key in everybody if key not in first]
    return sorted(first | set(draw.sample(others, women - len(first))))


def _lines(con: duckdb.DuckDBPyConnection, chosen: list[int]) -> pl.DataFrame:
    con.register("wanted_person", pl.DataFrame({"patient_key": pl.Series(chosen, dtype=pl.Int64)}).to_arrow())
    text = files("etl").joinpath("selfcheck", "lines.sql").read_text(encoding="utf-8")
    return pl.DataFrame(con.sql(text).to_arrow_table()).cast(LINES)  # type: ignore[arg-type]


def _kept_back(release: Path) -> pl.DataFrame:
    """LINES of what edits keep back: that has no lineage in the warehouse."""
    rows = pl.read_parquet(release / "internal" / "quarantine.parquet", columns=["patient_key", "raw_rows"]).explode("raw_rows")
    told = pl.col("raw_rows").struct
    named = rows.select("patient_key", told.field("source_file"), told.field("source_row"))
    return named.drop_nulls().cast(LINES)  # type: ignore[arg-type]


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
