"""A registry of one small export of each kind, with a planted value in every place that a reader may meet; for the sentinel tests."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import xlwt
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName

from schemas.corrections import BINDING
from schemas.corrections import COLUMNS as CORRECTIONS
from schemas.overrides import COLUMNS as OVERRIDES
from schemas.worklist import COLUMNS as WORKLIST

PLANTED = "Zyxwv"
HOSTILE = (
    f"{PLANTED}<script>alert(1)</script>", f"=cmd|' /C calc'!{PLANTED}", f"Mrs {PLANTED} O'Neill", f"S{PLANTED}1234567D",
    f"<img src=https://evil.example/{PLANTED} onerror=alert(1)>",
)  # fmt: skip
HEADERS = ("Patient", "Name", "Born", "Side", "Grade", "Day")
WIDTHS = (12, 60, 60, 60, 60, 60)
GOOD = [(f"P{n:04d}", f"Tan {n}", "1950-01-02", "left", "2", "2009-03-04") for n in range(40)]
KINDS: dict[str, tuple[str, str]] = {
    "plain": ("plain.csv", "{kind: csv}"),
    "tabs": ("tabs.tsv", '{kind: csv, delimiter: "\\t"}'),
    "guessed": ("guessed.txt", "{kind: csv, delimiter: auto, encoding: auto, quote: auto}"),
    "lines": ("lines.dat", "{kind: fixed, layout: lines.csv, short_lines: pad}"),
    "book": ("book.xlsx", "{kind: excel, fill_merged: true}"),
    "old": ("old.xls", "{kind: excel}"),
    "abstracts": ("abstracts.xml", "{kind: naaccr_xml}"),
}
CONTRACT = """contract: {kind}
contract_version: 1
title: One export
source: {kind}
files: ["{file}"]
format: {form}
max_unread: 1
fields:
  id: {{header: {heads[0]}, required: true}}
  name: {{header: {heads[1]}, identifier: name}}
  born: {{header: {heads[2]}, identifier: birth}}
  side: {{header: {heads[3]}}}
  grade: {{header: {heads[4]}}}
  day: {{header: {heads[5]}}}
records:
  - {{rule: woman, record: patient, set: {{patient_id: id, birth: {{from: born, formats: ["%Y-%m-%d"]}}}}}}
  - rule: primary
    record: tumour
    set: {{patient_id: id, laterality_code: side, grade_code: grade, diagnosis: {{from: day, formats: ["%Y-%m-%d"]}}}}
"""
ITEMS = """contract: items
contract_version: 1
title: One export in long form
source: items
files: ["items.csv"]
columns: exact
max_unread: 1
fields: {id: {required: true}, item: {required: true}, value: {}}
records:
  - {rule: grade, record: tumour, when: item = 'grade', set: {patient_id: id, grade_code: value}}
  - {rule: side, record: tumour, when: item = 'side', set: {patient_id: id, laterality_code: value}}
"""
NAACCR = ("patientIdNumber", "nameLast", "dateOfBirth", "laterality", "grade", "dateOfDiagnosis")
REGISTRY = """registry: sentinel
title: Exports of every kind
is_simulated: true
as_of: 2020-01-01
key: public_example
sources: {{{sources}}}
studies: []
"""
LOCAL_EDIT = f"""edits:
  - edit: OURS-001
    title: A course of a name that is none
    severity: warning
    record: treatment
    applies: course_code is not null
    violated: course_code = '{PLANTED}'
    reason: It is a name of the source.
    action: Look at it.
"""
CASES = f"""edit: OURS-001
cases:
  - {{outcome: satisfied, treatment: {{course_code: a, modality_code: surgery}}}}
  - {{outcome: violated, treatment: {{course_code: {PLANTED}, modality_code: surgery}}}}
  - {{outcome: not_judgeable, treatment: {{course_code: {PLANTED}, modality_code: surgery, treatment: "{PLANTED}"}}}}
