-- One row per release (there is one), identified by run_id.
select
    run_id, registry, as_of, code_version, is_simulated
from release_in
