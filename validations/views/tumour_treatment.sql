-- One row per tumour with a treatment record, identified by patient_pseudonym, tumour_no: what was given for the primary.
-- A flag is false, not empty, as soon as any treatment of the tumour is delivered. A completion mastectomy outweighs an earlier excision.
-- neoadjuvant_days is the planned length of the neoadjuvant drugs (cycles times days between them), empty where one of them is not known.
select
  treatment.patient_pseudonym,
  treatment.tumour_no,
  count(*) as n_treatments,
  case
    when max(case when treatment.procedure_code = 'mastectomy' and coalesce(treatment.is_given, true) then 1 else 0 end) = 1 then 'mastectomy'
    else max(case when treatment.modality_code = 'surgery' and coalesce(treatment.is_given, true) then treatment.procedure_code end)
  end as operation_code,
  max(case when treatment.setting_code = 'neoadjuvant' and coalesce(treatment.is_given, true) then 1 else 0 end) = 1 as has_neoadjuvant,
  case
    when sum(case when treatment.setting_code = 'neoadjuvant' and treatment.modality_code = 'chemotherapy' then 1 else 0 end)
      = sum(case when treatment.setting_code = 'neoadjuvant' and treatment.modality_code = 'chemotherapy'
        and treatment.cycles is not null and treatment.interval_days is not null then 1 else 0 end)
      then sum(case when treatment.setting_code = 'neoadjuvant' and treatment.modality_code = 'chemotherapy'
        then treatment.cycles * treatment.interval_days end)
  end as neoadjuvant_days,
  max(case when drug_block.has_trastuzumab and treatment.setting_code in ('primary', 'neoadjuvant', 'adjuvant')
    and coalesce(treatment.is_given, true) then 1 else 0 end) = 1 as has_primary_trastuzumab,
  max(case when treatment.modality_code = 'hormonal' and treatment.setting_code in ('primary', 'neoadjuvant', 'adjuvant')
    and coalesce(treatment.is_given, true) then 1 else 0 end) = 1 as has_primary_hormonal,
  max(case when treatment.modality_code = 'hormonal' and treatment.not_given_reason_code is not null then 1 else 0 end) = 1 as has_hormonal_reason,
  max(case when treatment.modality_code = 'radiation' and treatment.setting_code in ('primary', 'neoadjuvant', 'adjuvant')
    and coalesce(treatment.is_given, true) then 1 else 0 end) = 1 as has_primary_radiation,
  max(case when treatment.modality_code = 'radiation' and treatment.not_given_reason_code is not null then 1 else 0 end) = 1 as has_radiation_reason
from treatment
left join drug_block on drug_block.record_key = treatment.record_key
group by treatment.patient_pseudonym, treatment.tumour_no
