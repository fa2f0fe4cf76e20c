"""What is worth a second look in `linkage`: numbers that two contracts share and nothing compares."""

from pathlib import Path

import pytest
from small_project import CONTRACT, REGISTRY, written

from schemas.project import load_project

CASE = "  id: {required: true}\n  case_no: {identifier: KIND}"
SECOND = (
    CONTRACT.replace("contract: ward", "contract: follow_up")
    .replace("[ward.csv]", "[follow_up.csv]")
    .replace("  id: {required: true}", CASE)
)


def told(folder: Path, kind: str, first: str, linkage: str = "") -> list[tuple[str, str]]:
    """What `check` says of the numbers of two contracts, the second of which names one of that kind beside the number itself."""
    files = {"registry.yml": REGISTRY + linkage, "contracts/ward.yml": first, "contracts/follow_up.yml": SECOND.replace("KIND", kind)}
    notices = load_project(written(folder, files)).notices
    return [(notice.file, notice.message + notice.hint) for notice in notices if "compares no" in notice.message]


@pytest.mark.parametrize("kind", ["nric", "hospital_number"])
def test_names_a_number_that_two_contracts_share_and_no_set_compares(tmp_path: Path, kind: str) -> None:
    first = CONTRACT.replace("id: {required: true}", f"id: {{required: true, identifier: {kind}}}")
    [(file, says)] = told(tmp_path, kind, first)
    assert file == "registry.yml"
    assert f"compares no {kind}, though the contracts follow_up, ward name" in says
    assert f"`deterministic: [patient_id, {kind}]`" in says


def test_is_content_where_a_set_compares_it_or_one_contract_alone_has_it(tmp_path: Path) -> None:
    first = CONTRACT.replace("id: {required: true}", "id: {required: true, identifier: nric}")
    assert told(tmp_path, "nric", first, "linkage: {deterministic: [patient_id, nric]}\n") == []
    assert told(tmp_path, "nric", first, "linkage: {deterministic: [patient_id, [nric, birth]]}\n") == []
    assert told(tmp_path, "nric", CONTRACT) == []


def test_is_content_with_numbers_of_two_hospitals_for_each_is_its_own(tmp_path: Path) -> None:
    first = CONTRACT.replace("id: {required: true}", "id: {required: true, identifier: hospital_number}")
    two = REGISTRY.replace("  ward: {required: true}", "  ward: {required: true}\n  other: {required: true}")
    second = SECOND.replace("KIND", "hospital_number").replace("source: ward", "source: other")
    files = {"registry.yml": two, "contracts/ward.yml": first, "contracts/follow_up.yml": second}
    assert not [notice for notice in load_project(written(tmp_path, files)).notices if "compares no" in notice.message]


@pytest.mark.parametrize(("kind", "is_told"), [("", True), (", identifier: nric", True), (", identifier: hospital_number", False)])
def test_names_numbers_of_a_source_that_does_not_call_its_own_hospital_numbers(tmp_path: Path, kind: str, is_told: bool) -> None:
    two = REGISTRY.replace("  ward: {required: true}", "  ward: {required: true}\n  lab: {}")
    first = CONTRACT.replace("id: {required: true}", f"id: {{required: true{kind}}}")
    second = SECOND.replace("KIND", "{kind: hospital_number, issuer: ward}").replace("source: ward", "source: lab")
    files = {"registry.yml": two, "contracts/ward.yml": first, "contracts/follow_up.yml": second}
    told = [
        one.file for one in load_project(written(tmp_path, files)).notices if "no contract of 'ward' has a hospital_number" in one.message
    ]
    assert told == (["contracts/follow_up.yml"] if is_told else [])
