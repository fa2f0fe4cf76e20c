-- One row per tumour, endpoint and date of entry that the study declares, identified by tumour_key, endpoint and arm: days from the origin.
-- `arm` is that whose decision the date is, and empty for the entry of the endpoint itself. point_days by the date convention of the study,
-- not of an entry that is wider than it allows; of one that may come before the origin the middle of the days from the origin on, as in
-- list_entered.
with span as (
    select
        entry.endpoint, entry.arm, origin.tumour_key,
        greatest(
            date_diff('day', origin.latest_date, day.earliest_date),
            case when origin.anchor = day.anchor then day.earliest_offset_days - origin.latest_offset_days end
        ) as earliest_days,
        least(
            date_diff('day', origin.earliest_date, day.latest_date),
            case when origin.anchor = day.anchor then day.latest_offset_days - origin.earliest_offset_days end
        ) as latest_days
    from entry_parameter as entry
    inner join endpoint_parameter as endpoint on endpoint.endpoint = entry.endpoint
    inner join list_date as origin on origin.date_name = endpoint.origin
    inner join list_date as day on day.tumour_key = origin.tumour_key and day.date_name = entry.date_name
)
select
    span.endpoint, span.arm, span.tumour_key, span.earliest_days, span.latest_days,
    case
        when span.earliest_days = span.latest_days then span.earliest_days
        when parameter.takes_middle and span.latest_days - span.earliest_days <= parameter.max_width_days
            then cast(
                floor(
                    (case when span.earliest_days < 0 and span.latest_days >= 0 then 0 else span.earliest_days end + span.latest_days) / 2.0
                    + 0.5
                ) as integer
            )
    end as point_days
from span
cross join study_parameter as parameter
