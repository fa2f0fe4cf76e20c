-- One row per person with a tumour record, identified by patient_key: how many tumours, and the first diagnosis and treatment of any.
select
  patient_key,
  count(*) as n_tumours,
  case when count(diagnosis_earliest_date) = count(*) then min(diagnosis_earliest_date) end as diagnosis_earliest_date,
  min(diagnosis_latest_date) as diagnosis_latest_date,
  case when count(*) = 1 then min(diagnosis_precision) end as diagnosis_precision,
  case when count(*) = 1 then min(diagnosis_earliest_offset_days) end as diagnosis_earliest_offset_days,
  case when count(*) = 1 then min(diagnosis_latest_offset_days) end as diagnosis_latest_offset_days,
  case when count(*) = 1 then min(diagnosis_anchor) end as diagnosis_anchor,
  case when count(treatment_start_earliest_date) = count(*) then min(treatment_start_earliest_date) end as treatment_start_earliest_date,
  min(treatment_start_latest_date) as treatment_start_latest_date,
  case when count(*) = 1 then min(treatment_start_precision) end as treatment_start_precision,
  case when count(*) = 1 then min(treatment_start_earliest_offset_days) end as treatment_start_earliest_offset_days,
  case when count(*) = 1 then min(treatment_start_latest_offset_days) end as treatment_start_latest_offset_days,
  case when count(*) = 1 then min(treatment_start_anchor) end as treatment_start_anchor
from tumour
group by patient_key
