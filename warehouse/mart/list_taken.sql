-- One row per person and kind of record that an error edit took away from her, identified by patient_key and record.
-- A person of whom nothing was loaded has the record `patient` among them. A record that falls with its tumour is told by the tumour.
with loaded as (
    select 'patient' as "record", patient_key as record_key
    from dim_patient
    union all
    select 'tumour' as "record", tumour_key as record_key
    from dim_tumour
    union all
    select 'treatment' as "record", treatment_key as record_key
    from fact_treatment
    union all
    select 'event' as "record", event_key as record_key
    from fact_event
    union all
    select 'follow_up' as "record", follow_up_key as record_key
    from fact_follow_up
    union all
    select 'biomarker' as "record", biomarker_key as record_key
    from fact_biomarker
),
found as (
    select distinct patient_key, "record", record_key
    from fact_finding
    where severity = 'error' and "outcome" = 'violated' and patient_key is not null
)
select distinct found.patient_key, case when person.patient_key is null then 'patient' else found."record" end as "record"
from found
left join dim_patient as person on person.patient_key = found.patient_key
left join loaded on loaded."record" = found."record" and loaded.record_key = found.record_key
where person.patient_key is null or (found.record_key is not null and loaded.record_key is null)
