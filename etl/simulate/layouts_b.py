"""The exports of hospital B and of the death registry in their clean form: one function per file, true records in, a sheet out."""

from __future__ import annotations

import polars as pl

from etl.simulate.layout_pieces import BLOCKS, COURSES, KEYS, Truth, blocks_of, hidden, place_in_run, text_file, women_of
from etl.simulate.sheets import Form, Sheet
from etl.simulate.wording import codes, courses, form, hospital_b_her2, labels, mixed, percent_or_word, whole

# Codes of hospital B, as registries of the NAACCR family write them.
SEXES = {"male": "1", "female": "2"}
SIDES = {"right": "1", "left": "2", "bilateral": "4"}
BASES = {"histology_primary": "1", "cytology": "2"}
GROUPS = {"chinese": "04", "malay": "MY", "indian": "16", "others": "96"}
EVENTS = {
    "local_recurrence": "LOCAL_REC",
    "regional_recurrence": "REGIONAL_REC",
    "locoregional_recurrence": "LOCOREGIONAL_REC",
    "distant_recurrence": "DISTANT_REC",
    "metastasectomy": "METASTASECTOMY",
    "progression": "PROGRESSION",
    "second_primary": "SECOND_PRIMARY",
}


def registry(truth: Truth) -> Sheet:
    """hospital_b/registry.txt: fixed width, one row per tumour of hospital B with the data of its person."""
    person = truth.person.select("person_no", "family_name", "given_name", "birth_date", "sex_code", "ethnicity_code")
    frame = women_of(truth, truth.tumour, "b", "both").join(person, on="person_no", how="left", maintain_order="left")
    rows = frame.select(
        pl.col("number_b").alias("patient_number"),
        pl.when("is_nric_known_b").then("nric").alias("nric"),
        pl.concat_str("family_name", pl.lit(" "), "given_name").str.to_uppercase().alias("name"),
        form("birth_date", "%Y%m%d").alias("date_of_birth"),
        codes("sex_code", SEXES).alias("sex"),
        codes("ethnicity_code", GROUPS).alias("ethnic_group"),
        pl.col("tumour_no").cast(pl.String).str.zfill(2).alias("sequence_number"),
        form("diagnosis_date", "%Y%m%d").alias("date_of_diagnosis"),
        form("treatment_start_date", "%Y%m%d").alias("date_of_first_treatment"),
        codes("laterality_code", SIDES).alias("laterality"),
        pl.col("histology_code").str.replace("/", "", literal=True).alias("histology_behaviour"),
        pl.col("grade_code").cast(pl.String).alias("grade"),
        pl.col("stage_code").alias("stage_group"),
        pl.col("prefix").alias("stage_prefix"),
        pl.col("t_code").alias("t_category"),
        pl.col("n_code").alias("n_category"),
        pl.col("m_code").alias("m_category"),
        whole("tumour_size_mm").str.zfill(3).alias("tumour_size_mm"),
        pl.col("topography_code").str.replace(".", "", literal=True).alias("primary_site"),
        whole("age_at_diagnosis_years").str.zfill(3).alias("age_at_diagnosis"),
        codes("basis_of_diagnosis_code", BASES).alias("diagnostic_confirmation"),
        labels(frame, "menopausal_status_code", "menopausal_status").alias("menopausal_status"),
        *hidden(frame),
    )
    return Sheet("hospital_b/registry.txt", Form("fixed", (), widths=WIDTHS), rows)


WIDTHS = (8, 9, 32, 8, 1, 2, 2, 8, 8, 1, 5, 1, 5, 2, 5, 7, 6, 3, 4, 3, 1, 16)


def items(truth: Truth) -> Sheet:
    """hospital_b/items.csv: long, one row per person of hospital B, tumour and item."""
    parts = [*_measured(truth), *_treated(truth), *_happened(truth)]
    frame = pl.concat(parts, how="diagonal")
    named = frame["ITEM"].unique().drop_nulls().sort()
    frame = frame.sort("person_no", "tumour_no", "order", "date", pl.col("ITEM").cast(pl.Enum(named)), maintain_order=True)
    rows = frame.select(
        pl.col("number_b").alias("PATNR"),
        pl.col("tumour_no").cast(pl.String).alias("TUMOUR"),
        form("date", "%Y-%m-%d").alias("DATE"),
        "ITEM", "VALUE", "TEXT",
        *hidden(frame),
    )  # fmt: skip
    return text_file("hospital_b/items.csv", rows)


def _item(
    frame: pl.DataFrame, order: int, date: str | None, item: pl.Expr, value: pl.Expr | None = None, *, text: pl.Expr | None = None
) -> pl.DataFrame:
    nothing = pl.lit(None, pl.String)
    return frame.select(
        *KEYS, "number_b", order=pl.lit(order), date=pl.lit(None, pl.Date) if date is None else pl.col(date), ITEM=item,
        VALUE=nothing if value is None else value, TEXT=nothing if text is None else text,
    )  # fmt: skip


def _measured(truth: Truth) -> list[pl.DataFrame]:
    """Receptors, nodes and the entry into a trial."""
    frame = women_of(truth, truth.tumour, "b", "both")
    parts = []
    for marker in ("er", "pr", "her2"):
        words = hospital_b_her2(frame) if marker == "her2" else percent_or_word(frame, marker)
        parts.append(_item(frame.filter(pl.col(f"{marker}_code").is_not_null()), 1, None, pl.lit(marker.upper()), words))
    for column, item in (("nodes_positive", "NODES_POS"), ("nodes_examined", "NODES_EXAM")):
        parts.append(_item(frame.filter(pl.col(column).is_not_null()), 2, None, pl.lit(item), pl.col(column).cast(pl.String)))
    entered = frame.filter(pl.col("enrolment_date").is_not_null())
    return [*parts, _item(entered, 2, "enrolment_date", pl.lit("TRIAL_ENTRY"))]


