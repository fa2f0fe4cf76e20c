-- One row per study and person of whom an error edit kept a record back, identified by study and patient_key.
-- It is read while the star means all that was delivered of these persons (`warehouse.held`): where each would stand if nothing were held.
select
    parameter.study, person.patient_key,
    case when subject.patient_key is null then 'no_tumour' else subject.excluded_step end as excluded_step, subject.arm
from dim_patient as person
cross join study_parameter as parameter
left join mart_subject as subject on subject.patient_key = person.patient_key
