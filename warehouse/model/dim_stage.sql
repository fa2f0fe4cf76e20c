-- One row per edition and stage group, identified by stage_key.
select
    stage_key, tnm_edition_code, stage_code, stage_class_code, sort_no
from v_stage
