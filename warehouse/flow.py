"""The flow diagram of a cohort (STROBE): how many women came in, where some left, how many each arm has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from unicodedata import east_asian_width
from xml.etree import ElementTree as Xml

import polars as pl

from warehouse.cohort import ANALYSED, NO_TUMOUR
from warehouse.numbers import ALL, HELD, LEFT, UNDETERMINED
from warehouse.suppressing.cells import SUPPRESSED
from warehouse.tables import INK, QUIET

FONT = "'DejaVu Sans', 'Helvetica Neue', Arial, sans-serif"
LINE, FILL, SIDE = "#4d4d4d", "#ffffff", "#f5f5f5"
BOX_WIDTH, SIDE_WIDTH, ARM_WIDTH, GAP, LINE_HEIGHT, PAD, MARGIN = 300, 250, 236, 26, 17, 11, 20
# Letters that fit into a box at 13 px, bold.
LETTERS = {BOX_WIDTH: 35, SIDE_WIDTH: 30, ARM_WIDTH: 27}
# Rows of those who come to no step; each has its box beside the first arrow.
OUTSIDE = (HELD, NO_TUMOUR)
Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """One box of the diagram: its place, its lines, how many of them are bold and from which on they are small."""

    x: float
    y: float
    width: int
    lines: tuple[str, ...]
    bold: int
    small_from: int
    fill: str = FILL

    @property
    def height(self) -> float:
        """Height in pixels."""
        return 2 * PAD + LINE_HEIGHT * len(self.lines)


def flow_svg(
    counts: pl.DataFrame, title: str, banner: str = "", *, hidden: str = SUPPRESSED, notes: Sequence[str] = (), stamp: str = ""
) -> str:
    """The diagram of cohort counts (columns step, label, parent, arm, n) as SVG text; `hidden` stands where n is null.

    Under it stand the `notes`, and which release it is of (`stamp`).
    """
    counts = counts.with_columns(told=pl.col("n").cast(pl.String).fill_null(hidden))
    arms = counts.filter(pl.col("step") == ANALYSED, pl.col("arm") != ALL)
    width = max(len(arms) * (ARM_WIDTH + GAP) - GAP, BOX_WIDTH + 2 * (GAP + SIDE_WIDTH)) + 2 * MARGIN
    drawing: list[Xml.Element] = []
    y = 34.0 + (20 if banner else 0)
    last = _steps(drawing, counts, width / 2, y)
    bottom = _notes(drawing, notes, width, _arms(drawing, counts, arms, width, last))
    bottom = _notes(drawing, [stamp] if stamp else [], width, bottom + (10 if stamp else 0), quiet=True)
    return _document(drawing, width, bottom + MARGIN, title, banner)


def _steps(drawing: list[Xml.Element], counts: pl.DataFrame, centre: float, y: float) -> Box:
    """The column of boxes with those who left beside it; gives the last box."""
    steps = counts.filter(pl.col("arm") == ALL, ~pl.col("step").str.contains(".", literal=True), ~pl.col("step").is_in(OUTSIDE))
    last: Box | None = None
    for row in steps.iter_rows(named=True):
        sides = _left(counts, row, is_second=last is not None and row["parent"] == steps["step"][0])
        if row["step"] == ANALYSED and last is not None and not sides:
            continue  # those left at the last step are the analysed ones
        if last is not None:
            top = last.y + last.height + 14
            for lines in sides:
                side = Box(centre + BOX_WIDTH / 2 - 40, top, SIDE_WIDTH, lines, 0, 0, SIDE)
                _line(drawing, (centre, side.y + side.height / 2), (side.x, side.y + side.height / 2), arrow=True)
                _draw(drawing, side)
                top = side.y + side.height + 14
            y = max(last.y + last.height + GAP, top)
        box = _box((centre - BOX_WIDTH / 2, y), BOX_WIDTH, row["label"], row["told"])
        if last is not None:
            _line(drawing, (centre, last.y + last.height), (centre, box.y), arrow=True)
        _draw(drawing, box)
        last = box
    assert last is not None
    return last


def _left(counts: pl.DataFrame, row: dict[str, object], *, is_second: bool) -> list[tuple[str, ...]]:
    """The lines of each box beside the arrow to a step: who was held or had no tumour (before the second), who left at it."""
    names = [*(OUTSIDE if is_second else ()), f"{row['step']}{LEFT}"]
    found = [counts.filter(pl.col("step") == name, pl.col("arm") == ALL) for name in names]
    doubtful = counts.filter(pl.col("step") == f"{row['step']}{UNDETERMINED}")["told"]
    boxes = []
    for name, here in zip(names, found, strict=True):
        if not here.height or here["n"][0] == 0:
            continue
        lines = [here["label"][0], f"n = {here['told'][0]}"]
        if name.endswith(LEFT) and doubtful.len():
            lines.append(f"Cannot be judged: {doubtful[0]}")
        if name == HELD:
            parts = counts.filter(((pl.col("step") == HELD) & (pl.col("arm") != ALL)) | (pl.col("parent") == HELD))
            lines += [f"{label}: {n}" for label, n in parts.select("label", "told").iter_rows()]
        boxes.append(tuple(part for line in lines for part in _lines(line, LETTERS[SIDE_WIDTH])))
    return boxes


def _arms(drawing: list[Xml.Element], counts: pl.DataFrame, arms: pl.DataFrame, width: float, last: Box) -> float:
    """The arms side by side with their groups; gives the lowest edge."""
    total = len(arms) * (ARM_WIDTH + GAP) - GAP
    y = last.y + last.height + 2 * GAP
    bottom, middle = y, last.y + last.height + GAP
    centres = [(width - total) / 2 + place * (ARM_WIDTH + GAP) + ARM_WIDTH / 2 for place in range(len(arms))]
    _line(drawing, (width / 2, last.y + last.height), (width / 2, middle))
    _line(drawing, (centres[0], middle), (centres[-1], middle))
    for centre, row in zip(centres, arms.iter_rows(named=True), strict=True):
        _line(drawing, (centre, middle), (centre, y), arrow=True)
        box = _box((centre - ARM_WIDTH / 2, y), ARM_WIDTH, row["label"], row["told"], _groups(counts, row["arm"]))
        _draw(drawing, box)
        bottom = max(bottom, box.y + box.height)
    return bottom


def _notes(drawing: list[Xml.Element], notes: Sequence[str], width: float, bottom: float, *, quiet: bool = False) -> float:
    """Small lines under the arms, `quiet` ones smaller still; gives the lowest edge."""
    size = {"font-size": "10", "fill": QUIET} if quiet else {"font-size": "11.5"}
    for line in (part for note in notes for part in _lines(note, int(width / 6))):
        bottom += LINE_HEIGHT
        text = Xml.Element("text", {"x": _px(width / 2), "y": _px(bottom + 6), "text-anchor": "middle", **size})
        text.text = line
        drawing.append(text)
    return bottom


def _groups(counts: pl.DataFrame, arm: str) -> list[str]:
    groups = counts.filter(pl.col("parent") == ANALYSED, pl.col("arm") == arm, (pl.col("n") > 0) | pl.col("n").is_null())
    return [part for row in groups.iter_rows(named=True) for part in _lines(f"{row['label']}: {row['told']}", LETTERS[ARM_WIDTH] + 4)]


def _box(place: Point, width: int, label: str, n: str, more: Sequence[str] = ()) -> Box:
    head = _lines(label, LETTERS[width])
    return Box(place[0], place[1], width, (*head, f"n = {n}", *more), len(head), len(head) + 1)


def _lines(text: str, letters: int) -> list[str]:
    """A text in lines; a Chinese, Japanese or Korean letter is as wide as two others."""
    doubled = "".join(f"\0{letter}" if east_asian_width(letter) in "WF" else letter for letter in text)
    return [line.replace("\0", "") for line in wrap(doubled, letters)]


def _draw(drawing: list[Xml.Element], box: Box) -> None:
    place = {"x": _px(box.x), "y": _px(box.y), "width": _px(box.width), "height": _px(box.height)}
    drawing.append(Xml.Element("rect", {**place, "rx": "3", "fill": box.fill, "stroke": LINE, "stroke-width": "1"}))
    for number, line in enumerate(box.lines):
        small = number >= box.small_from
        at = {"x": _px(box.x + box.width / 2), "y": _px(box.y + PAD + 13 + number * LINE_HEIGHT), "text-anchor": "middle"}
        look = {"font-weight": "600"} if number < box.bold else {"font-size": "11.5"} if small else {}
        text = Xml.Element("text", {**at, **look})
        text.text = line
        drawing.append(text)


def _line(drawing: list[Xml.Element], start: Point, end: Point, *, arrow: bool = False) -> None:
    ends = {"x1": _px(start[0]), "y1": _px(start[1]), "x2": _px(end[0]), "y2": _px(end[1]), "stroke": LINE, "stroke-width": "1"}
    drawing.append(Xml.Element("line", ends | ({"marker-end": "url(#arrow)"} if arrow else {})))


def _px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _document(drawing: list[Xml.Element], width: float, height: float, title: str, banner: str) -> str:
    size = {"width": _px(width), "height": _px(height), "viewBox": f"0 0 {_px(width)} {_px(height)}"}
    root = Xml.Element(
        "svg",
        # as wide as drawn, and no wider than the window
        {"xmlns": "http://www.w3.org/2000/svg", **size, "style": "max-width: 100%; height: auto", "font-family": FONT}
        | {"font-size": "13", "fill": INK, "role": "img"},
    )
    Xml.SubElement(root, "title").text = title
    marker = {"id": "arrow", "viewBox": "0 0 8 8", "refX": "8", "refY": "4", "markerWidth": "8", "markerHeight": "8", "orient": "auto"}
    head = Xml.SubElement(Xml.SubElement(root, "defs"), "marker", marker)
    Xml.SubElement(head, "path", {"d": "M0 0 L8 4 L0 8 z", "fill": LINE})
    Xml.SubElement(root, "rect", {"width": "100%", "height": "100%", "fill": "#ffffff"})
    if banner:
        Xml.SubElement(
            root, "text", {"x": _px(width / 2), "y": "24", "text-anchor": "middle", "fill": "#9c2f00", "font-weight": "600"}
        ).text = banner
    root.extend(drawing)
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode") + "\n"
