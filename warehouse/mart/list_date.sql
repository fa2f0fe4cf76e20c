-- One row per tumour and clinical date of mart_candidate, identified by tumour_key and date_name: the dates in long form, for endpoints.
-- has_happened: whether what it is the day of has happened, with a day or without (null: not known); false where only a day can say it.
select
    tumour_key, 'birth' as date_name, birth_earliest_date as earliest_date, birth_latest_date as latest_date,
    birth_earliest_offset_days as earliest_offset_days, birth_latest_offset_days as latest_offset_days,
    birth_anchor as anchor, false as has_happened
from mart_candidate
union all
select
    tumour_key, 'diagnosis' as date_name, diagnosis_earliest_date as earliest_date, diagnosis_latest_date as latest_date,
    diagnosis_earliest_offset_days as earliest_offset_days, diagnosis_latest_offset_days as latest_offset_days,
    diagnosis_anchor as anchor, false as has_happened
from mart_candidate
union all
select
    tumour_key, 'treatment_start' as date_name, treatment_start_earliest_date as earliest_date, treatment_start_latest_date as latest_date,
    treatment_start_earliest_offset_days as earliest_offset_days, treatment_start_latest_offset_days as latest_offset_days,
    treatment_start_anchor as anchor, false as has_happened
from mart_candidate
union all
select
    tumour_key, 'enrolment' as date_name, enrolment_earliest_date as earliest_date, enrolment_latest_date as latest_date,
    enrolment_earliest_offset_days as earliest_offset_days, enrolment_latest_offset_days as latest_offset_days,
    enrolment_anchor as anchor, false as has_happened
from mart_candidate
union all
select
    tumour_key, 'operation' as date_name, operation_earliest_date as earliest_date, operation_latest_date as latest_date,
    operation_earliest_offset_days as earliest_offset_days, operation_latest_offset_days as latest_offset_days,
    operation_anchor as anchor,
    case
        when not is_operation_unread and not (operation_code is null and treatment_unread like '%operation_code%') then operation_code is not null
    end as has_happened
from mart_candidate
union all
select
    tumour_key, 'recurrence' as date_name, recurrence_earliest_date as earliest_date, recurrence_latest_date as latest_date,
    recurrence_earliest_offset_days as earliest_offset_days, recurrence_latest_offset_days as latest_offset_days,
    recurrence_anchor as anchor, has_recurrence as has_happened
from mart_candidate
union all
select
    tumour_key, 'distant_recurrence' as date_name, distant_recurrence_earliest_date as earliest_date, distant_recurrence_latest_date as latest_date,
    distant_recurrence_earliest_offset_days as earliest_offset_days, distant_recurrence_latest_offset_days as latest_offset_days,
    distant_recurrence_anchor as anchor, has_distant_recurrence as has_happened
from mart_candidate
union all
select
    tumour_key, 'metastasectomy' as date_name, metastasectomy_earliest_date as earliest_date, metastasectomy_latest_date as latest_date,
    metastasectomy_earliest_offset_days as earliest_offset_days, metastasectomy_latest_offset_days as latest_offset_days,
    metastasectomy_anchor as anchor, has_metastasectomy as has_happened
from mart_candidate
union all
select
    tumour_key, 'progression' as date_name, progression_earliest_date as earliest_date, progression_latest_date as latest_date,
    progression_earliest_offset_days as earliest_offset_days, progression_latest_offset_days as latest_offset_days,
    progression_anchor as anchor, has_progression as has_happened
from mart_candidate
union all
select
    tumour_key, 'contact' as date_name, contact_earliest_date as earliest_date, contact_latest_date as latest_date,
    contact_earliest_offset_days as earliest_offset_days, contact_latest_offset_days as latest_offset_days,
    contact_anchor as anchor, false as has_happened
from mart_candidate
union all
select
    tumour_key, 'death' as date_name, death_earliest_date as earliest_date, death_latest_date as latest_date,
    death_earliest_offset_days as earliest_offset_days, death_latest_offset_days as latest_offset_days,
    death_anchor as anchor, false as has_happened
from mart_candidate
