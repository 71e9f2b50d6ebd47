"""Tokens in every text of every row, each naming the place of its row, and which user may learn of which: for
`manage.py qa_canary`, on a data folder of its own.

Rows of tables that the demo leaves empty (imports, jobs, forms, filings, clues, photos, ...) are made first, in four
places: the user's own village, its neighbour, another township, another county.
"""

import io
import uuid
from datetime import date, timedelta

import openpyxl
from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from fupin.accounts import pii
from fupin.accounts.models import Post, User
from fupin.accounts.pii import FieldClass as C
from fupin.accounts.roles import BY_PAIRING, BY_UNIT, GRANTS, REACH, Reach, Role, Subject
from fupin.accounts.roles import Permission as P
from fupin.audit.record import record
from fupin.batched import batched
from fupin.crypt import boxes
from fupin.crypt.fields import Encrypted
from fupin.excel.reports import report_named
from fupin.filing import copies
from fupin.filing.actions import asked_for
from fupin.filing.keeping import keep_reports
from fupin.leak_scan import Scanner, token
from fupin.regions.models import Region

WORDS = {C.PERSON, C.NOTE, C.CLUE, C.HEALTH, C.PUBLIC}
MASKED = {C.CLUE, C.HEALTH}
NUMBERS = {C.ID_NUMBER: "证件号码", C.PHONE: "电话", C.BANK: "银行账号"}
APPS = {"households", "projects", "accounts", "excel", "onetable", "filing", "jobs"}
KEPT = {
    ("households.household", "number"), ("accounts.user", "username"), ("filing.filing", "report"),
    ("filing.frozenreport", "report"), ("projects.project", "number"), ("households.paper", "year"),
    ("projects.project", "lead_unit"), ("projects.project", "responsible_unit"), ("households.memberyear", "health"),
}  # fmt: skip
"""Fields that the walk needs as they are."""
CODES = {"state", "kind", "rule", "step", "every"}
PLACES = ("region_path", "visit__region_path", "project__region_path", "line__project__region_path",
          "filing__region_path", "freeze__region_path", "form__unit", "region__path")  # fmt: skip
HOMES = ("household", "member__household", "visit__household")
AT = {"onetable.bureauform": "unit", "excel.importbatch": "home"}
UNIT = "区水利局"
"""The unit of the project unit's post: it leads some of the demo's projects, not all."""
SHARED = {"households.helper", "households.incomeitem", "households.povertyline", "projects.projectvillage"}
"""Who works in several places is named in all of them; what a county sets is for all its places."""
OWNERS = {"jobs.job": "user", "onetable.formfilling": "user"}
"""Rows of one account, whatever the place."""
DOWN = {"onetable.bureauform", "filing.yearfreeze", "households.postingsetting", "accounts.user"}
"""Rows of a place that those below it see as well; a person of the county is named where they acted."""
ROW = {P.HOUSEHOLD_VIEW, P.AUDIT_VIEW}
NEEDS = {
    "households": ROW, "projects": {P.PROJECT_VIEW, P.AUDIT_VIEW}, "accounts": set(P), "excel": {P.AUDIT_VIEW}, "jobs": set(),
    "onetable": {P.REPORT_EXPORT}, "filing": {P.REPORT_EXPORT}, "filing.frozenreport": {P.REPORT_EXPORT, P.AUDIT_VIEW}, "onetable.formfilling": set(),
    "projects.beneficiary": {P.HOUSEHOLD_VIEW}, "households.postingsetting": set(P), "filing.frozenplace": {P.BOARD_VIEW},
    **dict.fromkeys(("households.household", "households.member", "households.memberyear"), ROW | {P.SUBJECT_VIEW}),
    **dict.fromkeys(("households.villageprofile", "households.villagecause", "households.villageneed",
                     "households.villageindustry", "households.paper", "households.teammember", "households.attendance"), {P.VILLAGE_VIEW, P.HOUSEHOLD_VIEW}),
}  # fmt: skip
"""What it takes (any of) to read texts of a model, or of an app."""


