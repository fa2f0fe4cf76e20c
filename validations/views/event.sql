-- One row per event, identified by patient_pseudonym, tumour_no, event_type_code, event_no: the event, its tumour and its patient.
select *
from event
left join event_place using (record_key)
left join tumour_context using (tumour_key)
left join person_context using (patient_key)
cross join as_of
