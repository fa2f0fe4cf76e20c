-- One row per person, identified by patient_key: the patient record, the last contact and the death.
-- A number of records is empty where one was lost; a lost contact, or one of which the day was not understood, may be the last, a lost one
-- may contradict the death or call her dead, and a vital status or a day of death that was not understood may be that.
select
  patient.patient_key,
  patient.subject_label,
  patient.sex_code,
  patient.ethnicity_code,
  patient.birth_earliest_date,
  patient.birth_latest_date,
  patient.birth_precision,
  patient.birth_earliest_offset_days,
  patient.birth_latest_offset_days,
  patient.birth_anchor,
  person_contact.contact_earliest_date,
  case when unread.is_follow_up_lost or (unread.is_contact_unread and person_contact.n_contacts < person_death.n_follow_ups) then null else person_contact.contact_latest_date end as contact_latest_date,
  case when unread.is_follow_up_lost or (unread.is_contact_unread and person_contact.n_contacts < person_death.n_follow_ups) then null else person_contact.contact_precision end as contact_precision,
  person_contact.contact_earliest_offset_days,
  case when unread.is_follow_up_lost or (unread.is_contact_unread and person_contact.n_contacts < person_death.n_follow_ups) then null else person_contact.contact_latest_offset_days end as contact_latest_offset_days,
  person_contact.contact_anchor,
  person_death.death_earliest_date,
  person_death.death_latest_date,
  person_death.death_precision,
  person_death.death_earliest_offset_days,
  person_death.death_latest_offset_days,
  person_death.death_anchor,
  case
    when person_death.has_death_conflict
      or not coalesce(unread.is_follow_up_lost or (unread.is_death_unread and person_death.n_follow_ups > 1), false)
      then person_death.has_death_conflict
  end as has_death_conflict,
  case
    when person_death.is_dead or not coalesce(unread.is_follow_up_lost or unread.is_status_unread, false) then person_death.is_dead
  end as is_dead,
  unread.unread_columns,
  case when unread.is_follow_up_lost then null else coalesce(person_death.n_follow_ups, 0) end as n_follow_ups,
  case when unread.is_tumour_lost then null else coalesce(person_tumour.n_tumours, 0) end as n_tumours
from patient
left join person_contact on person_contact.patient_key = patient.patient_key
left join person_death on person_death.patient_key = patient.patient_key
left join person_tumour on person_tumour.patient_key = patient.patient_key
left join unread on unread.patient_key = patient.patient_key
