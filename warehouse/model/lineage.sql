-- One row per row of the star, source row, step and rule, identified by table_name, row_key, source_row_id, step and rule. A view of lineage_line and lineage_rule.
-- Only what was loaded has a lineage here: lines of what was quarantined or held do not reach the build, and the audit proves it.
-- The upper 31 bits of source_row_id are the file's key, the lower 32 the physical line.
select
    lineage_rule.table_name, lineage_line.row_key, lineage_line.source_row_id,
    lineage_line.source_row_id // 4294967296 as source_key, lineage_line.source_row_id % 4294967296 as source_row,
    lineage_rule."step", lineage_rule."rule"
from lineage_line
inner join lineage_rule on lineage_rule.rule_no = lineage_line.rule_no
