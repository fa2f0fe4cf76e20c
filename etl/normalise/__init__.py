"""Normalising: cells taken apart, spellings to codes, dates to intervals, persons to pseudonyms (DESIGN 4)."""

from etl.normalise.file import Begun, begin, normalise
from etl.normalise.result import Normalised

__all__ = ["Begun", "Normalised", "begin", "normalise"]
