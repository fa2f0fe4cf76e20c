"""The order of day and month is proved per file and column, or the date stays ambiguous."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from date_cells import column, days_of_march, precision
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_exports import contract, normalised, noted

ASKED = "03/04/2009"
DAY_FIRST, MONTH_FIRST = date(2009, 4, 3), date(2009, 3, 4)


def test_proves_the_order_by_twenty_cells_of_which_five_can_be_read_one_way_only():
    # 15 days up to the 12th (some twice) and 5 above it
    cells = [*days_of_march(1, 12), "01/03/2009", "02/03/2009", *days_of_march(13, 17)]
    assert len(cells) + 1 == 20
    assert precision(cells, ASKED) == "day"
    assert column([*cells, ASKED]).filter(raw=ASKED)["earliest"][0] == DAY_FIRST


def test_needs_twenty_cells():
    assert precision(days_of_march(1, 13) + days_of_march(13, 17), ASKED) == "ambiguous"


def test_needs_five_witnesses():
    assert precision(days_of_march(1, 12) * 2 + days_of_march(13, 16), ASKED) == "ambiguous"


def test_counts_cells_and_not_distinct_texts():
    assert precision(["13/03/2009"] * 5 + ["01/02/2009"] * 15, ASKED) == "day"


def test_proves_month_first_as_well():
    cells = [f"03/{day:02d}/2009" for day in range(1, 25)]
    assert column([*cells, ASKED]).filter(raw=ASKED)["earliest"][0] == MONTH_FIRST


def test_proves_nothing_where_one_cell_contradicts_and_names_it():
    cells = [*days_of_march(1, 31), "03/14/2009", ASKED]
    read = column(cells)
    assert read.filter(raw=ASKED)["precision"][0] == "ambiguous"
    assert read.filter("is_torn")["raw"].to_list() == ["03/14/2009"]
    assert read.filter(raw="03/14/2009")["earliest"][0] == date(2009, 3, 14)  # a cell that can be read one way only says what it says


def test_reads_each_way_of_writing_by_its_own_witnesses():
    # a German and an American system in one column: the dots prove nothing about the slashes
    dots = days_of_march(1, 31, "{day:02d}.03.2009")
    assert precision([*dots, ASKED], "04.03.2009") == "day"
    assert precision(dots, ASKED) == "ambiguous"
    assert precision([*dots, "25/03/2009"], ASKED) == "day"


def test_lets_no_other_form_speak_for_the_order():
    assert precision(["2009-03-14"] * 30 + ["14 March 2009"] * 30, ASKED) == "ambiguous"


@pytest.mark.parametrize("declared", [{"order": "dmy"}, {"formats": ("%d/%m/%Y",)}])
def test_takes_a_declared_order_without_proof(declared):
    assert precision([], ASKED, **declared) == "day"
    assert column([ASKED], **declared)["earliest"][0] == DAY_FIRST


@pytest.mark.parametrize("declared", [{"order": "dmy"}, {"formats": ("%d/%m/%Y",)}])
def test_does_not_believe_a_declared_order_against_the_file(declared):
    # the source changed its export overnight: nothing but months first
    cells = [f"03/{day:02d}/2009" for day in range(1, 31)]
    read = column([*cells, ASKED], **declared)
    assert read.filter(raw=ASKED).select("precision", "earliest", "latest").row(0) == ("ambiguous", MONTH_FIRST, DAY_FIRST)
    assert read["is_torn"].sum() == 18  # 13 to 30 March


def test_holds_a_declared_order_against_slips_of_the_pen():
    # 5 in 120 cells that can tell
    cells = days_of_march(13, 31) * 6 + [f"03/{day}/2009" for day in range(13, 18)]
    assert precision(cells, ASKED, order="dmy") == "day"
    assert column(cells, order="dmy").filter(raw="03/13/2009")["precision"].unique().to_list() == ["unknown"]


def test_doubts_a_declared_order_that_no_cell_supports_and_one_contradicts():
    read = column([ASKED, "03/25/2009"], order="dmy")
    assert read["precision"].to_list() == ["ambiguous", "unknown"]
    assert precision(["03/25/2009", "25/03/2009"], ASKED, order="dmy") == "day"


def test_leaves_formats_of_both_orders_open_until_proved():
    both = ("%d/%m/%Y", "%m/%d/%Y")
    assert precision([], ASKED, formats=both) == "ambiguous"
    assert precision(days_of_march(1, 31), ASKED, formats=both) == "day"


def test_keeps_two_digit_years_first_as_an_order_of_its_own():
    # 25.03.09 may be 25 March 2009 or 9 March 2025
    assert precision(["25.03.09"] * 30, "04.03.09", pivot=1930) == "ambiguous"
    assert precision(["31.12.97"] * 30, "04.03.09", pivot=1930) == "day"
    assert column(["97-12-31"] * 30 + ["09-03-04"], pivot=1930)["earliest"][-1] == date(2009, 3, 4)


def test_hears_a_cell_of_two_orders_against_the_third():
    # 25.03.09 begins with the day or the year, so a column that also holds 03.25.09 is in no one order
    months_first = [f"03.{day}.09" for day in range(13, 31)] * 2
    read = column([*months_first, "25.03.09", "04.03.09"], pivot=1930)
    assert read.filter(raw="04.03.09").select("earliest", "latest").row(0) == (date(2004, 3, 9), date(2009, 4, 3))
    assert read.filter("is_torn")["raw"].to_list() == ["25.03.09"]
    declared = column(["25.03.09"] * 30 + ["04.03.09"], pivot=1930, order="mdy")
    assert declared["earliest"][-1] <= date(2009, 3, 4) <= declared["latest"][-1]


def test_lets_years_of_four_digits_say_nothing_of_years_of_two():
    # 09-10-02 of another ward is 2 October 2009
    read = column([*days_of_march(1, 31, "{day:02d}-03-2009"), "09-10-02"], pivot=1930)
    assert read.select("earliest", "latest").row(-1) == (date(2002, 9, 10), date(2009, 10, 2))
    assert read.head(31)["precision"].unique().to_list() == ["day"]


def test_takes_real_dates_of_excel_as_they_are_where_one_has_a_day_above_twelve():
    read = column(["14/03/2009"], ["2009-03-04", "2009-03-15"])
    assert read["precision"].to_list() == ["day", "day", "day"]


def test_doubts_real_dates_of_excel_beside_text_dates_where_none_has_a_day_above_twelve():
    read = column(["14/03/2009"], ["2009-03-04", "2009-05-05", "2009-12-11T10:30:00"])
    assert read.select("earliest", "latest", "precision").rows() == [
        (date(2009, 3, 14), date(2009, 3, 14), "day"),
        (date(2009, 3, 4), date(2009, 4, 3), "ambiguous"),
        (date(2009, 5, 5), date(2009, 5, 5), "day"),  # the same day either way
        (date(2009, 11, 12), date(2009, 12, 11), "ambiguous"),
    ]
    assert read["is_doubtful"].to_list() == [False, True, False, True]


def test_reads_months_and_years_among_real_dates_of_excel_whatever_formats_are_declared():
    read = column(["14/03/2009"], ["2009-03", "2009", "2009-03-15"], formats=("%d/%m/%Y",))
    assert read["precision"].to_list() == ["day", "month", "year", "day"]
    assert column(["14/03/2009"], ["2009-03"] * 30 + ["2009-03-15"] * 5)["is_doubtful"].any() is False


def test_doubts_day_numbers_as_real_dates():
    # 39876 is 4 March 2009
    read = column(["14/03/2009", "39876"], ["2009-03-05"], serials=1900)
    assert read["precision"].to_list() == ["day", "ambiguous", "ambiguous"]


def test_doubts_many_real_dates_of_which_hardly_any_has_a_day_above_twelve():
    swapped = [f"2009-{month:02d}-{day:02d}" for month in range(1, 6) for day in range(1, 13)]
    assert column(["14/03/2009"], [*swapped, "2009-03-15"])["precision"].to_list().count("ambiguous") == 60 - 5
    assert precision(["14/03/2009"], "2009-01-02", [*swapped, *[f"2009-03-{day}" for day in range(13, 18)]]) == "day"


def test_doubts_no_real_date_without_text_dates():
    assert column(["unknown", "not a date"], ["2009-03-04"])["precision"].to_list() == ["unknown", None, "day"]


def test_takes_no_number_for_a_date_unless_that_is_declared():
    assert precision([], "39886") is None
    assert precision([], "39886", serials=1900) == "day"


CONTACT = "{rule: contact, record: follow_up, %sset: {patient_id: id, contact: %s}}"


def test_counts_dates_that_stay_two_and_names_those_that_contradict():
    cells = [*days_of_march(1, 30), "03/31/2009", ASKED]
    found = normalised(contract("cell: {}", CONTACT % ("", "cell")), *[(str(number), cell) for number, cell in enumerate(cells, 1)])
    assert noted(found) == [("NORM-DATE-ORDER", "follow_up", 32, "cell")]
    counts = found.counts.filter(edit="NORM-DATE-ORDER").select("violated", "not_judgeable", "satisfied").row(0)
    # 1 to 12 March without the 3rd (the same day either way), and the cell asked for
    assert counts == (1, 12, 19)


def test_lets_the_whole_column_speak_for_a_rule_that_reads_some_rows():
    rule = contract("kind: {}, cell: {}", CONTACT % ("when: kind = 'a', ", "cell"))
    found = normalised(rule, ("1", "a", ASKED), *[(str(number), "b", cell) for number, cell in enumerate(days_of_march(1, 31), 2)])
    assert found.records["follow_up"]["contact_earliest_date"].to_list() == [DAY_FIRST]


def test_lets_two_rules_declare_two_orders_for_their_rows():
    rules = ", ".join(CONTACT.replace("rule: contact", f"rule: {kind}") % (f"when: kind = '{kind}', ", f"{{from: cell, order: {kind}}}")
                      for kind in ("dmy", "mdy"))  # fmt: skip
    rows = [(str(day), "dmy", f"{day}/03/2009") for day in range(13, 31)] + [(str(day), "mdy", f"03/{day}/2009") for day in range(13, 31)]
    found = normalised(contract("kind: {}, cell: {}", rules), *rows, ("98", "dmy", ASKED), ("99", "mdy", ASKED))
    last = found.records["follow_up"].filter(pl.col("contact_earliest_date").is_in([DAY_FIRST, MONTH_FIRST]))
    assert last.sort("rule").filter(pl.col("source_row_id") >= 38)["contact_earliest_date"].to_list() == [DAY_FIRST, MONTH_FIRST]


NUMERIC = st.builds(
    lambda day, month, mark: f"{day:02d}{mark}{month:02d}{mark}2009", st.integers(1, 31), st.integers(1, 12), st.sampled_from("/.")
)


@given(st.lists(NUMERIC, min_size=15, max_size=60), st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_does_not_depend_on_the_order_of_rows(cells, random):
    shuffled = random.sample(cells, len(cells))
    assert column(cells).sort("raw").equals(column(shuffled).sort("raw"))


@given(st.lists(NUMERIC, min_size=15, max_size=60), st.integers(1, 30), st.sampled_from(["dmy", "mdy"]))
@settings(max_examples=20, deadline=None)
def test_never_flips_a_proved_order_by_more_cells_that_can_be_read_one_way_only(cells, n, order):
    before = column([*cells, ASKED]).filter(raw=ASKED).select("precision", "earliest").row(0)
    witness = "25/03/2009" if order == "dmy" else "03/25/2009"
    after = column([*cells, ASKED, *[witness] * n]).filter(raw=ASKED).select("precision", "earliest").row(0)
    if before[0] == "day":
        assert after[0] == "ambiguous" or after == before
