-- One row per contact with a person, identified by follow_up_key.
select
    follow_up.record_key as follow_up_key, patient_key, follow_up_no, contact_earliest_date, contact_latest_date,
    contact_precision, contact_earliest_offset_days, contact_latest_offset_days, contact_anchor, death_earliest_date,
    death_latest_date, death_precision, death_earliest_offset_days, death_latest_offset_days, death_anchor,
    vital_status_code, cause_of_death_code, performance_status_code
from follow_up
