"""What is no mistake in a study of another organ than the breast, but worth a second look: that nothing says where the tumours are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schemas.contract import Contract
from schemas.core.errors import Mistake
from schemas.primary_site import ANY, BREAST, KEY
from schemas.study import Study
from schemas.yaml_lines import Source

SITE = "topography_code"


def of_unsaid_site(source: Source, study: Study, contracts: Sequence[Contract]) -> Iterator[Mistake]:
    """A study that names another organ where contracts deliver tumours and none of them sets the site: a registry without sites is
    taken for one of the breast."""
    others = [prefix for prefix in study.primary_site if prefix != ANY and not prefix.startswith(BREAST)]
    tumours = [rule for contract in contracts for rule in contract.records if rule.record == "tumour"]
    if others and tumours and not any(SITE in rule.set for rule in tumours):
        message = f"the study is about {', '.join(study.primary_site)}, and no contract sets '{SITE}': stages are derived by the tables of "
        hint = f"set it where tumours are delivered: `{SITE}: {{from: COLUMN}}`, or `{SITE}: {{value: CODE}}` where all are of one organ"
        yield Mistake(source.file, source.line((KEY,)), f"{message}the breast", hint)
