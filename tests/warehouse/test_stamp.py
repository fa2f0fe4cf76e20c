"""A sheet of paper leaves its folder behind: whatever is printed says of which release it is."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from small_registry import SURVIVAL, registry, study
from test_figure import drawn, picture

from warehouse import study_figures
from warehouse.stamp import CLOSED, Stamp
from warehouse.studies import publish_studies
from warehouse.survival.figure import in_words
from warehouse.survival.figure_layout import KaplanMeierFigure
from warehouse.tables import PrintedTable, html_page, workbook

LINE = "Study small, registry tiny, release 000000000000, data as of 2018-01-01, oncomart 0"
WOMEN = [
    {"treatment_start": 0, "stage_code": "I", "contacts": [{"contact": 30 * n, "death": 30 * n, "vital_status_code": "dead"}]}
    for n in range(1, 9)
]
PARTS: dict[str, Any] = {
    "table_1": ({"variable": "stage", "label": "Stage", "level": "stage_code"},),
    "table_2": {"arm": "rest", "order_by": "stage_code", "columns": ({"column": "a", "label": "A", "text": "stage_code"},)},
    "endpoints": (SURVIVAL,),
    "ticks_months": (0, 6),
}


def test_names_study_registry_release_day_and_version() -> None:
    stamp = Stamp("outcome", "ward", "3050a75702fe", "2018-01-12", "0.1.0+8a1b2c3d4e5f")
    said = "Study outcome, registry ward, release 3050a75702fe, data as of 2018-01-12, oncomart 0.1.0+8a1b2c3d4e5f"
    assert (stamp.line(), stamp.line(is_closed=True)) == (said, f"{said}; {CLOSED}")


@pytest.mark.parametrize("min_cell", [1, 5])
def test_stands_on_everything_that_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, min_cell: int) -> None:
    figures: list[str] = []

    def kept(figure: KaplanMeierFigure, stem: Path) -> None:
        figures.append(figure.stamp)

    monkeypatch.setattr(study_figures, "write_figure", kept)
    made = study(**PARTS, min_cell=min_cell, min_cell_reason="it is a test")
    with registry(tmp_path, *WOMEN) as con:
        publish_studies(con, [made], tmp_path / "share", tmp_path / "internal", is_simulated=False)
    for side in ("share", "internal"):
        pages = [path for kind in ("html", "svg", "md") for path in (tmp_path / side).rglob(f"*.{kind}") if "figures" not in path.parts]
        names = {path.name for path in pages}
        whole = {"table_1.html", "survival.html", "cohort_counts.svg", "methods.md"}
        assert names == (whole if side == "share" else {"table_2.html"} | (whole if min_cell > 1 else set()))
        for page in pages:
            # an SVG breaks the line; what is in internal/ says so
            text = " ".join(re.sub(r"<[^>]*>", " ", page.read_text(encoding="utf-8")).split())
            assert LINE in text, page.name
            assert (f"{LINE}; {CLOSED}" in text) == (side == "internal"), page.name
    assert figures == [LINE if min_cell == 1 else f"{LINE}; {CLOSED}"]  # of eight women no curve is shared


def test_stands_under_the_figure_and_in_its_words() -> None:
    made = picture("One", "Other", stamp=LINE, among="Only women with: recurrence")
    words = [text.get_text() for text in drawn(made).texts]
    assert LINE in words and "Only women with: recurrence." in words
    assert in_words(made).endswith(f"The numbers stand in the tables of this folder. {LINE}")


def test_stands_under_a_table_once_and_under_each_sheet_of_paper() -> None:
    table = PrintedTable("t", "T", "S", ["a"], [("plain", ["1"])], stamp="ward & <release>")
    assert html_page(table).count('<p class="stamp">ward &amp; &lt;release&gt;</p>') == 1
    assert '@bottom-left { content: "ward \\26  \\3c release\\3e "; ' in html_page(table)  # in the margin of each printed sheet
    bare = html_page(PrintedTable("t", "T", "S", ["a"], [("plain", ["1"])]))
    assert 'class="stamp"' not in bare
    assert "@bottom-left" not in bare
    with ZipFile(BytesIO(workbook(table))) as book:
        assert "&amp;L&amp;8ward &amp;&amp; &lt;release&gt;" in book.read("xl/worksheets/sheet1.xml").decode()
