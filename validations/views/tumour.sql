-- One row per tumour, identified by patient_pseudonym, tumour_no: the tumour, what happened to it, and its patient.
select *
from tumour
left join tumour_facts using (tumour_key)
left join person_context using (patient_key)
cross join as_of