def somewhere_else(path):
    """Move the households of two villages of the county to another township of it: `path` is one's own village."""
    household = apps.get_model("households.household")
    near = household._base_manager.filter(region_path__startswith=path[:6], visits__isnull=False)
    near = near.exclude(region_path=path)
    villages = list(near.order_by("region_path").values_list("region_path", flat=True).distinct()[:2])
    towns = Region.objects.filter(path__startswith=path[:6], level=5).exclude(path__startswith=path[:9])
    targets = [region for region in towns.order_by("path") if region.path not in villages][:2]
    for old, new in zip(villages, targets):
        for model in apps.get_models():
            names = {field.name for field in model._meta.concrete_fields}
            if "region_path" in names and model._meta.app_label in {"households", "projects"}:
                rows = model._base_manager.filter(region_path=old)
                rows.update(region_path=new.path, **({"region": new} if "region" in names else {}))


def places_of(path):
    """`[path]`: one's own village, its neighbour, one in another township, one in another county."""
    household = apps.get_model("households.household")
    visited = household._base_manager.filter(visits__isnull=False).order_by("region_path")
    every = list(visited.values_list("region_path", flat=True).distinct())
    tests = (
        lambda other: other != path and other[:9] == path[:9],
        lambda other: other[:6] == path[:6] and other[:9] != path[:9],
        lambda other: other[:6] != path[:6],
    )
    return [path, *(found for found in (next(filter(test, every), None) for test in tests) if found)]


@transaction.atomic
def rows_of(place, tokens):
    """Rows of every table that the demo leaves empty, for the village `place`. What is written into their files is
    added to `tokens`, `{number: (place, what it is)}`."""

    def book(owner, what):
        tokens[len(tokens)] = (owner, what)
        made, out = openpyxl.Workbook(), io.BytesIO()
        made.active["A1"] = token(len(tokens) - 1)
        made.save(out)
        return out.getvalue()

    village, town = Region.objects.get(path=place[:12]), Region.objects.get(path=place[:9])
    user = User.objects.create_user(
        f"there-{place}", None, name="别处的人", unit="别处的单位", phone="15400007777"
    )
    Post.objects.create(
        user=user,
        role=Role.COUNTY_OFFICE,
        region=Region.objects.get(path=place[:6]),
        starts_on=date(2020, 1, 1),
    )
    homes = apps.get_model("households.household")._base_manager.filter(
        region_path=place, visits__isnull=False
    )
    home = homes.earliest("pk")
    member, visit = home.members.first(), home.visits.first()
    today = timezone.localdate()
    batch = {
        "user": user,
        "name": "名册",
        "title": "户",
        "sha256": "0" * 64,
        "as_of": today,
        "home": place[:9],
    }
    make(
        "excel.importbatch",
        file=kept("imports", book(place[:9], "excel.importbatch.file")),
        region_path=place[:9],
        state="done",
        **batch,
    )
    make(
        "jobs.job",
        kind="report",
        user=user,
        title="任务",
        message="说明",
        file=kept("jobs", book(f"user {user.pk}", "jobs.job.file")),
        file_name="任务.xlsx",
        state="done",
    )
    table = book(place[:9], "onetable.bureauform.file")
    form = make(
        "onetable.bureauform", unit=place[:9], user=user, title="表", name="表.xlsx", file=kept("onetable", table),
        book=kept("onetable", table), said={"scope": "place", "blocks": []}, confirmed=True, sha256="0" * 64,
    )  # fmt: skip
    make("onetable.formfilling", form=form, user=user, place="区域", as_of=today)
    filed(user, town)
    record("household.change", home, by=user, region_path=place, fields=["address"])
    make("households.crosscheck", household=home, member=member, region_path=place, kind="car", source="公安", title="线索",
         value="渝A12345", fact="有车", found_on=today, due_end=today + timedelta(days=15), digest=uuid.uuid4().hex)  # fmt: skip
    make("households.visitphoto", visit=visit, file=kept("photos", b"\xff\xd8\xff\xd9"), sha256="0" * 64)
    make("households.legalhold", household=home, reason="留存", on=today, by=user)
    make(
        "households.householdmove",
        household=home,
        origin=village,
        target=village,
        on=today,
        reason="迁移",
        by=user,
    )
    make("households.notice", household=home, on=today, teller="告知人", by=user)
    make("households.paper", kind="household_plan", region=home.region, region_path=place, household=home, year=2026,
         title="户计划", unit="单位", sections={}, updated_by=user)  # fmt: skip
    if not apps.get_model("households.postingsetting")._base_manager.filter(region_path=place[:9]).exists():
        make(
            "households.postingsetting",
            region_path=place[:9],
            unit="公示单位",
            contact="联系人",
            supervision="监督",
            updated_by=user,
        )
    project = (
        apps.get_model("projects.project")._base_manager.filter(region_path__startswith=place[:12]).first()
    )
    if project and (line := project.funds.first()):
        make(
            "projects.fundentry",
            line=line,
            kind="1",
            amount=1,
            payee="收款人",
            summary="摘要",
            document="文号",
            by=user,
        )


