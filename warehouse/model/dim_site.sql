-- One row per anatomical site, identified by site_key.
select
    site_key, site_code, "label", organ_code, topography_code, spread_code
from v_site
