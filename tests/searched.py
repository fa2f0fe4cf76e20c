"""A property held against a few drawn examples in the suite, and against many as a slow proof."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings


def searched(few: int, many: int, **drawn: Any) -> Callable[[Callable[..., None]], Callable[[int], None]]:
    """Makes a test of a function that holds for all that is drawn."""

    def of(holds: Callable[..., None]) -> Callable[[int], None]:
        @pytest.mark.parametrize("examples", [few, pytest.param(many, marks=pytest.mark.slow)])
        def test(examples: int) -> None:
            settings(max_examples=examples, deadline=None)(given(**drawn)(holds))()

        test.__doc__ = holds.__doc__
        return test

    return of
