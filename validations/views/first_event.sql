-- One row per tumour and kind of event, identified by tumour_key, event_type_code: how many, and the day of the first.
-- The first of several intervals: its lower end is the least lower end (open where one is open, and where an event of hers was lost, for
-- its kind or number was not understood), its upper end the least upper end.
-- Days are compared only where every event of the kind counts from the same anchor.
select
  event.tumour_key,
  event.event_type_code,
  count(*) as n_events,
  case when count(event_earliest_date) = count(*) and count(unread.patient_key) = 0 then min(event_earliest_date) end as first_earliest_date,
  min(event_latest_date) as first_latest_date,
  case when count(*) = 1 then min(event_precision) end as first_precision,
  case
    when min(event_anchor) = max(event_anchor) and count(event_earliest_offset_days) = count(*) and count(unread.patient_key) = 0
      then min(event_earliest_offset_days)
  end as first_earliest_offset_days,
  case when min(event_anchor) = max(event_anchor) then min(event_latest_offset_days) end as first_latest_offset_days,
  case when min(event_anchor) = max(event_anchor) then min(event_anchor) end as first_anchor
from event
left join unread on unread.patient_key = event.patient_key and unread.is_event_lost
group by event.tumour_key, event.event_type_code
