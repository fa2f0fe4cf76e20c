-- One row per person, study and endpoint, identified by study, endpoint and patient_key. Who certainly is not among those whom the
-- endpoint is about has none; is_among is null of whom that is not known.
-- Days from the origin to the end, bounded on each axis that both dates are on. Where an event happened, the end is the first of the
-- dates of the event, and has no lower bound where another of them happened on a day not delivered (a recurrence or an operation without
-- a date may have come before the death that has one); otherwise it is the last of the dates of censoring. point_days is the time used:
-- null for a woman of whom it is not known whether the endpoint is hers; under the convention `refuse` only where the days are certain,
-- under `midpoint` and `envelope` the middle of what is no wider than the study allows, of the days from zero on (no time is negative).
-- `middles` is twice it. `envelope` decides nothing else by it.
-- entry_days is the day on which she enters the risk set of her arm where the study declares it (list_entered): null where its dates do not place it.
-- A recurrence, a metastasectomy, a progression or a treatment is no later than the death, and bounds it. One that happened on a day not
-- delivered came before the death all the same: it is known that it ended the time, and until when.
-- A death that happened on a day not delivered has no end, or ends at the last contact where the study declares so.
-- Of the event and those that compete with it the first counts, on one day that of the lower number; where none is certainly (under
-- `midpoint`: by its middle) the first, the cause is `undetermined`. What ends certainly after the data cut-off is censored there,
-- a last contact too; of one on a day not delivered it is not known (is_event is null, its cause stays); a time that begins after it keeps its row and is in no estimate.
with dated as (
    select
        candidate.tumour_key, day.date_name as end_name, day.earliest_date, day.latest_date, day.earliest_offset_days,
        day.latest_offset_days, day.anchor, day.has_happened
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
        day.latest_offset_days, day.anchor, false as has_happened
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
        endpoint.endpoint, candidate.tumour_key, ending.cause_no, ending.date_name,
        ending.date_name in ('recurrence', 'distant_recurrence', 'metastasectomy', 'progression', 'operation', 'treatment_start')
            as is_before_death,
        day.has_happened,
        origin.earliest_date as origin_earliest_date, origin.latest_date as origin_latest_date, origin.anchor as origin_anchor,
        day.earliest_date, day.latest_date,
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
beside as (
    -- Beside each end: the latest day of the death, and the day from which on all that is before it may have happened.
    select
        span.*, min(case when date_name = 'death' then latest_days end) over whose as death_latest_days,
        min(case when date_name = 'death' then latest_date end) over whose as death_latest_date,
        max(case when is_before_death then earliest_days end) over whose as before_earliest_days,
        max(case when is_before_death then earliest_date end) over whose as before_earliest_date
    from span
    window whose as (partition by tumour_key, endpoint)
),
in_order as (
    -- Nobody recurs or is operated on after her death: it comes no earlier, and they no later than it. Where the dates contradict that
    -- for certain (an error edit finds it) they stand as delivered.
    select
        endpoint, tumour_key, cause_no, date_name, is_before_death, has_happened, origin_earliest_date, origin_latest_date, origin_anchor,
        case when is_told and date_name = 'death' and latest_days is not null then greatest(earliest_days, before_earliest_days)
            else earliest_days end as earliest_days,
        case when is_told and is_before_death and (coalesce(earliest_days, latest_days) is not null or has_happened)
            then least(latest_days, death_latest_days) else latest_days end as latest_days,
        case when is_told and date_name = 'death' and latest_date is not null then greatest(earliest_date, before_earliest_date)
            else earliest_date end as earliest_date,
        case when is_told and is_before_death and (coalesce(earliest_date, latest_date) is not null or has_happened)
            then least(latest_date, death_latest_date) else latest_date end as latest_date
    from (
        select
            beside.*, coalesce(before_earliest_days <= death_latest_days, true)
            and coalesce(before_earliest_date <= death_latest_date, true) as is_told
        from beside
    ) as told
),
bounded as (
    -- One row per tumour, endpoint and cause (-1: censoring). Of several ends the least is known no better than the worst of them: one
    -- without a lower bound leaves none. So with the greatest and upper bounds.
    select
        tumour_key, endpoint, cause_no,
        max(origin_earliest_date) as origin_earliest_date, max(origin_latest_date) as origin_latest_date,
        max(origin_anchor) as origin_anchor, min(case when date_name = 'death' then 1 else 0 end) as is_death,
        min(case when is_before_death then 1 else 0 end) as is_before_death,
        max(case when coalesce(earliest_days, latest_days) is null and coalesce(has_happened, true) then 1 else 0 end) as is_hidden,
        case
            when cause_no = -1 then max(earliest_days)
            when count(earliest_days) = sum(case when coalesce(earliest_days, latest_days) is null and not has_happened then 0 else 1 end)
                then min(earliest_days)
        end as earliest_days,
        case
            when cause_no > -1 then min(latest_days)
            when count(latest_days) = sum(case when coalesce(earliest_days, latest_days) is null then 0 else 1 end)
                then max(latest_days)
        end as latest_days,
        case
            when cause_no = -1 then max(earliest_date)
            when count(earliest_date) = sum(case when coalesce(earliest_days, latest_days) is null and not has_happened then 0 else 1 end)
                then min(earliest_date)
        end as earliest_date,
        case
            when cause_no > -1 then min(latest_date)
            when count(latest_date) = sum(case when coalesce(earliest_days, latest_days) is null then 0 else 1 end)
                then max(latest_date)
        end as latest_date
    from in_order
    group by tumour_key, endpoint, cause_no
),
judged as (
    select
        tumour_key, endpoint, cause_no,
        case when certain then true when not possible then false end as is_event, among_certain
    from judged_endpoint
    where coalesce(among_possible, true)
),
happened as (
    -- One row per tumour, endpoint and cause that happened (is_event) or may have (null).
    select
        judged.tumour_key, judged.endpoint, judged.cause_no, judged.is_event, bounded.is_hidden, bounded.is_death,
        bounded.is_before_death, bounded.earliest_days, bounded.latest_days, bounded.earliest_date, bounded.latest_date,
        case when bounded.earliest_days < 0 and bounded.latest_days >= 0 then 0 else bounded.earliest_days end + bounded.latest_days
            as middles
    from judged
    inner join bounded
        on bounded.tumour_key = judged.tumour_key and bounded.endpoint = judged.endpoint and bounded.cause_no = judged.cause_no
    where coalesce(judged.is_event, true)
),
doubted as (
    -- One row per cause that happened and that another may have come before. A death without a date comes before nothing that has one.
    select one.tumour_key, one.endpoint, one.cause_no
    from happened as one
    cross join study_parameter as parameter
    inner join happened as other
        on other.tumour_key = one.tumour_key and other.endpoint = one.endpoint and other.cause_no <> one.cause_no
    where
        one.is_event
        and not coalesce(other.earliest_days is null and other.latest_days is null and other.is_hidden = 0, false)
        and not coalesce(
            one.is_before_death = 1 and other.is_death = 1
            and coalesce(one.earliest_days <= other.latest_days, one.latest_days <= other.latest_days)
            and coalesce(one.earliest_date <= other.latest_date, true),
            false
        )
        and not coalesce(
            other.earliest_days - one.latest_days >= case when one.cause_no < other.cause_no then 0 else 1 end, false
        )
        and not coalesce(
            date_diff('day', one.latest_date, other.earliest_date) >= case when one.cause_no < other.cause_no then 0 else 1 end, false
        )
        and not coalesce(
            parameter.date_convention = 'midpoint'
            and other.middles - one.middles
            >= case when one.cause_no < other.cause_no then 0 else 1 end,
            false
        )
    group by one.tumour_key, one.endpoint, one.cause_no
),
decided as (
    select
        judged.tumour_key, judged.endpoint, max(case when judged.among_certain then 1 else 0 end) = 1 as is_among,
        min(case when judged.is_event and doubted.cause_no is null then judged.cause_no end) as first_no,
        max(case when judged.is_event then 1 else 0 end) = 1 as has_event,
        max(case when judged.is_event is null then 1 else 0 end) = 1 as may_have_event
    from judged
    left join doubted
        on doubted.tumour_key = judged.tumour_key and doubted.endpoint = judged.endpoint and doubted.cause_no = judged.cause_no
    group by judged.tumour_key, judged.endpoint
),
first_of as (
    -- One row per tumour and endpoint: the bounds of the first of all that happened or may have.
    select
        tumour_key, endpoint, min(latest_days) as latest_days,
        case when count(earliest_days) = count(*) then min(earliest_days) end as earliest_days,
        case when count(earliest_date) = count(*) then min(earliest_date) end as earliest_date
    from happened
    group by tumour_key, endpoint
),
ended as (
    select
        decided.tumour_key, decided.endpoint, decided.is_among, bounded.origin_earliest_date, bounded.origin_latest_date,
        bounded.origin_anchor, first_of.earliest_days as first_earliest_days, first_of.earliest_date as first_earliest_date,
        case
            when decided.first_no is not null then decided.first_no = 0
            when not decided.has_event and not decided.may_have_event then false
        end as is_event,
        case when decided.first_no is not null then cause.cause when decided.has_event then 'undetermined' end as cause,
        case when decided.first_no is null and decided.has_event then first_of.earliest_days else bounded.earliest_days end
            as earliest_days,
        case when decided.first_no is null and decided.has_event then first_of.latest_days else bounded.latest_days end as latest_days,
        bounded.earliest_date, bounded.latest_date
    from decided
    inner join bounded
        on bounded.tumour_key = decided.tumour_key and bounded.endpoint = decided.endpoint
        and bounded.cause_no = coalesce(decided.first_no, -1)
    left join first_of on first_of.tumour_key = decided.tumour_key and first_of.endpoint = decided.endpoint
    left join endpoint_cause as cause on cause.endpoint = decided.endpoint and cause.cause_no = decided.first_no
),
held_against as (
    select
        ended.*, case when ended.earliest_days < 0 and ended.latest_days >= 0 then 0 else ended.earliest_days end + ended.latest_days as middles,
        parameter.study, parameter.data_cut_off, parameter.date_convention = 'midpoint' as is_by_middle, parameter.takes_middle, parameter.max_width_days,
        date_diff('day', ended.origin_latest_date, parameter.data_cut_off) as cut_earliest_days,
        date_diff('day', ended.origin_earliest_date, parameter.data_cut_off) as cut_latest_days,
        case
            when date_diff('day', ended.origin_latest_date, parameter.data_cut_off) < 0
                and date_diff('day', ended.origin_earliest_date, parameter.data_cut_off) >= 0 then 0
            else date_diff('day', ended.origin_latest_date, parameter.data_cut_off)
        end + date_diff('day', ended.origin_earliest_date, parameter.data_cut_off) as cut_middles
    from ended
    cross join study_parameter as parameter
),
sided as (
    select
        held_against.*,
        case
            when data_cut_off is null then null
            when origin_earliest_date is null and origin_latest_date is null
                then case when origin_anchor is not null then 'no_calendar' end
            when cut_latest_days < 0 or (is_by_middle and cut_earliest_days + cut_latest_days < 0) then 'not_begun'
            when cut_latest_days is null or coalesce(cut_earliest_days, -1) < 0 and not (is_by_middle and cut_earliest_days is not null)
                then 'open'
            when is_event is null
                then case when first_earliest_date > data_cut_off or first_earliest_days > cut_latest_days then 'cut' end
            when earliest_days is null and latest_days is null then null
            when
                latest_date <= data_cut_off or latest_days <= cut_earliest_days
                or (is_by_middle and middles <= cut_middles)
                then 'counted'
            when
                earliest_date > data_cut_off or earliest_days > cut_latest_days
                or (cause is null and earliest_date >= data_cut_off)
                or (is_by_middle and middles > cut_middles)
                then 'cut'
            else 'open'
        end as cut_off_state
    from held_against
),
cut as (
    select
        study, tumour_key, endpoint, is_among, takes_middle, max_width_days, cut_off_state,
        case
            when cut_off_state in ('cut', 'not_begun') then false
            when cut_off_state in ('open', 'no_calendar') and cause = 'event' then null
            -- on a day not delivered: it may have been after the cut-off
            when cut_off_state is null and data_cut_off is not null and cause = 'event' then null
            else is_event
        end as is_event,
        case
            when cut_off_state in ('cut', 'not_begun') then null
            when cut_off_state in ('open', 'no_calendar') and cause is not null then 'undetermined'
            else cause
        end as cause,
        case
            when cut_off_state = 'not_begun' then null
            when cut_off_state = 'cut' then cut_earliest_days
            when cut_off_state = 'counted' or data_cut_off is null then earliest_days
            when earliest_days > cut_earliest_days then cut_earliest_days
            else earliest_days
        end as earliest_days,
        case
            when cut_off_state = 'not_begun' then null
            when cut_off_state = 'cut' then cut_latest_days
            when cut_off_state = 'counted' or data_cut_off is null then latest_days
            when latest_days > cut_latest_days or (latest_days is null and earliest_days is not null) then cut_latest_days
            else latest_days
        end as latest_days
    from sided
),
pointed as (
    select
        subject.study, cut.endpoint, subject.patient_key, subject.tumour_key, subject.arm, cut.earliest_days, cut.latest_days, cut.is_event,
        cut.cause, cut.cut_off_state, case when cut.is_among then true end as is_among,
        case
            when not cut.is_among or cut.cause = 'undetermined' then null
            when cut.cut_off_state in ('open', 'no_calendar') then null
            when cut.earliest_days = cut.latest_days then cut.earliest_days
            when cut.takes_middle and cut.latest_days >= 0 and cut.latest_days - cut.earliest_days <= cut.max_width_days
                then cast(floor((greatest(cut.earliest_days, 0) + cut.latest_days) / 2.0 + 0.5) as integer)
        end as point_days
    from cut
    inner join mart_subject as subject on subject.tumour_key = cut.tumour_key and subject.study = cut.study
    where subject.is_analysed
)
select
    pointed.study, pointed.endpoint, pointed.patient_key, pointed.arm,
    case when entered.tumour_key is null then 0 else entered.point_days end as entry_days, pointed.earliest_days,
    case when pointed.point_days >= 0 then pointed.point_days end as point_days,
    pointed.latest_days, pointed.is_event, pointed.cause, pointed.cut_off_state, pointed.is_among
from pointed
left join list_entered as entered
    on entered.tumour_key = pointed.tumour_key and entered.endpoint = pointed.endpoint and entered.arm = pointed.arm
