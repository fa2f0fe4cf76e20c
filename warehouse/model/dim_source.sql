-- One row per landed file in force, identified by source_key.
select
    source_key, source_file, "source", contract, contract_version, sha256, size_bytes
from source_in
