-- One row per operation, identified by procedure_key.
select
    procedure_key, procedure_code, "label", organ_code, is_metastasectomy
from v_procedure
