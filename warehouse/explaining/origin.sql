-- One row per source row that delivered or completed a star row, and rule that did, identified by table_name, row_key, source_file, source_row and rule.
-- The lines of the rows wanted are found first: in one query the database would join all lines with their files before.
with traced as materialized (
    select * from lineage
    where row_key in (select row_key from wanted_row)
)

select
    lineage.table_name, lineage.row_key, source.source_file, source.sha256, source.contract, lineage.source_row, lineage."rule", lineage."step"
from traced as lineage
inner join wanted_row on wanted_row.table_name = lineage.table_name and wanted_row.row_key = lineage.row_key
inner join dim_source as source on source.source_key = lineage.source_key
order by lineage.table_name, lineage.row_key, lineage."step", source.source_file, lineage.source_row, lineage."rule"
