-- One row per tumour with a marker result on the primary, identified by tumour_key: its receptor results,
-- empty where not tested, not delivered or recorded as not known.
select
  tumour_key,
  max(case when marker_code = 'er' then nullif(result_code, 'unknown') end) as er_code,
  max(case when marker_code = 'pr' then nullif(result_code, 'unknown') end) as pr_code,
  max(case when marker_code = 'her2' then nullif(result_code, 'unknown') end) as her2_code
from biomarker
where specimen_code = 'primary'
group by tumour_key
