-- One row per published number of a release, identified by number_id: its exact value, and the query of those behind it.
select number_id, study, "output", "row", cast("value" as double) as exact, subjects_sql
from mart_number