"""


def is_clean(text: str) -> bool:
    return re.search(PLANTED, text, re.IGNORECASE) is None


def texts(path: Path) -> list[str]:
    content = path.read_bytes()
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return [book.read(name).decode("utf-8", "replace") for name in book.namelist()]
    return [content.decode("utf-8", "replace")]


def rows() -> list[tuple[str, ...]]:
    """Good rows, then one of which every cell is planted, and a woman with one planted cell after the other."""
    every = tuple(f"{HOSTILE[n % len(HOSTILE)]}" for n in range(len(HEADERS)))
    one = [tuple(HOSTILE[n % len(HOSTILE)] if n == place else cell for n, cell in enumerate(GOOD[place])) for place in range(len(HEADERS))]
    return [*GOOD, every, *one]


def text(delimiter: str, heads: Sequence[str] = (*HEADERS, f"{PLANTED} note")) -> str:
    """The rows as delimited text; the last column has a planted header that no contract knows."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows([*row, *[HOSTILE[0]] * (len(heads) - len(row))] for row in rows())
    return out.getvalue()


def lines() -> str:
    return "".join("".join(cell.ljust(width) for cell, width in zip(row, WIDTHS, strict=True)) + "\n" for row in rows())


def book() -> bytes:
    """A workbook with planted cells, two of them merged downwards and two across, sheet names, a comment, a defined name and properties."""
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = f"{PLANTED} ward"
    for row in ((*HEADERS, f"{PLANTED} note"), *((*row, HOSTILE[2]) for row in rows())):
        sheet.append(["'" + cell if cell.startswith("=") else cell for cell in row])
    for merged in (f"D{sheet.max_row - 1}:D{sheet.max_row}", f"B{sheet.max_row}:C{sheet.max_row}"):
        sheet.merge_cells(merged)
    sheet["B2"].comment = Comment(HOSTILE[2], PLANTED)
    made.create_sheet(f"Mrs {PLANTED}").append([HOSTILE[2]])
    made.defined_names[f"{PLANTED}_1"] = DefinedName(f"{PLANTED}_1", attr_text=f"'{sheet.title}'!$A$1")
    made.properties.creator = made.properties.title = HOSTILE[2]
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def old_book() -> bytes:
    made = xlwt.Workbook()
    for title in (f"{PLANTED} ward", f"Mrs {PLANTED}"):
        sheet = made.add_sheet(title)
        for place, row in enumerate(((*HEADERS, f"{PLANTED} note"), *((*row, HOSTILE[2]) for row in rows()))):
            for column, cell in enumerate(row):
                sheet.write(place, column, cell)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def abstracts() -> str:
    def items(names: Sequence[str], cells: Sequence[str]) -> Iterator[str]:
        yield from (f'<Item naaccrId="{name}">{escape(cell)}</Item>' for name, cell in zip(names, cells, strict=True))

    patients = "\n".join(
        f"<Patient>{''.join(items(NAACCR[:3], row[:3]))}<Tumor>{''.join(items(NAACCR[3:], row[3:]))}"
        f'<Item naaccrId="{PLANTED}">{PLANTED}</Item></Tumor></Patient>'
        for row in rows()
    )
    head = '<NaaccrData xmlns="http://naaccr.org/naaccrxml" recordType="I" specificationVersion="1.6">'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- {PLANTED} -->\n{head}\n{patients}\n</NaaccrData>\n'


def items() -> str:
    told = [(row[0], item, row[place]) for row in rows() for item, place in (("grade", 4), ("side", 3), (HOSTILE[2], 5))]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([("id", "item", "value"), *told])
    return out.getvalue()


