-- One row per edit and record, or cell, that it found violated or possible, identified by finding_id.
-- What compares with earlier releases (first_seen) is history and not here: the warehouse is a function of the input alone.
-- Findings about records that were not loaded stay: a quarantined record is found by its finding.
select
    finding_id, edit, severity, "outcome", "record", record_key, patient_key, source_key, source_row, "columns", status
from findings
