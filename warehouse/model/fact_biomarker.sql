-- One row per tumour, marker and specimen, identified by biomarker_key.
select
    biomarker.record_key as biomarker_key, patient_key, tumour_key, marker_code, specimen_code, result_code,
    result_value, result_unit_code, reason_code, tested_earliest_date, tested_latest_date, tested_precision,
    tested_earliest_offset_days, tested_latest_offset_days, tested_anchor
from biomarker
