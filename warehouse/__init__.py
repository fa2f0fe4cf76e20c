"""The star schema and what is published from it. Imports schemas."""
