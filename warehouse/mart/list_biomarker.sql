-- One row per marker and specimen of a tumour, identified by tumour_key, marker_code and specimen_code.
-- It is fact_biomarker with texts for Table 2.
select
    marker.tumour_key, patient.subject_label, patient.patient_pseudonym, tumour.tumour_no,
    marker.marker_code, marker.specimen_code, marker.result_code, marker.result_value, marker.result_unit_code,
    marker.reason_code, marker.tested_earliest_date, marker.tested_latest_date, marker.tested_precision,
    marker.tested_earliest_offset_days, marker.tested_latest_offset_days, marker.tested_anchor,
    upper(marker.marker_code) as marker_text,
    case
        when marker.result_value is null then coalesce(marker.result_code, 'unknown')
        else concat(cast(marker.result_value as varchar), ' ', replace(coalesce(marker.result_unit_code, ''), '_', '/'))
    end as result_text
from fact_biomarker as marker
inner join dim_patient as patient on patient.patient_key = marker.patient_key
inner join dim_tumour as tumour on tumour.tumour_key = marker.tumour_key
