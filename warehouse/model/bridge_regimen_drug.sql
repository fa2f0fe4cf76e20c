-- One row per regimen, block and drug, identified by regimen_key, block_no and drug_key.
select
    regimen_key, block_no, drug_key, "cycles", interval_days
from v_regimen_drug
