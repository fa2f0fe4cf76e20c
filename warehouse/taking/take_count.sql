-- One row per tumour with a record that may meet the condition, identified by tumour_key: how many there are, null where that is open.
select tumour_key, case when count_if(is_certain) = count(*) then count(*) end as value
from chosen
group by tumour_key
