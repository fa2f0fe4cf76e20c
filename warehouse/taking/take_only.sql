-- One row per tumour with a record that may meet the condition, identified by tumour_key: the value that all of them have, null where
-- they differ, one has none, or it is open which they are.
select
    tumour_key,
    case when count_if(is_certain) = count(*) and count(value) = count(*) and min(value) = max(value) then min(value) end as value
from chosen
group by tumour_key
