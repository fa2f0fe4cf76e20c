"""A registry of five small exports, one of each kind of file, in which one woman has a name, numbers and texts that nobody else has.

She is known to the ward by her national number and to the clinic by a number of its own; linkage makes her one person. Her name and her
texts begin with `Zyxwv`, so that every byte that may be hers can be told.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import shutil
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import openpyxl
import polars as pl
from openpyxl.comments import Comment

from etl.erase.forgetting import forget, plan
from etl.erase.landed import Erasing
from etl.options import RunOptions
from etl.outcome import Outcome
from etl.pipeline import run
from etl.progress import Progress
from etl.setting import setting
from schemas.project import load_project

NRIC, OWN = "S7654321Z", "ZQ-88417"
NEW = "ZQ-99"  # the number that the clinic gives her after she is erased
HERS = re.compile(rb"zyxwv|s7654321z|zq-[0-9]|1931-05-23", re.IGNORECASE)
WOMEN = 24
REGISTRY = """\
registry: small
title: A ward and a clinic
is_simulated: true
as_of: 2020-01-01
key: public_example
sources:
  ward: {required: true}
  clinic: {}
  annex: {}
trust: [ward, clinic, annex]
linkage: {deterministic: [patient_id, nric]}
releases_kept: 5
studies: []
"""
WARD = """\
contract: ward
contract_version: 1
title: Ward
source: ward
files: ["ward*.csv"]
format: {kind: csv, delimiter: ";", quote: '"', footer_rows: 1, trailer: '^Total (?P<rows>[0-9]+)'}
max_unread: 1
fields:
  no: {required: true, identifier: nric}
  name: {identifier: name}
  born: {identifier: birth}
  side: {}
  diagnosed: {}
  note: {}
records:
  - {rule: woman, record: patient, set: {patient_id: no, sex_code: {value: female}, birth: {from: born, formats: ["%Y-%m-%d"]}}}
  - rule: primary
    record: tumour
    set: {patient_id: no, laterality_code: side, diagnosis: {from: diagnosed, formats: ["%Y-%m-%d"]}}
"""
CLINIC = """\
contract: {kind}
contract_version: 1
title: Clinic, {kind}
source: clinic
files: ["{file}"]
format: {form}
max_unread: 1
fields:
  mrn: {{header: {heads[0]}, required: true, identifier: hospital_number}}
  nric: {{header: {heads[1]}, identifier: nric}}
  side: {{header: {heads[2]}}}
  grade: {{header: {heads[3]}}}
records:
  - {{rule: primary, record: tumour, set: {{patient_id: mrn, laterality_code: side, grade_code: grade}}}}
"""
HEADS = ("MRN", "NRIC", "Side", "Grade")
NAACCR = ("patientIdNumber", "nric", "laterality", "grade")
ANNEX = """\
contract: annex
contract_version: 1
title: Annex
source: annex
files: ["annex.csv"]
fields: {mrn: {required: true, identifier: hospital_number}, nric: {identifier: nric}}
records:
  - {rule: woman, record: patient, set: {patient_id: mrn}}
"""
KINDS = {
    "lines": ("lines.dat", "{kind: fixed, layout: lines.csv, short_lines: pad}", HEADS),
    "book": ("book.xlsx", "{kind: excel, sheet: Data}", HEADS),
    "abstracts": ("abstracts.xml", "{kind: naaccr_xml}", NAACCR),
}
ITEMS = """\
contract: items
contract_version: 1
title: Clinic, long form
source: clinic
files: ["items.csv"]
max_unread: 1
fields: {mrn: {required: true, identifier: hospital_number}, item: {required: true}, value: {}}
records:
  - {rule: grade, record: tumour, when: item = 'grade', set: {patient_id: mrn, grade_code: value}}
"""


def nric(n: int) -> str:
    """The national number of an ordinary woman."""
    return f"S{1000000 + n}A"


def ward(*more: str, hers: bool = True) -> str:
    """The ward's export: she has two rows, one of them with a line break in a cell, and one that is torn."""
    rows = [f"{nric(n)};Tan {n};19{40 + n}-01-02;left;2009-03-{1 + n:02};seen" for n in range(WOMEN)]
    own = [
        f'{NRIC};"Zyxwv Quill";1931-05-23;zyxwv-side;2010-04-05;"zyxwv\nsaid ""no"""', f"{NRIC};Zyxwv Quill;1931-05-23;left;2010-04-06;",
        f"{NRIC};zyxwv torn",
    ]  # fmt: skip
    rows[3:3] = own if hers else []
    rows += more
    return "\n".join(["no;name;born;side;diagnosed;note", *rows, f"Total {len(rows)}"]) + "\n"


def clinic(own: str = OWN) -> list[tuple[str, str, str, str]]:
    """The rows of the clinic's other exports."""
    rows = [(f"M-{n}", nric(n), "left", "2") for n in range(WOMEN)]
    return [*rows[:5], (own, NRIC, "zyxwvside", "3"), *rows[5:]]


