-- One row per tumour, identified by tumour_key: receptors, treatment of the primary, and the first event of each kind that edits name.
-- A number of records is empty where one was lost, for a part of its key was not understood, and that of distant recurrences where there is
-- none but one of which it is not said whether it is distant; the first may then be earlier.
select
  tumour.tumour_key,
  tumour_marker.er_code,
  tumour_marker.pr_code,
  tumour_marker.her2_code,
  node_counts.min_positive as n_min_positive,
  node_counts.max_positive as n_max_positive,
  case
    when unread.is_treatment_lost then null
    when tumour_treatment.tumour_key is not null then tumour_treatment.n_treatments
    else 0
  end as n_treatments,
  tumour_treatment.operation_code,
  tumour_treatment.has_neoadjuvant,
  tumour_treatment.neoadjuvant_days,
  tumour_treatment.has_primary_trastuzumab,
  tumour_treatment.has_primary_hormonal,
  tumour_treatment.has_hormonal_reason,
  tumour_treatment.has_primary_radiation,
  tumour_treatment.has_radiation_reason,
  case
    when unread.is_event_lost then null
    when distant.tumour_key is null and unsaid.tumour_key is not null then null
    else coalesce(distant.n_events, 0)
  end as n_distant_recurrences,
  case when unsaid.tumour_key is null then distant.first_earliest_date end as distant_recurrence_earliest_date,
  distant.first_latest_date as distant_recurrence_latest_date,
  distant.first_precision as distant_recurrence_precision,
  case when unsaid.tumour_key is null then distant.first_earliest_offset_days end as distant_recurrence_earliest_offset_days,
  distant.first_latest_offset_days as distant_recurrence_latest_offset_days,
  distant.first_anchor as distant_recurrence_anchor,
  case when unread.is_event_lost then null else coalesce(resection.n_events, 0) end as n_metastasectomies,
  resection.first_earliest_date as metastasectomy_earliest_date,
  resection.first_latest_date as metastasectomy_latest_date,
  resection.first_precision as metastasectomy_precision,
  resection.first_earliest_offset_days as metastasectomy_earliest_offset_days,
  resection.first_latest_offset_days as metastasectomy_latest_offset_days,
  resection.first_anchor as metastasectomy_anchor,
  case when unread.is_event_lost then null else coalesce(progression.n_events, 0) end as n_progressions,
  case when unread.is_event_lost then null else coalesce(at_diagnosis.n_events, 0) end as n_metastases_at_diagnosis,
  progression.first_earliest_date as progression_earliest_date,
  progression.first_latest_date as progression_latest_date,
  progression.first_precision as progression_precision,
  progression.first_earliest_offset_days as progression_earliest_offset_days,
  progression.first_latest_offset_days as progression_latest_offset_days,
  progression.first_anchor as progression_anchor
from tumour
left join tumour_marker on tumour_marker.tumour_key = tumour.tumour_key
left join tumour_treatment on tumour_treatment.tumour_key = tumour.tumour_key
left join first_event as distant
  on distant.tumour_key = tumour.tumour_key and distant.event_type_code = 'distant_recurrence'
left join first_event as resection
  on resection.tumour_key = tumour.tumour_key and resection.event_type_code = 'metastasectomy'
left join first_event as progression
  on progression.tumour_key = tumour.tumour_key and progression.event_type_code = 'progression'
left join first_event as at_diagnosis
  on at_diagnosis.tumour_key = tumour.tumour_key and at_diagnosis.event_type_code = 'metastasis_at_diagnosis'
left join node_counts on node_counts.tnm_edition_code = tumour.tnm_edition_code and node_counts.n_code = tumour.n_code
left join unsaid_recurrence as unsaid on unsaid.tumour_key = tumour.tumour_key
left join unread on unread.patient_key = tumour.patient_key