def make(label, **given):
    """One row; fields that its model does not have are an error, as everywhere."""
    return apps.get_model(label)._base_manager.create(**given)


def kept(folder, data):
    """A stored file; its path below settings.FILES."""
    name = f"{folder}/{uuid.uuid4().hex}"
    path = settings.FILES / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with boxes.Writer(path) as file:
        file.write(data)
    return name


def filed(user, town):
    """A filing with its copy, and a frozen year with its report, of a township: the very files."""
    if apps.get_model("filing.filing")._base_manager.filter(region_path=town.path).exists():
        return
    report = report_named("R12", user)
    ask = asked_for(report, town.path, by=user, year=2026, day=date(2026, 10, 31))
    filing = make(
        "filing.filing", region_path=town.path, unit="填报单位", report="R12", title="进度表", every="month", number=1,
        start=date(2026, 10, 1), end=date(2026, 10, 31), due=date(2026, 11, 5), reason="原因",
    )  # fmt: skip
    make("filing.filedcopy", filing=filing, number=1, note="说明", by=user, **copies.write(report, ask))
    model = apps.get_model("filing.yearfreeze")
    freeze = model._base_manager.filter(region_path=town.path[:6]).first() or make(
        "filing.yearfreeze", region_path=town.path[:6], unit="某县", year=2024, as_of=date(2024, 12, 31), state="frozen", by=user, reason="理由"
    )  # fmt: skip
    keep_reports(
        freeze,
        [Region.objects.get(path=town.path)],
        {},
        by=user,
        check=dict,
        step=lambda *_: None,
        names={"R12"},
    )
    make(
        "filing.frozenplace",
        freeze=freeze,
        region_path=town.path,
        level=4,
        name="某镇",
        figures={"all": [1, 2]},
    )


def planted(own="", tokens=None):
    """Put a token into every text of every row; returns the Scanner that knows them, those of files that `rows_of`
    made (`tokens`) and all numbers.

    A token names the path of its row's place; in the village `own` the household as well ("path#key"), a project the
    places that it covers ("path path")."""
    tokens, numbers, masked = tokens or {}, {}, set()
    for model in apps.get_models():
        label = model._meta.label_lower
        if model._meta.app_label not in APPS or label in SHARED:
            continue
        groups = dict(_groups(model, own))
        classes = pii.table()[label]
        for field in model._meta.concrete_fields:
            kind = classes.get(field.name)
            if kind in NUMBERS:
                for place, keys in groups.items():
                    for value in model._base_manager.filter(pk__in=keys).values_list(field.name, flat=True):
                        if value:
                            numbers[str(value)] = (place, f"{label}.{field.name}")
            elif kind in WORDS and _is_text(field, kind) and (label, field.name) not in KEPT:
                for place, keys in _pieces(model, field, groups):
                    number = len(tokens)
                    if len(token(number)) > (field.max_length or 99):
                        break
                    tokens[number] = (place, f"{label}.{field.name}")
                    _write(model, field, keys, token(number))
                    if kind in MASKED:
                        masked.add(number)
    return Scanner(tokens, numbers, known={"99010119700101001X"}, masked=masked)


def _pieces(model, field, groups):
    """`(place, [key])` of the rows that share a token: those of a place; one by one where their texts must differ."""
    together = {name for one in model._meta.constraints for name in getattr(one, "fields", ())}
    if field.name not in together:
        return groups.items()
    return [(place, [key]) for place, keys in groups.items() for key in keys]


def _write(model, field, keys, text):
    """Put `text` into the field of these rows, where it says anything."""
    for some in batched(keys, 500):
        rows = model._base_manager.filter(pk__in=some)
        if isinstance(field, Encrypted):  # each row has its own key, so its own cipher
            filled = [key for key, value in rows.values_list("pk", field.name) if value]
            rows = model.objects.all()._marked("visible_to").filter(pk__in=filled)
        else:
            rows = rows.exclude(**{field.name: ""})
        rows.update(**{field.name: text})


