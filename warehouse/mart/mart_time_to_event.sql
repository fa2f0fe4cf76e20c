-- One row per person, study and endpoint, identified by study, endpoint and patient_key.
-- Days from the origin to the end, bounded on each axis that both dates are on. Where the event happened, the end is the first of the
-- dates of the event, and has no lower bound where another of them happened on a day not delivered (a recurrence or an operation without
-- a date may have come before the death that has one); otherwise it is the last of the dates of censoring. point_days is the time used:
-- null for a woman of whom it is not known whether the endpoint is hers; under the convention `refuse` only where the days are certain, under `midpoint` the middle, and never below zero.
-- entry_days is the day on which she enters the risk set of her arm where the study declares it (list_entered): null where its dates do not place it.
-- A death that happened on a day not delivered has no end, or ends at the last contact where the study declares so.
with dated as (
    select
        candidate.tumour_key, day.date_name as end_name, day.earliest_date, day.latest_date, day.earliest_offset_days,
        day.latest_offset_days, day.anchor
    from mart_candidate as candidate
    cross join study_parameter as parameter
    inner join list_date as day
        on day.tumour_key = candidate.tumour_key
        and not (
            day.date_name = 'death' and parameter.death_date = 'last_contact' and candidate.vital_status_code = 'dead'
            and day.latest_date is null and day.latest_offset_days is null
            and day.earliest_date is null and day.earliest_offset_days is null
        )
    union all
    select
        candidate.tumour_key, 'death' as end_name, day.earliest_date, day.latest_date, day.earliest_offset_days,
        day.latest_offset_days, day.anchor
    from mart_candidate as candidate
    cross join study_parameter as parameter
    inner join list_date as death on death.tumour_key = candidate.tumour_key and death.date_name = 'death'
    inner join list_date as day on day.tumour_key = candidate.tumour_key and day.date_name = 'contact'
    where
        parameter.death_date = 'last_contact' and candidate.vital_status_code = 'dead'
        and death.latest_date is null and death.latest_offset_days is null
        and death.earliest_date is null and death.earliest_offset_days is null
),
span as (
    select
        endpoint.endpoint, candidate.tumour_key, ending.is_of_event, ending.is_of_censoring,
        case ending.date_name
            when 'recurrence' then candidate.has_recurrence
            when 'distant_recurrence' then candidate.has_distant_recurrence
            when 'metastasectomy' then candidate.has_metastasectomy
            when 'progression' then candidate.has_progression
            when 'operation' then candidate.operation_code is not null
            else false
        end as has_happened,
        greatest(
            date_diff('day', origin.latest_date, day.earliest_date),
            case when origin.anchor = day.anchor then day.earliest_offset_days - origin.latest_offset_days end
        ) as earliest_days,
        least(
            date_diff('day', origin.earliest_date, day.latest_date),
            case when origin.anchor = day.anchor then day.latest_offset_days - origin.earliest_offset_days end
        ) as latest_days
    from endpoint_parameter as endpoint
    inner join endpoint_end as ending on ending.endpoint = endpoint.endpoint
    cross join mart_candidate as candidate
    inner join list_date as origin on origin.tumour_key = candidate.tumour_key and origin.date_name = endpoint.origin
    inner join dated as day on day.tumour_key = candidate.tumour_key and day.end_name = ending.date_name
),
judged as (
    select
        tumour_key, endpoint,
        case when certain then true when not possible then false end as is_event, among_certain
    from judged_endpoint
    where coalesce(among_possible, true)
),
ended as (
    select
        judged.tumour_key, judged.endpoint, judged.is_event, coalesce(judged.among_certain, false) as is_among,
        -- Of several ends the least is known no better than the worst of them: one without a lower bound leaves none. So with the
        -- greatest and upper bounds.
        case
            when not coalesce(judged.is_event, false) then max(span.earliest_days)
            when
                count(span.earliest_days) = sum(
                    case when coalesce(span.earliest_days, span.latest_days) is null and not span.has_happened then 0 else 1 end
                )
                then min(span.earliest_days)
        end as earliest_days,
        case
            when coalesce(judged.is_event, false) then min(span.latest_days)
            when count(span.latest_days) = sum(case when coalesce(span.earliest_days, span.latest_days) is null then 0 else 1 end)
                then max(span.latest_days)
        end as latest_days
    from judged
    inner join span on span.tumour_key = judged.tumour_key and span.endpoint = judged.endpoint
    where
        (coalesce(judged.is_event, false) and span.is_of_event)
        or (not coalesce(judged.is_event, false) and span.is_of_censoring)
    group by judged.tumour_key, judged.endpoint, judged.is_event, judged.among_certain
),
pointed as (
    select
        subject.study, ended.endpoint, subject.patient_key, subject.tumour_key, subject.arm, ended.earliest_days, ended.latest_days, ended.is_event,
        case
            when not ended.is_among then null
            when ended.earliest_days = ended.latest_days then ended.earliest_days
            when parameter.date_convention = 'midpoint'
                then cast(floor((ended.earliest_days + ended.latest_days) / 2.0 + 0.5) as integer)
        end as point_days
    from ended
    inner join mart_subject as subject on subject.tumour_key = ended.tumour_key
    inner join study_parameter as parameter on parameter.study = subject.study
    where subject.is_analysed
)
select
    pointed.study, pointed.endpoint, pointed.patient_key, pointed.arm,
    case when entered.tumour_key is null then 0 else entered.point_days end as entry_days, pointed.earliest_days,
    case when pointed.point_days >= 0 then pointed.point_days end as point_days,
    pointed.latest_days, pointed.is_event
from pointed
left join list_entered as entered
    on entered.tumour_key = pointed.tumour_key and entered.endpoint = pointed.endpoint and entered.arm = pointed.arm
