"""Defects of whole rows and columns: duplicates, ragged rows, headers and totals among the data, a column that Excel swapped."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from etl.simulate.defects import AT, Injury, Label
from etl.simulate.kinds_dates import CONTACTS, PATIENTS, RECURRENCES, REGISTRY, SHEET, TUMOURS
from etl.simulate.kinds_order import ALIVE, IN_A, IN_B, ONE_TUMOUR
from etl.simulate.sheets import LINE, PERSON, TUMOUR

ALL = pl.col(PERSON).is_not_null()


def _copies(injury: Injury, kind: str, file: str, where: pl.Expr, *, restorable: bool = False) -> pl.DataFrame:
    chosen = injury.pick(kind, file, where, restorable=restorable)
    return injury.sheets[file].rows.filter(pl.col(AT).is_in(chosen[AT].implode()))


def duplicate_row(injury: Injury) -> None:
    """A row that stands in its file twice."""
    copies = _copies(injury, "duplicate_row", RECURRENCES, ALL, restorable=True)
    injury.insert(Label("duplicate_row", RECURRENCES, "merged"), copies, before=copies[AT])


def duplicate_person_row(injury: Injury) -> None:
    """A patient who stands in the master file twice, the second time at its end."""
    copies = _copies(injury, "duplicate_person_row", PATIENTS, ALL, restorable=True)
    injury.insert(Label("duplicate_person_row", PATIENTS, "merged"), copies)


def one_person_two_numbers(injury: Injury) -> None:
    """A woman of hospital B who was given a second number: a further row with the number of nobody else."""
    fits = IN_B & pl.col("f_is_nric_known_b") & ONE_TUMOUR
    copies = _copies(injury, "one_person_two_numbers", REGISTRY, fits)
    other = pl.concat_str(pl.lit("09"), pl.col("patient_number").str.slice(2, 5), pl.lit("9")).alias("patient_number")
    injury.insert(Label("one_person_two_numbers", REGISTRY, "merged LINK-PERSON"), copies.with_columns(other))


def second_primary_merged(injury: Injury) -> None:
    """A second primary filed under the number of the first."""
    chosen = injury.pick("second_primary_merged", TUMOURS, (pl.col(TUMOUR) == 2) & IN_A)
    new = chosen.select(AT, PERSON, new=pl.lit("1"), old=pl.col("Tumour No"))
    injury.put(Label("second_primary_merged", TUMOURS, "edit LINK-CONFLICT", "Tumour No"), new)


def replaced_line(injury: Injury, label: Label, change: Callable[[pl.Expr], pl.Expr], where: pl.Expr = ALL) -> None:
    """A row that is written as another line than its cells make."""
    sheet = injury.sheets[label.file]
    # a last row that breaks off is a file that was cut off, which is refused as a whole
    chosen = injury.pick(label.kind, label.file, where).filter(pl.col(AT) != sheet.rows[AT][-1])
    plain = sheet.with_rows(sheet.rows.drop(AT))
    lines = plain.lines().with_columns(sheet.rows[AT]).filter(pl.col(AT).is_in(chosen[AT].implode())).select(AT, new=change(pl.col("line")))
    joined = sheet.rows.join(lines, on=AT, how="left", maintain_order="left")
    injury.sheets[label.file] = sheet.with_rows(joined.with_columns(pl.coalesce("new", LINE).alias(LINE)).drop("new"))
    injury.note(label, chosen.select(AT, PERSON))


def ragged_row(injury: Injury) -> None:
    """A row with a cell too many."""
    replaced_line(injury, Label("ragged_row", RECURRENCES, "refused READ-RAGGED"), lambda line: line + "\t\tx", pl.col("f_distant") <= 1)


def shortened_row(injury: Injury) -> None:
    """A row that breaks off."""
    replaced_line(injury, Label("shortened_row", CONTACTS, "refused READ-RAGGED"), lambda line: line.str.extract(r"^([^,]*,[^,]*),", 1))


def shortened_line(injury: Injury) -> None:
    """A line of the fixed-width file without its right end, which holds blanks."""
    kept = pl.col("menopausal_status").is_null()
    replaced_line(injury, Label("shortened_line", REGISTRY, "restored READ-SHORT-LINE"), lambda line: line.str.strip_chars_end(), kept)


def inserted_line(injury: Injury, label: Label, line: str) -> None:
    """A line among the rows that belongs to nobody, in as many places as the kind has cases."""
    sheet = injury.sheets[label.file]
    count = min(injury.count, sheet.rows.height - 1)
    blank = sheet.rows.clear(count).with_columns(pl.lit(line).alias(LINE))
    places = injury.generator(label.kind).choice(sheet.rows.height - 1, count, replace=False) + 1
    injury.insert(label, blank, before=sheet.rows[AT].gather(np.sort(places)))


def header_among_rows(injury: Injury) -> None:
    """The header once more in the middle of the data, as pages pasted together leave it."""
    inserted_line(injury, Label("header_among_rows", PATIENTS, "no_record READ-FORM"), injury.sheets[PATIENTS].form.above[-1])


def total_row(injury: Injury) -> None:
    """A subtotal in the middle of the data, with a cell for each column."""
    blanks = ";" * (len(injury.sheets[PATIENTS].columns_of_file(AT)) - 2)
    inserted_line(injury, Label("total_row", PATIENTS, "no_record READ-FORM"), f"Subtotal;100{blanks}")


def footer_row(injury: Injury) -> None:
    """The foot of a page among the rows."""
    inserted_line(injury, Label("footer_row", CONTACTS, "no_record READ-RAGGED"), "-- page 2 --")


def blank_row(injury: Injury) -> None:
    """A blank line among the rows."""
    inserted_line(injury, Label("blank_row", TUMOURS, "no_record"), "")


def test_patient(injury: Injury) -> None:
    """A row that someone made to try the form out."""
    cells = ";".join(["TEST1", "Test, Test", *([""] * (len(injury.sheets[PATIENTS].columns_of_file(AT)) - 2))])
    inserted_line(injury, Label("test_patient", PATIENTS, "no_record READ-FORM"), cells)


def death_nobody_can_read(injury: Injury) -> None:
    """A day of death that no calendar has, where the vital status was not filled in: is she alive?"""
    where = pl.col("Died").is_null() & IN_A & ALIVE
    chosen = injury.pick("death_nobody_can_read", PATIENTS, where)
    new = chosen.select(AT, PERSON, new=pl.lit("31.02.2016"), old=pl.col("Died"))
    injury.put(Label("death_nobody_can_read", PATIENTS, "edit FUP-006", "Died"), new)
    sheet = injury.sheets[PATIENTS]
    status = pl.when(~pl.col(AT).is_in(chosen[AT].implode())).then("Status").alias("Status")
    injury.sheets[PATIENTS] = sheet.with_rows(sheet.rows.with_columns(status))


def date_swapped_by_excel(injury: Injury) -> None:
    """A column typed day first and opened month first: what can be read so became real dates, exchanged; the rest stayed text."""
    column = "Hormonal End"
    known = injury.sheets[SHEET].rows.filter(pl.col(column).is_not_null())
    serial = pl.col(column).str.extract(r"^(?:date|number):(\d+)$", 1).cast(pl.Int32)
    day = pl.coalesce(pl.date(1899, 12, 30) + pl.duration(days=serial), pl.col(column).str.to_date("%d/%m/%Y", strict=False))
    dated = known.select(AT, PERSON, old=pl.col(column), day=day)
    swapped = pl.date(pl.col("day").dt.year(), pl.col("day").dt.day().clip(1, 12), pl.col("day").dt.month().clip(1, 12))
    as_real = "date:" + (swapped - pl.date(1899, 12, 30)).dt.total_days().cast(pl.String)
    is_low = pl.col("day").dt.day() <= 12
    new = dated.with_columns(
        new=pl.when(is_low).then(as_real).otherwise(pl.col("day").dt.strftime("%d/%m/%Y")),
        differs=is_low & (pl.col("day").dt.day() != pl.col("day").dt.month()),
    )
    sheet = injury.sheets[SHEET]
    joined = sheet.rows.join(new.select(AT, "new"), on=AT, how="left", maintain_order="left")
    injury.sheets[SHEET] = sheet.with_rows(joined.with_columns(pl.coalesce("new", column).alias(column)).drop("new"))
    injury.note(Label("date_swapped_by_excel", SHEET, "interval NORM-DATE-SWAPPED", column), new.filter("differs"))


ROWS = (
    second_primary_merged, one_person_two_numbers, ragged_row, shortened_row, shortened_line, duplicate_row, duplicate_person_row,
    header_among_rows, total_row, footer_row, blank_row, test_patient,
    death_nobody_can_read,
)  # fmt: skip
