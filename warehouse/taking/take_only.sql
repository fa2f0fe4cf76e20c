-- One row per tumour with a record that may meet the condition, identified by tumour_key: the value that all of them have, null where
-- they differ, one has none, or it is open which they are.
-- is_open: where it is null, whether it may have been something all the same.
select
    tumour_key,
    case when count_if(is_certain) = count(*) and count(value) = count(*) and min(value) = max(value) then min(value) end as value,
    (count(value) > 0 or count_if(is_certain) < count(*))
    and coalesce(min(case when is_certain then value end) = max(case when is_certain then value end), true) as is_open
from chosen
group by tumour_key