def _groups(model, own):
    """`(place, [key])` of all rows of a model, "" where it has no place."""
    label, base = model._meta.label_lower, model._base_manager.order_by("pk")
    found = {}
    if label in OWNERS:
        for key, user in base.values_list("pk", OWNERS[label]):
            found.setdefault(f"user {user}", []).append(key)
    elif label == "accounts.user":
        for key, path in base.filter(username__startswith="there-").values_list("pk", "posts__region__path"):
            found.setdefault(path, []).append(key)
    elif path := AT.get(label) or next((name for name in PLACES if _leads(model, name)), ""):
        home = next((name for name in HOMES if _leads(model, name)), "pk")
        for key, place, household in base.values_list("pk", path, home):
            if (home != "pk" or label == "households.household") and household and place == own:
                place = f"{place}#{household}"
            elif path.endswith("project__region_path") or label == "projects.project":
                place = " ".join([place, *_covered(model, key, path), f"@{_project(model, key, path)}"])
            found.setdefault(place, []).append(key)
    elif home := next((name for name in HOMES if _leads(model, name)), ""):
        for key, place, household in base.values_list("pk", f"{home}__region_path", home):
            found.setdefault(f"{place}#{household}" if place == own else place, []).append(key)
    return found.items()


def _project(model, key, path):
    above = path.rpartition("__")[0]
    return model._base_manager.values_list(above or "pk", flat=True).get(pk=key)


def _covered(model, key, path):
    above = path.rpartition("region_path")[0]
    return model._base_manager.filter(pk=key, **{f"{above}villages__isnull": False}).values_list(
        f"{above}villages__region_path", flat=True
    )


def _leads(model, path):
    found = model
    for name in path.split("__"):
        if found is None or name not in {field.name for field in found._meta.concrete_fields}:
            return False
        field = found._meta.get_field(name)
        found = field.related_model
    return found is None or path in HOMES


def _is_text(field, kind):
    """Whether the field holds words that somebody typed: no code, nothing unique; an encrypted one only for illness."""
    if isinstance(field, Encrypted):
        return kind == C.HEALTH and not field.choices
    plain = type(field) in (models.CharField, models.TextField)
    return plain and not field.choices and not field.unique and field.name not in CODES


def holder(role, at):
    """`(user, allowed)`: somebody with a post of `role` at the place `at`, and whether they may learn of what a token
    or a number stands for: `allowed(place, what)`."""
    width = {Reach.VILLAGE: 12, Reach.PAIRED: 9, Reach.TOWNSHIP: 9, Reach.COUNTRY: 0}.get(REACH[role], 6)
    user = User.objects.create_user(f"qa-{role}", None, name=f"走查{role.label}", unit="走查")
    post = {"subject": Subject.HEALTH} if role == Role.BUREAU else {"unit": UNIT} if role in BY_UNIT else {}
    region = Region.objects.get(path=at[:width])
    Post.objects.create(user=user, role=role, region=region, starts_on=date(2020, 1, 1), **post)
    homes = _paired(user, at) if role in BY_PAIRING else None
    projects = _led(at[:width]) if role in BY_UNIT else None
    granted = GRANTS[role]

    def allowed(place, what=""):
        label = what.rpartition(".")[0]
        app = label.partition(".")[0]
        if not place or place.startswith("user ") or not NEEDS.get(label, NEEDS.get(app, set(P))) & granted:
            return False
        parts = place.split()
        if homes is not None and app == "households" and label not in DOWN:
            return any(part.partition("#")[2] in homes for part in parts)
        if projects is not None and app == "projects":
            return any(part in projects for part in parts)
        return any(
            part.startswith(at[:width]) or label in DOWN and at.startswith(part)
            for part in parts
            if part[0] != "@"
        )

    return user, allowed


def _led(path):
    """The projects of UNIT in a county, as tokens name them."""
    rows = apps.get_model("projects.project")._base_manager.filter(
        region_path__startswith=path, lead_unit=UNIT
    )
    return {f"@{key}" for key in rows.values_list("pk", flat=True)}


def _paired(user, at):
    """Pair three households of `at` with the user; their keys as text."""
    helper, _ = apps.get_model("households.helper")._base_manager.get_or_create(
        user=user, defaults={"name": "走查"}
    )
    pairing, own = apps.get_model("households.pairing"), set()
    for home in (
        apps.get_model("households.household")._base_manager.filter(region_path=at).order_by("pk")[:3]
    ):
        pairing._base_manager.create(
            household=home, region_path=home.region_path, helper=helper, starts_on=date(2020, 1, 1)
        )
        own.add(str(home.pk))
    return own
