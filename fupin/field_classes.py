"""The class of every field of the project package's own tables. See households.field_classes."""

from fupin.accounts.pii import FieldClass as C

CLASSES = [
    ("regions.Region", {C.PUBLIC: "path level name short_name key parent valid_to"}),
    ("accounts.User", {
        C.SEALED: "password",
        C.PHONE: "phone",
        C.PERSON: "username name unit",
        C.INTERNAL: "last_login is_active password_until password_at otp created_at",
    }),
    ("accounts.Post", {
        C.INTERNAL: "user opened_by waits confirmed_by", C.PERSON: "role subject unit region starts_on ends_on",
    }),
    ("accounts.Authenticator", {C.SEALED: "secret", C.INTERNAL: "user last_step since"}),
    ("accounts.RecoveryCode", {C.SEALED: "digest", C.INTERNAL: "user"}),
    ("accounts.OldPassword", {C.SEALED: "password", C.INTERNAL: "user at"}),
    ("accounts.Session", {
        C.SEALED: "session_key session_data", C.INTERNAL: "expire_date user handle since", C.PERSON: "seen address agent",
    }),
    ("accounts.LoginSlot", {C.INTERNAL: "free_at", C.PERSON: "username"}),
    ("accounts.KnownPlace", {C.INTERNAL: "at", C.PERSON: "username address"}),
    ("accounts.LoginFailure", {C.INTERNAL: "kind at", C.PERSON: "username address"}),
    ("accounts.LoginTally", {C.INTERNAL: "kind since failed refused told", C.PERSON: "account address"}),
    ("accounts.Submission", {C.INTERNAL: "user key digest location at"}),
    ("audit.AuditEvent", {C.INTERNAL: "region_path mac txid turn", C.PERSON: "at user action target household address seen detail"}),
    ("audit.AuditSlot", {C.INTERNAL: "number turn"}),
    ("audit.AuditSeal", {C.INTERNAL: "number at count total spans horizon digest mac"}),
    ("jobs.Job", {
        C.INTERNAL: "uid kind user needs state done total result file worker attempts created_at beat_at finished_at",
        C.PERSON: "title params message file_name",
    }),
    ("jobs.PeriodicRun", {C.INTERNAL: "name day"}),
    ("excel.ImportBatch", {
        C.INTERNAL: "uid user file sha256 size kind year as_of region_path home policy state mapping version columns "
        "job created_at committed_at undone_at undone_by",
        C.PERSON: "name title report kept_issues edits",
    }),
    ("onetable.BureauForm", {
        C.INTERNAL: "uid user file book size sha256 confirmed version created_at changed_at",
        C.PUBLIC: "unit title name seen blocks said",
    }),
    ("onetable.SavedMeaning", {C.INTERNAL: "unit signature user saved_at", C.PUBLIC: "said"}),
    ("onetable.FormFilling", {C.INTERNAL: "form user at", C.PERSON: "place as_of rows notes masked checked wrong"}),
    ("filing.FilingRule", {C.INTERNAL: "region_path report every level due_days since active version updated_at updated_by"}),
    ("filing.Filing", {
        C.INTERNAL: "uid region_path report every start end due state late number returned_at returned_by version",
        C.PUBLIC: "unit title", C.PERSON: "reason",
    }),
    ("filing.FiledCopy", {
        C.INTERNAL: "filing number file cells sha256 size rows as_of changed by at", C.PUBLIC: "name totals", C.PERSON: "note seen",
    }),
    ("filing.YearFreeze", {
        C.INTERNAL: "uid region_path year as_of state job by at opened_by opened_at version left_out untold groups", C.PUBLIC: "unit", C.PERSON: "reason",
    }),
    ("filing.FrozenReport", {
        C.INTERNAL: "freeze report region_path apart whole cells rows index said", C.PERSON: "seen",
    }),
    ("filing.FrozenRow", {
        C.INTERNAL: "freeze kind key region_path covers number figures", C.PERSON: "name size facts",
    }),
    ("filing.FrozenPlace", {C.INTERNAL: "freeze region_path level figures named", C.PUBLIC: "name"}),
    ("excel.SavedMapping", {C.INTERNAL: "unit signature kind said user saved_at"}),
    ("excel.ImportUndo", {C.INTERNAL: "batch last_event unknown until", C.PERSON: "data"}),
]  # fmt: skip
"""`[(model, {class: field names})]`; the automatic key is internal and not named."""
