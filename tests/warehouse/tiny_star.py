"""A registry of two women on two files, small enough to read: what the build, audit, publish and explain tests stand on."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from schemas import items
from schemas.core import frames
from schemas.core.ids import keyed, source_key, source_row_id
from schemas.findings import IDENTIFIED
from warehouse.build import build
from warehouse.inputs import BuildInputs

LISTS = {
    "sex": {"female", "male"},
    "stage": {"I", "IIIA"},
    "tnm_edition": {"unknown", "7"},
    "severity": {"error", "warning", "notice"},
    "lineage_step": {"delivered", "merged", "corrected"},
    "event_type": {"distant_recurrence"},
    "modality": {"chemotherapy"},
}
TABLES = {
    "drug": pl.DataFrame({"drug_code": ["docetaxel"], "label": ["Docetaxel"], "modality_code": ["chemotherapy"]}).with_columns(
        pl.lit(None, pl.String).alias(name) for name in ("drug_class", "atc_code", "rxnorm_cui")
    ),
    "regimen": pl.DataFrame({"regimen_code": ["T"], "label": ["Docetaxel"], "nominal_weeks": [12.0]}),
    "regimen_drug": pl.DataFrame(
        {"regimen_code": ["T"], "block_no": [1], "drug_code": ["docetaxel"], "cycles": [4], "interval_days": [21]}
    ),
    "site": pl.DataFrame(
        {"site_code": ["brain"], "label": ["Brain"], "organ_code": ["brain"], "topography_code": ["C71.9"], "spread_code": ["distant"]}
    ),
    "procedure": pl.DataFrame(
        {"procedure_code": ["craniotomy"], "label": ["Craniotomy"], "organ_code": ["brain"], "is_metastasectomy": [True]}
    ),
    "stage": pl.DataFrame(
        [(edition, stage, stage.rstrip("A"), place) for edition in ("unknown", "7") for place, stage in enumerate(("I", "IIIA"))],
        schema=["tnm_edition_code", "stage_code", "stage_class_code", "sort_no"],
        orient="row",
    ),
}
FILES = {name: source_key(name, "0" * 64) for name in ("table.csv", "text.csv")}


class TinyVocabularies:
    """A vocabulary of a few words; a list it does not know is open."""

    def codes(self, domain: str) -> frozenset[str]:
        return frozenset(LISTS.get(domain, ()))

    def table(self, name: str) -> pl.DataFrame:
        return TABLES[name]


def record(name: str, rows: list[dict[str, object]], file: str = "table.csv") -> pl.DataFrame:
    """One staging record as `link` hands it on; the rows stand on lines 2, 3, … of `file`."""
    frame = pl.DataFrame(
        [{column: row.get(column) for column in items.polars_schema(name)} for row in rows], schema=items.polars_schema(name)
    )
    lines = [source_row_id(FILES[file], line) for line in range(2, 2 + len(rows))]
    placed = frame.with_columns(
        source_row_id=pl.Series(lines, dtype=pl.Int64),
        source_file=pl.lit(file),
        source_key=pl.lit(FILES[file], pl.Int64),
        source_row=pl.Series(range(2, 2 + len(rows)), dtype=pl.Int64),
    )
    keys = keyed(keyed(placed, "record_key", items.identity(name)), "patient_key", ("patient_pseudonym",))
    return keyed(keys, "tumour_key", ("patient_pseudonym", "tumour_no")) if "tumour_no" in frame.columns else keys


def records() -> dict[str, pl.DataFrame]:
    """Two women: `aa` with stage IIIA, a recurrence in the brain and one treatment; `bb` with stage I."""
    return {
        "patient": record(
            "patient",
            [{"patient_pseudonym": "aa", "subject_label": "1", "sex_code": "female"}, {"patient_pseudonym": "bb", "subject_label": "2"}],
        ),
        "tumour": record(
            "tumour",
            [
                {
                    "patient_pseudonym": "aa",
                    "tumour_no": 1,
                    "stage_code": "IIIA",
                    "diagnosis_earliest_date": date(2009, 3, 30),
                    "diagnosis_latest_date": date(2009, 4, 2),
                    "diagnosis_precision": "ambiguous",
                },
                {"patient_pseudonym": "bb", "tumour_no": 1, "stage_code": "I", "tnm_edition_code": "7"},
            ],
        ),
        "treatment": record(
            "treatment",
            [
                {
                    "patient_pseudonym": "aa",
                    "tumour_no": 1,
                    "course_code": "first",
                    "component_no": 1,
                    "modality_code": "chemotherapy",
                    "regimen_code": "T",
                    "drug_code": "docetaxel",
                    "cycles": 4,
                }
            ],
        ),
        "event": record(
            "event",
            [
                {
                    "patient_pseudonym": "aa",
                    "tumour_no": 1,
                    "event_type_code": "distant_recurrence",
                    "event_no": 1,
                    "site_code": "brain",
                    "event_earliest_offset_days": 114,
                    "event_latest_offset_days": 114,
                    "event_anchor": "treatment_start",
                }
            ],
        ),
        "follow_up": record("follow_up", [{"patient_pseudonym": name, "follow_up_no": 1} for name in ("aa", "bb")]),
        "biomarker": record("biomarker", []),
    }


def inputs(made: dict[str, pl.DataFrame] | None = None) -> BuildInputs:
    """The build inputs of the two women: a ledger that balances and a lineage that covers every row."""
    made = made or records()
    n = sum(frame.height for frame in made.values())
    lines = [
        ("table.csv", "read", "row", "goes_on", "", n),
        ("table.csv", "normalise", "row", "goes_on", "", n),
        ("table.csv", "normalise", "record", "goes_on", "", n),
        ("table.csv", "link", "record", "goes_on", "", n),
        ("table.csv", "edit", "record", "goes_on", "", n),
    ]
    lineage = [frame.select(pl.lit(name).alias("record"), "record_key", "source_row_id") for name, frame in made.items()]
    sources = {"source": "table", "contract": "table", "contract_version": 1, "sha256": "0" * 64, "size_bytes": 10}
    return BuildInputs(
        records=made,
        findings=frames.empty({**IDENTIFIED, "status": pl.String}),
        ledger=frames.ledger(lines),
        lineage=pl.concat(lineage).with_columns(step=pl.lit("delivered"), rule=pl.lit("woman")),
        sources=pl.DataFrame(
            [{"source_key": key, "source_file": name, **sources} for name, key in FILES.items()], schema=items.polars_schema("dim_source")
        ),
        release={"run_id": "0" * 12, "registry": "tiny", "as_of": date(2018, 1, 1), "code_version": "0", "is_simulated": True},
        vocabularies=TinyVocabularies(),
    )


# The bytes of the warehouse of the two women: built by the first test that asks for it, written for each.
TINY: list[bytes] = []


def built(folder: Path, made: BuildInputs | None = None) -> Path:
    """A warehouse file, of the two women unless said otherwise."""
    path = folder / "warehouse.duckdb"
    if made is None and TINY:
        path.write_bytes(TINY[0])
        return path
    build(path, made or inputs())
    if made is None:
        TINY.append(path.read_bytes())
    return path
