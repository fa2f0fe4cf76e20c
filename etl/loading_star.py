"""The star of one release filled from the routed records, and beside it the libraries imported that the next steps need."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from etl.loading_parts import Parts
from etl.setting import Setting
from validations.expectations import import_engine
from validations.late_import import late
from warehouse.build import build
from warehouse.inputs import BuildInputs
from warehouse.publish import ReleaseFolder
from warehouse.runs import code_version
from warehouse.studies import import_libraries

# What the libraries of the studies import for regressions and for icons, which no study asks for.
NEVER_ASKED = ("formulaic", "faicons")


def built(parts: Parts, findings: pl.DataFrame) -> tuple[dict[str, int], Callable[[], None]]:
    """Fill the star; gives the rows of each of its tables, and what waits until the libraries are imported that the studies need."""
    given, routed = parts.given, parts.routed
    inputs = BuildInputs(
        routed.records,
        findings,
        parts.ledger.filter(pl.col("stage") != "load"),
        of_loaded(parts.linked.lineage, routed.quarantine),
        parts.sources,
        _release_row(parts.release, given),
        given.project.vocabularies,
        routed.quarantine.select("record", "record_key"),
        parts.unread,
    )
    begun: list[Callable[[], None]] = []
    rows = build(parts.release.warehouse, inputs, given.duckdb, spend=True, spent=lambda: begun.append(parts.beside.begin(_imported)))

    def imported() -> None:
        for each in begun:
            each()

    return rows, imported


def of_loaded(lineage: pl.DataFrame, quarantine: pl.DataFrame) -> pl.LazyFrame:
    """The lineage without the records that are not loaded, of which there are few: no join of all lines with all records.

    Lazy, so that it is copied when most of the records are in the warehouse and not before.
    """
    fell = pl.col("record_key").is_in(quarantine["record_key"].implode())
    few = lineage.filter(fell)
    if few.is_empty():
        return lineage.lazy()
    kept = few.with_columns(pl.col("record").cast(pl.String)).join(quarantine, on=["record", "record_key"], how="anti")
    others = kept.with_columns(pl.col("record").cast(lineage.schema["record"]))
    return pl.concat([lineage.lazy().filter(~fell), others.lazy()])


def _imported() -> None:
    """What the studies and then the expectations import, by one thread: two that import may meet half a module."""
    with late(*NEVER_ASKED):
        import_libraries()
    import_engine()


def _release_row(release: ReleaseFolder, given: Setting) -> dict[str, object]:
    registry = given.project.registry
    return {
        "run_id": release.run_id,
        "registry": registry.registry,
        "as_of": given.as_of,
        "code_version": code_version(),
        "is_simulated": registry.is_simulated,
    }
