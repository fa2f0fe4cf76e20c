"""Two hospitals and a death registry as a project of a few rows: women in both, under two numbers, with slips of the pen."""

from __future__ import annotations

from pathlib import Path

REGISTRY = """\
registry: wards
title: Two wards and a register of deaths
is_simulated: true
as_of: 2020-01-01
key: public_example
sources:
  a: {required: true}
  b: {}
  deaths: {}
trust: [a, b, deaths]
linkage:
  deterministic: [patient_id, nric, [name, birth]]
  tumours: {numbers: local, same_within_days: 60}
studies: []
"""
TUMOUR = """\
  - rule: primary
    record: tumour
    set: {patient_id: no, tumour_no: tumour, laterality_code: side, diagnosis: {from: diagnosed, formats: ["%Y-%m-%d"]}}
"""
A = (
    """\
contract: a
contract_version: 1
title: Ward A
source: a
files: [a.csv]
fields:
  no: {required: true, identifier: nric}
  name: {header: Name, identifier: name}
  born: {identifier: birth}
  tumour: {}
  side: {header: Side, null_tokens: ["?"]}
  diagnosed: {}
  seen: {}
records:
  - rule: woman
    record: patient
    set: {patient_id: no, sex_code: {value: female}, birth: {from: born, formats: ["%Y-%m-%d"]}}
  - rule: contact
    record: follow_up
    set: {patient_id: no, follow_up_no: {value: 1}, vital_status_code: {value: alive}, contact: {from: seen, formats: ["%Y-%m-%d"]}}
"""
    + TUMOUR
)
B = (
    A.replace("contract: a", "contract: b")
    .replace("Ward A", "Ward B")
    .replace("source: a", "source: b")
    .replace("a.csv", "b.csv")
    .replace(
        "no: {required: true, identifier: nric}",
        "no: {required: true, identifier: {kind: hospital_number, digits: 5}}\n  nric: {identifier: nric}",
    )
)
DEATHS = """\
contract: deaths
contract_version: 1
title: Deaths
source: deaths
files: [deaths.csv]
fields:
  nric: {required: true, identifier: nric}
  died: {}
records:
  - rule: death
    record: follow_up
    set: {patient_id: nric, follow_up_no: {value: 1}, vital_status_code: {value: dead}, death: {from: died, formats: ["%Y-%m-%d"]}}
"""
FILES = {
    "registry.yml": REGISTRY,
    "contracts/a.yml": A,
    "contracts/b.yml": B,
    "contracts/deaths.yml": DEATHS,
    # Lim Mary stands in both (B knows her national number), Tan May in both under name and birth only, Ng Ann in A twice the same.
    "exports/a.csv": (
        "no,Name,born,tumour,Side,diagnosed,seen\n"
        "S0000001A,Lim Mary,1950-03-07,1,left,2009-03-01,2011-01-01\n"
        "S0000002B,Tan May,1961-01-01,1,right,2010-05-05,2012-01-01\n"
        "S0000003C,Ng Ann,1970-07-07,1,left,2012-02-02,2013-01-01\n"
        "S0000003C,Ng Ann,1970-07-07,1,left,2012-02-02,2013-01-01\n"
    ),
    "exports/b.csv": (
        "no,nric,Name,born,tumour,Side,diagnosed,seen\n"
        '00017,S0000001A,"LIM, Mary",1950-03-07,1,left,2009-03-20,2015-06-01\n'
        '18,,"TAN, May",1961-01-01,1,left,2014-01-01,2014-02-01\n'
        "19,,Koh Joy,1944-04-04,1,right,2013-03-03,2014-03-03\n"
    ),
    "exports/deaths.csv": "nric,died\nS0000001A,2016-02-03\n",
}


def written(folder: Path, **changed: str) -> Path:
    """Write the project down, some of its files replaced or added (their names with `__` for `/` and `_` for `.`)."""
    for name, text in FILES.items():
        _write(folder / name, text)
    for name, text in changed.items():
        stem, suffix = name.replace("__", "/").rsplit("_", 1)
        _write(folder / f"{stem}.{suffix}", text)
    return folder


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
