-- One row per person and other person of the release before whom the same row of a file told of, identified by both.
select distinct wanted.patient_key, patient.patient_pseudonym
from wanted_line as wanted
inner join dim_source as source on source.source_file = wanted.source_file
inner join lineage on
    lineage.source_key = source.source_key and lineage.source_row = wanted.source_row and lineage.table_name = 'dim_patient'
inner join dim_patient as patient on patient.patient_key = lineage.row_key
where patient.patient_key <> wanted.patient_key
order by wanted.patient_key, patient.patient_pseudonym
