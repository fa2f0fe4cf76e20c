-- One row per tumour with a treatment record, identified by tumour_key: what was given for the primary.
-- A flag is false, not empty, as soon as any treatment of the tumour is delivered; it is empty where what was not understood may be that
-- (a cell, a setting, a name, a reason, or a whole record that was lost for it). A completion mastectomy outweighs an earlier excision.
-- neoadjuvant_days is the planned length of the neoadjuvant drugs (cycles times days between them) but for blocks known not
-- to be given, empty where one of them is not known, or may be one that was not understood.
select
  tumour_key,
  case when count(case when was_given is not null then 1 end) > 0 then count(*) end as n_treatments,
  case
    when count(case when procedure_code = 'mastectomy' and was_given then 1 end) > 0 then 'mastectomy'
    when count(case when is_treatment_lost then 1 when modality_code in ('surgery', 'any') and was_given is null then 1
      when modality_code = 'surgery' and procedure_code is null and is_procedure_unread and was_given then 1 end) > 0 then null
    else max(case when modality_code = 'surgery' and was_given then procedure_code end)
  end as operation_code,
  case
    when count(case when setting_code = 'neoadjuvant' and was_given then 1 end) > 0 then true
    when count(case when is_treatment_lost then 1
      when coalesce(was_given, true) and (setting_code = 'neoadjuvant' or is_for_primary is null) then 1 end) > 0 then null
    else false
  end as has_neoadjuvant,
  case
    when count(case when is_treatment_lost then 1 when modality_code in ('chemotherapy', 'any')
      and (was_given is null or is_for_primary is null) then 1 end) > 0 then null
    when sum(case when setting_code = 'neoadjuvant' and modality_code = 'chemotherapy' and coalesce(is_given, true) then 1 else 0 end)
      = sum(case when setting_code = 'neoadjuvant' and modality_code = 'chemotherapy' and coalesce(is_given, true)
        and cycles is not null and interval_days is not null then 1 else 0 end)
      then sum(case when setting_code = 'neoadjuvant' and modality_code = 'chemotherapy' and coalesce(is_given, true)
        then cycles * interval_days end)
  end as neoadjuvant_days,
  case
    when count(case when has_trastuzumab and is_for_primary and was_given then 1 end) > 0 then true
    when count(case when is_treatment_lost then 1
      when coalesce(is_for_primary, true) and coalesce(was_given, true) and (has_trastuzumab or (drug_code is null and regimen_code is null and (
        modality_code in ('targeted', 'immunotherapy', 'any') or (modality_code = 'chemotherapy' and (was_given is null or is_name_unread))
      ))) then 1 end) > 0 then null
    else false
  end as has_primary_trastuzumab,
  case
    when count(case when modality_code = 'hormonal' and is_for_primary and was_given then 1 end) > 0 then true
    when count(case when is_treatment_lost then 1
      when modality_code in ('hormonal', 'any') and coalesce(is_for_primary, true) and coalesce(was_given, true) then 1 end) > 0 then null
    else false
  end as has_primary_hormonal,
  case
    when count(case when modality_code = 'hormonal' and not_given_reason_code is not null then 1 end) > 0 then true
    when count(case when is_treatment_lost then 1 when modality_code in ('hormonal', 'any') and is_reason_unread then 1 end) > 0 then null
    else false
  end as has_hormonal_reason,
  case
    when count(case when modality_code = 'radiation' and is_for_primary and was_given then 1 end) > 0 then true
    when count(case when is_treatment_lost then 1
      when modality_code in ('radiation', 'any') and coalesce(is_for_primary, true) and coalesce(was_given, true) then 1 end) > 0 then null
    else false
  end as has_primary_radiation,
  case
    when count(case when modality_code = 'radiation' and not_given_reason_code is not null then 1 end) > 0 then true
    when count(case when is_treatment_lost then 1 when modality_code in ('radiation', 'any') and is_reason_unread then 1 end) > 0 then null
    else false
  end as has_radiation_reason
from open_block
group by tumour_key
