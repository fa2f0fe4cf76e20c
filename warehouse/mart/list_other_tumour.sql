-- One row per tumour and other tumour of its person, identified by tumour_key and the tumour_no of the other: dim_tumour of the others.
select
    mine.tumour_key, other.tumour_key as other_tumour_key, other.patient_key, other.tumour_no, other.stage_key, other.diagnosis_earliest_date,
    other.diagnosis_latest_date, other.diagnosis_precision, other.diagnosis_earliest_offset_days,
    other.diagnosis_latest_offset_days, other.diagnosis_anchor, other.treatment_start_earliest_date,
    other.treatment_start_latest_date, other.treatment_start_precision, other.treatment_start_earliest_offset_days,
    other.treatment_start_latest_offset_days, other.treatment_start_anchor, other.enrolment_earliest_date,
    other.enrolment_latest_date, other.enrolment_precision, other.enrolment_earliest_offset_days,
    other.enrolment_latest_offset_days, other.enrolment_anchor, other.age_at_diagnosis_years, other.laterality_code,
    other.topography_code, other.histology_code, other.grade_code, other.stage_code, other.stage_basis_code,
    other.tnm_edition_code, other.t_code, other.t_basis_code, other.n_code, other.n_basis_code, other.m_code,
    other.stage_derived_code, other.node_status_code, other.nodes_positive, other.nodes_examined,
    other.tumour_size_mm, other.menopausal_status_code, other.basis_of_diagnosis_code
from dim_tumour as mine
inner join dim_tumour as other on other.patient_key = mine.patient_key and other.tumour_key <> mine.tumour_key
