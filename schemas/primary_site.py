"""The organ of a study: the topographies of the tumours that it may choose (`primary_site`), the breast where it says nothing."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Annotated

from pydantic import BeforeValidator
from pydantic import Field as Option

from schemas.core.errors import did_you_mean
from schemas.domains import Codes
from schemas.yaml_lines import Source

ANY = "any"
# ICD-O's code of a site that is not known: such a tumour may be of any organ, as one without a code may.
NOT_KNOWN = "C80.9"
BREAST = "C50"
KEY = "primary_site"
FORM = re.compile(r"C[0-9]{2}(\.[0-9])?")
DEFAULT = (BREAST,)


def _listed(value: object) -> object:
    """A single word of YAML as a list of one."""
    return (value,) if isinstance(value, str) else value


PrimarySite = Annotated[tuple[str, ...], Option(min_length=1), BeforeValidator(_listed)]


def prefixes(site: PrimarySite) -> tuple[str, ...]:
    """What the code of a tumour that the study may choose begins with; the empty text where it may be any."""
    return ("",) if ANY in site else tuple(dict.fromkeys((*site, NOT_KNOWN)))


def said(site: PrimarySite) -> str:
    """What stands after "No tumour" in the row of those who have none of the organ."""
    return "" if ANY in site else " of the breast" if site == DEFAULT else f" of {', '.join(site)}"


def check_primary_site(source: Source, site: PrimarySite, codes: Codes | None) -> None:
    """Report what is no topography, prefixes that name nothing, and what another one names."""
    for number, prefix in enumerate(site):
        others = (other for place, other in enumerate(site) if other and (place < number or other != prefix))
        wider = next((other for other in others if other == ANY or prefix.startswith(other)), None)
        if prefix != ANY and not FORM.fullmatch(prefix):
            hint = "write C and two figures, or a part of the organ: C18, C34.1; or any"
            source.report((KEY, number), f"'{prefix[:40]}' is no topography of ICD-O-3", hint)
        elif wider is not None:
            source.report((KEY, number), f"'{prefix}' is named by '{wider}' already", "leave it out")
        elif prefix != ANY and codes is not None:
            _known(source, number, prefix, codes.codes("topography"))


def _known(source: Source, number: int, prefix: str, known: Collection[str]) -> None:
    if not any(code.startswith(prefix) for code in known):
        organ = prefix.partition(".")[0]
        hint = f"its tumours are kept as {organ}: write {organ}" if organ in known else did_you_mean(prefix, known)
        source.report((KEY, number), f"no code of 'topography' begins with '{prefix}'", hint)
