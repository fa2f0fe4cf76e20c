"""A code of another organ is believed of a tumour of another organ only, wherever its site came from."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from etl.link import Linked
from etl.linking.of_its_organ import of_its_organ
from schemas.core.frames import EDIT_COUNTS, FINDINGS
from schemas.unread import texts
from schemas.vocabulary import Vocabularies, load

ROWS = "stage,IVA,IVA,Stage IVA,IV,IV\nm_category,M1a,M1a,M1a,M1,\n"
TUMOURS = [
    # site, stage, M, and what is believed of them
    ("C18", "IVA", "M1a", "IVA", "M1a"),
    ("C50.9", "IVA", "M1a", None, None),
    (None, "IVA", "M1", None, "M1"),
    ("C80.9", "IV", "M1a", "IV", None),
    ("C50.9", "IV", "M1", "IV", "M1"),
]


def linked() -> Linked:
    site, stage, m, _, _ = zip(*TUMOURS, strict=True)
    nothing = [None] * len(TUMOURS)
    columns = {"topography_code": site, "stage_code": stage, "m_code": m, "t_code": nothing, "n_code": nothing, "grade_code": nothing}
    keys = {"patient_key": range(1, 6), "record_key": range(1, 6), "source_row_id": range((7 << 32) + 2, (7 << 32) + 7)}
    texts_of = {name: pl.Series(values, dtype=pl.String) for name, values in columns.items()}
    tumours = pl.DataFrame({**texts_of, **{name: list(values) for name, values in keys.items()}})
    none = pl.DataFrame()
    return Linked({"tumour": tumours}, none, pl.DataFrame(schema=FINDINGS), pl.DataFrame(schema=EDIT_COUNTS), none, none, none, none)


def ours(tmp_path: Path) -> Vocabularies:
    folder = tmp_path / "vocabularies"
    folder.mkdir()
    folder.joinpath("ours.csv").write_text(f"domain,spelling,code,label,after,stage_class_code\n{ROWS}", encoding="utf-8")
    return load(folder)


def test_empties_and_tells_a_code_of_another_organ_where_the_tumour_may_be_of_the_breast(tmp_path: Path) -> None:
    found, unread = of_its_organ(linked(), ours(tmp_path))
    believed = found.records["tumour"].select("topography_code", "stage_code", "m_code").rows()
    assert believed == [(site, stage, m) for site, _, _, stage, m in TUMOURS]
    told = found.findings.select("edit", "record", "record_key", "source_row", "columns").rows()
    assert told == [
        ("LINK-ORGAN", "tumour", 2, 3, "stage_code m_code"),
        ("LINK-ORGAN", "tumour", 3, 4, "stage_code"),
        ("LINK-ORGAN", "tumour", 4, 5, "m_code"),
    ]
    assert found.counts.row(0)[2:] == (3, 0, 1, 1, 0), "of four with such a code three are not believed"
    assert texts(unread).rows() == [(2, " tumour.m_code tumour.stage_code "), (3, " tumour.stage_code "), (4, " tumour.m_code ")]


def test_leaves_alone_what_a_project_without_such_codes_has() -> None:
    given = linked()
    found, unread = of_its_organ(given, Vocabularies())
    assert found is given
    assert unread.is_empty()
