-- One row per component of treatment that was given, or may have been, and drug of it, identified by treatment_key and drug_code.
-- A component that names a regimen has the drugs of the regimen. A systemic one of which neither is known has one row without a drug: it
-- may have been any. is_open: it is not known whether it was given; of a treatment of any kind the kind is then empty.
with of_component as (
    select treatment_key, drug_key
    from fact_treatment
    where drug_key is not null
    union all
    select treatment.treatment_key, bridge.drug_key
    from fact_treatment as treatment
    inner join bridge_regimen_drug as bridge on bridge.regimen_key = treatment.regimen_key
    where treatment.drug_key is null
),
once as (
    select treatment_key, drug_key
    from of_component
    group by treatment_key, drug_key
)
select
    treatment.treatment_key, treatment.patient_key, treatment.tumour_key, treatment.course_id, treatment.course_code,
    treatment.component_no, treatment.setting_code, case when treatment.modality_code <> 'any' then treatment.modality_code end as modality_code, treatment.is_given, treatment.regimen_code,
    treatment.course_regimen_code, treatment."cycles", treatment.interval_days, treatment.completion_code,
    treatment.duration_years, treatment.not_given_reason_code, treatment.stop_reason_code, treatment.dose_gy,
    treatment.boost_gy, treatment.fractions, treatment."fields", treatment.volume_code, treatment.procedure_code,
    treatment.intent_code, treatment.treatment_earliest_date, treatment.treatment_latest_date,
    treatment.treatment_precision, treatment.treatment_earliest_offset_days,
    treatment.treatment_latest_offset_days, treatment.treatment_anchor, treatment.treatment_end_earliest_date,
    treatment.treatment_end_latest_date, treatment.treatment_end_precision,
    treatment.treatment_end_earliest_offset_days, treatment.treatment_end_latest_offset_days,
    treatment.treatment_end_anchor,
    drug.drug_code, drug.drug_class, drug.atc_code, treatment.is_given is null as is_open
from fact_treatment as treatment
left join once on once.treatment_key = treatment.treatment_key
left join dim_drug as drug on drug.drug_key = once.drug_key
where
    coalesce(treatment.is_given, true)
    and (drug.drug_key is not null or treatment.modality_code in ('chemotherapy', 'hormonal', 'targeted', 'immunotherapy', 'any'))
