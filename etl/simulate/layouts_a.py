"""The exports of hospital A in their clean form: one function per file, true records in, a sheet out."""

from __future__ import annotations

import polars as pl

from etl.simulate.layout_pieces import BLOCKS, COURSES, KEYS, SURGERIES, Truth, blocks_of, hidden, place_in_run, text_file, women_of
from etl.simulate.sheets import Form, Sheet
from etl.simulate.wording import comma, courses, form, in_excel, labels, mixed, percent_or_word, spread, tnm, whole
from etl.simulate.workbook import NUMBER

REMARKS = (
    "see letter",
    "discussed in tumour board;\nplan sent to GP",
    'patient says "no pain"',
    "reviewed, no change",
    "images elsewhere\nreport to follow",
)


def patients(truth: Truth) -> Sheet:
    """hospital_a/patients.csv: one row per person of hospital A."""
    frame = women_of(truth, truth.person.drop("nric", "number_b", "is_nric_known_b", "hospital"), "a", "both").join(
        truth.follow_up, on="person_no", how="left", maintain_order="left"
    )
    rows = frame.select(
        pl.col("nric").alias("PID"),
        pl.concat_str("family_name", pl.lit(", "), "given_name").alias("Name"),
        form("birth_date", "%d.%m.%Y").alias("Birth"),
        labels(frame, "sex_code", "sex").alias("Sex"),
        labels(frame, "ethnicity_code", "ethnicity").alias("Ethnic Group"),
        comma("height_cm").alias("Height cm"),
        comma("weight_kg").alias("Weight kg"),
        form("contact_date", "%d.%m.%Y").alias("Last Contact"),
        labels(frame, "vital_status_code", "vital_status").alias("Status"),
        form("death_date", "%d.%m.%Y").alias("Died"),
        labels(frame, "cause_of_death_code", "cause_of_death").alias("Cause"),
        *hidden(frame),
    )
    return text_file("hospital_a/patients.csv", rows, delimiter=";", encoding="cp1252", line_end="\r\n", below="Total;{rows}")


def tumours(truth: Truth) -> Sheet:
    """hospital_a/tumours.csv: one row per tumour of hospital A, with line breaks in its remarks."""
    frame = women_of(truth, truth.tumour, "a", "both")
    counted = pl.concat_str(pl.col("nodes_positive").cast(pl.String), pl.lit("/"), pl.col("nodes_examined").cast(pl.String))
    score = pl.col("her2_ihc_score")
    remark = (spread(8) % len(REMARKS)).replace_strict(dict(enumerate(REMARKS)), return_dtype=pl.String)
    rows = frame.select(
        pl.col("nric").alias("PID"),
        pl.col("tumour_no").cast(pl.String).alias("Tumour No"),
        mixed("diagnosis_date", "%d/%m/%Y", "%Y-%m-%d", "%-d %b %Y").alias("Diagnosis Date"),
        mixed("treatment_start_date", "%d/%m/%Y", "%Y-%m-%d", salt=2).alias("First Treatment"),
        labels(frame, "laterality_code", "laterality").alias("Side"),
        labels(frame, "histology_code", "histology").alias("Histology"),
        pl.col("grade_code").cast(pl.String).alias("Grade"),
        tnm().alias("TNM"),
        pl.col("stage_code").alias("Stage"),
        counted.alias("Nodes"),
        labels(frame, "node_status_code", "node_status").alias("Node Status"),
        whole("tumour_size_mm").alias("Size mm"),
        percent_or_word(frame, "er").alias("ER"),
        labels(frame, "pr_code", "marker_result").alias("PR"),
        whole("pr_percent").alias("PR Percent"),
        pl.when(score == 0).then(pl.lit("0")).when(score.is_not_null()).then(score.cast(pl.String) + "+")
        .otherwise(labels(frame, "her2_code", "marker_result")).alias("HER2 IHC"),
        pl.when(pl.col("her2_ish_ratio").is_not_null()).then("FISH ratio " + pl.col("her2_ish_ratio").cast(pl.String)).alias("HER2 FISH"),
        pl.col("topography_code").alias("Topography"),
        labels(frame, "menopausal_status_code", "menopausal_status").alias("Menopause"),
        form("enrolment_date", "%d/%m/%Y").alias("Trial Entry"),
        pl.when(spread(7) < 15).then(remark).alias("Remarks"),
        *hidden(frame),
    )  # fmt: skip
    return text_file("hospital_a/tumours.csv", rows, mark=b"\xef\xbb\xbf")


