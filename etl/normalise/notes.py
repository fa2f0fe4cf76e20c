"""What was not understood while one file is normalised: findings by cell, counts by edit, spellings for the registrar."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import groupby

import polars as pl

from etl.normalise.result import BINS, UNLISTED, UNMAPPED, UNREAD, WHY
from schemas.contract import Contract
from schemas.core.errors import few
from schemas.core.frames import EDIT_COUNTS, stack
from schemas.reading_edits import counts, findings
from schemas.vocabularies.lookup import BESIDE_UNLISTED

AMBIGUOUS = "ambiguous_spelling"
# Nor is anything suggested for what says two things, or is said of another receptor.
CONTRADICTION = "contradiction"
MOST_SUGGESTIONS = 200  # a column of free text mapped by mistake has thousands of spellings, and each search takes a while
CELL = ["edit", "record", "source_row", "columns"]


class Notes:
    """Collects what is met; nothing leaves it but file, row, header, edit and count, except `unmapped` (for internal/ only)."""

    def __init__(self, contract: Contract, source_file: str, source_key: int) -> None:
        self._contract, self._file, self._key = contract, source_file, source_key
        self._headers = {
            column: field.headers(name)[0] for name, field in reversed(contract.fields.items()) for column in field.columns(name)
        }
        self._met: dict[tuple[str, str, str], list[pl.Series]] = defaultdict(list)
        self._unmapped: list[pl.DataFrame] = []
        self._unlisted: list[pl.DataFrame] = []
        self._bins: list[pl.DataFrame] = []
        self._rejected: list[pl.DataFrame] = []
        self._texts = [pl.DataFrame(schema={"source_row": pl.Int64, "column": pl.String, "spelling": pl.String, "reason": pl.String})]
        self._understood: Counter[str] = Counter()
        self._empty: Counter[str] = Counter()
        self._doubted: Counter[str] = Counter()
        self._about: dict[str, list[str]] = defaultdict(list)

    def header(self, column: str) -> str:
        """The header of the export that makes a source column; the column itself where none does (a constant)."""
        return self._headers.get(column, column)

    def decimal(self, column: str) -> str:
        """How the numbers of a source column are written: with a point or a comma."""
        return self._contract.decimal_of(column)

    def judge(
        self, edit: str, record: str, column: str, rows: pl.DataFrame, is_understood: pl.Series, *, among: pl.Series | None = None
    ) -> None:
        """Count the cells of one source column by one edit and note those that are there and not understood.

        `rows` has `source_row` and the column; `is_understood` one boolean per row (ignored where the cell is empty). Where only some
        rows are looked at, `among` says which.
        """
        is_there = rows[column].is_not_null()
        present = is_there if among is None else is_there & among
        is_bad = present & ~is_understood
        n_present, n_bad = int(present.sum()), int(is_bad.sum())
        self._empty[edit] += (rows.height if among is None else int(among.sum())) - n_present
        self._understood[edit] += n_present - n_bad
        if not n_bad:
            return
        bad = rows.select("source_row", column).filter(is_bad)
        self._met[edit, record, self.header(column)].append(bad["source_row"])
        if edit != "NORM-UNMAPPED":  # those come with suggestions, see `spellings`
            header = pl.lit(self.header(column)).alias("column")
            texts = bad.select("source_row", header, pl.col(column).cast(pl.String).alias("spelling"), reason=pl.lit(edit))
            self._texts.append(texts.filter(pl.col("spelling") != ""))  # empty: told of a key, whose text is told elsewhere

    def doubt(self, edit: str, n: int) -> None:
        """Count `n` of the cells that `judge` took for understood as not judgeable: what would tell is missing."""
        self._doubted[edit] += n
        self._understood[edit] -= n

    def about_file(self, edit: str, words: list[str]) -> None:
        """Note one thing of the file as a whole, with the words of the contract that it names, each once."""
        self._about[edit] += [word for word in words if word not in self._about[edit]]

    def looked_up(
        self,
        column: str,
        domain: str,
        found: pl.DataFrame,
        nearest: Callable[[pl.Series], pl.DataFrame],
        why: Callable[[pl.DataFrame], pl.DataFrame],
    ) -> None:
        """Count the cells of one column by bin and reason, and note the spellings that no vocabulary knows, each with the nearest one.

        `found` has raw, context, n, bin and reason, one row per distinct text and context; `nearest` gives for texts raw, suggestion and
        code, `why` for rows of `found` their WHY, in their order.
        """
        place = self._place(column, domain)
        self.binned(column, domain, found)
        rejected = found.filter(pl.col("bin") == "rejected").sort("n", "raw", descending=[True, False])
        if not rejected.is_empty():
            unknown = rejected.select("raw", "context", "n").hstack(why(rejected.select("raw", "context", "reason")))
            # a spelling that means several things is known: the one most like it would be a third
            to_find = rejected.filter(~pl.col("reason").is_in([AMBIGUOUS, CONTRADICTION]))["raw"].unique(maintain_order=True)
            near = nearest(to_find.head(MOST_SUGGESTIONS)).unique("raw", keep="first", maintain_order=True)
            told = unknown.join(near, on="raw", how="left", maintain_order="left").rename({"raw": "spelling"})
            self._unmapped.append(
                told.with_columns(place).with_columns(pl.col("suggestion", "code", "context").fill_null("")).select(UNMAPPED.keys())
            )

    def beside_unlisted(self, column: str, domain: str, found: pl.DataFrame, words: Callable[[pl.Series], pl.Series]) -> None:
        """Note the texts of one column (raw, context, n, code, reason) that were read beside words no list knows; `words` gives them."""
        read = found.filter(pl.col("reason") == BESIDE_UNLISTED)
        if not read.is_empty():
            told = read.rename({"raw": "spelling"}).with_columns(words(read["raw"]).alias("words"), *self._place(column, domain))
            self._unlisted.append(
                told.select(pl.col(name).cast(kind) for name, kind in UNLISTED.items()).with_columns(pl.col("context").fill_null(""))
            )

    def unlisted(self) -> pl.DataFrame:
        """One row per header, domain and text that was read beside words that no list knows (UNLISTED), sorted."""
        by = [column for column in UNLISTED if column != "n"]
        counted = stack(self._unlisted, UNLISTED).group_by(by).agg(pl.col("n").sum())
        return counted.select(UNLISTED.keys()).sort("column", "domain", "spelling", "context")

    def binned(self, column: str, domain: str, found: pl.DataFrame) -> None:
        """Count the cells of one column (raw, n, bin, reason: a row per distinct text) by bin and reason."""
        counted = found.group_by("bin", "reason").agg(distinct=pl.col("raw").n_unique().cast(pl.Int64), n=pl.col("n").sum())
        self._bins.append(counted.with_columns(self._place(column, domain)).select(BINS.keys()))

    @property
    def keeps_cells(self) -> bool:
        """Whether rows of the file may be replaced, so that it is kept in which of them what was not understood stands."""
        return self._contract.delivery == "upsert"

    def rejected(self, column: str, domain: str, cells: pl.DataFrame) -> None:
        """Keep in which rows cells stand that `looked_up` or `binned` rejects, or `beside_unlisted` tells (source_row, spelling, context,
        reason): `keeps_cells`."""
        place = [pl.lit(self.header(column)).alias("column"), pl.lit(domain).alias("domain")]
        told = cells.with_columns(place).with_columns(pl.col("context").fill_null(""))
        self._rejected.append(told.select(pl.col(name).cast(kind) for name, kind in UNREAD.items()))

    def unread(self) -> pl.DataFrame:
        """One row per cell that was not understood (UNREAD); none of a file whose rows nothing replaces."""
        if not self.keeps_cells:
            return pl.DataFrame(schema=UNREAD)
        texts = pl.concat(self._texts).drop("reason").unique().with_columns(domain=pl.lit(""), context=pl.lit(""), reason=pl.lit(""))
        return stack([*self._rejected, texts.select(UNREAD.keys())], UNREAD)

    def _place(self, column: str, domain: str) -> list[pl.Expr]:
        """Contract, file, header and domain as constant columns."""
        said = {"contract": self._contract.contract, "source_file": self._file, "column": self.header(column), "domain": domain}
        return [pl.lit(value).alias(name) for name, value in said.items()]

    def bins(self) -> pl.DataFrame:
        """One row per header, domain, bin and reason (BINS), sorted; counts only."""
        by = [name for name, kind in BINS.items() if kind == pl.String]
        added = stack(self._bins, BINS).group_by(by).agg(pl.col("distinct").max(), pl.col("n").sum())
        return added.select(BINS.keys()).sort(by)

    def findings(self) -> pl.DataFrame:
        """One row per edit, record and cell (FINDINGS), sorted: by row first, for numbers are sorted sooner than texts."""
        found = [pl.DataFrame(schema=dict(zip(CELL, (pl.String, pl.String, pl.Int64, pl.String), strict=True)))]
        for (edit, record), headers in groupby(sorted(self._met), key=lambda cell: cell[:2]):
            rows = [(header, pl.concat(self._met[edit, record, header]).unique()) for _, _, header in headers]
            cells = pl.concat([rows.to_frame().with_columns(columns=pl.lit(header)) for header, rows in rows])
            place = cells.sort("source_row", maintain_order=True).with_columns(edit=pl.lit(edit), record=pl.lit(record))
            found.append(place.select(CELL))
        about = [("row", None, " ".join(few(words)), edit) for edit, words in self._about.items()]
        found.append(
            pl.DataFrame(
                about, {"record": pl.String, "source_row": pl.Int64, "columns": pl.String, "edit": pl.String}, orient="row"
            ).select(CELL)
        )
        return findings(pl.concat(found).with_columns(source_key=pl.lit(self._key, pl.Int64)))

    def counts(self, found: pl.DataFrame) -> pl.DataFrame:
        """One row per edit that met any cell (EDIT_COUNTS); `found` are the `findings`."""
        violated = dict(found.group_by("edit").len().iter_rows())
        edits = sorted({*self._understood, *self._empty, *violated})
        met = [
            counts(
                edit,
                violated=violated.get(edit, 0),
                satisfied=self._understood[edit],
                not_applicable=self._empty[edit],
                not_judgeable=self._doubted[edit],
            )
            for edit in edits
        ]
        return stack(met, EDIT_COUNTS)

    def unmapped(self) -> pl.DataFrame:
        """One row per header, domain and text that was not understood (UNMAPPED), sorted; texts that are no spellings have no domain."""
        by = [column for column in UNMAPPED if column not in ("n", *WHY)]
        texts = pl.concat(self._texts).group_by("source_row", "column", "spelling").agg(pl.col("reason").min())
        texts = texts.group_by("column", "spelling").agg(pl.col("reason").min(), n=pl.len().cast(pl.Int64))
        place = {"contract": self._contract.contract, "source_file": self._file, "domain": "", "code": "", "context": "", "suggestion": ""}
        place |= {"words": "", "would_read": ""}
        placed = texts.with_columns(pl.lit(value).alias(name) for name, value in place.items()).select(UNMAPPED.keys())
        return (
            stack([*self._unmapped, placed], UNMAPPED)
            .sort("reason", descending=True)  # read in two ways it is told once: an unlisted word before an unknown text
            .group_by(by)
            .agg(pl.col("n").sum(), pl.col(WHY).first())
            .select(UNMAPPED.keys())
            .sort("column", "domain", "spelling", "context")
        )
