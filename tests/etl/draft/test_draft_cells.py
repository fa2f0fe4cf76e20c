"""What the cells of a column, and what its header says of them, tell `oncomart draft`."""

from __future__ import annotations

from pathlib import Path

import pytest
from drafts import draft_of


@pytest.mark.parametrize(
    ("sizes", "is_comma"),
    [(("1,4", "2", "0,9"), True), (("1,4", "2.1", "3"), False), (("1,400", "2,100", "3"), False), (("1.4", "2", "3"), False)],
)
def test_takes_a_decimal_comma_where_cells_prove_it_and_none_has_a_point(project: Path, sizes: tuple[str, ...], is_comma: bool) -> None:
    text = draft_of(project, "PID;Tumour size (cm)\n" + "".join(f"A{number};{size}\n" for number, size in enumerate(sizes)))
    assert ('delimiter: ";", decimal: ","}' in text) is is_comma


def test_takes_the_numbers_of_a_receptor_for_per_cent_where_its_header_says_so(project: Path) -> None:
    text = draft_of(project, "PID,ER (%),PR\nA1,90,positive\nA2,0,negative\nA3,40,positive\n")
    assert "result_code: {from: er, unit: percent}" in text
    assert "result_code: pr\n" in text


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        (["001", "2", "113"], "identifier: {kind: hospital_number, digits: 3}}  # 1 of 3 cells have lost zeros in front"),
        (["001", "002", "113"], "identifier: hospital_number}  # zeros in front: where another file of this source has lost them"),
        (["1", "2", "113"], "identifier: hospital_number}\n"),
        (["001", "02", "113"], "identifier: hospital_number}\n"),
        (["001", "2", "1134"], "identifier: hospital_number}\n"),
        (["A01", "02", "13"], "identifier: hospital_number}\n"),
    ],
)
def test_says_of_numbers_of_a_person_that_zeros_were_lost(project: Path, numbers: list[str], said: str) -> None:
    assert said in draft_of(project, "PID,Sex\n" + "".join(f"{number},f\n" for number in numbers))


def test_says_what_a_column_needs_whose_numbers_have_now_a_comma_now_a_point(project: Path) -> None:
    text = draft_of(project, "PID;Größe (mm)\nA1;14,5\nA2;9,5\nA3;12,5\nA4;1.8\n")
    assert 'but 3 of 4 cells cannot be read so; 3 have a decimal comma: give the field `decimal: ","`' in text


def test_says_of_a_number_that_half_of_the_rows_lack_how_many_have_none(project: Path) -> None:
    """Rows without a number are no cells that cannot be read."""
    text = draft_of(project, "Fallnr;KV-Nr;Status\nS1;;alive\n;A123456780;dead\nS3;;alive\n;B123456780;dead\n;C123456780;alive\n")
    says = "its header says that it names the person, but {} of 5 rows have none; where these have another number of hers"
    assert f'"Fallnr": {says.format(3)}' in text
    assert f'"KV-Nr": {says.format(2)}' in text
