-- One row per study and person of whom an error edit kept a record back, identified by study and patient_key.
-- It is read while the star means all that was delivered of these persons (`warehouse.held`): where each would stand if nothing were held.
-- Of whom the site is in doubt it is not certain that she has no tumour of the study's organs.
select
    parameter.study, person.patient_key,
    case
        when subject.patient_key is not null then subject.excluded_step
        when doubtful_site.patient_key is not null then 'held'
        else 'no_tumour'
    end as excluded_step,
    subject.arm
from dim_patient as person
cross join study_parameter as parameter
left join mart_subject as subject on subject.patient_key = person.patient_key
left join list_taken as doubtful_site
    on doubtful_site.patient_key = person.patient_key and doubtful_site."record" = 'dim_tumour.topography_code'
