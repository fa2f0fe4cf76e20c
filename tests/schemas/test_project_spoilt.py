"""What `oncomart check` says of one spoilt line: the mistake, in words, with its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_project import FILES, mistakes, written

from schemas.project import load_project

# file, text that is spoilt, what stands there instead, what the mistake says
R, C, S = "registry.yml", "contracts/ward.yml", "studies/outcome.yml"
SEX, NUMBER = "  sex: {}", "  sex: {}\n  no: {identifier: {kind: hospital_number, issuer: %s}}"
AXIS = "{from: relapse_months, duration: months, days_per_month: 30, after: treatment_start}"
SPOILT = [
    (R, "title: A ward", "titel: A ward", "unknown key 'titel' (did you mean title?)"),
    (R, "is_simulated: false", "is_simulated: no", "'is_simulated': expected true or false"),
    (R, "key: public_example", "key: secret", "'key' knows no word 'secret'"),
    (R, "trust: [ward]", "trust: [wart]", "'trust' names the unknown source 'wart' (did you mean ward?)"),
    (R, "trust: [ward]", "trust: [ward, ward]", "'trust' names 'ward' twice"),
    (R, "studies: [outcome]", "studies: [outcom]", "there is no file studies/outcom.yml (did you mean outcome?)"),
    (R, "  ward: {required: true}", "  ward: {required: true}\n  lab: {}", "no contract delivers the source 'lab'"),
    (R, "trust: [ward]", "trust: [ward]\nreleases_kept: 0", "'releases_kept'"),
    (R, "trust: [ward]", "trust: [ward]\nas_of: 2020-02-31", "a day that does not exist"),
    (R, "trust: [ward]", "trust: [ward]\nas_of: soon", "'as_of': expected a date YYYY-MM-DD"),
    (R, "trust: [ward]", "trust: [ward]\ntrust: [ward]", "the key 'trust' is given twice"),
    (C, "source: ward", "source: wards", "registry.yml has no source 'wards' (did you mean ward?)"),
    (C, "contract_version: 1", 'contract_version: "1"', "'contract_version': expected a whole number"),
    (C, "columns: exact", "columns: exactly", "'columns' knows no word 'exactly' (did you mean exact?)"),
    (C, "columns: exact", "format: {delimiter: ';;'}", "'delimiter'"),
    (C, "columns: exact", "format: {encoding: utf-9}", "'encoding' is no encoding of text"),
    (C, "columns: exact", "format: {encoding: base64}", "'encoding' is no encoding of text"),
    (C, "duration: months, days_per_month: 30, after: treatment_start}", "formats: ['%d.%m']}", "needs one year"),
    (C, "duration: months, days_per_month: 30, after: treatment_start}", "formats: ['%Q.%Y']}", "the directive %Q is not known"),
    (C, AXIS, "{value: 2009-13}", "'2009-13' is no date"),
    (C, AXIS, "{value: 2009-02-30}", "a day that does not exist"),
    (C, AXIS, "{value: 03/04/2009}", "'03/04/2009' is no date"),
    (C, AXIS, "{value: soon, duration: days, after: treatment_start}", "'soon' is no number of days"),
    (C, "after: treatment_start}", "after: treatment_start, rounded_to: .inf}", "'rounded_to'"),
    (C, "(?P<months>", "(?P<months>[a&&b]*)(?P<x>", "a set [...] that engines read differently"),
    (C, "site_code: relapse_site", "is_histology_confirmed: {from: sex, vocabulary: sex}", "holds no code"),
    (C, "{value: primary}", "{value: primary}\n      component_no: {same: course_code}", "a component cannot be found by 'course_code'"),
    (C, "site_code: relapse_site", "is_histology_confirmed: {from: sex, map: {f: maybe}}", "true or false"),
    (C, "columns: exact", "format: {quote: ','}", "'delimiter' and 'quote' must be two different characters"),
    (C, "files: [ward.csv]", "files: []", "'files': has too few entries"),
    (C, "files: [ward.csv]", "files: [ward.csv, '']", "a file pattern that no name can match"),
    (C, "files: [ward.csv]", "files: ['ward_[9-0].csv']", "a file pattern that no name can match"),
    (C, "files: [ward.csv]", "files: [../ward.csv]", "a file pattern is a path below the exports folder"),
    (C, "completion_code:", "completion_cod:", "'treatment' has no column 'completion_cod' (did you mean completion_code"),
    (C, "stopped_early", "stoped_early", "'stoped_early' is no code of 'completion' (did you mean stopped_early?)"),
    (C, "  sex: {}", "  sex: {required: 1}", "'required': expected true or false"),
    (C, "  sex: {}", "  sex: {header: id}", "the fields 'id' and 'sex' both read the header 'id'"),
    (C, "  sex: {}", "  sex: {aliases: [stage]}", "the fields 'sex' and 'stage' both read the header 'stage'"),
    (C, "  sex: {}", "  relapse_site: {}", "both make the column 'relapse_site'"),
    (C, "  sex: {}", "  sex: {identifier: true}", "no field makes the column 'sex'"),
    (C, "  sex: {}", "  sex: {identifier: true, map: {f: female}}", "'identifier' excludes"),
    (
        C,
        SEX,
        NUMBER % "{from: stage, map: {A: ward, B: wart}}",
        "registry.yml has no source 'wart': nobody issues such numbers (did you mean",
    ),
    (C, SEX, NUMBER % "wart", "registry.yml has no source 'wart': nobody issues such numbers (did you mean ward?)"),
    (C, SEX, NUMBER % "{from: stege, map: {A: ward}}", "no field is named 'stege' (did you mean stage?)"),
    (C, SEX, NUMBER % "{from: relapse, map: {A: ward}}", "the field 'relapse' has 'pattern'"),
    (C, SEX, NUMBER % "{from: no, map: {A: ward}}", "the field 'no' has 'identifier'"),
    (C, SEX, NUMBER % "{value: ward, from: stage, map: {A: ward}}", "'issuer': give exactly one of 'value' and 'from'"),
    (C, SEX, NUMBER % "{from: stage}", "'issuer': 'from' and 'map' belong together"),
    (C, SEX, NUMBER % "{value: ward, map: {A: ward}}", "'issuer': 'from' and 'map' belong together"),
    (C, SEX, (NUMBER % "ward").replace("hospital_number", "nric"), "'issuer' belongs to hospital_number"),
    (
        C,
        f'columns: exact\nmarks:\n  "*": {{completion_code: stopped_early}}\nfields:\n  id: {{required: true}}\n{SEX}',
        f"columns: exact\ndelivery: upsert\nkey: [no]\nfields:\n  id: {{}}\n{NUMBER % '{from: stage, map: {A: ward}}'}",
        "the key has 'no' and not 'stage', which tells whose number it is",
    ),
    (C, "[Unknown]", "[Unknown, 9]", "'null_tokens': expected text (put it in quotes)"),
    (C, "modality: chemotherapy", "modality: chemo", "'chemo' is no code of 'modality'"),
    (C, "(?P<months>", "(?P<months>(", "not a regular expression"),
    (C, "(?P<months>", "(?=x)(?P<months>", "the pattern uses what its engine does not know"),
    (C, r"'^(?P<site>.+) \((?P<months>\d+)\)$'", "'^.*$'", "the pattern names no group"),
    (C, "modality: chemotherapy", "pattern: '(?P<x>.)'", "'pattern' and 'grammar' exclude each other"),
    (C, "record: patient", "record: pateint", "'record' knows no word 'pateint' (did you mean patient or"),
    (C, "rule: primary", "rule: woman", "two rules are named 'woman'"),
    (C, "rule: primary", "rule: The Primary", "a name is small letters, digits and _"),
    (C, "sex_code: {", "sex_cod: {", "'patient' has no column 'sex_cod' (did you mean sex_code?)"),
    (C, "from: sex,", "from: sx,", "no field makes the column 'sx' (did you mean sex?)"),
    (C, "stage_code: stage", "stage_code: stages", "no field makes the column 'stages' (did you mean stage?)"),
    (C, "f: female", "f: femal", "'femal' is no code of 'sex' (did you mean female or"),
    (C, "sex_code: {from: sex, map: {f: female}}", "sex_code: {value: woman}", "'woman' is no code of 'sex'"),
    (C, "sex_code: {from: sex,", "sex_code: {from: sex, value: female,", "give exactly one of 'from', 'value' and 'same'"),
    (C, "sex_code: {from: sex,", "sex_code: {from: sex, vocabulary: stage,", "'stage' has codes that 'sex_code' cannot hold"),
    (C, "sex_code: {from: sex,", "sex_code: {from: sex, vocabulary: sexes,", "there is no vocabulary 'sexes'"),
    (C, "sex_code: {from: sex,", "sex_code: {from: sex, formats: ['%Y'],", "'formats' has no meaning for 'sex_code'"),
    (C, "sex_code: {from: sex, map: {f: female}}", "subject_label: id", "a 'subject_label' is shown in reports"),
    (C, "      patient_id: id\n      sex", "      patient_pseudonym: id\n      sex", "the raw identifier is 'patient_id'"),
    (C, "when: stage is not null", "when: stge is not null", "there is no column stge here"),
    (C, "when: stage is not null", "when: (select 1) = 1", "not allowed"),
    (C, "when: stage is not null", "when: stage = 'I'; drop table x", "without a semicolon"),
    (C, "when: stage is not null", "when: read_csv('/etc/passwd') is null", "the function read_csv is not allowed"),
    (C, "when: stage is not null", "when: stage", "'when': is no condition"),
    (C, "when: stage is not null", "when: stage > 3", "stage is text and cannot stand beside a number"),
    (S, 'keep: "true"', 'keep: "age_years"', "'keep': is no condition"),
    (S, 'keep: "true"', "keep: \"age_years > 'ten'\"", "age_years is a number and cannot stand beside a text"),
    (S, "'brain'", "'brian'", "'when': 'brian' is no code of 'organ' (did you mean brain?)"),
    (S, "'dead'", "'ded'", "'event': 'ded' is no code of 'vital_status' (did you mean dead?)"),
    (S, "value: age_years", "value: er_code", "'value': is no number"),
    (S, "event_no = 1", "event_type_code = 'progresion'", "'where': 'progresion' is no code of 'event_type' (did you mean progression?)"),
    (S, "event_no = 1", "lesion_count", "'where': is no condition"),
    (C, "each: drugs", "each: stage", "'stage' is no field with a grammar ('each' names"),
    (C, "each: drugs", "each: nothing", "'nothing' is no field with a grammar"),
    (C, "each: drugs\n    set:", "each: drugs\n    set:\n      cycles: {value: 6}", "beside 'each: drugs' would be that of every block"),
    (C, "      course_code: {value: primary}\n", "", "the rule 'course' does not set 'course_code'"),
    (C, "    each: drugs\n", "", "the rule 'course' does not set 'modality_code'"),
    (C, "after: treatment_start", "after: treatmnt_start", "'treatmnt_start' is no anchor (did you mean treatment_start?)"),
    (
        C,
        "after: treatment_start",
        "after: distant_recurrence",
        "'event' cannot count from itself (name another anchor, or leave it out: what others count from is day 0 by itself)",
    ),
    (C, ", after: treatment_start", "", "'duration' and its anchor ('after' or 'before') belong together"),
    (C, "after: treatment_start", "after: treatment_start, before: diagnosis", "'after' and 'before' exclude each other"),
    (C, "days_per_month: 30, ", "", "'duration: months' needs 'days_per_month'"),
    (C, "duration: months", "duration: moons", "'duration' knows no word 'moons'"),
    (C, "days_per_month: 30", "days_per_month: 300", "'days_per_month'"),
    (C, "value: distant_recurrence", "value: [distant]", "'value': expected text, a number, true or false"),
    (C, "site_code: relapse_site", "site_code: relapse_side", "no field makes the column 'relapse_side' (did you mean relapse_site"),
    (C, "      site_code: relapse_site", "      lesion_count: {value: many}", "'lesion_count' is a whole number"),
    (C, "      site_code: relapse_site", "      lesion_count: {value: '2'}", "'lesion_count' is a whole number: write 2 without quotes"),
    (C, "      site_code: relapse_site", "      lesion_count: {value: 100}", "'lesion_count' goes from 1 to 99"),
    (C, "      site_code: relapse_site", "      event_no: {same: site}", "the record has no column 'site'"),
    (C, "      site_code: relapse_site", "      event_no: {same: site_code}", "only 'component_no' can be found by"),
    (C, "      site_code: relapse_site", "      site_code: {from: stage, at_site: sex}", "'site_code' is no operation"),
    (C, "      site_code: relapse_site", "      lesion_count: {from: stage, within_text: true}", "'lesion_count' has no code list"),
    (S, "study: outcome", "study: outcomes", "must be named 'outcome'"),
    (S, "title: What", "titel: What", "unknown key 'titel' (did you mean title?)"),
    (S, "min_cell_reason: A made-up ward.\n", "", "'min_cell' below 5 needs a 'min_cell_reason'"),
    (S, "min_cell: 1", "max_held_share: 5", "'max_held_share'"),
    (S, "min_cell: 1", "confidence_interval: loglog", "'confidence_interval' knows no word 'loglog' (did you mean log-log"),
    (S, "min_cell: 1", "assume_met: [deliverd]", "there is no step 'deliverd' (did you mean delivered?)"),
    (S, "min_cell: 1", "analyses: [landmark_]", "'analyses' knows no word 'landmark_'"),
    (S, "min_cell: 1", "ticks_months: [0, 24, 12]", "'ticks_months' must begin with 0 and rise"),
    (S, 'keep: "true"', 'keep: "has_recurence"', "there is no column has_recurence here … (did you mean has_recurrence"),
    (S, 'keep: "true"', 'keep: "pg_sleep(9) is null"', "the function pg_sleep is not allowed"),
    (S, 'keep: "true"', "keep: \"diagnosis > date '2000-01-01'\"", "diagnosis is a clinical date (an interval), not a value"),
    (S, "when: has_recurrence}", "residual: true}", "'arms' needs exactly one residual arm, here are 2"),
    (S, "residual: true", "when: has_progression", "'arms' needs exactly one residual arm, here are 0"),
    (S, ", residual: true", "", "an arm has either 'when' or 'residual: true'"),
    (S, "arm: others", "arm: relapsed", "'arms' names 'relapsed' twice"),
    (S, "arm: others", "arm: all", "'all' is the name of the whole cohort"),
    (S, "{arm: relapsed, subgroup", "{arm: relapse, subgroup", "there is no arm 'relapse' (did you mean relapsed?)"),
    (S, "statistics: [median]", "statistics: [medium]", "'statistics' knows no word 'medium' (did you mean median?)"),
    (S, "statistics: [median]", "levels: [a]", "a variable with 'value' needs 'statistics'"),
    (S, "levels: [positive, negative]", "levels: [positve, negative]", "'positve' is no code of 'marker_result' (did you mean positive"),
    (S, 'levels: ["yes", "no"]', 'levels: ["yes", "nope"]', "there is no level 'nope'"),
    (S, "level: er_code", "level: er_cod", "there is no column er_cod here … (did you mean er_code"),
    (S, "text: site_text", "text: site_txt", "there is no column site_txt here … (did you mean site_text"),
    (S, ', separator: "; "', "", "a column with 'list' needs 'where' and 'separator'"),
    (S, "list: event", "list: events", "'list' knows no word 'events' (did you mean event?)"),
    (S, "order_by: subject_label", "order_by: name", "there is no column name here"),
    (S, "origin: diagnosis", "origin: diagnoses", "there is no date 'diagnoses' (did you mean diagnosis?)"),
    (S, "end: [death, contact]", "end: [death, sex_code]", "there is no date 'sex_code'"),
    (S, "end: [death, contact]", "end: [death, contact, death]", "'end' names 'death' twice"),
    (S, "end: [death, contact]", "end: [death]\n    censored: [contct]", "there is no date 'contct' (did you mean contact?)"),
    (S, "end: [death, contact]", "end: [death]\n    censored: [contact, contact]", "'censored' names 'contact' twice"),
    (S, "end: [death, contact]", "end: [diagnosis]", "the time would end on the day it begins: 'diagnosis' is its origin"),
    (S, "origin: diagnosis", "origin: contact", "the time would end on the day it begins: 'contact' is its origin"),
    (S, "end: [death, contact]", "end: [birth]", "'birth' never comes after 'diagnosis': the time would be negative"),
    (S, "estimators: [kaplan_meier]", "estimators: [kaplan_meier, kaplan_meier]", "'estimators' names 'kaplan_meier' twice"),
    (S, "statistics: [median]", "statistics: [median, median]", "'statistics' names 'median' twice"),
    (S, "level: er_code, levels: [positive, negative]", "level: n_code, levels: [N0, N0]", "'levels' names 'N0' twice"),
    (
        S,
        "level: er_code, levels: [positive, negative]",
        "level: \"case when age_years < 50 then '<50' else '>=50' end\"",
        "the levels '<50' and '>=50' differ in signs only and would share a number_id (_50)",
    ),
    (S, "label: Relapsed, ", 'label: "", ', "'label': must not be empty"),
    (S, 'keep: "true"', 'keep: ""', "'keep': must not be empty"),
    (
        S,
        "{endpoint: survival, arms: [relapsed, others]}",
        "{endpoint: survival, arms: [relapsed, others]}\n  - {endpoint: survival, arms: [others, relapsed]}",
        "'survival' is compared between these arms before",
    ),
    (S, "estimators: [kaplan_meier]", "estimators: [kaplan_meier]\n    ticks_months: [1, 2]", "'ticks_months' must begin with 0 and rise"),
    (S, "estimators: [kaplan_meier]", "estimators: [kaplan]", "'estimators' knows no word 'kaplan'"),
    (S, "{endpoint: survival,", "{endpoint: surviva,", "there is no endpoint 'surviva' (did you mean survival?)"),
    (S, "arms: [relapsed, others]", "arms: [relapsed, other]", "there is no arm 'other' (did you mean others?)"),
    (S, "when: has_recurrence}", "when: has_recurrence, decided: recurence}", "there is no date 'recurence' (did you mean recurrence"),
    (S, "when: has_recurrence}", "when: coalesce(has_recurrence, false)}", 'put an expression with a comma in "quotes"'),
    (S, "when: has_recurrence}", "when: has_recurrence, decided: death}", "when every time has ended: nobody is ever at risk in it"),
    (S, "residual: true", "residual: true, decided: recurrence", "the residual arm has no 'decided'"),
    (
        S,
        "estimators: [kaplan_meier]",
        "estimators: [kaplan_meier]\n    entry: enrolement",
        "there is no date 'enrolement' (did you mean enrolment?)",
    ),
    (
        S,
        "estimators: [kaplan_meier]",
        "estimators: [kaplan_meier]\n    entry: birth",
        "'birth' never comes after 'diagnosis': nobody enters late",
    ),
    (S, "estimators: [kaplan_meier]", "estimators: [kaplan_meier]\n    entry: diagnosis", "'diagnosis' is the origin: nobody enters late"),
    (
        S,
        "estimators: [kaplan_meier]",
        "estimators: [median_observed_time]\n    entry: recurrence",
        "'entry' belongs to the curve of 'kaplan_meier'",
    ),
    (S, "estimators: [kaplan_meier]", "estimators: [kaplan_meier]\n    landmark_days: 90", "'landmark_days' is used by nothing"),
    (
        S,
        "estimators: [kaplan_meier]\n",
        "estimators: [kaplan_meier]\n    horizon_days: 90\n    landmark_days: 90\nanalyses: [as_published, landmark]\n",
        "the landmark (day 90) must lie before the horizon (day 90)",
    ),
    (
        S,
        "estimators: [kaplan_meier]\n",
        "estimators: [kaplan_meier]\n    landmark_days: 90\nanalyses: [as_published, landmark]\n",
        "no arm is decided between 'diagnosis' and the landmark",
    ),
    (S, "comparisons:", "analyses: [as_published, landmark]\ncomparisons:", "'landmark': no endpoint with a curve has 'landmark_days'"),
    (S, "comparisons:", "analyses: [as_published, delayed_entry]\ncomparisons:", "'delayed_entry': nobody enters late"),
    (S, "comparisons:", "analyses: [as_published, time_dependent]\ncomparisons:", "'time_dependent': nobody changes her arm"),
    (S, "comparisons:", "analyses: [delayed_entry]\ncomparisons:", "'as_published' must come first"),
    (S, "comparisons:", "analyses: [as_published, as_published]\ncomparisons:", "'analyses' names 'as_published' twice"),
    (S, "arms: [relapsed, others]", "arms: [others, others]", "the comparison names 'others' twice"),
    (S, "min_cell: 1", "subjects: '<b>women</b>'", "'subjects': words of letters, as in: patients"),
    (S, "min_cell: 1", "ticks_months: [0, 3650]", "to 1,461 at most: they are months"),
    (S, "when: has_recurrence}", "when: stage_code = null}", "a comparison with null never holds … (ask `is null`"),
    (S, "when: has_recurrence}", "when: stage_code <> null}", "a comparison with null never holds"),
    (S, "when: has_recurrence}", "when: \"stage_code not in ('I', null)\"}", "a comparison with null never holds"),
    (S, "when: has_recurrence}", "when: age_years between 90 and 18}", "nothing lies between 90 and 18"),
    (S, "when: has_recurrence}", "when: has_recurrence or age_years}", "age_years is a number and no condition"),
    (S, "when: has_recurrence}", "when: has_recurrence = 1}", "has_recurrence is true or false and cannot stand beside"),
    (S, "when: has_recurrence}", "when: has_recurrence <> 'yes'}", "has_recurrence is true or false and cannot stand beside"),
    (S, "when: has_recurrence}", "when: has_recurrence and not has_recurrence}", "nobody is in arm 'relapsed': its condition never holds"),
    (
        S,
        "level: er_code, levels: [positive, negative]",
        "level: \"case when age_years < 50 then 'young' else 'old' end\", levels: [yung, old]",
        "there is no level 'yung' (did you mean young?)",
    ),
    (S, "end: [death, contact]", "end: [contact, death]", "'contact' would be the day of the event … (end: [death, contact], where"),
    (
        S,
        "end: [death, contact]",
        "end: [death, contact]\n    censored: [contact]",
        "'contact' would be the day of the event … (end: [death])",
    ),
]


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


@pytest.mark.parametrize(("file", "old", "new", "says"), SPOILT, ids=[f"{f.split('/')[0]}-{n[:40]}" for f, _, n, _ in SPOILT])
def test_names_file_and_line_of(tmp_path: Path, file: str, old: str, new: str, says: str) -> None:
    text = FILES[file]
    assert text.count(old) >= 1
    found = mistakes(written(tmp_path, {file: text.replace(old, new, 1)}))
    told = [mistake for mistake in found if all(part in str(mistake) for part in says.split(" … "))]
    assert told, [str(mistake) for mistake in found]
    first = line_of(text, old)
    assert told[0].file == file
    assert told[0].line is not None and first - 4 <= told[0].line <= first + 12
    assert "pydantic" not in str(found) and "input_value" not in str(found)


def test_lets_no_rows_be_published_beside_hidden_counts(tmp_path: Path) -> None:
    text = FILES[S].replace("min_cell: 1", "min_cell: 5").replace("table_2:\n", "table_2:\n  published: true\n")
    (found,) = mistakes(written(tmp_path, {S: text}))
    assert "a 'table_2' with 'published: true' shows what 'min_cell: 5' is to hide: it needs 'min_cell: 1'" in str(found)


def test_takes_a_number_of_cycles_beside_cells_of_one_block(tmp_path: Path) -> None:
    rule = "each: drugs\n    when: drugs_components = '1'\n    set:\n      cycles: {value: 6}"
    project = load_project(written(tmp_path, {C: FILES[C].replace("each: drugs\n    set:", rule, 1)}))
    assert "cycles" in next(record.set for record in project.contracts[0].records if record.rule == "course")
