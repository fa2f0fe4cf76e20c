-- One row per tumour with a treatment record, identified by tumour_key: what was given for the primary.
-- A flag is false, not empty, as soon as any treatment of the tumour is delivered; it is empty where what was not understood may be that
-- (a cell, a setting, a name, a reason, or a whole record that was lost for it). So the most that a record says of it is counted: 2 it is
-- so, 1 it may be, 0 it is not. A completion mastectomy outweighs an earlier excision.
-- neoadjuvant_days is the planned length of the neoadjuvant drugs (cycles times days between them) but for blocks known not
-- to be given, empty where one of them is not known, or may be one that was not understood.
select
  tumour_key,
  case when count(was_given) > 0 then count(*) end as n_treatments,
  case
    max(case
      when procedure_code = 'mastectomy' and was_given then 2
      when is_treatment_lost or (modality_code in ('surgery', 'any') and was_given is null)
        or (modality_code = 'surgery' and procedure_code is null and is_procedure_unread and was_given) then 1
      else 0
    end)
    when 2 then 'mastectomy'
    when 0 then max(case when modality_code = 'surgery' and was_given then procedure_code end)
  end as operation_code,
  case
    max(case
      when setting_code = 'neoadjuvant' and was_given then 2
      when is_treatment_lost or (coalesce(was_given, true) and (setting_code = 'neoadjuvant' or is_for_primary is null)) then 1
      else 0
    end)
    when 2 then true
    when 0 then false
  end as has_neoadjuvant,
  case
    when max(case
      when is_treatment_lost or (modality_code in ('chemotherapy', 'any') and (was_given is null or is_for_primary is null))
        or (setting_code = 'neoadjuvant' and modality_code = 'chemotherapy' and coalesce(is_given, true) and cycles * interval_days is null) then 1
      else 0
    end) = 0
      then sum(case when setting_code = 'neoadjuvant' and modality_code = 'chemotherapy' and coalesce(is_given, true)
        then cycles * interval_days end)
  end as neoadjuvant_days,
  case
    max(case
      when has_trastuzumab and is_for_primary and was_given then 2
      when is_treatment_lost
        or (coalesce(is_for_primary, true) and coalesce(was_given, true) and (has_trastuzumab or (drug_code is null and regimen_code is null and (
          modality_code in ('targeted', 'immunotherapy', 'any') or (modality_code = 'chemotherapy' and (was_given is null or is_name_unread))
        )))) then 1
      else 0
    end)
    when 2 then true
    when 0 then false
  end as has_primary_trastuzumab,
  case
    max(case
      when modality_code = 'hormonal' and is_for_primary and was_given then 2
      when is_treatment_lost or (modality_code in ('hormonal', 'any') and coalesce(is_for_primary, true) and coalesce(was_given, true)) then 1
      else 0
    end)
    when 2 then true
    when 0 then false
  end as has_primary_hormonal,
  case
    max(case
      when modality_code = 'hormonal' and not_given_reason_code is not null then 2
      when is_treatment_lost or (modality_code in ('hormonal', 'any') and is_reason_unread) then 1
      else 0
    end)
    when 2 then true
    when 0 then false
  end as has_hormonal_reason,
  case
    max(case
      when modality_code = 'radiation' and is_for_primary and was_given then 2
      when is_treatment_lost or (modality_code in ('radiation', 'any') and coalesce(is_for_primary, true) and coalesce(was_given, true)) then 1
      else 0
    end)
    when 2 then true
    when 0 then false
  end as has_primary_radiation,
  case
    max(case
      when modality_code = 'radiation' and not_given_reason_code is not null then 2
      when is_treatment_lost or (modality_code in ('radiation', 'any') and is_reason_unread) then 1
      else 0
    end)
    when 2 then true
    when 0 then false
  end as has_radiation_reason
from open_block
group by tumour_key
