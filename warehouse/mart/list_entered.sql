-- One row per analysed woman, endpoint and set at risk (her arm, and `all`) with a declared entry, identified by tumour_key, endpoint and arm.
-- She enters the set of her arm on the last of the day of entry and the day her arm was decided, and that of all on the day of entry; who
-- enters before the origin is at risk from the origin. A date not delivered leaves no upper bound.
with due as (
    select entry.tumour_key, entry.endpoint, 'all' as arm, entry.earliest_days, entry.latest_days
    from list_entry as entry
    where entry.arm = ''
    union all
    select entry.tumour_key, entry.endpoint, subject.arm, entry.earliest_days, entry.latest_days
    from list_entry as entry
    inner join mart_subject as subject on subject.tumour_key = entry.tumour_key
    inner join study_parameter as parameter on parameter.study = subject.study
    where subject.is_analysed and (entry.arm = '' or entry.arm = subject.arm)
),
bounded as (
    select
        tumour_key, endpoint, arm, greatest(0, coalesce(max(earliest_days), 0)) as earliest_days,
        case when count(latest_days) = count(*) then greatest(0, max(latest_days)) end as latest_days
    from due
    group by tumour_key, endpoint, arm
)
select
    bounded.tumour_key, bounded.endpoint, bounded.arm, bounded.earliest_days, bounded.latest_days,
    case
        when bounded.earliest_days = bounded.latest_days then bounded.earliest_days
        when parameter.takes_middle and bounded.latest_days - bounded.earliest_days <= parameter.max_width_days
            then cast(floor((bounded.earliest_days + bounded.latest_days) / 2.0 + 0.5) as integer)
    end as point_days
from bounded
cross join study_parameter as parameter
