-- One row per star table, step and rule that the lineage names, identified by rule_no.
select
    rule_no,
    case "record"
        when 'patient' then 'dim_patient'
        when 'tumour' then 'dim_tumour'
        when 'treatment' then 'fact_treatment'
        when 'event' then 'fact_event'
        when 'biomarker' then 'fact_biomarker'
        when 'follow_up' then 'fact_follow_up'
    end as table_name,
    "step", "rule"
from lineage_rule_in
