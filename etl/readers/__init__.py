"""Readers: one landed file becomes rows of text, every physical line accounted for (DESIGN 4)."""

from etl.readers.table import RawTable, read

__all__ = ["RawTable", "read"]
