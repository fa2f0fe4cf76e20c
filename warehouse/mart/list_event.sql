-- One row per event of a tumour, identified by tumour_key, event_type_code and event_no: fact_event with texts for Table 2.
select
    event.tumour_key, patient.subject_label, patient.patient_pseudonym, tumour.tumour_no,
    event.event_type_code, event.event_no, event.site_code, event.organ_code, event.topography_code,
    event.laterality_code, event.procedure_code, event.lesion_count, event.resection_margin_code,
    event.is_histology_confirmed, event.is_adjacent_to_resection, event.detection_code, event.presentation_code,
    event.event_earliest_date, event.event_latest_date, event.event_precision, event.event_earliest_offset_days,
    event.event_latest_offset_days, event.event_anchor,
    case
        when site.label is null then 'Site unknown'
        when event.laterality_code in ('left', 'right') and site.label not like concat('%', event.laterality_code, '%')
            then concat(upper(substr(event.laterality_code, 1, 1)), substr(event.laterality_code, 2), ' ', lower(substr(site.label, 1, 1)), substr(site.label, 2))
        else concat(upper(substr(site.label, 1, 1)), substr(site.label, 2))
    end as site_text,
    concat(upper(substr(procedure.label, 1, 1)), substr(procedure.label, 2)) as procedure_text, days.months_text
from fact_event as event
inner join dim_patient as patient on patient.patient_key = event.patient_key
inner join dim_tumour as tumour on tumour.tumour_key = event.tumour_key
left join dim_site as site on site.site_key = event.site_key
left join dim_procedure as procedure on procedure.procedure_key = event.procedure_key
left join list_days as days on days.record = 'event' and days.record_key = event.event_key
