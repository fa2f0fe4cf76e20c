-- One row per edit and record, or cell, that it found violated or possible, identified by finding_id.
-- Findings about records that were not loaded stay: a quarantined record is found by its finding.
select
    finding_id, edit, severity, "outcome", "record", record_key, patient_key, source_key, source_row, "columns"
from findings
