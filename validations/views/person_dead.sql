-- One row per person whom a contact calls dead, identified by patient_key: the day of the first such contact.
-- The first of several intervals: its lower end is the least lower end (open where one is open, and where a
-- contact of hers was lost or its vital status was not understood), its upper end the least upper end.
-- Days are compared only where every such contact counts from the same anchor.
select
  follow_up.patient_key,
  case when count(contact_earliest_date) = count(*) and count(unread.patient_key) = 0 then min(contact_earliest_date) end as dead_contact_earliest_date,
  min(contact_latest_date) as dead_contact_latest_date,
  case when count(*) = 1 and count(unread.patient_key) = 0 then min(contact_precision) end as dead_contact_precision,
  case
    when min(contact_anchor) = max(contact_anchor) and count(contact_earliest_offset_days) = count(*) and count(unread.patient_key) = 0
      then min(contact_earliest_offset_days)
  end as dead_contact_earliest_offset_days,
  case when min(contact_anchor) = max(contact_anchor) then min(contact_latest_offset_days) end as dead_contact_latest_offset_days,
  case when min(contact_anchor) = max(contact_anchor) then min(contact_anchor) end as dead_contact_anchor
from follow_up
left join unread on unread.patient_key = follow_up.patient_key and (unread.is_follow_up_lost or unread.is_status_unread)
where vital_status_code = 'dead'
group by follow_up.patient_key
