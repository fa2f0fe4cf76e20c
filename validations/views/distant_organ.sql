-- One row per tumour, organ and side of its distant recurrences, identified by tumour_key, organ, side: where the disease came back.
select
  event.tumour_key,
  coalesce(event.organ_code, site.organ_code) as organ,
  event.laterality_code as side
from event
left join site on site.site_code = event.site_code
where event.event_type_code = 'distant_recurrence'
group by event.tumour_key, coalesce(event.organ_code, site.organ_code), event.laterality_code
