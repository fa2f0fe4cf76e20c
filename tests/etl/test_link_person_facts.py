"""What the files tell of numbers: each thing once, whichever files it stands in."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from etl.linking.person_facts import IDENTIFIED, telling
from etl.normalise.result import IDENTIFIERS

SCHEMA = {name: IDENTIFIERS[name] for name in IDENTIFIED}
ROW = st.fixed_dictionaries(
    {"patient_key": st.integers(1, 3), "source": st.sampled_from("ab"), "patient_id": st.just("7")},
    optional={"nric": st.sampled_from(["S0000001A", "S0000002B"]), "name": st.sampled_from(["lim mary", "tan may"])},
)


def told(*rows: dict) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=SCHEMA)


def test_leaves_out_what_a_file_says_twice_and_keeps_what_the_next_one_says():
    mary = {"patient_key": 1, "source": "a", "patient_id": "1", "nric": "S0000001A", "name": "lim mary"}
    may, ann = (
        {**mary, "patient_key": key, "patient_id": str(key), "nric": f"S000000{key}B", "name": name}
        for key, name in ((2, "tan may"), (3, "ng ann"))
    )
    list_of_treatments = told({**mary, "name": None}, {**ann, "nric": None, "name": "ng anne"})
    found = telling([told(mary, mary, may), list_of_treatments, told(ann, may)])
    assert found["name"].to_list() == ["lim mary", "tan may", "ng anne", "ng ann"]


@given(st.lists(st.lists(ROW, max_size=5), max_size=4))
def test_tells_the_same_however_the_rows_lie_in_files(files):
    frames = [told(*rows) for rows in files]
    assert telling(frames).equals(telling([pl.concat([told(), *frames])]))
