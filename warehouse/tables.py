"""Printed tables: one HTML page that opens offline and one Excel file, both the same bytes from run to run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

from warehouse.files import write_text

HEAD, LEVEL, PLAIN = "head", "level", "plain"
# xlsxwriter writes the day it runs unless told another; this one is the first its format can hold in every zip tool.
CREATED = datetime(1980, 1, 1)
INK, QUIET, ALARM = "#1a1a1a", "#5c5c5c", "#9c2f00"
# Lines that great_tables draws and a journal does not.
BARE = (
    "table_body_hlines", "table_body_vlines", "heading_border_bottom", "table_border_top", "table_border_bottom", "table_body_border_top",
)  # fmt: skip
# A number with its share or range stays on one line, and what it is of stays in sight on a narrow screen.
NUMBERS = """.gt_table tbody td + td { white-space: nowrap; } .gt_table td:first-child, .gt_table th:first-child { min-width: 8rem; }
.gt_table th + th { overflow-wrap: anywhere; min-width: 6rem; }
@media screen and (max-width: 40rem) {
  .gt_table tbody td:first-child { position: sticky; left: 0; background: #fff; } .gt_table th + th { min-width: 8rem; }
}"""
# Without a name the paper is that of the country a browser takes itself to be in, and pages break elsewhere.
PRINT = "@page { size: A4; }"
# Ten columns of words do not fit on an upright page.
WIDE_PRINT = """@page { size: A4 landscape; margin: 12mm; }
  .gt_table { font-size: 10px !important; } .gt_table td, .gt_table th { padding: 2px 4px !important; }"""
# The release stands in the lower margin of each sheet, where a browser prints margin boxes (Chromium 131 and later); else at the end alone.
EACH_SHEET = """
  @page {{ margin: 12mm 12mm 16mm; @bottom-left {{ content: "{stamp}"; font: 8px Helvetica, Arial, sans-serif; color: #5c5c5c; }} }}"""
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ margin: 2rem auto; padding: 0 1rem; max-width: {width}; background: #fff; color: #1a1a1a; }}
.banner {{ font: 600 0.85rem/1.4 "Helvetica Neue", Helvetica, Arial, sans-serif; color: #9c2f00; margin: 0 0 0.8rem; }}
.stamp {{ font: 0.7rem/1.4 "Helvetica Neue", Helvetica, Arial, sans-serif; color: #5c5c5c; margin: 0.8rem 0 0; }}
.scroll {{ overflow-x: auto; }} .scroll > div {{ overflow: visible !important; }}
.gt_table .gt_title {{ font-weight: 600 !important; }}
.gt_table td, .gt_table th {{ font-variant-numeric: tabular-nums; }}
{cells}
@media print {{
  body {{ margin: 0; padding: 0; max-width: none; }} .gt_table tr {{ break-inside: avoid; }}
  /* what scrolls on a screen would be cut off on paper: shown whole, the browser prints it smaller */
  .scroll {{ overflow: visible; }}
  /* the notes end the table and not each page of it; a group's head stays with its first row */
  .gt_table tfoot {{ display: table-row-group; }} .gt_table tr:has(> td:first-child[style*="font-weight: 600"]) {{ break-after: avoid; }}
  {print}{sheet}
}}
</style>
</head>
<body>
{banner}<div class="scroll" tabindex="0" role="region" aria-label="{title}">
{table}
</div>
{stamp}</body>
</html>
"""


@dataclass(frozen=True)
class PrintedTable:
    """A table as a reader sees it. `rows`: (kind, cells), kind head, level or plain; the first cell names the row."""

    name: str
    title: str
    subtitle: str
    heads: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]
    notes: Sequence[str] = ()
    banner: str = ""
    wide: bool = False
    # Which release it is of (warehouse.stamp).
    stamp: str = ""


def write_table(table: PrintedTable, stem: Path) -> None:
    """Writes `stem`.html and `stem`.xlsx."""
    write_text(stem.with_suffix(".html"), html_page(table))
    stem.with_suffix(".xlsx").write_bytes(workbook(table))


def html_page(table: PrintedTable) -> str:
    """The table as a page of its own: every text escaped, no script, nothing fetched."""
    banner = f'<p class="banner">{escape(table.banner)}</p>\n' if table.banner else ""
    made = _great_table(table).as_raw_html(inline_css=False)
    width, cells, printed = ("100%", "", WIDE_PRINT) if table.wide else ("56rem", NUMBERS, PRINT)
    stamp = f'<p class="stamp">{escape(table.stamp)}</p>\n' if table.stamp else ""
    sheet = EACH_SHEET.format(stamp=_css_text(table.stamp)) if table.stamp else ""
    parts = {"banner": banner, "table": made, "stamp": stamp, "width": width, "cells": cells, "print": printed, "sheet": sheet}
    return PAGE.format(title=escape(table.title), **parts)


def _css_text(text: str) -> str:
    """A text between the quotation marks of a style sheet: every sign that could end it, or the sheet, by its number."""
    return "".join(sign if sign.isalnum() or sign in " ,.;:_-+" else f"\\{ord(sign):x} " for sign in text)


def _great_table(table: PrintedTable) -> Any:
    from great_tables import GT, loc, style  # noqa: PLC0415  # 1 s

    names = [f"c{place}" for place in range(len(table.heads))]
    cells = [list(cells) for _, cells in table.rows]
    frame = pl.DataFrame(cells, schema=dict.fromkeys(names, pl.String), orient="row")
    kinds = [kind for kind, _ in table.rows]
    heads_of = dict(zip(names, table.heads, strict=True))
    made = GT(frame, id=table.name).cols_label(heads_of).tab_header(title=table.title, subtitle=table.subtitle)
    made = made.cols_align("left", columns=names if table.wide else names[:1])
    if not table.wide:
        made = made.cols_align("center", columns=names[1:])
    for note in table.notes:
        made = made.tab_source_note(note)
    heads, levels = ([place for place, kind in enumerate(kinds) if kind == wanted] for wanted in (HEAD, LEVEL))
    made = made.tab_style(style.css("padding-left: 1.6em;"), loc.body(columns=names[:1], rows=levels))
    made = made.tab_style(style.css("padding-top: 0.65em;"), loc.body(rows=[place for place, kind in enumerate(kinds) if kind != LEVEL]))
    made = made.tab_style(style.css("font-weight: 600;"), loc.body(columns=names[:1], rows=heads))
    if table.wide:
        made = made.tab_style(style.css("vertical-align: top;"), loc.body())
    return made.tab_options(**_look(table))


def _look(table: PrintedTable) -> dict[str, str | list[str]]:
    """Three rules and nothing else: above and below the heads, below the last row."""
    strong, light = {"style": "solid", "width": "1.5px", "color": INK}, {"style": "solid", "width": "0.8px", "color": INK}
    ruled = {"column_labels_border_top": strong, "column_labels_border_bottom": light, "table_body_border_bottom": strong}
    rules = {f"{part}_{key}": value for part, rule in ruled.items() for key, value in rule.items()}
    return {
        **{f"{part}_style": "none" for part in BARE}, **rules,
        "table_font_names": ["Helvetica Neue", "Helvetica", "Arial", "sans-serif"], "table_font_color": INK,
        "table_font_size": "13px" if table.wide else "14px", "heading_align": "left", "heading_title_font_size": "17px",
        "heading_subtitle_font_size": "13px", "column_labels_font_weight": "600", "data_row_padding": "3px",
        "source_notes_font_size": "12px", "source_notes_padding": "2px", "table_width": "100%", "table_margin_left": "0",
        "table_background_color": "#ffffff",
    }  # fmt: skip


def workbook(table: PrintedTable) -> bytes:
    """The table as an Excel file: texts stay texts, whatever sign they begin with."""
    import xlsxwriter  # noqa: PLC0415

    buffer = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"title": table.title, "created": CREATED})
    sheet = book.add_worksheet(table.name[:31])
    looks = _formats(book, table)
    line = _title_lines(sheet, looks, table)
    sheet.freeze_panes(line + 1, 1)
    sheet.repeat_rows(line)  # the heads of the columns, on each sheet of paper
    for column, head in enumerate(table.heads):
        sheet.write_string(line, column, head, looks["first_column" if not column else "column"])
    for number, (kind, cells) in enumerate(table.rows, start=1):
        last = "_last" if number == len(table.rows) else ""
        for column, cell in enumerate(cells):
            sheet.write_string(line + number, column, cell, looks[(kind if not column else "cell") + last])
    _finish_sheet(sheet, looks, table, line + len(table.rows) + 1)
    book.close()
    return buffer.getvalue()


def _formats(book: Any, table: PrintedTable) -> dict[str, Any]:
    base: dict[str, object] = {"font_name": "Arial", "font_size": 10, "valign": "top", "text_wrap": table.wide}
    centre: dict[str, object] = {} if table.wide else {"align": "center"}
    kinds: dict[str, dict[str, object]] = {"cell": centre, HEAD: {"bold": True}, LEVEL: {"indent": 1}, PLAIN: {}}
    looks = {name: book.add_format(base | more) for name, more in kinds.items()}
    looks |= {f"{name}_last": book.add_format(base | more | {"bottom": 2}) for name, more in kinds.items()}
    ruled = base | {"bold": True, "top": 2, "bottom": 1, "text_wrap": True}
    # of columns, not of a group of rows (HEAD)
    looks |= {"first_column": book.add_format(ruled), "column": book.add_format(ruled | centre)}
    looks["title"] = book.add_format({"font_name": "Arial", "font_size": 12, "bold": True})
    looks["note"] = book.add_format({"font_name": "Arial", "font_size": 9, "font_color": QUIET})
    looks["banner"] = book.add_format({"font_name": "Arial", "font_size": 10, "bold": True, "font_color": ALARM})
    return looks


def _title_lines(sheet: Any, looks: dict[str, Any], table: PrintedTable) -> int:
    lines = [(table.banner, "banner"), (table.title, "title"), (table.subtitle, "note")]
    shown = [(text, look) for text, look in lines if text]
    for line, (text, look) in enumerate(shown):
        sheet.write_string(line, 0, text, looks[look])
    return len(shown) + 1


def _finish_sheet(sheet: Any, looks: dict[str, Any], table: PrintedTable, line: int) -> None:
    for number, note in enumerate((*table.notes, *filter(None, (table.stamp,)))):
        sheet.write_string(line + number, 0, note, looks["note"])
    if table.stamp:  # under each sheet of paper; a foot of a sheet holds 255 signs
        sheet.set_footer(f"&L&8{table.stamp[:200].replace('&', '&&')}"[:255])
    for column, head in enumerate(table.heads):
        longest = max([len(head), *(len(cells[column]) for _, cells in table.rows)])
        sheet.set_column(column, column, min(34 if table.wide else 44, max(10, longest + 2)))
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
