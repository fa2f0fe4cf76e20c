"""Texts that name how many, or more than one thing: one site with a count is that site, two are never one of them in silence."""

from __future__ import annotations

import pytest

from tests.schemas.vocabulary_outcome import outcome

READ = {
    "site": {
        "multiple liver metastases": "liver", "solitary liver metastasis": "liver", "single brain metastasis": "brain",
        "2 liver mets": "liver", "bilateral lung metastases": "lung", "visceral (liver)": "liver",
        "multiple sites": "multiple", "multiple": "multiple",
    },
    "procedure": {
        "skin sparing mastectomy and implant": "mastectomy", "SSM + implant": "mastectomy",
        "left mastectomy with immediate implant reconstruction": "mastectomy",
        "simple mastectomy and axillary clearance": "mastectomy",  # SMAC: a mastectomy that goes with it
    },
    "grade": {
        "histologische graad 3": "3", "histologischer Grad 2": "2", "Nottingham 7 (3+2+2)": "2", "Nottingham score 9 (3+3+3)": "3",
        "Nottingham 3+2+2=7": "2", "Bloom-Richardson 5 (2+2+1)": "1",
    },
}  # fmt: skip
REFUSED = {
    "site": [
        "liver and bone", "bone, lung & brain", "lung + liver", "liver/bone", "visceral (lung, liver)",
        "multiple liver and bone metastases",
        "solitary bone cyst", "multiple myeloma bone", "multiple bone fractures", "no multiple liver metastases", "solitary metastasis?",
    ],
    "procedure": [
        "right mastectomy and axillary clearance", "WLE + SLNB", "WLE/ANC", "Mx/ANC", "liver resection and RFA", "implant",
        "removal of implant", "mastectomy and implant removal", "previous mastectomy and implant",
    ],
    "grade": ["Nottingham 7 (3+3+2)", "Nottingham 3 (1+1+1)", "Nottingham 9 (3+2+2)", "Gleason 7 (3+4)", "Nottingham 7 (3+4)"],
    "t_category": ["mpT2", "mpT2, 2 foci"],  # m stands behind in TNM (pT2(m)); in front it may be the means, as u and i do
}  # fmt: skip


@pytest.mark.parametrize("within_text", [False, True])
@pytest.mark.parametrize("domain", READ)
def test_reads_the_one_thing_that_is_named(domain: str, within_text: bool) -> None:
    assert {text: outcome(domain, text, within_text=within_text)[0] for text in READ[domain]} == READ[domain]


@pytest.mark.parametrize("within_text", [False, True])
@pytest.mark.parametrize("domain", REFUSED)
def test_takes_none_of_several_and_nothing_of_what_is_another_thing(domain: str, within_text: bool) -> None:
    assert {text: outcome(domain, text, within_text=within_text)[0] for text in REFUSED[domain]} == dict.fromkeys(REFUSED[domain])
