-- One row per treatment record, identified by record_key: the record, and what its drug or regimen means.
-- has_trastuzumab is empty where a chemotherapy or targeted block names neither drug nor regimen.
select
  treatment.*,
  drug.drug_class,
  case
    when treatment.drug_code like '%trastuzumab%' or anti_her2.regimen_code is not null then true
    when treatment.modality_code in ('chemotherapy', 'targeted') and treatment.drug_code is null and treatment.regimen_code is null then null
    else false
  end as has_trastuzumab
from treatment
left join drug on drug.drug_code = treatment.drug_code
left join (select regimen_code from regimen_drug where drug_code like '%trastuzumab%' group by regimen_code) as anti_her2
  on anti_her2.regimen_code = treatment.regimen_code
