-- One row per person wanted, identified by patient_key; without pseudonym where neither release has loaded her.
select wanted.patient_key, coalesce(after_.patient_pseudonym, before_.patient_pseudonym) as patient_pseudonym
from wanted_person as wanted
left join before.dim_patient as before_ on before_.patient_key = wanted.patient_key
left join after.dim_patient as after_ on after_.patient_key = wanted.patient_key
order by wanted.patient_key
