-- One row per row of the star, source row, step and rule, identified by row_key, source_row_id and rule_no.
select record_key as row_key, source_row_id, rule_no
from lineage_in
