-- One row per row of the star, source row, step and rule, identified by table_name, row_key, source_row_id, step and rule.
-- Only what was loaded has a lineage here: lines of what was quarantined or held do not reach the build, and the audit proves it.
select
    case "record"
        when 'patient' then 'dim_patient'
        when 'tumour' then 'dim_tumour'
        when 'treatment' then 'fact_treatment'
        when 'event' then 'fact_event'
        when 'biomarker' then 'fact_biomarker'
        when 'follow_up' then 'fact_follow_up'
    end as table_name,
    record_key as row_key, source_row_id, source_key, source_row, "step", "rule"
from lineage_in
