-- One row per event, identified by record_key: what its site and operation mean, and whether the disease is recorded as come back there.
-- is_organ_recurred: a distant recurrence of the tumour has the event's organ; is_side_recurred: one of the same organ has its side.
-- Both are empty where the event's own organ or side is not known, or where a distant recurrence without one could be it, a recurrence of
-- which it is not said whether it is distant, or an event that was lost, for its kind or number was not understood.
select
  event.record_key,
  coalesce(event.organ_code, site.organ_code) as place_organ_code,
  site.spread_code,
  procedure.organ_code as procedure_organ_code,
  case
    when coalesce(event.organ_code, site.organ_code) is null then null
    when max(case when distant_organ.organ = coalesce(event.organ_code, site.organ_code) then 1 else 0 end) = 1 then true
    when count(distant_organ.tumour_key) > count(distant_organ.organ) or count(unsaid.tumour_key) > 0 or count(unread.patient_key) > 0 then null
    else false
  end as is_organ_recurred,
  case
    when coalesce(event.organ_code, site.organ_code) is null or coalesce(event.laterality_code, 'unknown') not in ('left', 'right') then null
    when max(case when distant_organ.organ = coalesce(event.organ_code, site.organ_code) and distant_organ.side = event.laterality_code then 1 else 0 end) = 1
      then true
    when max(case when distant_organ.tumour_key is not null
      and coalesce(distant_organ.organ, coalesce(event.organ_code, site.organ_code)) = coalesce(event.organ_code, site.organ_code)
      and coalesce(distant_organ.side, 'unknown') not in ('left', 'right') then 1 else 0 end) = 1 then null
    when count(unsaid.tumour_key) > 0 or count(unread.patient_key) > 0 then null
    else false
  end as is_side_recurred
from event
left join site on site.site_code = event.site_code
left join procedure on procedure.procedure_code = event.procedure_code
left join distant_organ on distant_organ.tumour_key = event.tumour_key
left join unsaid_recurrence as unsaid on unsaid.tumour_key = event.tumour_key
left join unread on unread.patient_key = event.patient_key and unread.is_event_lost
group by event.record_key, event.organ_code, event.laterality_code, site.organ_code, site.spread_code, procedure.organ_code
