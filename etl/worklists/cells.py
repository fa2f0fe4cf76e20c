"""What a row of the work list shows of the data: the cells concerned, of every row of every source that delivers them.

No cell that names a person is shown: its header is, with file and row. A date of birth is shown where the edit compares it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from etl.normalise.treatment_grammar import SAID
from etl.worklists.concerned import OF_LINKAGE, columns_named
from etl.worklists.raw_rows import births, cells, hidden, kind_of, shown
from schemas.column_map import ANY, column_map, guards
from schemas.contract import Contract
from schemas.items import RECORDS, items
from validations.concerned import Concerned

NOT_SHOWN, EMPTY, NO_NUMBER = "(not shown: it names a person)", "(empty)", "(empty, or no number of a person)"
HIDES = (NOT_SHOWN, NO_NUMBER)
NOT_READ = "The row was refused as a whole: its cells cannot be told apart."
# Rows of files that are told of one finding; a person may have a hundred contacts.
MOST_PLACES = 20
# Findings about a cell or a row of a file: they name headers, no columns of a record.
OF_A_FILE = ("READ-", "NORM-")
# Findings about what names a person: they name kinds of identifiers.
OF_IDENTITY = ("LINK-NUMBERS", "LINK-IDENTITY")
# Columns of every record that say which one it is.
NUMBERS = frozenset(item.column for record in RECORDS for item in items(record, "staging") if item.role == "identity")
Place = tuple[str, int]


@dataclass(frozen=True)
class Read:
    """How one contract reads: headers by field that are shown, that hold a birth, that are hidden; headers by rule and column; of each rule
    and column that a mapping sets whether a cell says what it is.
    """

    shown: Mapping[str, str]
    births: Mapping[str, str]
    hidden: Mapping[str, str]
    kinds: Mapping[str, str]
    origins: Mapping[tuple[str, str], Sequence[str]]
    sets: Mapping[tuple[str, str], bool]

    def headers(self, rule: str | None, columns: Sequence[str]) -> list[str]:
        """The headers behind these columns in records of one rule: what its condition looks at, then each column's own, and the cell of
        a grammar where it may fill one of them. None where the rule delivers none of them.
        """
        every = self._by_column(rule)
        found = [header for column in columns for header in every.get(column, ())]
        if self._by_grammar(rule, columns):
            found += every.get(ANY, ())
        return list(dict.fromkeys([*self.guards(rule), *found])) if found else []

    def guards(self, rule: str | None) -> Sequence[str]:
        """The headers that the condition of a rule looks at."""
        return self.origins.get((rule or "", ""), ())

    def tells(self, rule: str | None, columns: Sequence[str]) -> bool:
        """Whether cells of a rule say what one of these columns is, and not only that there is such a record."""
        said = any(self.sets.get((rule or "", column)) for column in columns if column not in NUMBERS)
        return said or self._by_grammar(rule, columns)

    def _by_grammar(self, rule: str | None, columns: Sequence[str]) -> bool:
        return (rule or "", ANY) in self.origins and any(column in SAID and (rule or "", column) not in self.sets for column in columns)

    def all_headers(self, rule: str | None) -> list[str]:
        """The headers behind all columns of records of one rule but those that number them; without a date of birth."""
        every = [header for column, headers in self._by_column(rule).items() if column not in NUMBERS for header in headers]
        return [header for header in dict.fromkeys([*self.guards(rule), *every]) if header not in self.births.values()]

    def _by_column(self, rule: str | None) -> dict[str, Sequence[str]]:
        return {column: headers for (of, column), headers in self.origins.items() if of == rule and column}


def how_read(contracts: Sequence[Contract]) -> dict[str, Read]:
    """`Read` of each contract by its name."""
    lines = column_map(contracts).select("contract", "rule", "column", "field").unique(maintain_order=True)
    found = {}
    for contract in contracts:
        names = {name: field.headers(name)[0] for name, field in contract.fields.items()}
        origins: dict[tuple[str, str], list[str]] = {}
        told = lines.filter(pl.col("contract") == contract.contract).select("rule", "column", "field").rows()
        for rule, column, field in told:
            if field:
                origins.setdefault((rule, column), []).append(names[field])
        for record in contract.records:
            origins[record.rule, ""] = [names[field] for field in guards(contract, record)]
        sets = {(record.rule, column): mapping.from_ is not None for record in contract.records for column, mapping in record.set.items()}
        kinds = {names[name]: kind_of(field) for name, field in contract.fields.items()}
        found[contract.contract] = Read(shown(contract), births(contract), hidden(contract), kinds, origins, sets)
    return found


class Cells:
    """The cells of every finding of the list. `raw`: raw_rows.RAW; `places`: concerned.PLACES with source, contract and file."""

    def __init__(self, contracts: Sequence[Contract], raw: pl.DataFrame, places: pl.DataFrame, compared: Mapping[str, Concerned]) -> None:
        self._read, self._compared = how_read(contracts), compared
        self._raw = {(file, row): (raw_, birth) for file, row, raw_, birth in raw.iter_rows()}  # parsed when asked: most never are
        self._places: dict[str, list[dict[str, Any]]] = {}
        for place in places.iter_rows(named=True):
            self._places.setdefault(place["finding_id"], []).append(place)

    def of(self, finding: Mapping[str, Any]) -> str:
        """A line per row of a file, her own first; the file is named where there are several. `finding`: a row of the list."""
        told = {place: cells_ for place, cells_ in self._lines(finding) if cells_}
        here: Place = (finding["source_file"], finding["source_row"])
        if not told:
            told[here] = self._whole(finding) or f"{NOT_READ} {finding['columns'] or ''}".strip()
        elif finding["edit"].startswith(OF_A_FILE) and told[here].endswith(HIDES):
            # nothing of the cell can be shown, so the others tell which row it is
            told[here] = "; ".join(filter(None, (told[here], self._whole(finding))))
        missing = [f"no record of {kind} was delivered" for kind in self._missing(finding)]
        sources = {(one["source_file"], one["source_row"]): one["source"] for one in self._places.get(finding["finding_id"], ())}
        if set(told) == {here} and not missing:
            return told[here]
        lines = [f"{sources.get(place, finding['source'])}, {place[0]} row {place[1]}: {text}" for place, text in told.items()]
        more = [f"and {len(lines) - MOST_PLACES} more rows"] if len(lines) > MOST_PLACES else []
        return "\n".join([*lines[:MOST_PLACES], *more, *missing])

    def _lines(self, finding: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
        """The cells concerned of each row, in order."""
        wanted: dict[Place, tuple[str, dict[str, None]]] = {}
        for place, headers in self._concerned(finding):
            _, known = wanted.setdefault((place["source_file"], place["source_row"]), (place["contract"], {}))
            known |= dict.fromkeys(headers)
        for place_, (contract, found) in wanted.items():
            yield place_, self._told(place_, contract, list(found), finding["edit"])

    def _concerned(self, finding: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], list[str]]]:
        """Each place of a finding with the headers that it is about.

        Where no row of her own record delivers a column that it names (the value and unit of a receptor are read from the cell of its
        result), all headers of those rows.
        """
        there: list[tuple[Mapping[str, Any], list[str]]] = [
            (place, self._headers(finding, place)) for place in self._places.get(finding["finding_id"], ())
        ]
        if self._own(finding) and not any(headers for place, headers in there if place["is_own"]):
            own = [place for place, _ in there if place["is_own"] and place["rule"] is not None]
            there += [(place, self._read[place["contract"]].all_headers(place["rule"])) for place in own]
        told = {_kind(place) for place, _ in there if self._tells(finding, place)}
        return [(place, headers) for place, headers in there if _kind(place) not in told or self._tells(finding, place)]

    def _tells(self, finding: Mapping[str, Any], place: Mapping[str, Any]) -> bool:
        """Whether a row says one of the columns, and not only that it delivers such a record; others of the kind then do not count."""
        return self._read[place["contract"]].tells(place["rule"], self._columns(finding, place))

    def _own(self, finding: Mapping[str, Any]) -> Sequence[str]:
        """The columns of her own record that a finding is about."""
        says = self._compared.get(finding["edit"])
        return says.own if says is not None and finding["edit"] not in OF_LINKAGE else columns_named(finding["columns"])

    def _headers(self, finding: Mapping[str, Any], place: Mapping[str, Any]) -> list[str]:
        """The headers of one row that a finding is about, for one record that it delivers."""
        read, edit = self._read[place["contract"]], finding["edit"]
        if edit.startswith(OF_A_FILE):
            return self._named(read, finding["columns"])
        if edit in OF_IDENTITY:
            kinds = (finding["columns"] or "").split()
            told = [header for header, kind in read.kinds.items() if kind in kinds]
            sex = read.origins.get((place["rule"] or "", "sex_code"), ()) if "sex" in kinds else ()
            return [*told, *sex] or read.headers(place["rule"], ["patient_pseudonym"])
        return read.headers(place["rule"], self._columns(finding, place))

    def _columns(self, finding: Mapping[str, Any], place: Mapping[str, Any]) -> Sequence[str]:
        """The columns of one record, her own or another, that a finding is about."""
        says = self._compared.get(finding["edit"], Concerned())
        return self._own(finding) if place["is_own"] else says.of(place["record"])

    @staticmethod
    def _named(read: Read, columns: str | None) -> list[str]:
        """The headers that a finding about a cell names: one, or several in a row."""
        every = [*read.shown.values(), *read.births.values(), *read.hidden.values()]
        said = columns or ""
        return [said] if said in every else [header for header in every if f" {header} " in f" {said} "]

    def _told(self, place: Place, contract: str, headers: Sequence[str], edit: str) -> str:
        read, (raw, birth) = self._read[contract], map(cells, self._raw.get(place, (None, None)))
        parts = []
        for header in headers:
            if header in read.hidden.values():
                parts.append(f"{header}: {NO_NUMBER if edit == 'NORM-PERSON' else NOT_SHOWN}")
            elif header in raw or header in birth:
                parts.append(f"{header}: {raw.get(header) or birth.get(header) or EMPTY}")
        return "; ".join(parts)

    def _whole(self, finding: Mapping[str, Any]) -> str:
        """Every filled cell of her own row that names nobody."""
        raw = cells(self._raw.get((finding["source_file"], finding["source_row"]), (None,))[0])
        return "; ".join(f"{header}: {text}" for header, text in raw.items() if text)

    def _missing(self, finding: Mapping[str, Any]) -> list[str]:
        """Kinds of records that the edit compares and of which there is none."""
        says = self._compared.get(finding["edit"], Concerned())
        there = {place["record"] for place in self._places.get(finding["finding_id"], ())}
        return [kind for kind in dict.fromkeys(kind for kind, _ in says.others) if kind not in there]


def _kind(place: Mapping[str, Any]) -> tuple[bool, str]:
    return place["is_own"], place["record"]
