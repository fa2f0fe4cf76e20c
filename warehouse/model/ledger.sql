-- One row per file in force, stage, unit, fate and reason, identified by source_file, stage, unit, fate and reason.
-- Every fate of every unit, at every stage (DESIGN 4).
select
    source_file, "stage", "unit", "fate", "reason", "n"
from ledger_in
