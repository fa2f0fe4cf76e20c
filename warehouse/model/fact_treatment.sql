-- One row per tumour, course and component of treatment, identified by treatment_key.
-- regimen_key names the block (regimen_code), not the whole course (course_regimen_code).
select
    treatment.record_key as treatment_key, treatment.patient_key, treatment.tumour_key, treatment.course_id,
    treatment.course_code, treatment.component_no, v_regimen.regimen_key as regimen_key, v_drug.drug_key as drug_key,
    v_procedure.procedure_key as procedure_key, treatment.setting_code, treatment.modality_code, treatment.is_given,
    treatment.regimen_code, treatment.drug_code, treatment.course_regimen_code, treatment."cycles",
    treatment.interval_days, treatment.completion_code, treatment.duration_years, treatment.not_given_reason_code,
    treatment.stop_reason_code, treatment.dose_gy, treatment.boost_gy, treatment.fractions, treatment."fields",
    treatment.volume_code, treatment.procedure_code, treatment.intent_code, treatment.treatment_earliest_date,
    treatment.treatment_latest_date, treatment.treatment_precision, treatment.treatment_earliest_offset_days,
    treatment.treatment_latest_offset_days, treatment.treatment_anchor, treatment.treatment_end_earliest_date,
    treatment.treatment_end_latest_date, treatment.treatment_end_precision,
    treatment.treatment_end_earliest_offset_days, treatment.treatment_end_latest_offset_days,
    treatment.treatment_end_anchor
from treatment
left join v_regimen on v_regimen.regimen_code = treatment.regimen_code
left join v_drug on v_drug.drug_code = treatment.drug_code
left join v_procedure on v_procedure.procedure_code = treatment.procedure_code
