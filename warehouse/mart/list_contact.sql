-- One row per tumour and contact of its person, identified by tumour_key and follow_up_key: fact_follow_up for each tumour.
select
    tumour.tumour_key, contact.follow_up_key, contact.patient_key, contact.follow_up_no, contact.vital_status_code,
    contact.cause_of_death_code, contact.performance_status_code, contact.contact_earliest_date,
    contact.contact_latest_date, contact.contact_precision, contact.contact_earliest_offset_days,
    contact.contact_latest_offset_days, contact.contact_anchor, contact.death_earliest_date, contact.death_latest_date,
    contact.death_precision, contact.death_earliest_offset_days, contact.death_latest_offset_days, contact.death_anchor
from fact_follow_up as contact
inner join dim_tumour as tumour on tumour.patient_key = contact.patient_key
