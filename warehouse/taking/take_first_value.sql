-- One row per tumour with a record that may meet the condition, identified by tumour_key: the value of the first of them, null where one
-- that may be the first has another or none, or where none certainly meets it.
-- is_open: where it is null, whether it may have been something all the same.
select
    tumour_key,
    case when count_if(is_certain) > 0 and count(value) = count(*) and min(value) = max(value) then min(value) end as value,
    count(value) > 0 or count_if(is_certain) < count(*) as is_open
from ranked_record
where may_be_first
group by tumour_key
