-- One row per person wanted, file and line that delivered a record of hers, identified by all three.
with own as (
    select 'dim_patient' as table_name, patient_key as row_key, patient_key from dim_patient
    union all
    select 'dim_tumour', tumour_key, patient_key from dim_tumour
    union all
    select 'fact_treatment', treatment_key, patient_key from fact_treatment
    union all
    select 'fact_event', event_key, patient_key from fact_event
    union all
    select 'fact_biomarker', biomarker_key, patient_key from fact_biomarker
    union all
    select 'fact_follow_up', follow_up_key, patient_key from fact_follow_up
)

select distinct own.patient_key, source.source_file, lineage.source_row
from own
inner join wanted_person on wanted_person.patient_key = own.patient_key
inner join lineage on lineage.table_name = own.table_name and lineage.row_key = own.row_key
inner join dim_source as source on source.source_key = lineage.source_key
order by own.patient_key, source.source_file, lineage.source_row
