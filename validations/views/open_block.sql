-- One row per treatment record, identified by record_key: the block, whether it was given and whether for the primary, each empty where
-- what would tell was not understood. What is said of neither counts as given, and as of no setting.
select
  drug_block.*,
  case when drug_block.is_given is null and unread.is_given_unread then null else coalesce(drug_block.is_given, true) end as was_given,
  case
    when drug_block.setting_code is not null then drug_block.setting_code in ('primary', 'neoadjuvant', 'adjuvant')
    when unread.is_setting_unread or (drug_block.is_given is null and unread.is_given_unread) then null
    else false
  end as is_for_primary,
  unread.is_name_unread,
  unread.is_procedure_unread,
  unread.is_reason_unread,
  unread.is_treatment_lost
from drug_block
left join unread on unread.patient_key = drug_block.patient_key
