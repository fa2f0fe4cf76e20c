"""Linking: records of one person and one tumour brought together (DESIGN 4); the stage itself is `etl.link`."""
