-- One row per row of the star, source row, step and rule, identified by table_name, row_key, source_row_id, step and rule.
-- Only what was loaded has a lineage here; the join drops what was quarantined or held.
select
    'dim_patient' as table_name, lineage_in.record_key as row_key, lineage_in.source_row_id, lineage_in.source_key,
    lineage_in.source_row, lineage_in."step", lineage_in."rule"
from lineage_in
inner join patient on patient.record_key = lineage_in.record_key
where lineage_in.record = 'patient'
union all
select
    'dim_tumour' as table_name, lineage_in.record_key as row_key, lineage_in.source_row_id, lineage_in.source_key,
    lineage_in.source_row, lineage_in."step", lineage_in."rule"
from lineage_in
inner join tumour on tumour.record_key = lineage_in.record_key
where lineage_in.record = 'tumour'
union all
select
    'fact_treatment' as table_name, lineage_in.record_key as row_key, lineage_in.source_row_id, lineage_in.source_key,
    lineage_in.source_row, lineage_in."step", lineage_in."rule"
from lineage_in
inner join treatment on treatment.record_key = lineage_in.record_key
where lineage_in.record = 'treatment'
union all
select
    'fact_event' as table_name, lineage_in.record_key as row_key, lineage_in.source_row_id, lineage_in.source_key,
    lineage_in.source_row, lineage_in."step", lineage_in."rule"
from lineage_in
inner join event on event.record_key = lineage_in.record_key
where lineage_in.record = 'event'
union all
select
    'fact_biomarker' as table_name, lineage_in.record_key as row_key, lineage_in.source_row_id, lineage_in.source_key,
    lineage_in.source_row, lineage_in."step", lineage_in."rule"
from lineage_in
inner join biomarker on biomarker.record_key = lineage_in.record_key
where lineage_in.record = 'biomarker'
union all
select
    'fact_follow_up' as table_name, lineage_in.record_key as row_key, lineage_in.source_row_id, lineage_in.source_key,
    lineage_in.source_row, lineage_in."step", lineage_in."rule"
from lineage_in
inner join follow_up on follow_up.record_key = lineage_in.record_key
where lineage_in.record = 'follow_up'
