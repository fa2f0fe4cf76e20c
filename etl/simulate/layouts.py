"""The eight exports of the simulated registry in their clean form.

A woman of hospital `both` is delivered by A in full and by B as a person with her tumour, receptors, nodes and contacts.
Headers, delimiters and date forms are those that the contracts beside them describe (etl/examples/registry/contracts).
"""

from __future__ import annotations

from etl.simulate.layout_pieces import Truth
from etl.simulate.layouts_a import patients, recurrences, treatment, tumours
from etl.simulate.layouts_b import contacts, deaths, items, registry
from etl.simulate.sheets import Sheet


def treated_sheets(truth: Truth) -> dict[str, Sheet]:
    """The two files that tell of treatment, by name, in their clean form."""
    return {sheet.name: sheet for sheet in (treatment(truth), items(truth))}


def other_sheets(truth: Truth) -> dict[str, Sheet]:
    """The six others; of the truth all is needed but the treatment."""
    made = patients(truth), tumours(truth), recurrences(truth), registry(truth), contacts(truth), deaths(truth)
    return {sheet.name: sheet for sheet in made}
