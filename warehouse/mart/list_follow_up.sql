-- One row per tumour, identified by tumour_key: the last contact of its person with a text for Table 2.
with ranked as (
    select
        tumour.tumour_key, patient.subject_label, patient.patient_pseudonym,
        contact.follow_up_no, contact.vital_status_code, contact.cause_of_death_code, contact.performance_status_code,
        contact.contact_earliest_date, contact.contact_latest_date, contact.contact_precision,
        contact.contact_earliest_offset_days, contact.contact_latest_offset_days, contact.contact_anchor,
        contact.death_earliest_date, contact.death_latest_date, contact.death_precision,
        contact.death_earliest_offset_days, contact.death_latest_offset_days, contact.death_anchor,
        days.months_text,
        row_number() over (
            partition by tumour.tumour_key
            order by contact.contact_latest_date desc nulls last, contact.contact_latest_offset_days desc nulls last, contact.follow_up_no desc
        ) as place
    from fact_follow_up as contact
    inner join dim_tumour as tumour on tumour.patient_key = contact.patient_key
    inner join dim_patient as patient on patient.patient_key = contact.patient_key
    left join list_days as days
        on days.record = 'follow_up' and days.record_key = contact.follow_up_key and days.tumour_key = tumour.tumour_key
)
select
    tumour_key, subject_label, patient_pseudonym,
    follow_up_no, vital_status_code, cause_of_death_code, performance_status_code, contact_earliest_date,
    contact_latest_date, contact_precision, contact_earliest_offset_days, contact_latest_offset_days, contact_anchor,
    death_earliest_date, death_latest_date, death_precision, death_earliest_offset_days, death_latest_offset_days,
    death_anchor,
    months_text
from ranked
where place = 1
