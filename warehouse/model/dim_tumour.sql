-- One row per primary tumour, identified by tumour_key.
-- A stage delivered without its edition belongs to the edition `unknown`.
select
    tumour.record_key as tumour_key, tumour.patient_key, tumour.tumour_no, v_stage.stage_key as stage_key,
    tumour.diagnosis_earliest_date, tumour.diagnosis_latest_date, tumour.diagnosis_precision,
    tumour.diagnosis_earliest_offset_days, tumour.diagnosis_latest_offset_days, tumour.diagnosis_anchor,
    tumour.treatment_start_earliest_date, tumour.treatment_start_latest_date, tumour.treatment_start_precision,
    tumour.treatment_start_earliest_offset_days, tumour.treatment_start_latest_offset_days,
    tumour.treatment_start_anchor, tumour.enrolment_earliest_date, tumour.enrolment_latest_date,
    tumour.enrolment_precision, tumour.enrolment_earliest_offset_days, tumour.enrolment_latest_offset_days,
    tumour.enrolment_anchor, tumour.age_at_diagnosis_years, tumour.laterality_code, tumour.topography_code,
    tumour.histology_code, tumour.grade_code, tumour.stage_code, tumour.stage_basis_code, tumour.tnm_edition_code,
    tumour.t_code, tumour.t_basis_code, tumour.n_code, tumour.n_basis_code, tumour.m_code, tumour.stage_derived_code,
    tumour.node_status_code, tumour.nodes_positive, tumour.nodes_examined, tumour.tumour_size_mm,
    tumour.menopausal_status_code, tumour.basis_of_diagnosis_code
from tumour
left join v_stage
    on v_stage.stage_code = tumour.stage_code and v_stage.tnm_edition_code = coalesce(tumour.tnm_edition_code, 'unknown')
