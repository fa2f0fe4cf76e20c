-- One row per drug, identified by drug_key.
select
    drug_key, drug_code, "label", modality_code, drug_class, atc_code, rxnorm_cui
from v_drug
