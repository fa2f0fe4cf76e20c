-- One row per tumour with a recurrence of which it is not said whether it is distant, identified by tumour_key.
select tumour_key
from event
where event_type_code in ('recurrence', 'recurrence_or_death')
group by tumour_key
