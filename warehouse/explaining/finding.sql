-- One row per finding about a record of a subject, identified by finding_id.
select
    finding.patient_key, finding.edit, finding.severity, finding."outcome", finding."record", source.source_file,
    finding.source_row, finding."columns"
from fact_finding as finding
inner join wanted_subject on wanted_subject.patient_key = finding.patient_key
left join dim_source as source on source.source_key = finding.source_key
order by finding.edit, finding.finding_id
