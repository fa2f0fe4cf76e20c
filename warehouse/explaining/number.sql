-- One row per published number of that name (at most one), identified by number_id.
select number_id, study, "output", "row", "column", arm, "value", subjects_sql
from mart_number
where number_id = $number_id
