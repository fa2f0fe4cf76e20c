-- One row per treatment, event and (for each tumour of the person) contact, identified by record, record_key and tumour_key.
-- A progression is counted from the metastasectomy, everything else from the first treatment. Both axes bound the days; months are
-- rounded half up to two decimals, and given as a range where the days are not certain.
with dated as (
    select
        'treatment' as record, fact.treatment_key as record_key, fact.tumour_key as tumour_key, 'treatment_start' as origin_name,
        fact.treatment_earliest_date as earliest_date, fact.treatment_latest_date as latest_date,
        fact.treatment_earliest_offset_days as earliest_offset_days, fact.treatment_latest_offset_days as latest_offset_days,
        fact.treatment_anchor as anchor
    from fact_treatment as fact
    union all
    select
        'event' as record, fact.event_key as record_key, fact.tumour_key as tumour_key, case when fact.event_type_code = 'progression' then 'metastasectomy' else 'treatment_start' end as origin_name,
        fact.event_earliest_date as earliest_date, fact.event_latest_date as latest_date,
        fact.event_earliest_offset_days as earliest_offset_days, fact.event_latest_offset_days as latest_offset_days,
        fact.event_anchor as anchor
    from fact_event as fact
    union all
    select
        'follow_up' as record, fact.follow_up_key as record_key, tumour.tumour_key as tumour_key, 'treatment_start' as origin_name,
        fact.contact_earliest_date as earliest_date, fact.contact_latest_date as latest_date,
        fact.contact_earliest_offset_days as earliest_offset_days, fact.contact_latest_offset_days as latest_offset_days,
        fact.contact_anchor as anchor
    from fact_follow_up as fact
    inner join dim_tumour as tumour on tumour.patient_key = fact.patient_key
),
counted as (
    select
        dated.record, dated.record_key, dated.tumour_key,
        greatest(
            date_diff('day', origin.latest_date, dated.earliest_date),
            case when origin.anchor = dated.anchor then dated.earliest_offset_days - origin.latest_offset_days end
        ) as earliest_days,
        least(
            date_diff('day', origin.earliest_date, dated.latest_date),
            case when origin.anchor = dated.anchor then dated.latest_offset_days - origin.earliest_offset_days end
        ) as latest_days
    from dated
    inner join list_date as origin on origin.tumour_key = dated.tumour_key and origin.date_name = dated.origin_name
),
scaled as (
    select
        counted.record, counted.record_key, counted.tumour_key, counted.earliest_days, counted.latest_days,
        cast(floor(abs(counted.earliest_days) * 100.0 / study_parameter.days_per_month + 0.5) as bigint) as earliest_hundredths,
        cast(floor(abs(counted.latest_days) * 100.0 / study_parameter.days_per_month + 0.5) as bigint) as latest_hundredths
    from counted
    cross join study_parameter
),
written as (
    select
        record, record_key, tumour_key, earliest_days, latest_days,
        concat(
            case when earliest_days < 0 then '-' else '' end, cast(cast(floor(earliest_hundredths / 100.0) as bigint) as varchar), '.',
            substr(cast(100 + earliest_hundredths - 100 * cast(floor(earliest_hundredths / 100.0) as bigint) as varchar), 2)
        ) as earliest_months_text,
        concat(
            case when latest_days < 0 then '-' else '' end, cast(cast(floor(latest_hundredths / 100.0) as bigint) as varchar), '.',
            substr(cast(100 + latest_hundredths - 100 * cast(floor(latest_hundredths / 100.0) as bigint) as varchar), 2)
        ) as latest_months_text
    from scaled
)
select
    record, record_key, tumour_key, earliest_days, latest_days,
    case
        when earliest_days is null and latest_days is null then null
        when earliest_days is null then concat('<=', latest_months_text)
        when latest_days is null then concat('>=', earliest_months_text)
        when earliest_days = latest_days then earliest_months_text
        else concat(earliest_months_text, ' to ', latest_months_text)
    end as months_text
from written
