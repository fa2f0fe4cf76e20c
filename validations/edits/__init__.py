"""The edits: one YAML file per subject, and the codes that are retired."""
