-- One row per tumour with a record that may meet the condition, identified by tumour_key: whether it certainly has one (else null).
select tumour_key, case when count_if(is_certain) > 0 then true end as value
from chosen
group by tumour_key
