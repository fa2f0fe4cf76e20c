-- One row per person with a dated contact, identified by patient_key: the day of the last.
-- The last of several intervals: its lower end is the greatest lower end, its upper end the greatest upper end (open where one is open).
select
  patient_key,
  count(*) as n_contacts,
  max(contact_earliest_date) as contact_earliest_date,
  case when count(contact_latest_date) = count(*) then max(contact_latest_date) end as contact_latest_date,
  case when count(*) = 1 then max(contact_precision) end as contact_precision,
  case when min(contact_anchor) = max(contact_anchor) then max(contact_earliest_offset_days) end as contact_earliest_offset_days,
  case
    when min(contact_anchor) = max(contact_anchor) and count(contact_latest_offset_days) = count(*) then max(contact_latest_offset_days)
  end as contact_latest_offset_days,
  case when min(contact_anchor) = max(contact_anchor) then max(contact_anchor) end as contact_anchor
from follow_up
where coalesce(contact_earliest_date, contact_latest_date) is not null
  or coalesce(contact_earliest_offset_days, contact_latest_offset_days) is not null
group by patient_key
