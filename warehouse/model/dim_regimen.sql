-- One row per canonical regimen, identified by regimen_key.
select
    regimen_key, regimen_code, "label", nominal_weeks
from v_regimen
