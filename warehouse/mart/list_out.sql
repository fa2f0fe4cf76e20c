-- One row per tumour that a step certainly takes out of the study, identified by tumour_key.
-- Of whose person an error edit took a record away, none is here: what was taken away may be what the step reads.
select judged.tumour_key
from judged_step as judged
left join list_taken on list_taken.patient_key = judged.patient_key
where not coalesce(judged.possible, true) and list_taken.patient_key is null
group by judged.tumour_key
