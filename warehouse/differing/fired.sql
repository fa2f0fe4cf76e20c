-- One row per finding about one of the persons wanted that stands in one release only, identified by finding_id.
select patient_key, edit, "outcome", "record", source_file, source_row, kind
from (
    select
        coalesce(after_.patient_key, before_.patient_key) as patient_key,
        coalesce(after_.edit, before_.edit) as edit,
        coalesce(after_."outcome", before_."outcome") as "outcome",
        coalesce(after_."record", before_."record") as "record",
        coalesce(after_.finding_id, before_.finding_id) as finding_id,
        coalesce(after_.source_key, before_.source_key) as source_key,
        coalesce(after_.source_row, before_.source_row) as source_row,
        case when before_.finding_id is null then 'new' else 'gone' end as kind
    from before.fact_finding as before_
    full join after.fact_finding as after_ on after_.finding_id = before_.finding_id
    where before_.finding_id is null or after_.finding_id is null
) as moved
left join (
    select source_key, source_file from before.dim_source
    union
    select source_key, source_file from after.dim_source
) as source on source.source_key = moved.source_key
where moved.patient_key in (select patient_key from wanted_person)
order by moved.patient_key, kind, edit, moved.finding_id
