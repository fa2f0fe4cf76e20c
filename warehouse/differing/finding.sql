-- One row per edit with a finding in either release: how many stood before, stand after, are new and are gone.
select
    coalesce(after_.edit, before_.edit) as edit,
    count(before_.finding_id) as n_before,
    count(after_.finding_id) as n_after,
    count(*) filter (where before_.finding_id is null) as n_new,
    count(*) filter (where after_.finding_id is null) as n_gone
from before.fact_finding as before_
full join after.fact_finding as after_ on after_.finding_id = before_.finding_id
group by coalesce(after_.edit, before_.edit)
order by n_new + n_gone desc, edit
