"""Codes that a project added for tumours of other organs (stage, T, N, M, grade) are believed of those only.

A cell is read before it is known where the tumour is: its site may come from another file. `IVA` at the breast is then not understood,
as it is where no project knows the code, and so it is where the site is not known, for the tumour may be of the breast.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from etl.link import Linked
from schemas.core.frames import EDIT_COUNTS, FINDINGS, stack
from schemas.core.ids import located
from schemas.reading_edits import counts, findings
from schemas.stage import of_another_organ
from schemas.unread import CELLS
from schemas.vocabularies.added_codes import OF_TUMOUR
from schemas.vocabulary import Vocabularies

EDIT, RECORD, SITE = "LINK-ORGAN", "tumour", "topography_code"


def of_its_organ(linked: Linked, vocabularies: Vocabularies) -> tuple[Linked, pl.DataFrame]:
    """What was linked with such codes emptied and told, and CELLS of what is not understood so.

    A stage derived from an emptied part stays empty, as it was made of the code that no table has.
    """
    own = {column: vocabularies.added(domain) for column, domain in OF_TUMOUR.items()}
    own = {column: codes for column, codes in own.items() if codes}
    tumours = linked.records[RECORD]
    if not own:
        return linked, pl.DataFrame(schema=CELLS)
    elsewhere = of_another_organ(pl.col(SITE))
    has = {column: pl.col(column).cast(pl.String).is_in(sorted(codes)).fill_null(value=False) for column, codes in own.items()}
    asked = int(tumours.select(pl.any_horizontal(has.values()).sum()).item())
    if not asked:
        return linked, pl.DataFrame(schema=CELLS)
    is_foreign = {column: has_it & ~elsewhere for column, has_it in has.items()}
    foreign = tumours.filter(pl.any_horizontal(is_foreign.values()))
    columns = pl.concat_str([pl.when(told).then(pl.lit(column)) for column, told in is_foreign.items()], separator=" ", ignore_nulls=True)
    told = findings(located(foreign).with_columns(record=pl.lit(RECORD), columns=columns), EDIT)
    counted = counts(EDIT, violated=foreign.height, satisfied=asked - foreign.height, not_applicable=tumours.height - asked)
    emptied = tumours.with_columns(pl.when(~told).then(column).alias(column) for column, told in is_foreign.items())
    cells = [foreign.filter(told).select("patient_key", record=pl.lit(RECORD), column=pl.lit(name)) for name, told in is_foreign.items()]
    made = replace(
        linked,
        records={**linked.records, RECORD: emptied},
        findings=stack([linked.findings, told], FINDINGS).sort("edit", "record", "source_key", "source_row", "columns"),
        counts=stack([linked.counts, counted], EDIT_COUNTS),
    )
    return made, stack(cells, CELLS)
