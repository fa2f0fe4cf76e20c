-- One row per treatment component, identified by patient_pseudonym, tumour_no, course_code, component_no: the component, its tumour and its patient.
select *
from treatment
left join drug_block using (record_key)
left join tumour_context using (patient_pseudonym, tumour_no)
left join person_context using (patient_pseudonym)
cross join as_of
