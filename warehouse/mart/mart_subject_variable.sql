-- One row per study, variable, person and level, identified by study, variable, patient_key and level.
-- Only analysed women. A level `unknown` is a value not known; where it is not known whether the variable applies to her, it is missing too.
with stated as (
    select
        subject.study, judged.variable, subject.patient_key, subject.arm, judged.value,
        case
            when judged.level = 'true' and judged.is_flag then 'yes'
            when judged.level = 'false' and judged.is_flag then 'no'
            else nullif(judged.level, 'unknown')
        end as level,
        judged.is_restricted and not judged.possible as is_outside,
        judged.is_restricted and not coalesce(judged.certain, false) as is_doubtful
    from judged_variable as judged
    inner join mart_subject as subject on subject.tumour_key = judged.tumour_key
    inner join study_parameter as parameter on parameter.study = subject.study
    where subject.is_analysed
),
judged_state as (
    select
        study, variable, patient_key, arm, level, value,
        case
            when is_outside then 'not_applicable'
            when is_doubtful or (level is null and value is null) then 'missing'
            else 'known'
        end as state
    from stated
)
select
    study, variable, patient_key, arm,
    case when state = 'known' then coalesce(level, '') else '' end as level,
    case when state = 'known' then value end as value,
    state
from judged_state
