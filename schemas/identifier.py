"""What a column tells of who a person is, and whose number a number is: the mapping `identifier` of a contract (docs/linkage.md)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import BeforeValidator
from pydantic import Field as Option

from schemas.model import Model, Name

# Identifiers that a record may name too: the number as `patient_id`, the birth as `birth`. The others go to the vault only.
NAMEABLE = ("nric", "hospital_number", "birth")


class Issuer(Model):
    """Whose numbers a column holds: those of one source (`value`), or of the source that another column of the row tells."""

    value: Name | None = None
    from_: Name | None = Option(default=None, alias="from")
    map: dict[str, Name] = Option(default={})

    def problems(self) -> Iterator[str]:
        """One way to tell it; a column is read by its `map` alone, for a number is never guessed to be anybody's."""
        if (self.value is None) == (self.from_ is None):
            yield "'issuer': give exactly one of 'value' and 'from'"
        if (self.from_ is None) != (not self.map):
            yield "'issuer': 'from' and 'map' belong together: the map says which source each text of the column means"

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources whose numbers may stand there, each once."""
        return tuple(dict.fromkeys([*([self.value] if self.value is not None else []), *self.map.values()]))


def _issuer_word(value: Any) -> Any:
    """A bare word stands for `{value: word}`."""
    return {"value": value} if isinstance(value, str) else value


class Identifier(Model):
    """What a column tells of who the person is (docs/linkage.md)."""

    kind: Literal["nric", "hospital_number", "name", "family_name", "given_name", "postcode", "birth"]
    pattern: str | None = None
    digits: Annotated[int, Option(ge=1, le=20)] | None = None
    issuer: Annotated[Issuer | None, BeforeValidator(_issuer_word)] = None

    def problems(self) -> Iterator[str]:
        """Length and pattern belong to numbers; the pattern is one. A national number is the same everywhere, so nobody's own."""
        if self.kind not in ("nric", "hospital_number", "postcode") and (self.pattern is not None or self.digits is not None):
            yield "'pattern' and 'digits' belong to nric, hospital_number and postcode"
        if self.kind != "hospital_number" and self.issuer is not None:
            yield "'issuer' belongs to hospital_number"
        try:
            pl.Series([""]).str.contains(self.pattern or "")
        except pl.exceptions.ComputeError:
            yield "'pattern' is no regular expression"


def identifier_word(value: Any) -> Any:
    """A bare word stands for `{kind: word}`."""
    return {"kind": value} if isinstance(value, str) else value
