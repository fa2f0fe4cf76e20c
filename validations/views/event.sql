-- One row per event, identified by patient_pseudonym, tumour_no, event_type_code, event_no: the event, its tumour and its patient.
-- is_at_diagnosis: the metastasis was there at diagnosis, so its day may lie before it.
select
  *,
  event.event_type_code = 'metastasis_at_diagnosis' as is_at_diagnosis
from event
left join event_place using (record_key)
left join tumour_context using (tumour_key)
left join person_context using (patient_key)
cross join as_of
