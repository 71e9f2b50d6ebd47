"""The class of every field of the projects: what it holds, and so how it is shown. See households.field_classes."""

from fupin.accounts.pii import FieldClass as C

CLASSES = [
    ("projects.Project", {
        C.INTERNAL: "region region_path start_precision finish_precision risk_on version created_at updated_at "
        "updated_by",
        C.PHONE: "manager_phone",
        C.PERSON: "manager",
        C.PUBLIC: "number year name category subcategory nature state lead_unit responsible_unit contractor place content "
        "quantity quantity_done unit start_text start_end finish_text finish_end finish_due started_on finished_on "
        "accepted_on settled_on progress blocked_reason investment benefit_households benefit_persons "
        "benefit_out_households benefit_out_persons benefit_watched_households benefit_watched_persons "
        "benefit_other_households benefit_other_persons gain source remark",
    }),
    ("projects.ProjectVillage", {C.INTERNAL: "project region region_path"}),
    ("projects.Beneficiary", {
        C.INTERNAL: "project household by at", C.PERSON: "item quantity unit money on",
    }),
    ("projects.ProjectObjection", {
        C.INTERNAL: "project procedure by handled_by at", C.PERSON: "raised_on what handled_on outcome",
    }),
    ("projects.ProjectCount", {C.INTERNAL: "region_path level day", C.PUBLIC: "figures"}),
    ("projects.FundEntry", {
        C.INTERNAL: "line by at opening", C.PUBLIC: "kind amount on document summary", C.PERSON: "payee",
    }),
    ("projects.FundLine", {C.INTERNAL: "project", C.PUBLIC: "source planned allotted paid document"}),
    ("projects.Milestone", {
        C.INTERNAL: "project order planned_precision revised_precision",
        C.PUBLIC: "name planned_text planned_end revised_text revised_end due done_on note",
    }),
    ("projects.ProgressChange", {C.INTERNAL: "project at", C.PUBLIC: "progress state"}),
    ("projects.TargetMove", {
        C.INTERNAL: "project milestone by at", C.PUBLIC: "before_text before_end after_text after_end reason",
    }),
]  # fmt: skip
"""`[(model, {class: field names})]`; the automatic key is internal and not named."""
