-- One row per event of a tumour, identified by event_key.
select
    event.record_key as event_key, event.patient_key, event.tumour_key, event.event_type_code, event.event_no,
    v_site.site_key as site_key, v_procedure.procedure_key as procedure_key, event.event_earliest_date,
    event.event_latest_date, event.event_precision, event.event_earliest_offset_days, event.event_latest_offset_days,
    event.event_anchor, event.site_code, event.organ_code, event.topography_code, event.laterality_code,
    event.procedure_code, event.lesion_count, event.resection_margin_code, event.is_histology_confirmed,
    event.is_adjacent_to_resection, event.detection_code, event.presentation_code
from event
left join v_site on v_site.site_code = event.site_code
left join v_procedure on v_procedure.procedure_code = event.procedure_code
