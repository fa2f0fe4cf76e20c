-- One row per record that may meet the condition, as `chosen`, and whether it may be the first or the last of its tumour: no record that
-- certainly meets it lies certainly before, or after, it on an axis that both have.
with bounds as (
    select
        chosen.*,
        min(case when is_certain then latest_date end) over (partition by tumour_key) as first_date,
        max(case when is_certain then earliest_date end) over (partition by tumour_key) as last_date,
        min(case when is_certain then latest_offset_days end) over (partition by tumour_key, anchor) as first_offset_days,
        max(case when is_certain then earliest_offset_days end) over (partition by tumour_key, anchor) as last_offset_days
    from chosen
)
select
    tumour_key, record_key, is_certain, value, earliest_date, latest_date, "precision", earliest_offset_days, latest_offset_days, anchor,
    not coalesce(earliest_date > first_date, false) and not coalesce(earliest_offset_days > first_offset_days, false) as may_be_first,
    not coalesce(latest_date < last_date, false) and not coalesce(latest_offset_days < last_offset_days, false) as may_be_last
from bounds
