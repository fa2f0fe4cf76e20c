"""Rows as delivered: those kept while a file is read are the rows that reading it again gives, without what names a person."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from landing_project import contract
from reading import landed
from test_read_excel import workbook
from test_read_naaccr_xml import WARD

from etl.readers import read, some_rows
from etl.worklists.raw_rows import hidden, kept, raw_rows
from schemas.contract import Contract

FIELDS: dict[str, Any] = {"id": {"required": True}, "name": {"identifier": True}, "stage": {}, "note": {"null_tokens": ("-",)}}
ROWS = [
    ("id", "name", "stage", "note"),
    ("1", "A", "IIA", "-"),
    ("2", "B", "", " seen "),
    ("", "", "", ""),
    ("Total", "", "", ""),
    ("3", "C", "IV", 4.5),
]


def ways(folder: Path, content: bytes, by: Contract, name: str, *numbers: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows kept while the file is read, and the rows read again."""
    file = landed(folder, content, by, name)
    packed = kept(read(file, by))
    assert packed is not None
    wanted = pl.DataFrame(
        {"source_file": [name] * len(numbers), "source_row": numbers}, schema={"source_file": pl.String, "source_row": pl.Int64}
    )
    return raw_rows([file], wanted, {name: packed}), raw_rows([file], wanted, {})


def test_keeps_the_rows_of_a_workbook_also_those_that_sum_up(tmp_path: Path) -> None:
    by = contract("ward", "w.xlsx", fields=FIELDS, format={"kind": "excel"})
    memory, again = ways(tmp_path, workbook(ROWS), by, "w.xlsx", 2, 3, 5, 6, 99)
    assert memory.rows() == again.rows()
    assert memory["source_row"].to_list() == [2, 3, 5, 6]
    assert memory["raw"][0] == '{"stage":"IIA","note":null}'


def test_keeps_the_rows_of_naaccr_xml(tmp_path: Path) -> None:
    fields = {"id": {"header": "patientIdNumber", "required": True}, "site": {"header": "primarySite"}, "sex": {}}
    by = contract("ward", "w.xml", fields=fields, format={"kind": "naaccr_xml"})
    memory, again = ways(tmp_path, WARD.encode(), by, "w.xml", *range(1, 25))
    assert memory.rows() == again.rows()
    assert memory.height == 3


def test_does_not_keep_the_rows_of_a_text(tmp_path: Path) -> None:
    by = contract("ward", "w.csv")
    assert kept(read(landed(tmp_path, b"id,stage\n1,IIA\n", by), by)) is None


TEXTS = {
    "plain": ("id,stage\n1,IIA\n\n2\n3,IV\n4,\n", {}),
    "quoted": ('id,stage\n1,"II, A"\n2,"a ""b"""\n3\n4,"two\nlines"\n5,IV\n', {}),
    "stray_quote": ('id,stage\n1,6" wide\n2,IIA\n3,"x"\n', {}),
    "with_footer": ("# made\nid,stage\n1,IIA\n2,IV\nsum,2\n", {"preamble_rows": 1, "footer_rows": 1}),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_cuts_the_rows_asked_for_as_when_all_are_cut(tmp_path: Path, kind: str) -> None:
    text, layout = TEXTS[kind]
    by = contract("ward", "w.csv", format=layout)
    file = landed(tmp_path, text.encode(), by)
    rows = read(file, by).rows
    for asked in ([2], [3, 5], list(range(1, 9))):
        wanted = pl.Series(asked, dtype=pl.Int64)
        assert some_rows(file, by, wanted).rows() == rows.filter(pl.col("source_row").is_in(wanted.implode())).rows()


SEVERAL: dict[str, Any] = {
    "id": {"required": True},
    "code": {"header": "VALUE"},
    "operation": {"header": "VALUE"},
    "who": {"header": "LABEL", "identifier": True},
    "label": {"header": "LABEL"},
    "born": {"header": "BORN", "identifier": "birth"},
    "birth_year": {"header": "BORN"},
    "name": {"header": "NAME_AND_BIRTH", "identifier": "name"},
    "date": {"header": "NAME_AND_BIRTH", "identifier": "birth"},
}


def test_gives_a_column_that_several_fields_read_once_and_not_where_one_of_them_names_a_person(tmp_path: Path) -> None:
    by = contract("ward", "w.csv", fields=SEVERAL)
    file = landed(tmp_path, b"id,VALUE,LABEL,BORN,NAME_AND_BIRTH\n1,wide,Ann,1960,Ann 1960\n", by)
    wanted = pl.DataFrame({"source_file": [file.name], "source_row": [2]})
    assert raw_rows([file], wanted, {}).select("raw", "birth").rows() == [('{"VALUE":"wide"}', '{"BORN":"1960"}')]
    assert set(hidden(by).values()) == {"id", "LABEL", "NAME_AND_BIRTH"}
