-- One row per finding of the edit given (two deliveries of one record that differ) and other source that delivered the record.
-- kept is null where no other source did: then one source contradicts itself. What somebody who knows has confirmed is left out.
select distinct
    f.finding_id,
    f.record,
    f.columns,
    s.source,
    o.source as kept
from fact_finding as f
inner join dim_source as s on s.source_key = f.source_key
left join lineage as l
    on l.row_key = f.record_key
    and l.table_name = case when f.record in ('patient', 'tumour') then 'dim_' || f.record else 'fact_' || f.record end
    and l.step <> 'corrected'
left join dim_source as o on o.source_key = l.source_key and o.source <> s.source
where f.edit = ? and coalesce(f.status, '') <> 'overridden'
