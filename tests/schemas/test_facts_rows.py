"""Rows of a file of facts: each stands on its line, a row without any text is none."""

from schemas.corrections import COLUMNS, read_corrections
from schemas.facts import parse


def test_a_row_of_empty_cells_is_skipped_like_an_empty_line_and_the_others_keep_their_lines() -> None:
    rows, mistakes = parse("a,b\n1,2\n,\n\n , ,\n3,4\n5\n", "x.csv", ("a",))
    assert [(row.line, row["a"]) for row in rows] == [(2, "1"), (6, "3")]
    assert [(one.line, one.message) for one in mistakes] == [(7, "1 cells where the header has 2")]


def test_an_emptied_line_of_corrections_is_not_told() -> None:
    read = read_corrections(",".join(COLUMNS) + "\n" + "," * (len(COLUMNS) - 1) + "\n", [], None)
    assert (read.corrections, read.unusable, read.mistakes) == ((), (), ())
