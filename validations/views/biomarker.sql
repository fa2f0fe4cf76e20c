-- One row per marker result, identified by patient_pseudonym, tumour_no, marker_code, specimen_code: the result, its tumour and its patient.
select *
from biomarker
left join tumour_context using (tumour_key)
left join person_context using (patient_key)
cross join as_of
