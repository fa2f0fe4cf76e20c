-- One row per subject behind the number, identified by patient_key; tumour_key is the tumour that the study means.
-- Who is held was never loaded, and has no pseudonym here.
select wanted_subject.patient_key, patient.patient_pseudonym, patient.subject_label, subject.tumour_key
from wanted_subject
left join dim_patient as patient on patient.patient_key = wanted_subject.patient_key
left join mart_subject as subject on subject.patient_key = wanted_subject.patient_key and subject.study = $study
order by length(patient.subject_label) nulls last, patient.subject_label, patient.patient_pseudonym nulls last, wanted_subject.patient_key
