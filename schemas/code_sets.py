"""Code sets of registries (schemas/code_sets/NAME.csv): what a bare number or letter means in one item of one data standard.

A number that means different things in different registries is in no vocabulary. A contract names the set it comes from: `codes: naaccr`
of a field, `codes: naaccr.her2IhcSummary` where its header is not the item's own name, or once for the whole file, for every field
whose header is an item of the set.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import cache
from importlib.resources import files

from schemas.contract import Contract
from schemas.core.errors import ConfigurationError, did_you_mean
from schemas.facts import Row, shipped
from schemas.vocabularies.code_list import domains, labels
from schemas.yaml_lines import Source

COLUMNS = ("item", "name", "target", "context", "text", "means", "certainty")
MANY_ITEMS = 3  # headers by which a file is known for one of a set
OF_ONE_SET = 2  # and so many of them no other set has: `SEX`, `GRADE` and `LATERALITY` are headers of anybody
# headers of anybody too, which tell of no set: where a 2 is a No, it would be a Yes of NKR or BCAC
OF_ANYBODY = frozenset({
    "sex", "SEX", "GENDER", "GRADE", "LATERALITY", "VITALSTATUS", "VitalStatus", "Radiation", "Surgery", "chemo", "horm", "target", "rt",
    "later", "stadium", "ER_STATUS", "PR_STATUS", "HER2_STATUS", "er_stat", "pr_stat", "her2_stat", "vit_stat",
    "SEXO", "CIRURGIA", "RADIO", "QUIMIO", "HORMONIO",
})  # fmt: skip
AS = "as"  # the target of a row that lends the codes of another item: `naaccr.rxSummChemo` in `means`
UNLISTED = ("tumour_no", "is_given")  # columns without a code list that a set may fill: with a number, with yes or no


@cache
def names() -> tuple[str, ...]:
    """The sets that ship with the package."""
    found = files("schemas").joinpath("code_sets").iterdir()
    return tuple(sorted(file.name.removesuffix(".csv") for file in found if file.name.endswith(".csv")))


@cache
def rows(name: str) -> tuple[Row, ...]:
    """The rows of one set; raises ConfigurationError where a target is none, or one text of an item has two meanings."""
    found = [given for row in shipped(f"code_sets/{name}.csv", *COLUMNS) for given in _lent(row)]
    keys = [tuple(row[column] for column in COLUMNS[:5]) for row in found]
    twice = [row for place, row in enumerate(found) if keys[place] in keys[:place]]
    mistakes = [row.mistake(f"the text {row['text']!r} of item {row['item']} stands twice") for row in twice]
    mistakes += [row.mistake(f"no list or column {row['target']!r}") for row in found if row["target"] not in domains() | {*UNLISTED}]
    mistakes += [row.mistake(f"no marker {row['context']!r}") for row in found if row["context"] and row["context"] not in labels("marker")]
    if mistakes:
        raise ConfigurationError(mistakes)
    return tuple(found)


def _lent(row: Row) -> Iterator[Row]:
    """A row as it is, or the rows of the item that it lends its codes from; numbers also without the zeros that a table takes off."""
    if row["target"] != AS:
        yield row
        return
    of, _, item = row["means"].partition(".")
    lent = [given for given in rows(of) if item == given["name"]]
    there = {given["text"] for given in lent}
    for given in lent:
        short = given["text"].lstrip("0") or "0"
        for text in dict.fromkeys((given["text"], *(() if short in there else (short,)))):
            yield replace(given, cells=given.cells | {"item": row["item"], "name": row["name"], "text": text})


def texts(contract: Contract, source: str, target: str, marker: str | None = None) -> dict[str, str | None]:
    """What the texts of one source column mean by its code set for a code list or column; empty where it has none, null: nothing known.

    Where the column is no named item, texts that two items of the set read differently are left out: they stay as they are.
    """
    field = contract.field_of(source)
    word = None if field is None else contract.fields[field].codes or (contract.codes if is_item(contract, field) else None)
    if field is None or word is None:
        return {}
    name, _, item = word.partition(".")
    called = {item} if item else set(contract.fields[field].headers(field))
    own = [row for row in rows(name) if called & {row["item"], row["name"]}]
    fitting = [row for row in own or rows(name) if row["target"] == target and (marker is None or row["context"] in ("", marker))]
    meanings: dict[str, set[str]] = {}
    for row in fitting:
        meanings.setdefault(row["text"], set()).add(row["means"])
    return {text: said.pop() or None for text, said in meanings.items() if len(said) == 1}


def is_item(contract: Contract, field: str) -> bool:
    """Whether the set that the contract names for the whole file has an item by the header of this field."""
    return contract.codes is not None and not _items(contract.codes).isdisjoint(contract.fields[field].headers(field))


@cache
def _items(name: str) -> frozenset[str]:
    """Names and numbers of the items of one set."""
    return frozenset(row[column] for row in rows(name) for column in ("item", "name"))


def targets(name: str, header: str) -> frozenset[str]:
    """The code lists and columns that the item of that header fills; empty where the set has none."""
    return frozenset(row["target"] for row in rows(name) if header in (row["item"], row["name"]))


def set_of(headers: Collection[str], least: int = MANY_ITEMS) -> str | None:
    """The set of which most of these headers are items, at least so many, and some that neither another set nor anybody has."""
    found = {name: _items(name) & {*headers} for name in names()}
    best = max(found, key=lambda name: len(found[name]))
    own = found[best].difference(OF_ANYBODY, *(there for name, there in found.items() if name != best))
    return best if len(found[best]) >= least and len(own) >= min(OF_ONE_SET, least - 1) else None


def check_code_sets(source: Source, contract: Contract) -> None:
    """Report a set or item that is not there, and a set for the whole file that none of its fields has an item of."""
    for name, field in contract.fields.items():
        if field.codes is not None:
            _check(source, ("fields", name, "codes"), field.codes)
    if contract.codes is None or not _check(source, ("codes",), contract.codes):
        return
    if "." in contract.codes:
        source.report(("codes",), "of a whole file name the set alone", "an item belongs to a field: `codes: SET.ITEM`")
    elif not any(is_item(contract, name) for name in contract.fields):
        source.report(("codes",), f"no field has the header of an item of '{contract.codes}'", "say it of each field: `codes: SET.ITEM`")


def _check(source: Source, path: tuple[str, ...], word: str) -> bool:
    """Whether one word names a set, and where it does an item of it."""
    name, dot, item = word.partition(".")
    if name not in names():
        source.report(path, f"no code set is named '{name[:40]}'", did_you_mean(name, names()) or f"code sets: {', '.join(names())}")
        return False
    if dot and item not in _items(name):
        source.report(path, f"the code set '{name}' has no item '{item[:40]}'", did_you_mean(item, _items(name)))
    return True
