-- One row per person, endpoint of the analysis time_dependent and arm that she is in for a while, or may be, identified by endpoint,
-- patient_key and arm. On a day she is in the first arm whose condition she certainly meets and that was decided on an earlier day (or by
-- the origin), else in the residual arm: she comes into an arm on the day it is decided, at risk in it from the next day, and leaves it
-- when one before it is decided or when her time ends, whichever comes first. Who is never in an arm has no row in it.
-- The columns end_* say of her whole time what they say of her time in the arm without that.
-- Without a point_days or an entry_days the dates leave the order open; is_arm_certain says whether they leave open that she is in the arm.
with residual as (
    select min(case when is_residual then arm_no end) as arm_no
    from study_arm
),
known as (
    select tumour_key, arm_no, certain, possible
    from judged_arm
    union all
    select subject.tumour_key, residual.arm_no, true as certain, true as possible
    from mart_subject as subject
    inner join study_parameter as parameter on parameter.study = subject.study
    cross join residual
),
member as (
    select
        time.endpoint, time.patient_key, subject.tumour_key, arm.arm_no, arm.arm, analysis.horizon_days,
        arm.is_residual or coalesce(judged.certain, false) as is_certain,
        greatest(0, coalesce(entry.earliest_days, 0)) as earliest_days,
        case
            when not (arm.is_residual or coalesce(judged.certain, false)) then null
            when entry.tumour_key is null then 0
            when entry.point_days is not null then greatest(0, entry.point_days)
        end as point_days,
        case
            when not (arm.is_residual or coalesce(judged.certain, false)) then null
            when entry.tumour_key is null then 0
            when entry.latest_days is not null then greatest(0, entry.latest_days)
        end as latest_days
    from analysis_parameter as analysis
    inner join mart_time_to_event as time on time.endpoint = analysis.endpoint
    inner join study_parameter as parameter on parameter.study = time.study
    inner join mart_subject as subject on subject.study = time.study and subject.patient_key = time.patient_key
    inner join known as judged on judged.tumour_key = subject.tumour_key
    inner join study_arm as arm on arm.arm_no = judged.arm_no
    left join list_entry as entry
        on entry.tumour_key = subject.tumour_key and entry.endpoint = time.endpoint and entry.arm = arm.arm
    where analysis.analysis = 'time_dependent' and (arm.is_residual or coalesce(judged.possible, true))
),
left_for as (
    -- One row per member of an arm that another comes before: when she leaves it for that. `doubt_days`: the first day on which one may
    -- take her of which it is not known whether it ever does.
    select
        one.endpoint, one.patient_key, one.arm_no, min(other.earliest_days) as earliest_days, min(other.latest_days) as latest_days,
        case when count(other.point_days) = count(*) then min(other.point_days) end as point_days,
        min(case when not other.is_certain then other.earliest_days end) as doubt_days
    from member as one
    inner join member as other
        on other.endpoint = one.endpoint and other.patient_key = one.patient_key and other.arm_no < one.arm_no
    group by one.endpoint, one.patient_key, one.arm_no
),
entering as (
    select
        member.endpoint, member.patient_key, member.arm_no, member.arm, member.is_certain, member.horizon_days,
        greatest(member.earliest_days, coalesce(entered.earliest_days, 0)) as entry_earliest_days,
        case
            when member.latest_days is not null and (entered.tumour_key is null or entered.latest_days is not null)
                then greatest(member.latest_days, coalesce(entered.latest_days, 0))
        end as entry_latest_days,
        case
            when member.point_days is not null and (entered.tumour_key is null or entered.point_days is not null)
                then greatest(member.point_days, coalesce(entered.point_days, 0))
        end as given_days
    from member
    left join list_entered as entered
        on entered.tumour_key = member.tumour_key and entered.endpoint = member.endpoint and entered.arm = 'all'
),
placed as (
    select
        entering.endpoint, entering.patient_key, entering.arm_no, entering.arm, entering.is_certain, entering.horizon_days,
        entering.entry_earliest_days, entering.entry_latest_days,
        case when entering.entry_earliest_days = entering.entry_latest_days then entering.entry_earliest_days else entering.given_days end
            as entry_days,
        left_for.arm_no is not null as is_left, left_for.earliest_days as left_earliest_days, left_for.latest_days as left_latest_days,
        case when left_for.earliest_days = left_for.latest_days then left_for.earliest_days else left_for.point_days end as left_days,
        left_for.doubt_days
    from entering
    left join left_for
        on left_for.endpoint = entering.endpoint and left_for.patient_key = entering.patient_key and left_for.arm_no = entering.arm_no
),
ended as (
    select
        time.study, placed.*, time.earliest_days, time.point_days, time.latest_days, time.is_event, time.cause, time.cut_off_state, time.is_among,
        not placed.is_left or coalesce(placed.left_earliest_days >= time.latest_days, false)
        or coalesce(placed.left_days >= time.point_days, false) as is_to_the_end,
        coalesce(placed.left_latest_days < time.earliest_days, false) or coalesce(placed.left_days < time.point_days, false) as is_before_the_end,
        placed.is_certain
        and (placed.doubt_days is null or coalesce(placed.doubt_days >= least(time.latest_days, placed.left_latest_days), false)) as is_arm_certain,
        parameter.takes_middle
        and (
            coalesce(time.latest_days - time.earliest_days > parameter.max_width_days, false)
            or coalesce(placed.entry_latest_days - placed.entry_earliest_days > parameter.max_width_days, false)
            or coalesce(placed.doubt_days is null and placed.left_latest_days - placed.left_earliest_days > parameter.max_width_days, false)
        ) as is_too_wide
    from placed
    cross join study_parameter as parameter
    inner join mart_time_to_event as time
        on time.study = parameter.study and time.endpoint = placed.endpoint and time.patient_key = placed.patient_key
    where
        not coalesce(placed.left_latest_days <= placed.entry_earliest_days, false)
        and not coalesce(placed.left_days <= placed.entry_days, false)
        and (placed.is_certain or not coalesce(time.latest_days <= placed.entry_earliest_days, false))
)
select
    study, endpoint, patient_key, arm, is_arm_certain, entry_earliest_days, entry_days, entry_latest_days,
    case
        when is_to_the_end or earliest_days is null then earliest_days
        when is_before_the_end then left_earliest_days
        else least(earliest_days, left_earliest_days)
    end as earliest_days,
    case when is_to_the_end then point_days when is_before_the_end then left_days end as point_days,
    case when is_to_the_end then latest_days when is_before_the_end then left_latest_days else least(latest_days, left_latest_days) end
        as latest_days,
    case when is_to_the_end or not is_before_the_end then is_event else false end as is_event,
    case when is_to_the_end or not is_before_the_end then cause end as cause,
    case when is_before_the_end and not is_to_the_end and cut_off_state is not null then 'counted' else cut_off_state end as cut_off_state,
    point_days as end_point_days, latest_days as end_latest_days, cut_off_state as end_state, is_too_wide, is_among, horizon_days
from ended