def book() -> bytes:
    """A workbook with her row, a comment about her, and a sheet that nobody reads."""
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "Data"
    for row in (HEADS, *clinic()):
        sheet.append(row)
    sheet["A3"].comment = Comment("Zyxwv called", "Zyxwv's doctor")
    made.create_sheet("Other").append(["Zyxwv Quill", NRIC])
    made.properties.creator = "Zyxwv's doctor"
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def abstracts() -> str:
    """NAACCR XML, one patient over several lines each."""
    patients = "".join(
        f'<Patient>\n<Item naaccrId="{NAACCR[0]}">{mrn}</Item>\n<Item naaccrId="{NAACCR[1]}">{own}</Item>\n<Tumor>\n'
        f'<Item naaccrId="{NAACCR[2]}">{side}</Item><Item naaccrId="{NAACCR[3]}">{grade}</Item></Tumor></Patient>\n'
        for mrn, own, side, grade in clinic()
    )
    head = '<NaaccrData xmlns="http://naaccr.org/naaccrxml" recordType="I" specificationVersion="1.6">'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}\n{patients}</NaaccrData>\n'


def items(own: str = OWN) -> str:
    """The long export: it knows her by the clinic's number only."""
    return "mrn,item,value\n" + "".join(f"{mrn},grade,{grade}\n{mrn},remark,{side}\n" for mrn, _, side, grade in clinic(own))


def lines(own: str = OWN) -> str:
    """The fixed-width export."""
    return "".join(f"{mrn:<10}{national:<10}{side:<12}{grade:<4}\n" for mrn, national, side, grade in clinic(own))


def project(folder: Path) -> Path:
    """The project folder with its exports."""
    (folder / "contracts").mkdir(parents=True)
    (folder / "registry.yml").write_text(REGISTRY, encoding="utf-8")
    (folder / "contracts" / "ward.yml").write_text(WARD, encoding="utf-8")
    (folder / "contracts" / "items.yml").write_text(ITEMS, encoding="utf-8")
    (folder / "contracts" / "annex.yml").write_text(ANNEX, encoding="utf-8")
    for kind, (file, form, heads) in KINDS.items():
        (folder / "contracts" / f"{kind}.yml").write_text(CLINIC.format(kind=kind, file=file, form=form, heads=heads), encoding="utf-8")
    (folder / "contracts" / "lines.csv").write_text("field,start,width\nMRN,1,10\nNRIC,11,10\nSide,21,12\nGrade,33,4\n", encoding="utf-8")
    exports = folder / "exports"
    exports.mkdir()
    texts = {"ward.csv": ward(), "lines.dat": lines(), "abstracts.xml": abstracts(), "items.csv": items()}
    texts["annex.csv"] = "mrn,nric\nM-3,S5555555X\n00042,S4444444X\n"  # another woman than the clinic's M-3
    for name, text in texts.items():
        (exports / name).write_text(text, encoding="utf-8")
    (exports / "book.xlsx").write_bytes(book())
    return folder


def places_with_her(out: Path) -> list[str]:
    """Every file below the output folder in whose bytes, unpacked, something of hers stands."""
    files = [path for path in out.rglob("*") if path.is_file()]
    return sorted({path.relative_to(out).as_posix() for path in files if any(map(HERS.search, _contents(path)))})


def _contents(path: Path) -> Iterator[bytes]:
    """The bytes of a file, those of its parts, and the texts of its tables."""
    content = path.read_bytes()
    yield content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            yield from (parts.read(name) for name in parts.namelist())
    elif content.startswith(b"\x1f\x8b"):
        yield gzip.decompress(content)
    elif path.suffix == ".parquet":
        yield pl.read_parquet(path).write_ndjson().encode()
    elif path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as con:
            tables = [name for (name,) in con.sql("select table_name from information_schema.tables").fetchall()]
            for name in tables:
                yield str(con.table(name).fetchall()).encode()


def cells(path: Path) -> list[list[str]]:
    """A CSV without its header."""
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.reader(handle))[1:]


def copied(folder: Path, to: Path) -> Path:
    return Path(shutil.copytree(folder, to, symlinks=True, dirs_exist_ok=True))


def deliver(folder: Path, name: str, text: str) -> None:
    (folder / "project" / "exports" / name).write_text(text, encoding="utf-8")


def night(folder: Path) -> Outcome:
    return run(folder / "project", folder / "out", RunOptions(), Progress(quiet=True))


def erase(folder: Path, who: str = NRIC, *, drop: bool = False) -> Outcome | None:
    place = folder / "project", folder / "out"
    return forget(*place, plan(*place, who, None, drop=drop), RunOptions(), Progress(quiet=True), drop=drop)


def ledger(folder: Path) -> dict[tuple[str, ...], int]:
    return {tuple(line[:5]): int(line[5]) for line in cells(folder / "out" / "current" / "ledger.csv")}


def table(folder: Path, name: str) -> pl.DataFrame:
    with duckdb.connect(str(folder / "out" / "current" / "warehouse.duckdb"), read_only=True) as con:
        return pl.DataFrame(con.table(name).to_arrow_table())


def at_work(folder: Path) -> Erasing:
    """What `forget` and the runs after it work on there."""
    given = setting(load_project(folder / "project"), folder / "out", RunOptions(), Progress(quiet=True), datetime.now(UTC))
    return Erasing.of(given)
