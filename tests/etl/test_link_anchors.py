"""Days since an anchor: the anchor's own place, re-basing, and the windows that follow. Expected days show their working."""

from datetime import timedelta

from link_pieces import after, dates, day, delivered, link, noted, one, parents, window

START = "treatment_start"
DISTANT = {"event_type_code": "distant_recurrence"}


def events(linked, kind):
    return dates(linked.records["event"].filter(event_type_code=kind).row(0, named=True), "event")


def test_gives_an_anchor_its_own_place_where_days_are_counted_from_it():
    linked = link([delivered(**parents(), event=[{**DISTANT, **after("event", START, 423)}])])
    assert dates(one(linked, "tumour"), START)[3:] == (0, 0, START)
    assert dates(one(linked, "tumour"), "diagnosis") == (None,) * 6


def test_leaves_dates_alone_where_nothing_is_counted():
    linked = link([delivered(patient=[{}], tumour=[window(START, day(2005), day(2005))], event=[DISTANT])])
    assert dates(one(linked, "tumour"), START) == (day(2005), day(2005), "day", None, None, None)


def test_counts_a_date_from_the_anchor_on_which_its_own_anchor_hangs():
    local = {"event_type_code": "local_recurrence", **after("event", "distant_recurrence", -195, -165)}
    linked = link([delivered(**parents(), event=[{**DISTANT, **after("event", START, 228)}, local])])
    # 228 - 195 = 33 and 228 - 165 = 63
    assert events(linked, "local_recurrence")[3:] == (33, 63, START)
    assert events(linked, "distant_recurrence")[3:] == (228, 228, START)


def test_adds_the_widths_when_it_counts_from_another_anchor():
    tumour = after("diagnosis", START, -30, 0)
    linked = link([delivered(patient=[{}], tumour=[tumour], event=[{**DISTANT, **after("event", "diagnosis", 100)}])])
    assert events(linked, "distant_recurrence")[3:] == (70, 100, START)


def test_keeps_a_date_on_an_anchor_that_has_no_place_on_the_other():
    resection = {"event_type_code": "metastasectomy"}
    progression = {"event_type_code": "progression", **after("event", "metastasectomy", 139)}
    linked = link([delivered(**parents(), event=[{**DISTANT, **after("event", START, 423)}, resection, progression])])
    assert events(linked, "progression")[3:] == (139, 139, "metastasectomy")
    assert events(linked, "metastasectomy")[3:] == (0, 0, "metastasectomy")


def test_ends_where_anchors_hang_on_each_other():
    progression = {"event_type_code": "progression", **after("event", "distant_recurrence", 1)}
    linked = link([delivered(**parents(), event=[{**DISTANT, **after("event", "progression", 1)}, progression])])
    assert linked.records["event"].height == 2


def test_keeps_an_enrolment_on_day_0_since_randomisation():
    contact = after("contact", "randomisation", 1814)
    linked = link([delivered(patient=[{}], tumour=[after("enrolment", "randomisation", 0)], follow_up=[contact])])
    assert dates(one(linked, "tumour"), "enrolment")[3:] == (0, 0, "randomisation")
    assert dates(one(linked, "follow_up"), "contact")[3:] == (1814, 1814, "randomisation")


def test_counts_a_contact_from_the_first_tumour_of_the_person():
    tumours = [{"tumour_no": 2, **window(START, day(2010), day(2010))}, {"tumour_no": 1, **window(START, day(2005), day(2005))}]
    linked = link([delivered(patient=[{}], tumour=tumours, follow_up=[after("contact", START, 10)])])
    # 2005-01-01 + 10 days
    assert dates(one(linked, "follow_up"), "contact")[:3] == (day(2005, 1, 11), day(2005, 1, 11), "day")


def test_works_back_from_a_window_to_the_anchor_and_forward_to_the_other_dates():
    recurrence = {**DISTANT, **after("event", START, 3538), **window("event", day(2005), day(2016, 12, 31))}
    contact = {**after("contact", START, 5218), **window("contact", None, day(2017, 10, 6))}
    linked = link([delivered(patient=[{}], tumour=[after("diagnosis", START, -30, 0)], event=[recurrence], follow_up=[contact])])
    first, last = day(2005) - timedelta(3538), day(2017, 10, 6) - timedelta(5218)
    assert (first, last) == (day(1995, 4, 26), day(2003, 6, 24))
    assert dates(one(linked, "tumour"), START) == (first, last, "ambiguous", 0, 0, START)
    assert dates(one(linked, "tumour"), "diagnosis")[:3] == (first - timedelta(30), last, "ambiguous")
    assert events(linked, "distant_recurrence")[:2] == (day(2005), last + timedelta(3538))
    assert dates(one(linked, "follow_up"), "contact")[:2] == (first + timedelta(5218), day(2017, 10, 6))


def test_leaves_dates_as_delivered_and_notes_them_where_the_axes_contradict_each_other():
    recurrence = {**DISTANT, **after("event", START, 10), **window("event", day(2005), day(2005))}
    contact = {**after("contact", START, 20), **window("contact", day(2005), day(2005))}
    linked = link([delivered(**parents(), event=[recurrence], follow_up=[contact])])
    assert dates(one(linked, "tumour"), START)[:3] == (None, None, None)
    assert events(linked, "distant_recurrence")[:3] == (day(2005), day(2005), "day")
    assert sorted(noted(linked)) == [("LINK-AXES", "event", 1, "event"), ("LINK-AXES", "follow_up", 1, "contact")]


def test_keeps_the_precision_of_a_date_that_it_does_not_narrow():
    start = window(START, day(2005, 3), day(2005, 3, 31), "month")
    linked = link([delivered(patient=[{}], tumour=[start], event=[{**DISTANT, **after("event", START, 31)}])])
    assert dates(one(linked, "tumour"), START)[:3] == (day(2005, 3), day(2005, 3, 31), "month")
    assert events(linked, "distant_recurrence")[:3] == (day(2005, 4), day(2005, 5), "ambiguous")


def test_counts_from_the_birth_of_the_person_whatever_the_tumour():
    born = window("birth", day(1950), day(1950))
    tumours = [{"tumour_no": 1}, {"tumour_no": 2, **after("diagnosis", "birth", 20000)}]
    linked = link([delivered(patient=[born], tumour=tumours)])
    second = linked.records["tumour"].filter(tumour_no=2).row(0, named=True)
    assert dates(second, "diagnosis") == (day(1950) + timedelta(20000),) * 2 + ("day", 20000, 20000, "birth")
    assert dates(one(linked, "patient"), "birth")[3:] == (0, 0, "birth")
