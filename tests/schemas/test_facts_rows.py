"""Rows of a file of facts: each stands on its line, a row without any text is none."""

from pathlib import Path

import pytest

from schemas.core.errors import ConfigurationError
from schemas.corrections import COLUMNS, read_corrections
from schemas.facts import parse
from schemas.vocabulary import load


def test_a_row_of_empty_cells_is_skipped_like_an_empty_line_and_the_others_keep_their_lines() -> None:
    rows, mistakes = parse("a,b\n1,2\n,\n\n , ,\n3,4\n5\n", "x.csv", ("a",))
    assert [(row.line, row["a"]) for row in rows] == [(2, "1"), (6, "3")]
    assert [(one.line, one.message) for one in mistakes] == [(7, "1 cells where the header has 2")]


def test_an_emptied_line_of_corrections_is_not_told() -> None:
    read = read_corrections(",".join(COLUMNS) + "\n" + "," * (len(COLUMNS) - 1) + "\n", [], None)
    assert (read.corrections, read.unusable, read.mistakes) == ((), (), ())


def test_semicolons_or_tabs_of_a_spreadsheet_are_read_where_only_so_the_header_has_every_column() -> None:
    for sign in ";\t":
        rows, mistakes = parse(f"a{sign}b\n1,5{sign}2\n", "x.csv", ("a", "b"))
        assert (rows[0]["a"], rows[0]["b"], mistakes) == ("1,5", "2", [])
    assert [one.message for one in parse("a;c,b\n", "x.csv", ("a", "b"))[1]] == ["column a is missing"]


def test_a_list_that_is_no_utf_8_is_told_with_what_to_do(tmp_path: Path) -> None:
    tmp_path.joinpath("words.csv").write_bytes("domain,spelling,code\nstage,Zwei-Ä,IIA\n".encode("cp1252"))
    with pytest.raises(ConfigurationError, match=r"words\.csv:2: the file is not UTF-8 text \(save it with the encoding UTF-8"):
        load(tmp_path)
