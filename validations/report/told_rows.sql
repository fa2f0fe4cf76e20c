-- One row per row of a table (row_key) and source that delivered or completed it, identified by both; a source is known by the least of
-- the keys of its files (of_source): a number is cheaper to group than a name.
-- Of each row one line is `delivered`, the first; only rows with other lines may be told by several sources, or twice by one.
-- Materialized: what is read three times is made once, and what is computed over the few sources is not joined to every line by name.
with source as materialized (
    select source_key, min(source_key) over (partition by source) as of_source
    from dim_source
),
line as materialized (
    select lineage.row_key, source.of_source, lineage.step = 'delivered' as is_first
    from lineage
    inner join source using (source_key)
    where lineage.table_name = ?
)
select row_key, of_source
from line
where is_first
union all
select distinct other.row_key, other.of_source
from line as delivered
inner join line as other on other.row_key = delivered.row_key
where delivered.is_first and not other.is_first and other.of_source <> delivered.of_source
