-- One row per person of whom a cell was delivered and not understood, identified by patient_key.
select patient_key, unread_columns
from unread_in
