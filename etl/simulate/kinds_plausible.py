"""Values that are wrong and that nothing contradicts: no check of one registry can find them, and the benchmark says so."""

from __future__ import annotations

import polars as pl

from etl.simulate.defects import Cell
from etl.simulate.kinds_dates import DIAGNOSIS, PATIENTS, RECURRENCES, TUMOURS
from etl.simulate.kinds_order import ALIVE, BORN, IN_A, ONE_TUMOUR, moved

CANNOT = "undetectable"
# Why each cannot be found, for the benchmark and its reader.
REASONS = {
    "plausible_wrong_birth": "a birth two years off is an age like others; no other source tells the birth of the living",
    "plausible_wrong_day": "a diagnosis three days earlier is in order with every other date",
    "plausible_wrong_grade": "grade 2 or 3 fits any tumour; it is delivered once",
    "plausible_wrong_site": "another organ is as likely; the recurrence is delivered once",
    "plausible_wrong_size": "a size of the same T category contradicts nothing; it is delivered once",
}
OTHER_SITE = {"Lung": "Brain", "Liver": "Bone", "Bone": "Liver", "Vertebra": "Liver"}
SIZE, SITE = pl.col("Size mm").cast(pl.Int64, strict=False), pl.col("Site")

CELLS = (
    Cell("plausible_wrong_birth", PATIENTS, "Birth", moved(BORN, "-2y", "%d.%m.%Y"), CANNOT, IN_A & ALIVE),
    Cell("plausible_wrong_day", TUMOURS, "Diagnosis Date", moved(DIAGNOSIS, "-3d", "%d/%m/%Y"), CANNOT, IN_A & ONE_TUMOUR),
    Cell(
        "plausible_wrong_grade", TUMOURS, "Grade", pl.col("Grade").replace_strict({"2": "3", "3": "2"}, default=None), CANNOT,
        IN_A & pl.col("Grade").is_in(["2", "3"]),
    ),
    Cell(
        "plausible_wrong_site", RECURRENCES, "Site", SITE.replace_strict(OTHER_SITE, default=None),
        CANNOT, IN_A & SITE.is_in(list(OTHER_SITE)) & pl.col("Side").is_null() & pl.col("f_resection_date").is_null(),
    ),
    Cell(
        "plausible_wrong_size", TUMOURS, "Size mm", (SIZE + 4).cast(pl.String), CANNOT,
        IN_A & (pl.col("f_t_code") == "T2") & SIZE.is_between(22, 44),
    ),
)  # fmt: skip
