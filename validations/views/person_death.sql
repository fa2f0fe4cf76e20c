-- One row per person with a follow-up record, identified by patient_key: what they say of her death together.
-- She died once, so every dated statement holds: the interval is their intersection, and has_death_conflict says that it is empty.
-- is_dead is empty where no record gives a vital status.
select
  patient_key,
  count(*) as n_follow_ups,
  case
    when max(case when vital_status_code = 'dead' then 1 else 0 end) = 1 then true
    when max(case when vital_status_code = 'alive' then 1 else 0 end) = 1 then false
  end as is_dead,
  max(death_earliest_date) as death_earliest_date,
  min(death_latest_date) as death_latest_date,
  case when min(death_precision) = max(death_precision) then min(death_precision) end as death_precision,
  case when min(death_anchor) = max(death_anchor) then max(death_earliest_offset_days) end as death_earliest_offset_days,
  case when min(death_anchor) = max(death_anchor) then min(death_latest_offset_days) end as death_latest_offset_days,
  case when min(death_anchor) = max(death_anchor) then min(death_anchor) end as death_anchor,
  coalesce(max(death_earliest_date) > min(death_latest_date), false)
    or (coalesce(min(death_anchor) = max(death_anchor), false) and coalesce(max(death_earliest_offset_days) > min(death_latest_offset_days), false)) as has_death_conflict
from follow_up
group by patient_key
