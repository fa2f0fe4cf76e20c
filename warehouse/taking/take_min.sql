-- One row per tumour with a record that may meet the condition, identified by tumour_key: the least value, null where one has no value or it is
-- open which they are.
-- is_open: where it is null, whether it may have been something all the same.
select
    tumour_key, case when count_if(is_certain) = count(*) and count(value) = count(*) then min(value) end as value,
    count(value) > 0 or count_if(is_certain) < count(*) as is_open
from chosen
group by tumour_key
