-- One row: how many times both sides have or one has, how many of them differ, and of how many persons.
with both_sides as (
    select
        coalesce(before_.patient_key, after_.patient_key) as patient_key,
        before_.patient_key is null
        or after_.patient_key is null
        or before_.arm is distinct from after_.arm
        or before_.entry_days is distinct from after_.entry_days
        or before_.earliest_days is distinct from after_.earliest_days
        or before_.point_days is distinct from after_.point_days
        or before_.latest_days is distinct from after_.latest_days
        or before_.is_event is distinct from after_.is_event
        or before_.cause is distinct from after_.cause
        or before_.cut_off_state is distinct from after_.cut_off_state
        or before_.is_among is distinct from after_.is_among as is_other
    from before.mart_time_to_event as before_
    full join after.mart_time_to_event as after_
        on
            after_.study = before_.study and after_.endpoint = before_.endpoint
            and after_.patient_key = before_.patient_key
)

select
    count(*) as times,
    count(*) filter (where is_other) as wrong,
    count(distinct case when is_other then patient_key end) as persons
from both_sides
