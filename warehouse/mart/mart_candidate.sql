-- One row per tumour, of whatever organ, identified by tumour_key: which of them a study may choose says its `primary_site` (mart_subject).
-- A flag that may be null says: true given, false known not to be given, null not delivered. An interval is the six columns of one record,
-- never a mix of two. Treatment after the recurrence is what was given in a setting after it, so that no date has to be known for it.
with unread_cell as (
    -- Of whom a cell was not understood, by the kind of record that it would have told of. lost_...: a record of hers was not delivered, for
    -- a part of its key (its kind, its number) was there and was not understood: what she has of its kind is certain, what she has not is
    -- not known.
    select
        patient_key, unread_columns,
        case when unread_columns like '% event.lost %' then 1 end as lost_event,
        case when unread_columns like '% treatment.lost %' then 1 end as lost_treatment,
        case when unread_columns like '% biomarker.lost %' then 1 end as lost_biomarker,
        case when unread_columns like '% follow_up.lost %' then 1 end as lost_follow_up,
        case when unread_columns like '% tumour.lost %' then 1 end as lost_tumour,
        case when unread_columns like '% tumour.stage_basis_code.apart %' then 'y' end as stage_basis_code,
        case when unread_columns like '% tumour.t_basis_code.apart %' then 'y' end as t_basis_code,
        case when unread_columns like '% tumour.n_basis_code.apart %' then 'y' end as n_basis_code,
        case when unread_columns like '% patient.%' then 1 end as of_patient,
        case when unread_columns like '% tumour.%' then 1 end as of_tumour,
        case when unread_columns like '% biomarker.%' then 1 end as of_biomarker,
        case when unread_columns like '% event.%' then 1 end as of_event,
        case when unread_columns like '% follow_up.%' then 1 end as of_follow_up,
        case when unread_columns like '% treatment.%' then 1 end as of_treatment
    from unread_person
),
placed_event as (
    -- A lost event may have been earlier: the first is no later than that which is known.
    select
        event.*, coalesce(event.organ_code, dim_site.organ_code) as organ_of_event,
        event.event_type_code in (
            'recurrence', 'local_recurrence', 'regional_recurrence', 'locoregional_recurrence', 'distant_recurrence',
            'recurrence_or_death'
        ) as is_recurrence,
        case when unread_cell.lost_event is null then event.event_earliest_date end as earliest_date,
        case when unread_cell.lost_event is null then event.event_precision end as precision,
        case when unread_cell.lost_event is null then event.event_earliest_offset_days end as earliest_offset_days
    from fact_event as event
    left join dim_site on dim_site.site_key = event.site_key
    left join unread_cell on unread_cell.patient_key = event.patient_key
),
ranked_event as (
    -- Kinds of recurrence together are ordered by day where an axis gives it; within one kind the delivered number decides first.
    select
        *,
        row_number() over (
            partition by tumour_key, event_type_code
            order by event_no, event_earliest_offset_days nulls last, event_earliest_date nulls last, event_key
        ) as kind_no,
        row_number() over (
            partition by tumour_key, is_recurrence
            order by event_earliest_offset_days nulls last, event_earliest_date nulls last, event_no, event_type_code, event_key
        ) as group_no
    from placed_event
),
counted_event as (
    -- 2: she has one; 1: she may have one. undated_recurrence: without a day, so it may have been earlier than the first.
    select
        tumour_key,
        max(case when is_recurrence then 2 end) as recurrence,
        max(case
            when is_recurrence and kind_no = 1 and event_earliest_date is null and event_earliest_offset_days is null then 1
        end) as undated_recurrence,
        max(case
            when event_type_code = 'distant_recurrence' then 2 when event_type_code in ('recurrence', 'recurrence_or_death') then 1
        end) as distant_recurrence,
        max(case when event_type_code = 'metastasectomy' then 2 end) as metastasectomy,
        max(case when event_type_code = 'progression' then 2 end) as progression,
        count(distinct case when event_type_code = 'distant_recurrence' then organ_of_event end) as organs,
        max(case
            when event_type_code = 'distant_recurrence' and organ_of_event is null then 1
            when event_type_code in ('recurrence', 'recurrence_or_death') then 1
        end) as organ_open
    from ranked_event
    group by tumour_key
),
trastuzumab_regimen as (
    select bridge.regimen_key, 1 as has_trastuzumab
    from bridge_regimen_drug as bridge
    inner join dim_drug on dim_drug.drug_key = bridge.drug_key
    where dim_drug.drug_code = 'trastuzumab'
    group by bridge.regimen_key
),
unread_treatment as (
    -- Of whose treatments a setting, a name or an operation was not understood, or a whole cell: what is empty in them may be that.
    select
        patient_key, case when unread_columns like '% treatment.setting_code %' then 1 else 0 end as is_setting,
        case when unread_columns like '% treatment.drug_code %' or unread_columns like '% treatment.regimen_code %' then 1 else 0 end as is_name,
        case when unread_columns like '% treatment.is_given %' then 1 else 0 end as is_cell,
        case
            when unread_columns like '% treatment.procedure_code %' or unread_columns like '% treatment.is_given %' then 1 else 0
        end as is_operation
    from unread_person
    where unread_columns like '% treatment.%'
),
component as (
    select
        treatment.tumour_key, treatment.setting_code, treatment.modality_code, treatment.course_code, treatment.component_no,
        treatment.procedure_code, treatment.fields, treatment.dose_gy, treatment.not_given_reason_code, treatment.is_given,
        treatment.treatment_earliest_date, treatment.treatment_latest_date, treatment.treatment_precision,
        treatment.treatment_earliest_offset_days, treatment.treatment_latest_offset_days, treatment.treatment_anchor,
        case when treatment.is_given then 1 when not treatment.is_given then 0 end as given,
        treatment.setting_code in ('primary', 'neoadjuvant', 'adjuvant') as is_primary,
        treatment.setting_code in ('after_recurrence', 'after_metastasectomy', 'after_progression') as is_after,
        coalesce(treatment.drug_code, '') = 'trastuzumab' or coalesce(regimen.has_trastuzumab, 0) = 1 as is_trastuzumab,
        -- of which it is not known whether it was trastuzumab: of a kind that it is, or with a word that was not understood
        treatment.drug_code is null and treatment.regimen_code is null and (
            treatment.modality_code in ('targeted', 'immunotherapy', 'any')
            or (treatment.modality_code = 'chemotherapy' and (treatment.is_given is null or coalesce(unread.is_name, 0) = 1))
        ) as is_drug_open,
        -- of which it is not known whether it was given, or in which setting
        coalesce(treatment.is_given, true) and case
            when treatment.setting_code is null
                then coalesce(unread.is_setting, 0) = 1 or (treatment.is_given is null and coalesce(unread.is_cell, 0) = 1)
            else treatment.is_given is null
        end as is_open,
        -- an operation of which the text was not understood, or a cell of treatment of any kind that may tell of one
        coalesce(treatment.is_given, true) and treatment.procedure_code is null and coalesce(unread.is_operation, 0) = 1 and (
            treatment.modality_code = 'surgery'
            or (treatment.modality_code = 'any' and treatment.is_given is null and coalesce(treatment.setting_code, 'primary') = 'primary')
        ) as is_operation_open
    from fact_treatment as treatment
    left join trastuzumab_regimen as regimen on regimen.regimen_key = treatment.regimen_key
    left join unread_treatment as unread on unread.patient_key = treatment.patient_key
),
treated as (
    -- Of what was given for the primary the most that a record says: 2 it was, 1 it may have been (`is_open`), 0 it was not.
    select
        tumour_key,
        max(case
            when modality_code = 'chemotherapy' and setting_code = 'neoadjuvant' and given = 1 then 2
            when modality_code in ('chemotherapy', 'any') and is_open then 1
            when modality_code = 'chemotherapy' then 0
        end) as neoadjuvant,
        max(case
            when modality_code = 'chemotherapy' and is_primary and given = 1 then 2
            when modality_code in ('chemotherapy', 'any') and is_open then 1
            when modality_code = 'chemotherapy' then 0
        end) as chemotherapy,
        max(case
            when is_trastuzumab and is_primary and given = 1 then 2
            when (is_trastuzumab and is_open) or (is_drug_open and coalesce(given, 1) = 1) then 1
            when is_trastuzumab then 0
        end) as trastuzumab,
        max(case
            when modality_code = 'hormonal' and is_primary and given = 1 then 2
            when modality_code in ('hormonal', 'any') and is_open then 1
            when modality_code = 'hormonal' then 0
        end) as hormonal,
        max(case
            when modality_code = 'radiation' and is_primary and given = 1 then 2
            when modality_code in ('radiation', 'any') and is_open then 1
            when modality_code = 'radiation' then 0
        end) as radiation,
        max(case when is_open and modality_code = 'surgery' and setting_code is null then 1 end) as surgery_open
    from component
    where coalesce(is_primary, is_open)
    group by tumour_key
),
treated_after as (
    -- The same after the recurrence, where what is not delivered was not given. Apart from `treated`, since few tumours recur: where only
    -- these columns are asked for, few rows are grouped.
    select
        tumour_key,
        max(case
            when modality_code in ('chemotherapy', 'hormonal', 'targeted', 'immunotherapy') and is_after and given = 1 then 2
            when modality_code in ('chemotherapy', 'hormonal', 'targeted', 'immunotherapy', 'any') and is_open then 1
        end) as systemic,
        max(case
            when modality_code = 'chemotherapy' and is_after and given = 1 then 2
            when modality_code in ('chemotherapy', 'any') and is_open then 1
        end) as chemotherapy,
        max(case
            when is_trastuzumab and is_after and given = 1 then 2
            when (is_trastuzumab and is_open) or (is_drug_open and coalesce(given, 1) = 1) then 1
        end) as trastuzumab,
        max(case
            when modality_code = 'hormonal' and is_after and given = 1 then 2
            when modality_code in ('hormonal', 'any') and is_open then 1
        end) as hormonal,
        min(case when is_after and not is_given then not_given_reason_code end) as untreated_reason_code
    from component
    where coalesce(is_after, is_open)
    group by tumour_key
),
operation as (
    -- Where the primary was operated on more than once, the last operation on the breast is the definitive one: `WLE + SLNB` is no
    -- operation of nodes. One of nodes, or a biopsy, counts where there is none on the breast. Of which it is not known what was done
    -- (a text that was not understood, or none) may be of the breast: it stands before those, and nothing is taken of it but that it is there.
    -- beside_open: beside an excision there may be a mastectomy whose text was not understood.
    select
        tumour_key, procedure_code as operation_code, treatment_earliest_date as operation_earliest_date,
        treatment_latest_date as operation_latest_date, treatment_precision as operation_precision,
        treatment_earliest_offset_days as operation_earliest_offset_days,
        treatment_latest_offset_days as operation_latest_offset_days, treatment_anchor as operation_anchor,
        row_number() over (
            partition by tumour_key
            order by
                coalesce(procedure_code, '') in ('wide_local_excision', 'mastectomy') desc, procedure_code is null desc,
                procedure_code <> 'biopsy' desc,
                treatment_earliest_date desc nulls last, treatment_earliest_offset_days desc nulls last, course_code desc,
                component_no desc
        ) as operation_no,
        max(case when is_operation_open then 1 else 0 end) over (partition by tumour_key) as beside_open
    from component
    where
        (is_primary and modality_code = 'surgery' and (given = 1 or (procedure_code is null and coalesce(given, 1) = 1)))
        or (is_operation_open and coalesce(is_primary, true))
),
radiation as (
    select
        tumour_key, fields as radiation_fields, dose_gy as radiation_dose_gy,
        row_number() over (partition by tumour_key order by course_code, component_no) as radiation_no
    from component
    where is_primary and modality_code = 'radiation' and given = 1
),
receptor as (
    select
        tumour_key,
        max(case when marker_code = 'er' then result_code end) as er_code,
        max(case when marker_code = 'pr' then result_code end) as pr_code,
        max(case when marker_code = 'her2' then result_code end) as her2_code,
        max(case when marker_code = 'er' then result_value end) as er_value,
        max(case when marker_code = 'pr' then result_value end) as pr_value
    from fact_biomarker
    where specimen_code = 'primary'
    group by tumour_key
),
ranked_contact as (
    select
        patient_key, vital_status_code,
        contact_earliest_date, contact_latest_date, contact_precision, contact_earliest_offset_days,
        contact_latest_offset_days, contact_anchor,
        row_number() over (
            partition by patient_key
            order by
                contact_latest_date desc nulls last, contact_latest_offset_days desc nulls last, follow_up_no desc
        ) as contact_no
    from fact_follow_up
),
ranked_death as (
    -- A delivered death wins over any contact; among deaths the last delivered one, with no day where only the status says dead: what a
    -- study does then is its own convention.
    select
        patient_key, death_earliest_date, death_latest_date, death_precision, death_earliest_offset_days,
        death_latest_offset_days, death_anchor,
        row_number() over (
            partition by patient_key
            order by
                case when death_latest_date is not null or death_latest_offset_days is not null then 0 else 1 end,
                case when vital_status_code = 'dead' then 0 else 1 end, follow_up_no desc
        ) as death_no
    from fact_follow_up
    where death_latest_date is not null or death_latest_offset_days is not null or vital_status_code = 'dead'
),
ranked_cause as (
    -- Of several causes that of the death that wins.
    select
        patient_key, cause_of_death_code,
        row_number() over (
            partition by patient_key
            order by
                case when death_latest_date is not null or death_latest_offset_days is not null then 0 else 1 end,
                case when vital_status_code = 'dead' then 0 else 1 end, follow_up_no desc
        ) as cause_no
    from fact_follow_up
    where cause_of_death_code is not null
),
age as (
    -- Completed years at the earliest and at the latest age the two dates allow; parts of a day come from dim_date.
    select
        dim_tumour.tumour_key,
        early.year - late_birth.year
        - case when early.month * 100 + early.day < late_birth.month * 100 + late_birth.day then 1 else 0 end as least_years,
        late.year - early_birth.year
        - case when late.month * 100 + late.day < early_birth.month * 100 + early_birth.day then 1 else 0 end as most_years
    from dim_tumour
    inner join dim_patient on dim_patient.patient_key = dim_tumour.patient_key
    inner join dim_date as early on early.date = dim_tumour.diagnosis_earliest_date
    inner join dim_date as late on late.date = dim_tumour.diagnosis_latest_date
    inner join dim_date as early_birth on early_birth.date = dim_patient.birth_earliest_date
    inner join dim_date as late_birth on late_birth.date = dim_patient.birth_latest_date
)
select
    tumour.tumour_key, tumour.patient_key, patient.subject_label, tumour.tumour_no, patient.sex_code, patient.ethnicity_code,
    coalesce(
        tumour.age_at_diagnosis_years,
        case when age.least_years = age.most_years and age.least_years between 0 and 120 then age.least_years end
    ) as age_years,
    tumour.laterality_code, tumour.topography_code, tumour.histology_code, tumour.grade_code,
    -- a group judged after neoadjuvant treatment or at a recurrence is not that at diagnosis, nor one of which this was not understood
    coalesce(
        case when coalesce(tumour.stage_basis_code, unread_cell.stage_basis_code, 'c') not in ('yc', 'yp', 'y', 'r') then tumour.stage_code end,
        tumour.stage_derived_code
    ) as stage_code,
    tumour.stage_code as stage_delivered_code,
    tumour.stage_derived_code,
    -- nor is a category
    case when coalesce(tumour.t_basis_code, unread_cell.t_basis_code, 'c') not in ('yc', 'yp', 'y', 'r') then tumour.t_code end as t_code,
    tumour.t_code as t_delivered_code,
    case when coalesce(tumour.n_basis_code, unread_cell.n_basis_code, 'c') not in ('yc', 'yp', 'y', 'r') then tumour.n_code end as n_code,
    tumour.n_code as n_delivered_code,
    case
        when coalesce(tumour.n_basis_code, unread_cell.n_basis_code, 'c') in ('yc', 'yp', 'y', 'r') then null
        when tumour.n_code like 'N0%' then 'N0'
        when tumour.n_code like 'N1%' then 'N1'
        when tumour.n_code like 'N2%' then 'N2'
        when tumour.n_code like 'N3%' then 'N3'
    end as n_class_code,
    tumour.m_code, tumour.node_status_code, tumour.nodes_positive, tumour.tumour_size_mm, tumour.menopausal_status_code,
    receptor.er_code, receptor.pr_code, receptor.her2_code, receptor.er_value, receptor.pr_value,
    -- an operation of which the setting is not known, or a treatment that was lost, may have been a mastectomy
    case
        when operation.operation_code = 'mastectomy' then 'mastectomy'
        when coalesce(treated.surgery_open, unread_cell.lost_treatment) = 1 then null
        when operation.operation_code <> 'wide_local_excision' or operation.beside_open = 0 then operation.operation_code
    end as operation_code,
    unread.tumour_key is not null as is_operation_unread,
    case greatest(treated.neoadjuvant, unread_cell.lost_treatment) when 2 then true when 0 then false end as is_neoadjuvant,
    case greatest(treated.chemotherapy, unread_cell.lost_treatment) when 2 then true when 0 then false end as has_primary_chemotherapy,
    case greatest(treated.trastuzumab, unread_cell.lost_treatment) when 2 then true when 0 then false end as has_primary_trastuzumab,
    case greatest(treated.hormonal, unread_cell.lost_treatment) when 2 then true when 0 then false end as has_primary_hormonal,
    case greatest(treated.radiation, unread_cell.lost_treatment) when 2 then true when 0 then false end as has_primary_radiation,
    concat(
        case when greatest(treated.neoadjuvant, unread_cell.lost_treatment) = 1 then 'is_neoadjuvant ' else '' end,
        case when greatest(treated.chemotherapy, unread_cell.lost_treatment) = 1 then 'has_primary_chemotherapy ' else '' end,
        case when greatest(treated.trastuzumab, unread_cell.lost_treatment) = 1 then 'has_primary_trastuzumab ' else '' end,
        case when greatest(treated.hormonal, unread_cell.lost_treatment) = 1 then 'has_primary_hormonal ' else '' end,
        case when greatest(treated.radiation, unread_cell.lost_treatment) = 1 then 'has_primary_radiation ' else '' end,
        case
            when operation.operation_code = 'mastectomy' then ''
            when coalesce(treated.surgery_open, unread_cell.lost_treatment) = 1 then 'operation_code '
            when operation.operation_code = 'wide_local_excision' and operation.beside_open = 1 then 'operation_code '
            else ''
        end
    ) as treatment_unread,
    concat(
        case when unread_cell.lost_event = 1 then 'event ' else '' end, case when unread_cell.lost_treatment = 1 then 'treatment ' else '' end,
        case when unread_cell.lost_biomarker = 1 then 'biomarker ' else '' end,
        case when unread_cell.lost_follow_up = 1 then 'follow_up ' else '' end, case when unread_cell.lost_tumour = 1 then 'tumour ' else '' end
    ) as lost_records,
    concat(
        case when unread_cell.of_patient = 1 then 'patient ' else '' end, case when unread_cell.of_tumour = 1 then 'tumour ' else '' end,
        case when unread_cell.of_biomarker = 1 then 'biomarker ' else '' end, case when unread_cell.of_event = 1 then 'event ' else '' end,
        case when unread_cell.of_follow_up = 1 then 'follow_up ' else '' end, case when unread_cell.of_treatment = 1 then 'treatment ' else '' end
    ) as unread_records,
    coalesce(unread_cell.unread_columns, '') as unread_columns,
    radiation.radiation_fields, radiation.radiation_dose_gy,
    case greatest(counted_event.recurrence, unread_cell.lost_event, 0) when 2 then true when 0 then false end as has_recurrence,
    case greatest(counted_event.distant_recurrence, unread_cell.lost_event, 0) when 2 then true when 0 then false end as has_distant_recurrence,
    case when unread_cell.lost_event is null then first_distant.organ_of_event end as recurrence_organ_code,
    case
        when coalesce(counted_event.organ_open, unread_cell.lost_event) is null then cast(coalesce(counted_event.organs, 0) as integer)
    end as recurrence_organs,
    case greatest(counted_event.metastasectomy, unread_cell.lost_event, 0) when 2 then true when 0 then false end as has_metastasectomy,
    case greatest(counted_event.progression, unread_cell.lost_event, 0) when 2 then true when 0 then false end as has_progression,
    case greatest(treated_after.systemic, unread_cell.lost_treatment, 0) when 2 then true when 0 then false end as has_systemic_after_recurrence,
    case greatest(treated_after.chemotherapy, unread_cell.lost_treatment, 0) when 2 then true when 0 then false end as has_chemotherapy_after_recurrence,
    case greatest(treated_after.trastuzumab, unread_cell.lost_treatment, 0) when 2 then true when 0 then false end as has_trastuzumab_after_recurrence,
    case greatest(treated_after.hormonal, unread_cell.lost_treatment, 0) when 2 then true when 0 then false end as has_hormonal_after_recurrence,
    case when greatest(treated_after.systemic, unread_cell.lost_treatment, 0) = 0 then treated_after.untreated_reason_code end as untreated_reason_code,
    case when last_death.patient_key is not null then 'dead' else last_contact.vital_status_code end as vital_status_code,
    case when last_death.patient_key is not null then ranked_cause.cause_of_death_code end as cause_of_death_code,
    patient.birth_earliest_date, patient.birth_latest_date, patient.birth_precision,
    patient.birth_earliest_offset_days, patient.birth_latest_offset_days, patient.birth_anchor,
    tumour.diagnosis_earliest_date, tumour.diagnosis_latest_date, tumour.diagnosis_precision,
    tumour.diagnosis_earliest_offset_days, tumour.diagnosis_latest_offset_days, tumour.diagnosis_anchor,
    tumour.treatment_start_earliest_date, tumour.treatment_start_latest_date, tumour.treatment_start_precision,
    tumour.treatment_start_earliest_offset_days, tumour.treatment_start_latest_offset_days,
    tumour.treatment_start_anchor, tumour.enrolment_earliest_date, tumour.enrolment_latest_date,
    tumour.enrolment_precision, tumour.enrolment_earliest_offset_days, tumour.enrolment_latest_offset_days,
    tumour.enrolment_anchor, operation.operation_earliest_date, operation.operation_latest_date, operation.operation_precision,
    operation.operation_earliest_offset_days, operation.operation_latest_offset_days, operation.operation_anchor,
    -- one of another kind without a day may have been earlier
    case when counted_event.undated_recurrence is null then first_recurrence.earliest_date end as recurrence_earliest_date,
    first_recurrence.event_latest_date as recurrence_latest_date,
    case when counted_event.undated_recurrence is null then first_recurrence.precision end as recurrence_precision,
    case when counted_event.undated_recurrence is null then first_recurrence.earliest_offset_days end as recurrence_earliest_offset_days,
    first_recurrence.event_latest_offset_days as recurrence_latest_offset_days, first_recurrence.event_anchor as recurrence_anchor,
    first_distant.earliest_date as distant_recurrence_earliest_date, first_distant.event_latest_date as distant_recurrence_latest_date,
    first_distant.precision as distant_recurrence_precision,
    first_distant.earliest_offset_days as distant_recurrence_earliest_offset_days,
    first_distant.event_latest_offset_days as distant_recurrence_latest_offset_days, first_distant.event_anchor as distant_recurrence_anchor,
    first_metastasectomy.earliest_date as metastasectomy_earliest_date, first_metastasectomy.event_latest_date as metastasectomy_latest_date,
    first_metastasectomy.precision as metastasectomy_precision,
    first_metastasectomy.earliest_offset_days as metastasectomy_earliest_offset_days,
    first_metastasectomy.event_latest_offset_days as metastasectomy_latest_offset_days, first_metastasectomy.event_anchor as metastasectomy_anchor,
    first_progression.earliest_date as progression_earliest_date, first_progression.event_latest_date as progression_latest_date,
    first_progression.precision as progression_precision,
    first_progression.earliest_offset_days as progression_earliest_offset_days,
    first_progression.event_latest_offset_days as progression_latest_offset_days, first_progression.event_anchor as progression_anchor,
    last_contact.contact_earliest_date, last_contact.contact_latest_date, last_contact.contact_precision,
    last_contact.contact_earliest_offset_days, last_contact.contact_latest_offset_days, last_contact.contact_anchor,
    last_death.death_earliest_date, last_death.death_latest_date, last_death.death_precision,
    last_death.death_earliest_offset_days, last_death.death_latest_offset_days, last_death.death_anchor
