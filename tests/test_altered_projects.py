"""Contracts and exports altered at random: `check` names what is wrong, or the night is told as any other; no run fails unexpectedly."""

from __future__ import annotations

import csv
import io
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from etl.options import RunOptions
from etl.outcome import Outcome
from etl.pipeline import run
from etl.progress import Progress
from etl.simulate.project import simulate
from schemas.core.errors import ConfigurationError, RefusedError

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("without_great_expectations")]
SEEDS = 12
Document = dict[str, Any]
Rows = list[list[str]]
TOLD = {"published", "published_with_refusals", "refused"}
ODD = (
    "", "0", "-1", "9999", "1e400", "NaN", "-inf", "\u202e", "2019-02-30", "9999-12-31", "32/13/2020", "12345678901234567890", "1,5",
    "=1+1", "<script>alert(1)</script>", "{}", "\\N", "T4d N3c M1", "x" * 5_000, "\x01", "١٢٣", "0x1F", "2020-W53-7", "AC x 999999999", "ß",
)  # fmt: skip


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small simulated registry without a study."""
    folder = tmp_path_factory.mktemp("altered") / "project"
    simulate(folder, 400, 4, clean=False)
    shutil.rmtree(folder / "studies")
    registry = folder / "registry.yml"
    lines = registry.read_text(encoding="utf-8").splitlines(keepends=True)
    registry.write_text("".join(line for line in lines if not line.startswith("studies:")), encoding="utf-8")
    return folder


def field_read_twice(contract: Document, dice: random.Random) -> None:
    fields, rule = contract["fields"], dice.choice(contract["records"])
    name, column = dice.choice([*fields]), dice.choice([*rule["set"]])
    fields[f"{name}_again"] = fields[name]
    rule["set"][column] = f"{name}_again"


def fields_exchanged(contract: Document, dice: random.Random) -> None:
    fields = contract["fields"]
    one, other = dice.sample([*fields], 2)
    fields[one], fields[other] = fields[other], fields[one]


def columns_exchanged(contract: Document, dice: random.Random) -> None:
    rule = dice.choice([one for one in contract["records"] if len(one["set"]) > 1])["set"]
    one, other = dice.sample([*rule], 2)
    rule[one], rule[other] = rule[other], rule[one]


def column_left_out(contract: Document, dice: random.Random) -> None:
    rule = dice.choice(contract["records"])["set"]
    del rule[dice.choice([*rule])]


def rule_said_twice(contract: Document, dice: random.Random) -> None:
    rule = dice.choice(contract["records"])
    contract["records"].append(rule | {"rule": f"{rule['rule']}_again"})


def constant(contract: Document, dice: random.Random) -> None:
    rule = dice.choice(contract["records"])["set"]
    rule[dice.choice([*rule])] = {"value": dice.choice([0, 1, "left", "IIA", "2010-01-01"])}


def identifier(contract: Document, dice: random.Random) -> None:
    name = dice.choice([*contract["fields"]])
    contract["fields"][name] = dict(contract["fields"][name] or {}) | {"identifier": dice.choice([True, False, "name", "birth", "nric"])}


def null_tokens(contract: Document, dice: random.Random) -> None:
    name = dice.choice([*contract["fields"]])
    contract["fields"][name] = dict(contract["fields"][name] or {}) | {"null_tokens": ["1", "L", "Yes"]}


def condition(contract: Document, dice: random.Random) -> None:
    name, rule = dice.choice([*contract["fields"]]), dice.choice(contract["records"])
    rule["when"] = dice.choice((f"{name} is not null", f"{name} = 'zzz'"))


def odd_cells(rows: Rows, dice: random.Random) -> Rows:
    return [[dice.choice(ODD) if dice.random() < 0.1 else cell for cell in row] for row in rows]


def odd_column(rows: Rows, dice: random.Random) -> Rows:
    place = dice.randrange(len(rows[0]))
    return [[*row[:place], dice.choice(ODD), *row[place + 1 :]] for row in rows]


def one_value(rows: Rows, dice: random.Random) -> Rows:
    place, text = dice.randrange(len(rows[0])), dice.choice(ODD)
    return [[*row[:place], text, *row[place + 1 :]] for row in rows]


def cells_exchanged(rows: Rows, dice: random.Random) -> Rows:
    order = dice.sample(range(len(rows[0])), len(rows[0]))
    return [[row[place] for place in order] if len(row) == len(order) else row for row in rows]


def rows_doubled(rows: Rows, dice: random.Random) -> Rows:
    return [*rows, *dice.choices(rows, k=len(rows))]


def hardly_a_row(rows: Rows, dice: random.Random) -> Rows:
    return rows[: dice.choice((0, 1, 2))]


OF_CONTRACTS: tuple[Callable[[Document, random.Random], None], ...] = (
    field_read_twice, fields_exchanged, columns_exchanged, column_left_out, rule_said_twice, constant, identifier, null_tokens, condition,
)  # fmt: skip
OF_EXPORTS: tuple[Callable[[Rows, random.Random], Rows], ...] = (
    odd_cells, odd_column, one_value, cells_exchanged, rows_doubled, hardly_a_row,
)  # fmt: skip


def night(project: Path) -> Outcome | ConfigurationError | RefusedError:
    try:
        return run(project, project.parent / "out", RunOptions(), Progress(quiet=True))
    except (ConfigurationError, RefusedError) as error:
        return error


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_contract_that_was_altered_is_read_or_told_to_be_wrong(seed: int, simulated: Path, tmp_path: Path) -> None:
    dice, yaml = random.Random(seed), YAML(typ="safe")
    project = Path(shutil.copytree(simulated, tmp_path / "project"))
    path = dice.choice(sorted((project / "contracts").glob("*.yml")))
    contract = yaml.load(path.read_text(encoding="utf-8"))
    dice.choice(OF_CONTRACTS)(contract, dice)
    yaml.dump(contract, path)
    found = night(project)
    if isinstance(found, Outcome):
        assert found.outcome in TOLD
    else:
        assert path.name in str(found)


def altered(path: Path, dice: random.Random) -> None:
    """One way of OF_EXPORTS, of the rows below the header."""
    try:
        text, encoding = path.read_bytes().decode("utf-8-sig"), "utf-8-sig"
    except UnicodeDecodeError:
        text, encoding = path.read_bytes().decode("cp1252"), "cp1252"
    mark = max(",;\t", key=text.splitlines()[0].count)
    head, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=mark).writerows([head, *dice.choice(OF_EXPORTS)(rows, dice)])
    path.write_bytes(out.getvalue().encode(encoding, "replace"))


@pytest.mark.parametrize("seed", range(SEEDS // 4))
def test_exports_that_were_altered_are_told_and_not_lost(seed: int, simulated: Path, tmp_path: Path) -> None:
    dice = random.Random(seed)
    project = Path(shutil.copytree(simulated, tmp_path / "project"))
    texts = sorted(path for path in (project / "exports").rglob("*") if path.suffix in (".csv", ".tsv"))
    for path in dice.sample(texts, 3):
        altered(path, dice)
    found = night(project)
    assert isinstance(found, Outcome) and found.outcome in TOLD
