-- One row per person, identified by patient_key.
select
    patient_key, patient_pseudonym, subject_label, sex_code, ethnicity_code, birth_earliest_date, birth_latest_date,
    birth_precision, birth_earliest_offset_days, birth_latest_offset_days, birth_anchor
from patient
