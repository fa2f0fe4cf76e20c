-- One row per treatment component, identified by patient_pseudonym, tumour_no, course_code, component_no: the component, its tumour and its patient.
select *
from drug_block
left join tumour_context using (tumour_key)
left join person_context using (patient_key)
cross join as_of
