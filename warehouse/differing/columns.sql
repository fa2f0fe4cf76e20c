-- One row per column of each table and view of one side ($name), in the order of the table.
select table_name, column_name
from duckdb_columns()
where database_name = $name
order by table_name, column_index