from dim_tumour as tumour
inner join dim_patient as patient on patient.patient_key = tumour.patient_key
left join receptor on receptor.tumour_key = tumour.tumour_key
left join treated on treated.tumour_key = tumour.tumour_key
left join treated_after on treated_after.tumour_key = tumour.tumour_key
left join operation
    on
        operation.tumour_key = tumour.tumour_key and operation.operation_no = 1 and operation.operation_code is not null
left join operation as unread
    on unread.tumour_key = tumour.tumour_key and unread.operation_no = 1 and unread.operation_code is null
left join radiation on radiation.tumour_key = tumour.tumour_key and radiation.radiation_no = 1
left join unread_cell on unread_cell.patient_key = tumour.patient_key
left join counted_event on counted_event.tumour_key = tumour.tumour_key
left join ranked_event as first_recurrence
    on first_recurrence.tumour_key = tumour.tumour_key and first_recurrence.is_recurrence and first_recurrence.group_no = 1
left join ranked_event as first_distant
    on first_distant.tumour_key = tumour.tumour_key and first_distant.event_type_code = 'distant_recurrence' and first_distant.kind_no = 1
left join ranked_event as first_metastasectomy
    on first_metastasectomy.tumour_key = tumour.tumour_key and first_metastasectomy.event_type_code = 'metastasectomy' and first_metastasectomy.kind_no = 1
left join ranked_event as first_progression
    on first_progression.tumour_key = tumour.tumour_key and first_progression.event_type_code = 'progression' and first_progression.kind_no = 1
left join ranked_contact as last_contact on last_contact.patient_key = tumour.patient_key and last_contact.contact_no = 1
left join ranked_death as last_death on last_death.patient_key = tumour.patient_key and last_death.death_no = 1
left join ranked_cause on ranked_cause.patient_key = tumour.patient_key and ranked_cause.cause_no = 1
left join age on age.tumour_key = tumour.tumour_key
