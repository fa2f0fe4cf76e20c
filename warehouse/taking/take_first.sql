-- One row per tumour with a record that may meet the condition, identified by tumour_key: the days on which the first of them may lie.
-- Null on an axis where a record that may be the first has no day, or where none certainly meets it.
-- is_had: whether there certainly is one. is_open: where it is null, whether it may have been some day all the same.
with bounds as (
    select
        tumour_key, count_if(is_certain) > 0 as is_had,
        count_if(is_certain) < count(*)
        or count(earliest_date) + count(latest_date) + count(earliest_offset_days) + count(latest_offset_days) > 0 as is_open,
        count_if(is_certain) > 0 and count(*) = count(earliest_date) as has_date,
        count_if(is_certain) > 0 and count(*) = count(earliest_offset_days) and min(anchor) = max(anchor) as has_days,
        min(earliest_date) as earliest_date,
        min(case when is_certain then latest_date end) as latest_date,
        min("precision") as least_precision, max("precision") as most_precision,
        min(earliest_offset_days) as earliest_offset_days,
        min(case when is_certain then latest_offset_days end) as latest_offset_days,
        min(anchor) as anchor
    from ranked_record
    where may_be_first
    group by tumour_key
)
select
    tumour_key,
    case when has_date then earliest_date end as earliest_date, case when has_date then latest_date end as latest_date,
    case
        when has_date and earliest_date = latest_date then 'day'
        when has_date and least_precision = most_precision then least_precision
        when has_date then 'ambiguous'
    end as "precision",
    case when has_days then earliest_offset_days end as earliest_offset_days,
    case when has_days then latest_offset_days end as latest_offset_days, case when has_days then anchor end as anchor,
    is_had, is_open
from bounds
