-- One row per treatment record, identified by record_key: the record, and what its drug or regimen means.
-- drug_first_year is that of the drug, else that of the youngest drug of the regimen.
-- has_trastuzumab is empty where a chemotherapy or targeted block, or one of which the kind is not known, names neither drug nor regimen.
select
  treatment.*,
  drug.drug_class,
  coalesce(trial.earliest_trial_year, youngest.earliest_trial_year) as drug_first_year,
  case
    when treatment.drug_code like '%trastuzumab%' or anti_her2.regimen_code is not null then true
    when treatment.modality_code in ('chemotherapy', 'targeted', 'any') and treatment.drug_code is null and treatment.regimen_code is null then null
    else false
  end as has_trastuzumab
from treatment
left join drug on drug.drug_code = treatment.drug_code
left join drug_trial as trial on trial.drug_code = treatment.drug_code
left join (select regimen_code from regimen_drug where drug_code like '%trastuzumab%' group by regimen_code) as anti_her2
  on anti_her2.regimen_code = treatment.regimen_code
left join (
  select regimen_drug.regimen_code, max(drug_trial.earliest_trial_year) as earliest_trial_year
  from regimen_drug
  join drug_trial on drug_trial.drug_code = regimen_drug.drug_code
  group by regimen_drug.regimen_code
) as youngest
  on youngest.regimen_code = treatment.regimen_code
