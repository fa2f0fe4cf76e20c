"""Defects that reading, normalising and linking name by a code of their own (schemas/reading_edits.csv), within rows and cells.

What is wrong with a file as a whole stands in `kinds_files`.
"""

from __future__ import annotations

import polars as pl

from etl.simulate.defects import AT, Cell, Injury, Label
from etl.simulate.kinds_added import QUIET
from etl.simulate.kinds_dates import CONTACTS, DEATHS, ITEMS, NO_EVENT, REGISTRY, SHEET, TELLS_ALONE, TUMOURS
from etl.simulate.kinds_order import ALIVE, BORN, DIED, IN_A, IN_B, IN_BOTH, ONE_TUMOUR
from etl.simulate.kinds_rows import inserted_line, replaced_line
from etl.simulate.kinds_spellings import in_turn
from etl.simulate.sheets import LINE, MERGED, PERSON
from etl.simulate.workbook import ERROR

ONE_LINE = ~pl.col("Remarks").fill_null("").str.contains('["\n]')
# Of hospital B alone, with nothing that needs her line: without it nobody knows her national number, nor that she died.
LOSES_LINE = IN_B & NO_EVENT & ALIVE & ONE_TUMOUR
HAS_NUMBER = IN_BOTH & ALIVE & ONE_TUMOUR & pl.col("f_is_nric_known_b") & pl.col("nric").is_not_null()
LATE_DAY = pl.col("DATE").str.slice(8, 2) > "12"
TORN = {"é": "Ã©", "ü": "Ã¼", "ö": "Ã¶"}
# Both antibodies in one course, of which the sheet tells the start of one: of which?
TWO_ANTIBODIES = " Trastuzumab + Pertuzumab"
SECOND = "date_month_first_among_others"
# In a larger registry a name and a birth so alike are not even worth looking at, in a smaller one they are enough.
FEWEST_IN_DOUBT, MOST_IN_DOUBT = 1_000, 30_000

CELLS = (
    Cell("both_boxes_ticked", CONTACTS, "status___2", pl.lit("1"), "finding READ-CHECKBOX", IN_B & ALIVE & (pl.col("status___1") == "1")),
    Cell("cell_in_error", SHEET, "Radiation Start", in_turn(ERROR + "#REF!", ERROR + "#VALUE!"), "finding READ-CELL-ERROR", IN_A),
    Cell("yes_or_no_in_other_words", SHEET, "Radiation Given", in_turn("partly", "planned", "see letter"), "finding NORM-BOOLEAN", IN_A),
    Cell(
        "tumour_number_in_words", TUMOURS, "Tumour No", in_turn("first", "primary", "see letter"), "refused NORM-KEY",
        IN_A & NO_EVENT & ONE_TUMOUR,
    ),
    Cell(
        "number_of_nobody", REGISTRY, "nric", pl.col("nric").str.slice(0, 8), "restored NORM-IDENTIFIER",
        IN_B & ALIVE & pl.col("f_is_nric_known_b") & ONE_TUMOUR,
    ),
    Cell(
        "name_torn", DEATHS, "NAME", pl.col("NAME").str.replace_many(TORN), "merged READ-TORN-TEXT",
        IN_A & DIED.is_not_null() & pl.col("NAME").str.contains("[éüö]"),
    ),
    Cell(
        "number_of_another", REGISTRY, "nric", pl.format("W{}K", (pl.col(PERSON) * 104_729 % 10_000_000).cast(pl.String).str.zfill(7)),
        "edit LINK-IDENTITY", HAS_NUMBER,
    ),
)  # fmt: skip


def malformed_row(injury: Injury) -> None:
    """A cell in quotes, with text behind the second one."""
    where = QUIET & ONE_LINE & pl.col("Side").is_not_null()
    replaced_line(
        injury,
        Label("malformed_row", TUMOURS, "refused READ-MALFORMED"),
        lambda line: line.str.replace(",(Left|Right),", ',"$1" side,'),
        where,
    )


def line_too_long(injury: Injury) -> None:
    """A line of the fixed-width file with a remark behind the name, so that all columns after it have moved."""
    replaced_line(
        injury, Label("line_too_long", REGISTRY, "refused READ-LINE-LENGTH"),
        lambda line: line.str.slice(0, 49) + " SEE ALSO HER OLD FILE" + line.str.slice(49), LOSES_LINE,
    )  # fmt: skip


