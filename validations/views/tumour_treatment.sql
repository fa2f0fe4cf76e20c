-- One row per tumour with a treatment record, identified by tumour_key: what was given for the primary.
-- A flag is false, not empty, as soon as any treatment of the tumour is delivered. A completion mastectomy outweighs an earlier excision.
-- neoadjuvant_days is the planned length of the neoadjuvant drugs (cycles times days between them) but for blocks known not
-- to be given, empty where one of them is not known.
select
  tumour_key,
  count(*) as n_treatments,
  case
    when max(case when procedure_code = 'mastectomy' and coalesce(is_given, true) then 1 else 0 end) = 1 then 'mastectomy'
    else max(case when modality_code = 'surgery' and coalesce(is_given, true) then procedure_code end)
  end as operation_code,
  max(case when setting_code = 'neoadjuvant' and coalesce(is_given, true) then 1 else 0 end) = 1 as has_neoadjuvant,
  case
    when sum(case when setting_code = 'neoadjuvant' and modality_code = 'chemotherapy' and coalesce(is_given, true) then 1 else 0 end)
      = sum(case when setting_code = 'neoadjuvant' and modality_code = 'chemotherapy' and coalesce(is_given, true)
        and cycles is not null and interval_days is not null then 1 else 0 end)
      then sum(case when setting_code = 'neoadjuvant' and modality_code = 'chemotherapy' and coalesce(is_given, true)
        then cycles * interval_days end)
  end as neoadjuvant_days,
  max(case when has_trastuzumab and setting_code in ('primary', 'neoadjuvant', 'adjuvant')
    and coalesce(is_given, true) then 1 else 0 end) = 1 as has_primary_trastuzumab,
  max(case when modality_code = 'hormonal' and setting_code in ('primary', 'neoadjuvant', 'adjuvant')
    and coalesce(is_given, true) then 1 else 0 end) = 1 as has_primary_hormonal,
  max(case when modality_code = 'hormonal' and not_given_reason_code is not null then 1 else 0 end) = 1 as has_hormonal_reason,
  max(case when modality_code = 'radiation' and setting_code in ('primary', 'neoadjuvant', 'adjuvant')
    and coalesce(is_given, true) then 1 else 0 end) = 1 as has_primary_radiation,
  max(case when modality_code = 'radiation' and not_given_reason_code is not null then 1 else 0 end) = 1 as has_radiation_reason
from drug_block
group by tumour_key
