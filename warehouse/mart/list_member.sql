-- One row per person, endpoint of the analysis landmark and arm that the dates leave open for her, identified by endpoint, patient_key and
-- arm: what an envelope is over. No middle decides: an arm was decided by the landmark if its latest day is, and may have been if its
-- earliest is. is_certain: she is in this arm whatever the days are. Her arm by the middles is in mart_time_in_analysis.
with residual as (
    select min(case when is_residual then arm_no end) as arm_no
    from study_arm
),
timed as (
    select analysis.endpoint, analysis.landmark_days, time.patient_key, subject.tumour_key
    from analysis_parameter as analysis
    inner join mart_time_to_event as time on time.endpoint = analysis.endpoint
    inner join study_parameter as parameter on parameter.study = time.study
    inner join mart_subject as subject on subject.study = time.study and subject.patient_key = time.patient_key
    where analysis.analysis = 'landmark'
),
standing as (
    select
        timed.endpoint, timed.patient_key, judged.arm_no,
        coalesce(judged.certain, false) and (entry.tumour_key is null or coalesce(entry.latest_days <= timed.landmark_days, false)) as is_in,
        coalesce(judged.possible, true) and (entry.tumour_key is null or coalesce(entry.earliest_days <= timed.landmark_days, true))
            as may_be_in
    from timed
    inner join judged_arm as judged on judged.tumour_key = timed.tumour_key
    inner join study_arm as arm on arm.arm_no = judged.arm_no
    left join list_entry as entry
        on entry.tumour_key = timed.tumour_key and entry.endpoint = timed.endpoint and entry.arm = arm.arm
    union all
    select timed.endpoint, timed.patient_key, residual.arm_no, true as is_in, true as may_be_in
    from timed
    cross join residual
),
reached as (
    -- The first arm that she may be in, and the first that she is in unless she is in one before it.
    select
        endpoint, patient_key, min(case when may_be_in then arm_no end) as first_open_no, min(case when is_in then arm_no end) as last_open_no
    from standing
    group by endpoint, patient_key
)
select standing.endpoint, standing.patient_key, arm.arm, reached.first_open_no = reached.last_open_no as is_certain
from standing
inner join reached on reached.endpoint = standing.endpoint and reached.patient_key = standing.patient_key
inner join study_arm as arm on arm.arm_no = standing.arm_no
where standing.may_be_in and standing.arm_no <= reached.last_open_no
