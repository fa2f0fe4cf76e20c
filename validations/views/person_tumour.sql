-- One row per person with a tumour record, identified by patient_key: how many tumours, and the first diagnosis and treatment of any.
-- A tumour of hers that was lost, for its number was not understood, may be earlier.
select
  tumour.patient_key,
  count(*) as n_tumours,
  case when count(diagnosis_earliest_date) = count(*) and count(unread.patient_key) = 0 then min(diagnosis_earliest_date) end as diagnosis_earliest_date,
  min(diagnosis_latest_date) as diagnosis_latest_date,
  case when count(*) = 1 and count(unread.patient_key) = 0 then min(diagnosis_precision) end as diagnosis_precision,
  case when count(*) = 1 and count(unread.patient_key) = 0 then min(diagnosis_earliest_offset_days) end as diagnosis_earliest_offset_days,
  case when count(*) = 1 then min(diagnosis_latest_offset_days) end as diagnosis_latest_offset_days,
  case when count(*) = 1 then min(diagnosis_anchor) end as diagnosis_anchor,
  case when count(treatment_start_earliest_date) = count(*) and count(unread.patient_key) = 0 then min(treatment_start_earliest_date) end as treatment_start_earliest_date,
  min(treatment_start_latest_date) as treatment_start_latest_date,
  case when count(*) = 1 and count(unread.patient_key) = 0 then min(treatment_start_precision) end as treatment_start_precision,
  case when count(*) = 1 and count(unread.patient_key) = 0 then min(treatment_start_earliest_offset_days) end as treatment_start_earliest_offset_days,
  case when count(*) = 1 then min(treatment_start_latest_offset_days) end as treatment_start_latest_offset_days,
  case when count(*) = 1 then min(treatment_start_anchor) end as treatment_start_anchor
from tumour
left join unread on unread.patient_key = tumour.patient_key and unread.is_tumour_lost
group by tumour.patient_key
