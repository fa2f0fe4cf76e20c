-- One row per tumour and kind of event, identified by tumour_key, event_type_code: how many, and the day of the first.
-- The first of several intervals: its lower end is the least lower end (open where one is open), its upper end the least upper end.
-- Days are compared only where every event of the kind counts from the same anchor.
select
  tumour_key,
  event_type_code,
  count(*) as n_events,
  case when count(event_earliest_date) = count(*) then min(event_earliest_date) end as first_earliest_date,
  min(event_latest_date) as first_latest_date,
  case when count(*) = 1 then min(event_precision) end as first_precision,
  case
    when min(event_anchor) = max(event_anchor) and count(event_earliest_offset_days) = count(*) then min(event_earliest_offset_days)
  end as first_earliest_offset_days,
  case when min(event_anchor) = max(event_anchor) then min(event_latest_offset_days) end as first_latest_offset_days,
  case when min(event_anchor) = max(event_anchor) then min(event_anchor) end as first_anchor
from event
group by tumour_key, event_type_code
