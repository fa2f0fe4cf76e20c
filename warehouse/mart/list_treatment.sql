-- One row per component of a course of treatment and tumour, identified by tumour_key, course_code and component_no.
-- It is fact_treatment with texts for Table 2.
-- treatment_text is written as clinical tables write it: a block as regimen x cycles, ** for what was stopped early, † for hormonal therapy
-- taken for five years, a semicolon between blocks that follow each other, and after No the reason. A cell that was not understood is Not known.
with named as (
    select
        treatment.treatment_key, treatment.tumour_key, patient.subject_label, patient.patient_pseudonym, tumour.tumour_no,
        treatment.course_id, treatment.course_code, treatment.component_no, treatment.setting_code,
        treatment.modality_code, treatment.is_given, treatment.regimen_code, treatment.drug_code,
        treatment.course_regimen_code, treatment."cycles", treatment.interval_days, treatment.completion_code,
        treatment.duration_years, treatment.not_given_reason_code, treatment.stop_reason_code, treatment.dose_gy,
        treatment.boost_gy, treatment.fractions, treatment."fields", treatment.volume_code, treatment.procedure_code,
        treatment.intent_code, treatment.treatment_earliest_date, treatment.treatment_latest_date,
        treatment.treatment_precision, treatment.treatment_earliest_offset_days,
        treatment.treatment_latest_offset_days, treatment.treatment_anchor, treatment.treatment_end_earliest_date,
        treatment.treatment_end_latest_date, treatment.treatment_end_precision,
        treatment.treatment_end_earliest_offset_days, treatment.treatment_end_latest_offset_days,
        treatment.treatment_end_anchor,
        procedure.label as procedure_text,
        dim_drug.drug_code is not null and not (
            dim_drug.drug_code = 'paclitaxel' and coalesce(treatment.course_regimen_code, '') in ('AC-T', 'ddAC-T', 'T weekly')
        ) as is_drug_name,
        concat(upper(substr(dim_drug.label, 1, 1)), substr(dim_drug.label, 2)) as drug_text,
        row_number() over (partition by treatment.tumour_key, treatment.course_code order by treatment.component_no) as place,
        lead(case when treatment.modality_code = 'chemotherapy' then treatment.cycles end) over (
            partition by treatment.tumour_key, treatment.course_code
            order by treatment.component_no
        ) as next_cycles,
        days.months_text
    from fact_treatment as treatment
    inner join dim_patient as patient on patient.patient_key = treatment.patient_key
    inner join dim_tumour as tumour on tumour.tumour_key = treatment.tumour_key
    left join dim_procedure as procedure on procedure.procedure_key = treatment.procedure_key
    left join dim_drug on dim_drug.drug_key = treatment.drug_key
    left join list_days as days on days.record = 'treatment' and days.record_key = treatment.treatment_key
),
worded as (
    select
        treatment_key,
        case
            when
                component_no = 0 and is_given is null and coalesce(regimen_code, drug_code, procedure_code, volume_code) is null
                and coalesce(dose_gy, fields, cycles) is null
                then 'Not known'
            when is_drug_name then drug_text
            when drug_code = 'paclitaxel' then 'T'
            when regimen_code is not null then regimen_code
            when modality_code = 'chemotherapy' then 'Chemotherapy, regimen unknown'
            when modality_code = 'surgery' then coalesce(procedure_text, 'Surgery')
            when modality_code = 'radiation' and coalesce(dose_gy, fields) is not null
                then concat(
                    case
                        when dose_gy is null then ''
                        when dose_gy = floor(dose_gy) then cast(cast(dose_gy as bigint) as varchar)
                        else cast(dose_gy as varchar)
                    end,
                    case
                        when coalesce(boost_gy, 0) = 0 then ''
                        when boost_gy = floor(boost_gy) then concat('+', cast(cast(boost_gy as bigint) as varchar))
                        else concat('+', cast(boost_gy as varchar))
                    end,
                    case when dose_gy is null then '' else 'Gy' end,
                    case when fields is null or dose_gy is null then '' else '; ' end,
                    case when fields is null then '' else concat(cast(fields as varchar), ' fields') end
                )
            when modality_code = 'radiation' and volume_code is null then 'RT'
            when modality_code = 'radiation' and volume_code = 'axilla' then 'Axillary RT'
            when modality_code = 'radiation'
                then concat(upper(substr(volume_code, 1, 1)), replace(substr(volume_code, 2), '_', ' '), ' RT')
            else concat(upper(substr(modality_code, 1, 1)), replace(substr(modality_code, 2), '_', ' '), ' therapy')
        end as block_text,
        case
            when not_given_reason_code is null then 'No'
            when not_given_reason_code = 'er_negative' then 'No (ER negative)'
            when not_given_reason_code = 'presumed_er_negative' then 'No (presumably ER negative)'
            when not_given_reason_code = 'relapsed_before' then 'No (relapsed before start)'
            else concat('No (', replace(not_given_reason_code, '_', ' '), ')')
        end as not_given_text
    from named
)
select
    named.tumour_key, named.subject_label, named.patient_pseudonym, named.tumour_no,
    named.course_id, named.course_code, named.component_no, named.setting_code, named.modality_code, named.is_given,
    named.regimen_code, named.drug_code, named.course_regimen_code, named."cycles", named.interval_days,
    named.completion_code, named.duration_years, named.not_given_reason_code, named.stop_reason_code, named.dose_gy,
    named.boost_gy, named.fractions, named."fields", named.volume_code, named.procedure_code, named.intent_code,
    named.treatment_earliest_date, named.treatment_latest_date, named.treatment_precision,
    named.treatment_earliest_offset_days, named.treatment_latest_offset_days, named.treatment_anchor,
    named.treatment_end_earliest_date, named.treatment_end_latest_date, named.treatment_end_precision,
    named.treatment_end_earliest_offset_days, named.treatment_end_latest_offset_days, named.treatment_end_anchor,
    case
        when not named.is_given then worded.not_given_text
        else concat(
            case when named.place = 1 and named.setting_code = 'neoadjuvant' then 'Neoadjuvant ' else '' end,
            worded.block_text,
            case
                when named.cycles is null then ''
                when named.is_drug_name then concat(' x', cast(named.cycles as varchar))
                else concat('x', cast(named.cycles as varchar))
            end,
            case when named.completion_code = 'stopped_early' then '**' else '' end,
            case when named.modality_code = 'hormonal' and named.duration_years = 5 then ' †' else '' end,
            case when named.cycles is not null and named.next_cycles is not null then ';' else '' end
        )
    end as treatment_text,
    named.procedure_text, named.months_text
from named
inner join worded on worded.treatment_key = named.treatment_key