def project(folder: Path) -> Path:
    """The project folder, with exports and what people have written: corrections, over-rides, a work list, spellings, an edit."""
    (folder / "contracts").mkdir(parents=True)
    for kind, (file, form) in KINDS.items():
        heads = NAACCR if kind == "abstracts" else HEADERS
        (folder / "contracts" / f"{kind}.yml").write_text(CONTRACT.format(kind=kind, file=file, form=form, heads=heads), encoding="utf-8")
    (folder / "contracts" / "items.yml").write_text(ITEMS, encoding="utf-8")
    starts = [1 + sum(WIDTHS[:place]) for place in range(len(WIDTHS))]
    layout = "".join(f"{head},{start},{width}\n" for head, start, width in zip(HEADERS, starts, WIDTHS, strict=True))
    (folder / "contracts" / "lines.csv").write_text(f"field,start,width\n{layout}", encoding="utf-8")
    (folder / "registry.yml").write_text(
        REGISTRY.format(sources=", ".join(f"{kind}: {{}}" for kind in (*KINDS, "items"))), encoding="utf-8"
    )
    exports = folder / "exports"
    exports.mkdir()
    for name, content in EXPORTS().items():
        (exports / name).write_bytes(content)
    people_say(folder)
    return folder


def EXPORTS() -> dict[str, bytes]:  # noqa: N802 - a table made once
    texts = {
        "plain.csv": text(","), "tabs.tsv": text("\t"), "guessed.txt": text(";"), "lines.dat": lines(), "abstracts.xml": abstracts(),
        "items.csv": items(),
    }  # fmt: skip
    return {**{name: written.encode() for name, written in texts.items()}, "book.xlsx": book(), "old.xls": old_book()}


def people_say(folder: Path) -> None:
    """Every file that people write, with a planted value in each cell and in one cell after the other of a line that is good."""
    good = dict(
        zip(
            (*CORRECTIONS, BINDING),
            ("plain.csv:2", "Side", "left", "right", "chart", "AB", "2019-01-01", "", "0" * 12 + "-" + "0" * 8),
            strict=True,
        )
    )
    _table(folder / "corrections.csv", (*CORRECTIONS, BINDING), good)
    over = ("DATE-018", "event", "701237839469003581", "k7c7f14dfc7c", "autopsy", "AB", "2018-01-10", "2023-12-31")
    _table(folder / "overrides.csv", OVERRIDES, dict(zip(OVERRIDES, over, strict=True)))
    (folder / "worklist").mkdir()
    made = openpyxl.Workbook()
    sheet = made.create_sheet(PLANTED)
    sheet.append(WORKLIST)
    sheet.append([HOSTILE[2]] * len(WORKLIST))
    sheet.append(
        [HOSTILE[3] if name not in ("answer", "author", "date") else {"answer": "cannot tell"}.get(name, "x") for name in WORKLIST]
    )
    made.save(folder / "worklist" / "june.xlsx")
    (folder / "vocabularies").mkdir()
    spelt = f"domain,spelling,code,label\nlaterality,{HOSTILE[3]},left,\ngrade,Mrs {PLANTED},3,\n"
    (folder / "vocabularies" / "ours.csv").write_text(spelt, encoding="utf-8")
    (folder / "edits.yml").write_text(LOCAL_EDIT, encoding="utf-8")


def _table(path: Path, names: Sequence[str], good: dict[str, str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(names)
        for hostile in HOSTILE:
            writer.writerow([hostile] * len(names))
        for name in names:
            writer.writerow([HOSTILE[2] if name == each else cell for each, cell in good.items()])
        writer.writerow([HOSTILE[2]] * 3)


def shareable(out: Path) -> list[Path]:
    """What may leave the hands of those who load: all of a release that is not under internal/, but for the warehouse; all attempts."""
    release = out / "current"
    told = [
        release / "run.json",
        release / "ledger.csv",
        release / "column_map.csv",
        release / "number_sources.csv",
        release / "own_columns.csv",
        out / "runs.jsonl",
    ]
    return [*told, *(path for path in (release / "share").rglob("*") if path.is_file())]
