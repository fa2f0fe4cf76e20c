-- One row per person, study, analysis beside as_published, endpoint and arm (her arm in it and `all`), identified by study, analysis, endpoint,
-- patient_key and arm. All days are counted from the origin.
-- delayed_entry: her arm is that of the study; she enters when it is decided, or at the entry of the endpoint where that is later.
-- landmark: she enters on the day of the landmark, in the first arm whose condition she certainly meets and that was certainly decided by
-- then, else in the residual arm. Where the dates leave open whether an arm before that one was decided she has a row in each, not certain.
-- time_dependent: a row in each arm that she is in for a while (list_state): from when she comes into it to when she leaves it for another
-- or her time ends. The event counts in the arm that she is in then, and a row that ends before has none.
-- Who ended on the day of entry or before is left out, as is who enters at the horizon or after it. A time ends at the data cut-off, so
-- that whoever enters on its day or later is left out too, as is whose time has not begun by then. A negative time is a mistake of the
-- source and not left out: its arm is not estimated.
with timed as (
    select
        time.study, time.endpoint, time.patient_key, time.arm, time.earliest_days, time.point_days, time.latest_days, time.is_event,
        time.cause, time.cut_off_state, time.is_among, subject.tumour_key
    from mart_time_to_event as time
    inner join study_parameter as parameter on parameter.study = time.study
    inner join mart_subject as subject on subject.study = time.study and subject.patient_key = time.patient_key
),
standing as (
    select
        timed.patient_key, timed.endpoint, judged.arm_no,
        coalesce(judged.certain, false)
        and (
            entry.tumour_key is null or coalesce(entry.latest_days <= analysis.landmark_days, false)
            or coalesce(entry.point_days <= analysis.landmark_days, false)
        ) as is_in,
        not coalesce(judged.possible, true) or coalesce(entry.earliest_days > analysis.landmark_days, false)
        or coalesce(entry.point_days > analysis.landmark_days, false) as is_out
    from analysis_parameter as analysis
    inner join timed on timed.endpoint = analysis.endpoint
    inner join judged_arm as judged on judged.tumour_key = timed.tumour_key
    inner join study_arm as arm on arm.arm_no = judged.arm_no
    left join list_entry as entry
        on entry.tumour_key = timed.tumour_key and entry.endpoint = timed.endpoint and entry.arm = arm.arm
    where analysis.analysis = 'landmark'
),
residual as (
    select min(case when is_residual then arm_no end) as arm_no
    from study_arm
),
first_in as (
    select
        standing.patient_key, standing.endpoint, coalesce(min(case when standing.is_in then standing.arm_no end), min(residual.arm_no)) as arm_no
    from standing
    cross join residual
    group by standing.patient_key, standing.endpoint
),
doubtful as (
    select standing.patient_key, standing.endpoint, standing.arm_no
    from standing
    inner join first_in on first_in.patient_key = standing.patient_key and first_in.endpoint = standing.endpoint
    where not standing.is_in and not standing.is_out and standing.arm_no < first_in.arm_no
),
known as (
    select patient_key, endpoint, arm_no, true as is_first from first_in
    union all
    select patient_key, endpoint, arm_no, false as is_first from doubtful
),
in_doubt as (
    select patient_key, endpoint, min(arm_no) as arm_no from doubtful group by patient_key, endpoint
),
risk_set as (
    select 'delayed_entry' as analysis, endpoint, patient_key, arm, arm as entry_arm, true as is_arm_certain from timed
    union all
    select 'delayed_entry' as analysis, endpoint, patient_key, 'all' as arm, 'all' as entry_arm, true as is_arm_certain from timed
    union all
    select 'landmark' as analysis, endpoint, patient_key, 'all' as arm, 'all' as entry_arm, true as is_arm_certain from timed
    union all
    select 'time_dependent' as analysis, endpoint, patient_key, 'all' as arm, 'all' as entry_arm, true as is_arm_certain from timed
    union all
    select
        'landmark' as analysis, known.endpoint, known.patient_key, arm.arm, 'all' as entry_arm,
        known.is_first and in_doubt.patient_key is null as is_arm_certain
    from known
    inner join study_arm as arm on arm.arm_no = known.arm_no
    left join in_doubt on in_doubt.patient_key = known.patient_key and in_doubt.endpoint = known.endpoint
),
entering as (
    select
        timed.study, risk_set.analysis, risk_set.endpoint, risk_set.patient_key, risk_set.arm, risk_set.is_arm_certain,
        greatest(coalesce(entered.earliest_days, 0), analysis.landmark_days) as entry_earliest_days,
        case when entered.tumour_key is null then analysis.landmark_days else greatest(entered.point_days, analysis.landmark_days) end as given_days,
        case when entered.tumour_key is null then analysis.landmark_days else greatest(entered.latest_days, analysis.landmark_days) end
            as given_latest_days,
        entered.tumour_key is null or entered.point_days is not null as is_placed,
        entered.tumour_key is null or entered.latest_days is not null as is_bounded,
        timed.earliest_days, timed.point_days, timed.latest_days, timed.is_event, timed.cause, timed.cut_off_state, timed.is_among,
        analysis.horizon_days
    from analysis_parameter as analysis
    inner join risk_set on risk_set.analysis = analysis.analysis and risk_set.endpoint = analysis.endpoint
    inner join timed on timed.endpoint = risk_set.endpoint and timed.patient_key = risk_set.patient_key
    left join list_entered as entered
        on entered.tumour_key = timed.tumour_key and entered.endpoint = timed.endpoint and entered.arm = risk_set.entry_arm
),
placed as (
    select
        entering.study, analysis, endpoint, patient_key, arm, is_arm_certain, entry_earliest_days,
        case when is_placed or given_latest_days = entry_earliest_days and is_bounded then given_days end as entry_days,
        case when is_bounded then given_latest_days end as entry_latest_days, earliest_days, point_days, latest_days, is_event, cause,
        cut_off_state, is_among, horizon_days,
        (latest_days - earliest_days > parameter.max_width_days or (is_bounded and given_latest_days - entry_earliest_days > parameter.max_width_days))
        and parameter.takes_middle as is_too_wide
    from entering
    cross join study_parameter as parameter
),
every as (
    select
        study, analysis, endpoint, patient_key, arm, is_arm_certain, entry_earliest_days, entry_days, entry_latest_days, earliest_days,
        point_days, latest_days, is_event, cause, cut_off_state, point_days as end_point_days, latest_days as end_latest_days,
        cut_off_state as end_state, is_too_wide, is_among, horizon_days
    from placed
    union all
    select
        study, 'time_dependent' as analysis, endpoint, patient_key, arm, is_arm_certain, entry_earliest_days, entry_days, entry_latest_days,
        earliest_days, point_days, latest_days, is_event, cause, cut_off_state, end_point_days, end_latest_days, end_state, is_too_wide,
        is_among, horizon_days
    from list_state
)
select
    study, analysis, endpoint, patient_key, arm, is_arm_certain, entry_earliest_days, entry_days, entry_latest_days, earliest_days, point_days,
    latest_days, is_event, cause, cut_off_state,
    case
        when is_among is null then 'among_unknown'
        when end_state = 'not_begun' then 'not_begun'
        when is_too_wide then 'too_wide'
        when
            (end_latest_days >= 0 and end_latest_days <= entry_earliest_days and entry_earliest_days > 0)
            or (end_point_days <= entry_days and entry_days > 0)
            then case when end_state = 'cut' then 'after_cut_off' else 'ended_before' end
        when entry_earliest_days >= horizon_days or entry_days >= horizon_days then 'after_horizon'
        else 'at_risk'
    end as risk_state
from every
