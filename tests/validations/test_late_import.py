"""A library imports what it needs only when that is used."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from validations.late_import import Late, late, some_home


@pytest.fixture
def unloaded(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.delitem(sys.modules, "this_is_not_there", raising=False)
    return "this_is_not_there"


def test_stands_in_for_a_module_only_while_it_is_asked_to(unloaded: str) -> None:
    with late(unloaded, "json"):
        assert isinstance(sys.modules[unloaded], Late)
        assert not isinstance(sys.modules["json"], Late)  # it was there before
    assert unloaded not in sys.modules


def test_imports_the_module_when_a_name_of_it_is_read() -> None:
    program = """
import sys
from validations.late_import import late
with late("colorsys", "wave"):
    import colorsys, wave
    assert "colorsys" in sys.modules and type(colorsys).__name__ == "Late"
    assert colorsys.rgb_to_hsv(1, 0, 0) == (0.0, 1.0, 1.0)
    from colorsys import hsv_to_rgb
assert "wave" not in sys.modules
assert type(sys.modules["colorsys"]).__name__ == "module"
assert wave.Error.__module__ == "wave"
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_imports_the_module_of_a_name_that_was_handed_on_when_the_name_is_used() -> None:
    program = """
import sys
from datetime import date
from validations.late_import import Name, late
with late(handed_on=("calendar", "fractions", "decimal", "wave")):
    from calendar import isleap
    from fractions import Fraction
    from decimal import Decimal
    from wave import Error
    import decimal
    assert all(isinstance(one, Name) for one in (isleap, Fraction, Decimal, Error))
assert not {"calendar", "fractions", "decimal", "wave"} & {*sys.modules}
assert isleap(2024) and "calendar" in sys.modules
assert Fraction.from_float(0.5).denominator == 2
class Own(Decimal): pass
assert isinstance(Own(1), Decimal) and issubclass(Own, Decimal) and not isinstance(1, Decimal)
assert Own.__mro__[1] is sys.modules["decimal"].Decimal
assert "wave" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.slow
def test_great_expectations_is_imported_without_what_is_never_asked_of_it() -> None:
    program = """
import sys
from validations.expectations import NEVER_ASKED, import_engine, never_used
unused = {*never_used()}
import_engine()
assert len(unused) > 60 and not {*NEVER_ASKED, *unused} & {*sys.modules}
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_gives_whoever_has_no_home_folder_one_while_a_library_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    with some_home():
        assert Path.home() != Path(os.devnull)  # the user of this test has one
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(Path, "home", lambda: Path(os.environ["HOME"]) if "HOME" in os.environ else nobody())
    with some_home():
        assert Path.home() == Path(os.devnull)
    assert "HOME" not in os.environ


def nobody() -> Path:
    raise RuntimeError("Could not determine home directory.")
