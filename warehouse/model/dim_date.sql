-- One row per calendar day from the first to the last day any clinical date can be, identified by date.
-- `calendar` holds every day from the first to the last day that any clinical date can be; it is made in Python, because series are not portable SQL.
select
    "date", "year", "quarter", "month", "day", iso_weekday
from calendar
