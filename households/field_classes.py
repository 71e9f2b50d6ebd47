"""The class of every field of the register: what it holds, and so how it is shown. A new field needs its word here.

See `fupin.accounts.pii.FieldClass`; what is masked, how, and what it takes to see it in full, stands there.
"""

from fupin.accounts.pii import FieldClass as C

CLASSES = [
    ("households.Household", {
        C.INTERNAL: "region region_path version updated_at updated_by visit_months doubts target_precision phone_mark bank_mark",
        C.PHONE: "phone",
        C.BANK: "bank_account",
        C.NOTE: "remark",
        C.PERSON: "number address bank_name standard identified_on identified_text registry_status monitor_category "
        "risk_state monitored_on cleared_on risks legacy_attribute policy_status exit_year relapse_year relapse_cause "
        "not_exit_reason bottom_line military_family relocated relocation_site relocation_address relocation_mode "
        "settlement settlement_place relocation_difficulties needs target_text target_end target_due closed_on "
        "closed_reason head_name size labour main_cause income_year per_capita dibao tekun unsafe_house unsafe_water "
        "uninsured out_of_school last_visit_on helper visit_due",
    }),
    ("households.HouseholdCause", {C.INTERNAL: "household rank", C.PERSON: "year cause note"}),
    ("households.StatusChange", {
        C.INTERNAL: "household by at", C.PERSON: "step before after on reason document",
    }),
    ("households.TargetChange", {
        C.INTERNAL: "household by at", C.PERSON: "before_text before_end after_text after_end reason",
    }),
    ("households.HouseholdMove", {
        C.INTERNAL: "household by at pairings_ended", C.PERSON: "origin target on reason",
    }),
    ("households.Notice", {C.INTERNAL: "household by at", C.PERSON: "on form teller"}),
    ("households.LegalHold", {C.INTERNAL: "household by lifted_by", C.PERSON: "reason on lifted_on"}),
    ("households.Objection", {
        C.INTERNAL: "household procedure by handled_by at", C.PERSON: "raised_on what handled_on outcome",
    }),
    ("households.VillageObjection", {
        C.INTERNAL: "region procedure by handled_by at", C.PERSON: "raised_on what handled_on outcome",
    }),
    ("households.PostingSetting", {
        C.INTERNAL: "region_path version updated_at updated_by",
        C.PUBLIC: "unit contact phone supervision periods",
    }),
    ("households.KeepRule", {C.INTERNAL: "kind years updated_by updated_at"}),
    ("households.SearchToken", {C.INTERNAL: "region_path household", C.PERSON: "token"}),
    ("households.Member", {
        C.INTERNAL: "household region_path order came_from id_tail id_mark phone_mark",
        C.ID_NUMBER: "id_number id_text",
        C.PHONE: "phone",
        C.PERSON: "member_no name relation relation_text id_type sex birth ethnic ethnic_text joined_on joined_event "
        "left_on left_event",
    }),
    ("households.MemberYear", {
        C.INTERNAL: "member work_county",
        C.ID_NUMBER: "disability_no",
        C.HEALTH: "health disability_kind disability_level disability_year medical_aid health_help",
        C.PERSON: "year education school dropout_reason labour military politics activist medical_resident "
        "medical_employee medical_critical pension_resident pension_employee pension_received accident_insured "
        "commercial_insured dibao tekun orphan de_facto_orphan putonghua work_area work_months work_place work_company "
        "work_industry job_channel work_income abroad post_kind post_months workshop leader training training_on "
        "certificate graduate_job graduate_reason marriage living role_note",
    }),
    ("households.Condition", {
        C.INTERNAL: "household",
        C.PERSON: "year residence farmland irrigated forest returned_forest orchard pasture water_surface power_living "
        "power_production broadcast water_difficult water_safe water_solved water_kind road_distance road_kind "
        "house_area structure dangerous danger_level renovation_year renovation_subsidy toilet fuel cooperative "
        "cooperative_name enterprise_led enterprise_name leader_led leader_name dibao tekun guarantees "
        "self_paid_medical collector collected_on signed note legacy_attribute not_exit_reason bottom_line needs",
    }),
    ("households.Income", {
        C.INTERNAL: "household",
        C.PERSON: "year period_start period_end wage operating property transfer expense stated_net persons",
    }),
    ("households.IncomeLine", {C.INTERNAL: "income item counted", C.PERSON: "amount"}),
    ("households.IncomeItem", {
        C.INTERNAL: "version", C.PUBLIC: "code label group counted sort region_path first_year last_year",
    }),
    ("households.AreaGroup", {
        C.INTERNAL: "version updated_at updated_by",
        C.PUBLIC: "region_path name within first_year last_year sort source confirmed",
    }),
    ("households.AreaGroupPlace", {C.INTERNAL: "group", C.PUBLIC: "region region_path"}),
    ("households.PovertyLine", {C.PUBLIC: "year region_path kind value source confirmed"}),
    ("households.RegionCount", {C.INTERNAL: "region_path level day", C.PUBLIC: "figures"}),
    ("households.Helper", {
        C.INTERNAL: "user region_path",
        C.PHONE: "phone",
        C.PERSON: "name sex unit unit_kind unit_level rank politics first_secretary team_leader team_member",
    }),
    ("households.TeamMember", {
        C.INTERNAL: "region region_path helper version updated_at updated_by",
        C.PERSON: "name unit duty starts_on ends_on note",
    }),
    ("households.Attendance", {
        C.INTERNAL: "member region_path version updated_at updated_by", C.PERSON: "year month days diaries note",
    }),
    ("households.Pairing", {
        C.INTERNAL: "household region_path",
        C.PERSON: "helper order starts_on ends_on visits_per_year end_reason end_note",
    }),
    ("households.Visit", {
        C.INTERNAL: "uid household region_path late counts source by at",
        C.PERSON: "on start_at end_at visitor_text visitor_unit way purposes content problem handling solved "
        "gift_money gift_goods confirmed cancelled_reason helpers",
    }),
    ("households.VisitPhoto", {C.INTERNAL: "visit sha256", C.PERSON: "file taken_on"}),
    ("households.FollowUp", {
        C.INTERNAL: "visit household region_path due_precision by at",
        C.PERSON: "what helper due_text due_end closed_on result",
    }),
    ("households.Measure", {
        C.INTERNAL: "household region_path target_precision by at",
        C.PERSON: "kind what quantity unit money helper starts_on target_text target_end done_on effect",
    }),
    ("households.CrossCheck", {
        C.INTERNAL: "household member region_path digest weak",
        C.CLUE: "value",
        C.PERSON: "kind source title fact found_on due_end result note closed_on closed_by",
    }),
    ("households.Doubt", {
        C.INTERNAL: "household profile member region_path basis",
        C.PERSON: "rule message found_on explained explained_by explained_on",
    }),
    ("households.DoubtEnd", {C.INTERNAL: "household", C.PERSON: "rule since until"}),
    ("households.Paper", {
        C.INTERNAL: "region region_path household keep_empty replaces version created_at updated_at updated_by",
        C.PERSON: "kind year title unit sections state number issued_on issued_by issued",
    }),
    ("households.VillageProfile", {
        C.INTERNAL: "region region_path version updated_at updated_by",
        C.PUBLIC: "year location borders terrain water_resource distance_county area_mu groups households population "
        "labour migrant poor_households poor_population monitored_households monitored_population dibao_households "
        "dibao_population tekun_population disabled_population pension_received pension_joined medical_joined students "
        "students_college students_middle students_primary party_members party_probationary party_activists sanlao "
        "clergy nuns lamas cadres relocated_households farmland irrigated forest enterprises schools clinics roads "
        "collective_income per_capita_income road_paved power_living power_villages bus broadband is_poor_village exit_year helping_unit "
        "first_secretary programmes note",
    }),
    ("households.VillageCause", {C.INTERNAL: "profile order", C.PUBLIC: "codes text"}),
    ("households.VillageNeed", {C.INTERNAL: "profile order", C.PUBLIC: "kind text state"}),
    ("households.VillageIndustry", {C.INTERNAL: "profile", C.PUBLIC: "name area_mu approx text"}),
]  # fmt: skip
"""`[(model, {class: field names})]`; the automatic key is internal and not named."""