def _treated(truth: Truth) -> list[pl.DataFrame]:
    """Operations, then courses as lines of treatment; a course known not to be given is a reason."""
    given = women_of(truth, truth.treatment, "b")
    done = given.filter(pl.col("modality_code") == "surgery").sort(*KEYS, "component_no")
    place = place_in_run(KEYS).cast(pl.String)
    operations = _item(done, 3, "treatment_date", "SURGERY_" + place, labels(done, "procedure_code", "procedure"))
    lines = courses(given.filter(pl.col("modality_code") != "surgery")).join(
        given.select("person_no", "number_b").unique(), on="person_no", how="left", maintain_order="left"
    )
    named = lines.with_columns(item=codes("course_code", COURSES)).filter(pl.col("item").is_not_null())
    taken, refused = named.filter(pl.col("is_given") | pl.col("reason_code").is_null()), named.filter(pl.col("reason_code").is_not_null())
    return [
        operations,
        _item(taken, 4, "begins", pl.col("item"), text=pl.col("text")),
        _item(
            taken.filter(pl.col("ends").is_not_null() & (pl.col("course_code") != "primary_systemic")),
            4,
            "ends",
            pl.col("item") + "_END",
            None,
        ),
        *_block_items(given),
        _item(refused, 5, None, "NO_" + pl.col("item"), labels(refused, "reason_code", "not_given_reason")),
    ]


def _block_items(given: pl.DataFrame) -> list[pl.DataFrame]:
    """Begin and end of each block of the first chemotherapy, and the begin of trastuzumab."""
    wide = blocks_of(given).join(given.select("person_no", "number_b").unique(), on="person_no", how="left", maintain_order="left")
    names = {f"block_{place}": f"CHEMO_BLOCK_{place}" for place in range(1, BLOCKS + 1)}
    names |= {f"{column}_end": f"{item}_END" for column, item in names.items()} | {"targeted": "TRASTUZUMAB_START"}
    return [_item(wide.filter(pl.col(column).is_not_null()), 4, column, pl.lit(item), None) for column, item in names.items()]


def _happened(truth: Truth) -> list[pl.DataFrame]:
    """Events: the kind is the item, its site or operation the value; further facts are items of their own."""
    frame = women_of(truth, truth.event, "b").with_columns(
        suffix=pl.when(pl.col("event_no") > 1).then("_" + pl.col("event_no").cast(pl.String)).otherwise(pl.lit(""))
    )
    sided = pl.concat_str(
        labels(frame, "laterality_code", "laterality"), labels(frame, "site_code", "site"), separator=" ", ignore_nulls=True
    )
    is_operation = pl.col("event_type_code") == "metastasectomy"
    value = pl.when(is_operation).then(labels(frame, "procedure_code", "procedure")).otherwise(sided)
    main = _item(frame, 6, "event_date", codes("event_type_code", EVENTS) + pl.col("suffix"), value)
    resected = frame.filter(is_operation)
    site = pl.concat_str(
        labels(resected, "laterality_code", "laterality"), labels(resected, "site_code", "site"), separator=" ", ignore_nulls=True
    )
    parts = [main, _item(resected, 7, None, "METS_SITE" + pl.col("suffix"), site)]
    for column, item, words in (
        ("lesion_count", "METS_LESIONS", pl.col("lesion_count").cast(pl.String)),
        ("resection_margin_code", "METS_MARGIN", labels(frame, "resection_margin_code", "resection_margin")),
    ):
        parts.append(_item(frame.filter(is_operation & pl.col(column).is_not_null()), 7, None, pl.lit(item) + pl.col("suffix"), words))
    return parts


def contacts(truth: Truth) -> Sheet:
    """hospital_b/contacts.csv: REDCap export, one row per person of hospital B."""
    frame = women_of(truth, truth.follow_up, "b", "both")
    is_dead, status = pl.col("vital_status_code") == "dead", pl.col("vital_status_code").is_not_null()
    rows = frame.select(
        pl.col("number_b").alias("record_id"),
        mixed("contact_date", "%Y-%m-%d", "%-d-%b-%Y", salt=30).alias("contact_date"),
        pl.when(status).then((~is_dead).cast(pl.Int8).cast(pl.String)).otherwise(pl.lit("0")).alias("status___1"),
        pl.when(status).then(is_dead.cast(pl.Int8).cast(pl.String)).otherwise(pl.lit("0")).alias("status___2"),
        pl.col("performance_status_code").alias("ecog"),
        *hidden(frame),
    )
    return text_file("hospital_b/contacts.csv", rows, below="-- end of export --")


def deaths(truth: Truth) -> Sheet:
    """deaths/deaths.csv: one row per dead person."""
    frame = women_of(truth, truth.follow_up, "a", "b", "both").filter(pl.col("death_date").is_not_null())
    person = truth.person.select("person_no", "family_name", "given_name", "birth_date")
    frame = frame.join(person, on="person_no", how="left", maintain_order="left")
    rows = frame.select(
        pl.col("nric").alias("NRIC"),
        pl.concat_str("family_name", pl.lit(" "), "given_name").alias("NAME"),
        form("birth_date", "%Y-%m-%d").alias("BIRTH"),
        pl.lit("1").alias("ENTRY"),
        form("death_date", "%Y-%m-%d").alias("DATE_OF_DEATH"),
        labels(frame, "cause_of_death_code", "cause_of_death").alias("CAUSE"),
        *hidden(frame),
    )
    return text_file("deaths/deaths.csv", rows)
