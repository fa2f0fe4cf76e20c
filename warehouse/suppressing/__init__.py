"""What of a study may be shared: small counts hidden, and all that would give them away (docs/studies.md)."""
