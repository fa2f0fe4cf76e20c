-- One row per component of a course of treatment and tumour, identified by tumour_key, course_code and component_no: fact_treatment.
-- is_open: it stands for a cell that was not understood, of which it is not known whether it says that anything was given. Of which kind it
-- is is empty where the cell may be of any.
select
    treatment.treatment_key, treatment.patient_key, treatment.tumour_key, treatment.course_id, treatment.course_code,
    treatment.component_no, treatment.setting_code,
    case when treatment.modality_code <> 'any' or unread.patient_key is null or treatment.is_given is not null then treatment.modality_code end as modality_code,
    treatment.is_given, treatment.regimen_code, treatment.drug_code, treatment.course_regimen_code, treatment."cycles",
    treatment.interval_days, treatment.completion_code, treatment.duration_years, treatment.not_given_reason_code,
    treatment.stop_reason_code, treatment.dose_gy, treatment.boost_gy, treatment.fractions, treatment."fields",
    treatment.volume_code, treatment.procedure_code, treatment.intent_code, treatment.treatment_earliest_date,
    treatment.treatment_latest_date, treatment.treatment_precision, treatment.treatment_earliest_offset_days,
    treatment.treatment_latest_offset_days, treatment.treatment_anchor, treatment.treatment_end_earliest_date,
    treatment.treatment_end_latest_date, treatment.treatment_end_precision,
    treatment.treatment_end_earliest_offset_days, treatment.treatment_end_latest_offset_days,
    treatment.treatment_end_anchor,
    coalesce(
        unread.patient_key is not null and treatment.component_no = 0 and treatment.is_given is null
        and coalesce(treatment.regimen_code, treatment.drug_code, treatment.procedure_code, treatment.volume_code) is null,
        false
    ) as is_open
from fact_treatment as treatment
left join (
    select patient_key
    from unread_person
    where unread_columns like '% treatment.is_given %'
) as unread on unread.patient_key = treatment.patient_key
