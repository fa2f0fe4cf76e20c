-- One row per person and study, identified by study and patient_key. Her tumour is one of the study's organs (study_site); one of which
-- the site was not delivered may be.
-- A step keeps a woman where its condition is certain (or possible, where the study assumes it met). Who cannot be judged leaves at that
-- step and is marked as undetermined. A woman whose arm cannot be judged leaves at the step `arm`; she is never put into the residual arm.
-- Of whom an error edit took a record away that the study reads, she leaves at `held`, unless a step that reads none of what was taken
-- away certainly excludes her. Her arm is kept where what was taken away cannot change it.
with delivered_site as (
    select topography_code
    from mart_candidate
    group by topography_code
),
-- what each code begins with, so that sites are found by equality: any, an organ, a part of it
begun as (
    select topography_code, '' as beginning
    from delivered_site
    union
    select topography_code, substr(topography_code, 1, 3) as beginning
    from delivered_site
    union
    select topography_code, substr(topography_code, 1, 5) as beginning
    from delivered_site
),
chosen_site as (
    select begun.topography_code
    from begun
    inner join study_site as site on site.prefix = begun.beginning
    group by begun.topography_code
),
chosen as (
    select
        candidate.tumour_key, candidate.patient_key, candidate.subject_label,
        row_number() over (
            partition by candidate.patient_key
            order by
                case
                    when parameter.tumour_choice = 'first_with_distant_recurrence'
                        and not coalesce(candidate.has_distant_recurrence, false) then 1
                    else 0
                end,
                candidate.tumour_no, candidate.tumour_key
        ) as choice_no
    from mart_candidate as candidate
    cross join study_parameter as parameter
    left join chosen_site on chosen_site.topography_code = candidate.topography_code
    where candidate.topography_code is null or chosen_site.topography_code is not null
),
taken as (
    select list_taken.patient_key, need.part, need.step_no
    from list_taken
    inner join study_need as need on need."record" = list_taken."record"
    group by list_taken.patient_key, need.part, need.step_no
),
held as (
    select patient_key
    from taken
    where part = 'study'
),
left_at as (
    select
        judged.tumour_key, min(judged.step_no) as step_no,
        min(case when coalesce(judged.possible, true) then judged.step_no end) as doubtful_no
    from judged_step as judged
    inner join study_step as step on step.step_no = judged.step_no
    left join held on held.patient_key = judged.patient_key
    left join taken
        on taken.patient_key = judged.patient_key and taken.part = 'step' and taken.step_no = judged.step_no
    where
        not (step.is_assumed and coalesce(judged.possible, true))
        and (held.patient_key is null or (taken.patient_key is null and not coalesce(judged.possible, true)))
    group by judged.tumour_key
),
leaver as (
    select left_at.tumour_key, step.step, left_at.step_no = coalesce(left_at.doubtful_no, -1) as is_undetermined
    from left_at
    inner join study_step as step on step.step_no = left_at.step_no
),
arm_found as (
    select
        tumour_key,
        min(case when certain then arm_no end) as certain_no,
        min(case when not coalesce(certain, false) and coalesce(possible, true) then arm_no end) as doubtful_no
    from judged_arm
    group by tumour_key
),
residual as (
    select min(case when is_residual then arm_no end) as arm_no
    from study_arm
),
arm_assigned as (
    select
        arm_found.tumour_key,
        arm_found.doubtful_no is not null and arm_found.doubtful_no < coalesce(arm_found.certain_no, arm_found.doubtful_no + 1)
            as is_undetermined,
        coalesce(arm_found.certain_no, residual.arm_no) as arm_no
    from arm_found
    cross join residual
),
placed as (
    select
        chosen.patient_key, chosen.tumour_key, chosen.subject_label,
        case
            when leaver.step is not null then leaver.step
            when held.patient_key is not null then 'held'
            when coalesce(arm_assigned.is_undetermined, false) or arm.arm is null then 'arm'
        end as excluded_step,
        case
            when leaver.step is not null then leaver.is_undetermined
            when held.patient_key is not null then false
            else coalesce(arm_assigned.is_undetermined, false)
        end as is_undetermined,
        case when taken.patient_key is null and not coalesce(arm_assigned.is_undetermined, false) then arm.arm end as arm
    from chosen
    cross join residual
    left join leaver on leaver.tumour_key = chosen.tumour_key
    left join held on held.patient_key = chosen.patient_key
    left join taken on taken.patient_key = chosen.patient_key and taken.part = 'arm'
    left join arm_assigned on arm_assigned.tumour_key = chosen.tumour_key
    left join study_arm as arm on arm.arm_no = coalesce(arm_assigned.arm_no, residual.arm_no)
    where chosen.choice_no = 1
),
subgroup_found as (
    select judged.tumour_key, judged.arm, min(judged.subgroup_no) as subgroup_no
    from judged_subgroup as judged
    where judged.certain
    group by judged.tumour_key, judged.arm
)
select
    parameter.study, placed.patient_key, placed.tumour_key, placed.subject_label, placed.excluded_step is null as is_analysed,
    placed.excluded_step, placed.is_undetermined,
    case when placed.excluded_step is null or placed.excluded_step = 'held' then placed.arm end as arm,
    case when placed.excluded_step is null then subgroup.subgroup end as subgroup
from placed
cross join study_parameter as parameter
left join subgroup_found on subgroup_found.tumour_key = placed.tumour_key and subgroup_found.arm = placed.arm
left join study_subgroup as subgroup on subgroup.arm = subgroup_found.arm and subgroup.subgroup_no = subgroup_found.subgroup_no