def tab_in_line(injury: Injury) -> None:
    """A line of the fixed-width file with a tab between the names."""
    replaced_line(
        injury, Label("tab_in_line", REGISTRY, "refused READ-TAB"), lambda line: line.str.replace(r"([A-Z]) ([A-Z])", "$1\t$2"), LOSES_LINE
    )


def sum_row(injury: Injury) -> None:
    """A sum among the lines, where a person should stand."""
    inserted_line(injury, Label("sum_row", REGISTRY, "no_record READ-TOTAL"), "TOTAL 250")


def merged_cells(injury: Injury) -> None:
    """Begin and end of radiation typed once over two merged cells: the end is empty."""
    where = IN_A & pl.col("Radiation Start").is_not_null() & pl.col("Radiation End").is_not_null()
    chosen = injury.pick("merged_cells", SHEET, where)
    injury.put(
        Label("merged_cells", SHEET, "finding READ-MERGED-CELL", "Radiation End"),
        chosen.select(AT, PERSON, new=pl.lit(None, pl.String), old=pl.col("Radiation End")),
    )
    injury.change_rows(SHEET, chosen[AT], pl.lit(f"{MERGED}Radiation Start:Radiation End").alias(LINE))


def start_of_two_antibodies(injury: Injury) -> None:
    """A course with two antibodies, and a start of one of them."""
    column = "Chemotherapy Regimen"
    where = (IN_A | IN_BOTH) & (pl.col("f_her2_code").fill_null("positive") == "positive") & ~pl.col("f_has_trastuzumab")
    plain = pl.col(column).str.contains(r"x\d+$") & pl.col("Chemotherapy Block 1 Start").is_not_null()
    chosen = injury.pick("start_of_two_antibodies", SHEET, where & plain)
    injury.put(
        Label("start_of_two_antibodies", SHEET, "edit LINK-COMPONENT", column),
        chosen.select(AT, PERSON, new=pl.col(column) + TWO_ANTIBODIES, old=pl.col(column)),
    )
    injury.change_rows(SHEET, chosen[AT], pl.col("Chemotherapy Block 1 Start").alias("Trastuzumab Start"))


def tumour_not_delivered(injury: Injury) -> None:
    """A tumour that is treated, and stands in no list of tumours."""
    where = IN_A & NO_EVENT & ONE_TUMOUR & pl.col("Surgery 1 Type").is_not_null()
    chosen = injury.pick("tumour_not_delivered", SHEET, where)
    injury.note(Label("tumour_not_delivered", SHEET, "edit LINK-PARENT"), chosen.select(AT, PERSON))
    injury.take_out(TUMOURS, chosen[PERSON])


def dates_in_two_orders(injury: Injury) -> None:
    """Numeric dates of a column that declares no order: most day first, some month first."""
    where = NO_EVENT & TELLS_ALONE & LATE_DAY
    first = injury.pick("date_day_first", ITEMS, where, at_most=2 * injury.count)
    second = injury.pick(SECOND, ITEMS, where, at_most=first.height // 2)
    day_first, month_first = Label("date_day_first", ITEMS, "restored", "DATE"), Label(SECOND, ITEMS, "restored NORM-DATE-ORDER", "DATE")
    for label, chosen, form in ((day_first, first, "$3/$2/$1"), (month_first, second, "$2/$3/$1")):
        new = pl.col("DATE").str.replace(r"^(\d{4})-(\d\d)-(\d\d)$", form)
        injury.put(label, chosen.select(AT, PERSON, new=new, old=pl.col("DATE")))


def alike_without_number(injury: Injury) -> None:
    """A woman of both hospitals, in one of which her national number is not known and she was born a day earlier or later."""
    if not FEWEST_IN_DOUBT <= len(injury.taken) <= MOST_IN_DOUBT:
        return
    column, day = "date_of_birth", BORN.dt.day().cast(pl.Int32)
    chosen = injury.pick("alike_without_number", REGISTRY, HAS_NUMBER & (day < 28))
    other = pl.when(day % 10 == 9).then(day - 1).otherwise(day + 1).cast(pl.String).str.zfill(2)
    new = pl.concat_str(BORN.dt.strftime("%Y%m"), other)
    injury.put(
        Label("alike_without_number", REGISTRY, "edit LINK-POSSIBLE", column), chosen.select(AT, PERSON, new=new, old=pl.col(column))
    )
    injury.change_rows(REGISTRY, chosen[AT], pl.lit(None, pl.String).alias("nric"))


READ = (
    malformed_row, line_too_long, tab_in_line, sum_row, merged_cells, start_of_two_antibodies, tumour_not_delivered, dates_in_two_orders,
    alike_without_number,
)  # fmt: skip
