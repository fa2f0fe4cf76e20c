"""For each finding, the rows of each source that deliver a column the finding is about.

One row per finding, record, column and row of a file (TOLD); a row may deliver a column and leave its cell empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from etl.normalise.treatment_grammar import SAID
from schemas.column_map import ANY, column_map
from schemas.contract import Contract
from validations.concerned import Concerned
from validations.report.registry_measures import PLACED

# `header`: the headers under which the cell may stand, separated by " | "; empty where the rule sets the column without a cell.
DELIVERS = dict.fromkeys(("contract", "rule", "column", "header"), pl.String)
TOLD: dict[str, type[pl.DataType]] = {
    "finding_id": pl.String, "edit": pl.String, "is_own": pl.Boolean, "record": pl.String, "record_key": pl.Int64, "column": pl.String,
    "source": pl.String, "source_file": pl.String, "source_row": pl.Int64, "sha256": pl.String, "header": pl.String,
}  # fmt: skip
ABOUT = {"edit": pl.String, "is_own": pl.Boolean, "record": pl.String, "column": pl.String}


def delivers(contracts: Iterable[Contract]) -> pl.DataFrame:
    """One row per contract, rule, column that the rule delivers and field that makes it (DELIVERS).

    The cell of a grammar delivers every column that the grammar tells of (SAID) and no mapping of its rule sets.
    """
    given = column_map(contracts)
    named = given.filter(pl.col("column") != ANY)
    free = given.filter(pl.col("column") == ANY).select("contract", "rule", "record", "header")
    filled = free.join(pl.DataFrame({"column": SAID}), how="cross").join(named, on=["contract", "rule", "column"], how="anti")
    return pl.concat([frame.select(DELIVERS.keys()) for frame in (named, filled)]).unique(maintain_order=True)


def named_columns() -> pl.Expr:
    """The columns that a finding names, without what follows them in brackets."""
    return pl.col("columns").str.extract_all(PLACED).list.eval(pl.element().str.extract(PLACED, 1))


def telling(findings: pl.DataFrame, places: pl.DataFrame, compared: Mapping[str, Concerned], contracts: Iterable[Contract]) -> pl.DataFrame:
    """TOLD of these findings. `places`: concerned.PLACES with source, source_file, sha256 and contract.

    `compared` says what a compiled edit is about; a finding of the linkage names its own columns.
    """
    edits = places.join(findings.select("finding_id", "edit", "columns"), on="finding_id", how="inner").filter(pl.col("rule").is_not_null())
    about = [(edit, True, "", column) for edit, says in compared.items() for column in says.own]
    about += [(edit, False, kind, column) for edit, says in compared.items() for kind, column in says.others]
    wanted = pl.DataFrame(about, schema=ABOUT, orient="row")
    own = edits.filter("is_own").join(wanted.filter("is_own").drop("record", "is_own"), on="edit")
    others = edits.filter(~pl.col("is_own")).join(wanted.filter(~pl.col("is_own")).drop("is_own"), on=["edit", "record"])
    linked = edits.filter("is_own", ~pl.col("edit").is_in(wanted["edit"].unique().implode())).with_columns(column=named_columns())
    linked = linked.explode("column")
    said = pl.concat([frame.drop("columns") for frame in (own, others, linked)], how="diagonal_relaxed")
    return said.join(delivers(contracts), on=["contract", "rule", "column"]).select(TOLD.keys()).unique(maintain_order=True)