def _course(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    short = {
        "text": f"{name}_text",
        "begins": f"{name}_begins",
        "ends": f"{name}_ends",
        "reason_code": f"{name}_reason",
        "is_given": f"{name}_given",
    }
    return frame.filter(pl.col("course_code") == name).select(*KEYS, *(pl.col(old).alias(new) for old, new in short.items()))


def _operations(treatment_: pl.DataFrame) -> pl.DataFrame:
    """One row per tumour: date and procedure of its operations, in order."""
    done = treatment_.filter(pl.col("modality_code") == "surgery").sort(*KEYS, "component_no")
    named = done.select(*KEYS, "treatment_date", operation=labels(done, "procedure_code", "procedure"), place=place_in_run(KEYS))
    wide = named.filter(pl.col("place") == 1).select(KEYS)
    for place in range(1, SURGERIES + 1):
        one = named.filter(pl.col("place") == place).select(
            *KEYS, pl.col("treatment_date").alias(f"date_{place}"), pl.col("operation").alias(f"type_{place}")
        )
        wide = wide.join(one, on=KEYS, how="left", maintain_order="left")
    return wide


def treatment(truth: Truth) -> Sheet:
    """hospital_a/treatment.xlsx: one row per tumour of hospital A under a title row and two header rows."""
    frame = women_of(truth, truth.tumour.select(KEYS), "a", "both")
    lines = courses(truth.treatment.filter(pl.col("modality_code") != "surgery"))
    fractions = truth.treatment.filter(pl.col("fractions").is_not_null()).select(*KEYS, "fractions")
    for wide in (_operations(truth.treatment), blocks_of(truth.treatment), fractions):
        frame = frame.join(wide, on=KEYS, how="left", maintain_order="left")
    for name in COURSES:
        frame = frame.join(_course(lines, name), on=KEYS, how="left", maintain_order="left")
    surgeries = []
    for place in range(1, SURGERIES + 1):
        surgeries += [
            in_excel(f"date_{place}", salt=10 + place).alias(f"Surgery {place} Date"),
            pl.col(f"type_{place}").alias(f"Surgery {place} Type"),
        ]
    blocks = []
    for place in range(1, BLOCKS + 1):
        blocks.append(in_excel(f"block_{place}", salt=30 + place).alias(f"Chemotherapy Block {place} Start"))
        blocks.append(in_excel(f"block_{place}_end", salt=40 + place).alias(f"Chemotherapy Block {place} End"))
        blocks.append((NUMBER + pl.col(f"block_{place}_interval").cast(pl.String)).alias(f"Chemotherapy Block {place} Interval"))
    untreated = pl.col("after_recurrence_given") == False  # noqa: E712 - null where there is none
    rows = frame.select(
        pl.col("nric").alias("PID"),
        pl.col("tumour_no").cast(pl.String).alias("Tumour No"),
        *surgeries,
        pl.col("primary_systemic_text").alias("Chemotherapy Regimen"),
        *blocks,
        in_excel("targeted", salt=26).alias("Trastuzumab Start"),
        pl.col("primary_radiation_text").alias("Radiation Treatment"),
        (NUMBER + pl.col("fractions").cast(pl.String)).alias("Radiation Fractions"),
        pl.col("primary_radiation_given").replace_strict({True: "Yes", False: "No"}, return_dtype=pl.String).alias("Radiation Given"),
        pl.lit(None, pl.String).alias("Radiation Not Given"),
        *_dates("primary_radiation", "Radiation", 21, "ends"),
        pl.when(pl.col("primary_hormonal_reason").is_null()).then("primary_hormonal_text").alias("Hormonal Treatment"),
        labels(frame, "primary_hormonal_reason", "not_given_reason").alias("Hormonal Not Given"),
        *_dates("primary_hormonal", "Hormonal", 22, "ends"),
        labels(frame, "primary_trastuzumab_reason", "not_given_reason").alias("Trastuzumab Not Given"),
        pl.when(~untreated).then("after_recurrence_text").alias("After Recurrence Treatment"),
        in_excel("after_recurrence_begins", salt=23).alias("After Recurrence Start"),
        pl.when(untreated).then(labels(frame, "after_recurrence_reason", "not_given_reason")).alias("After Recurrence Not Given"),
        pl.col("after_metastasectomy_text").alias("After Metastasectomy Treatment"),
        in_excel("after_metastasectomy_begins", salt=24).alias("After Metastasectomy Start"),
        pl.col("after_progression_text").alias("After Progression Treatment"),
        in_excel("after_progression_begins", salt=25).alias("After Progression Start"),
        *hidden(frame),
    )
    return Sheet("hospital_a/treatment.xlsx", Form("xlsx", ("title", "groups", "names")), rows)


def _dates(course: str, group: str, salt: int, *ends: str) -> list[pl.Expr]:
    """Begin and end of a course of one component, or of one whose components all began together."""
    begins = in_excel(f"{course}_begins", salt=salt).alias(f"{group} Start")
    return [begins, *(in_excel(f"{course}_{end}", salt=salt + 50).alias(f"{group} End") for end in ends)]


def recurrences(truth: Truth) -> Sheet:
    """hospital_a/recurrences.tsv: one row per event of a tumour of hospital A."""
    frame = women_of(truth, truth.event, "a", "both")
    rows = frame.select(
        pl.col("nric").alias("PID"),
        pl.col("tumour_no").cast(pl.String).alias("TumourNo"),
        labels(frame, "event_type_code", "event_type").alias("Event"),
        pl.col("event_no").cast(pl.String).alias("EventNo"),
        form("event_date", "%-d/%-m/%Y").alias("Date"),
        labels(frame, "site_code", "site").alias("Site"),
        labels(frame, "laterality_code", "laterality").alias("Side"),
        labels(frame, "procedure_code", "procedure").alias("Operation"),
        pl.col("lesion_count").cast(pl.String).alias("Lesions"),
        labels(frame, "resection_margin_code", "resection_margin").alias("Margin"),
        *hidden(frame),
    )
    return text_file("hospital_a/recurrences.tsv", rows, delimiter="\t")
