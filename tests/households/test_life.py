"""The life of personal data: told before registered, kept no longer than needed, given to whom it is about."""

import io
import zipfile
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection, models
from django.urls import reverse
from django.utils import timezone

from fupin.accounts.roles import Role
from fupin.audit import seen
from fupin.audit.models import AuditEvent
from fupin.filing.models import FiledCopy, Filing
from fupin.onetable.models import BureauForm, FormFilling
from fupin.schedule import parse
from households import kept, life, lifecycle
from households.models import (
    Condition,
    FollowUp,
    Household,
    HouseholdMove,
    Measure,
    Member,
    MemberYear,
    Paper,
    StatusChange,
    TargetChange,
)
from projects.models import Beneficiary
from tests import factories

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
CODES = {
    "region_path", "number", "risks", "target_text", "target_precision", "relocation_difficulties", "needs", "purposes",
    "unit", "guarantees", "step", "rule", "basis", "digest", "health", "due_text", "due_precision", "before_text",
    "after_text", "document", "source", "token", "form", "head_name",
}  # fmt: skip
"""Text columns that hold codes, units, dates in words or the numbers of papers: they stay. Marks and tails follow the numbers they are made of."""


def texts(model):
    """Columns of free text. Marks and tails follow the numbers they are made of."""
    for field in model._meta.concrete_fields:
        if not isinstance(field, models.CharField | models.TextField) or field.choices:
            continue
        if field.name not in CODES and not field.name.endswith(("_mark", "_tail")):
            yield field


@pytest.fixture
def planted():
    """A household with a row in every table, and a token of its own in every column of free text."""
    home = factories.household(members=2, cause="01", visited=date(2010, 1, 1))
    member = home.members.order_by("order").first()
    user = factories.user()
    rows = [home, member, MemberYear(member=member, year=2010), Condition(household=home, year=2010)]
    rows += [
        home.visits.get(), home.causes.get(), Measure(household=home, region_path=home.region_path, kind="02", by=user),
        FollowUp(household=home, region_path=home.region_path, visit=home.visits.get(), by=user),
        StatusChange(household=home, step="create", on=TODAY, by=user), TargetChange(household=home, by=user),
        HouseholdMove(household=home, on=TODAY, origin=home.region, target=home.region, by=user),
        factories.crosscheck(home), factories.pair(home, factories.helper()),
    ]  # fmt: skip
    tokens = {}
    for row in rows:
        for field in texts(type(row)):
            token = f"T{len(tokens):03}Z"
            setattr(row, field.attname, token[: field.max_length or 9])
            if not field.max_length or field.max_length >= len(token):
                tokens[token] = f"{row._meta.label}.{field.name}"
        row.save()
    project = factories.project()
    Beneficiary.objects.create(project=project, household=home, item="TBENEFITZ", money=300)
    Paper.objects.create(
        kind="household_plan", region=home.region, region_path=home.region_path, household=home, year=2010,
        title="TTITLEZ 帮扶计划", sections=[{"level": 1, "heading": "THEADINGZ", "text": "TTEXTZ"}],
        state="issued", issued=[{"text": "TISSUEDZ"}], issued_on=date(2010, 1, 1),
    )  # fmt: skip
    tokens |= {"TBENEFITZ": "projects.Beneficiary.item", "TTITLEZ": "households.Paper.title",
               "THEADINGZ": "households.Paper.sections", "TTEXTZ": "households.Paper.sections", "TISSUEDZ": "households.Paper.issued"}  # fmt: skip
    assert len(tokens) > 50
    return home, member, tokens


def everything(home):
    """All text of all rows of the household, as one string."""
    found = [str(home.__dict__)]
    for relation in home._meta.related_objects:
        for row in relation.related_model._base_manager.filter(**{relation.field.name: home}):
            found.append(str(row.__dict__))
    found += [str(row) for row in MemberYear.objects.filter(member__household=home).values()]
    return "\n".join(found)


# What is held on a person


def test_the_export_of_a_person_is_complete(client, planted):
    home, member, tokens = planted
    client.force_login(factories.user(Role.COUNTY_OFFICE))
    answer = client.post(reverse("person_export", args=[member.pk]), {"purpose": "本人申请复制"})
    book = b"".join(answer.streaming_content)
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        text = b"".join(parts.read(name) for name in parts.namelist()).decode(errors="ignore")
    assert {where for token, where in tokens.items() if token not in text} == set()
    event = AuditEvent.objects.get(action="person.export")
    assert event.detail["export"] in text
    assert seen.read(event.seen).members == {member.pk}
    other = home.members.exclude(pk=member.pk).get()
    assert other.id_number not in text


def test_the_export_names_the_filed_reports_that_the_person_stands_in(planted):
    home, member, _ = planted
    filing = Filing.objects.create(
        region_path="990101100",
        unit="某镇",
        report="R02",
        title="TFILEDZ",
        every="month",
        start=TODAY,
        end=TODAY,
        due=TODAY,
    )
    for number, shown in enumerate((f"h{home.pk}", f"m{member.pk}", f"h{home.pk + 1}"), 1):
        FiledCopy.objects.create(
            filing=filing,
            number=number,
            by=factories.user(),
            file="f",
            cells="c",
            name=f"第{number}份.xlsx",
            as_of=TODAY,
            seen=shown,
        )
    found = [column for table, _, column, _ in life.held_on(member) if table == "报送副本"]
    assert found == ["第1份.xlsx", "第2份.xlsx"]


def test_it_needs_a_purpose_and_the_permission(client, planted):
    _, member, _ = planted
    client.force_login(factories.user(Role.COUNTY_OFFICE))
    assert client.post(reverse("person_export", args=[member.pk]), {"purpose": "看"}).status_code == 302
    client.force_login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100"))
    assert client.post(
        reverse("person_export", args=[member.pk]), {"purpose": "本人申请复制"}
    ).status_code in (403, 404)
    assert not AuditEvent.objects.filter(action="person.export").exists()


# How long


def closed(home, years):
    Household.objects.filter(pk=home.pk).update(
        registry_status="9",
        closed_on=life.years_before(TODAY, years) - timedelta(days=1),
        monitor_category="0",
        risk_state="0",
    )
    home.refresh_from_db()


def test_a_household_over_age_loses_its_texts_and_no_figure(planted):
    home, _, tokens = planted
    sums = (home.size, home.labour, home.members.filter(birth__year=1950).count(), home.visits.count())
    closed(home, 10)
    assert life.retire(today=TODAY, by=None) == {"closed": 1, "left": 0, "clue": 0, "photo": 0, "form": 0}
    assert all(token in everything(home) for token in tokens)  # counting changes nothing

    life.retire(today=TODAY, by=None, dry_run=False)

    home.refresh_from_db()
    left = everything(home)
    assert {where for token, where in tokens.items() if token in left} == set()
    assert (
        home.size,
        home.labour,
        home.members.filter(birth__year=1950).count(),
        home.visits.count(),
    ) == sums
    assert home.head_name == life.ANONYMOUS
    assert home.benefits.get().money == 300
    assert set(home.members.values_list("name", "id_number")) == {(life.ANONYMOUS, "")}
    assert (
        AuditEvent.objects.filter(action="household.anonymise").get().target
        == f"households.household:{home.pk}"
    )
    assert AuditEvent.objects.get(action="retention.run").detail["closed"] == 1
    assert life.counts(TODAY)["closed"] == 0


def test_a_hold_and_a_day_too_early_keep_it(planted):
    home, *_ = planted
    closed(home, 9)
    assert life.counts(TODAY)["closed"] == 0
    closed(home, 10)
    life.place_hold(household=home, by=factories.user(), reason="某案件留存", today=TODAY)
    assert life.counts(TODAY)["closed"] == 0
    life.lift_hold(household=home, by=factories.user(), today=TODAY)
    assert life.counts(TODAY)["closed"] == 1


def test_a_member_who_left_long_ago_is_anonymised_alone():
    home = factories.household(members=2)
    gone, here = home.members.order_by("-order").first(), home.members.order_by("order").first()
    Member.objects.filter(pk=gone.pk).update(left_on=life.years_before(TODAY, 11), left_event="01")
    born = date(gone.birth.year, 1, 1)
    kept.refresh([home.pk])
    paper = Paper.objects.create(
        kind="household_plan", region=home.region, region_path=home.region_path, household=home, year=2012,
        title=f"{gone.name}户帮扶计划", sections=[{"level": 1, "heading": "一", "text": f"{gone.name}、{here.name}"}],
    )  # fmt: skip
    life.retire(today=TODAY, by=None, dry_run=False)
    paper.refresh_from_db()
    assert (paper.title, paper.sections[0]["text"]) == ("（已匿名）户帮扶计划", f"（已匿名）、{here.name}")
    gone.refresh_from_db()
    assert (gone.name, gone.id_number, gone.birth) == (life.ANONYMOUS, "", born)
    assert Member.objects.get(pk=here.pk).name == here.name


def test_uploaded_forms_over_age_go_with_their_files_and_fillings(
    settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.FILES = tmp_path
    user, forms = factories.user(), []
    for name in ("old", "used", "new"):
        (tmp_path / name).write_bytes(b"x")
        forms.append(
            BureauForm.objects.create(
                unit="990101", user=user, title=name, name=name, file=name, book=name, sha256="0"
            )
        )
        FormFilling.objects.create(form=forms[-1], user=user, place="某村", as_of=TODAY, notes=["王五"])
    past = timezone.now() - timedelta(days=6 * 366)
    BureauForm.objects.filter(title__in=["old", "used"]).update(changed_at=past)
    FormFilling.objects.filter(form__in=[forms[0], forms[2]]).update(at=past)
    assert life.counts(TODAY)["form"] == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT notes FROM onetable_formfilling")
        assert all(text.startswith("I1.") for (text,) in cursor.fetchall())
    with django_capture_on_commit_callbacks(execute=True):
        life.retire(today=timezone.localdate(), by=None, dry_run=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "used"]
    assert sorted(form.title for form in BureauForm.objects.all()) == ["new", "used"]
    assert [filling.form.title for filling in FormFilling.objects.all()] == ["used"]
    assert AuditEvent.objects.filter(action="onetable.remove").count() == 1


def test_the_command_counts_first(planted, capsys):
    home, *_ = planted
    closed(home, 10)
    call_command("retire")
    assert "到期 1 条" in capsys.readouterr().out
    assert Household.objects.get(pk=home.pk).address
    call_command("retire", apply=True)
    assert not Household.objects.get(pk=home.pk).address


def test_years_are_changed_within_the_law(client):
    client.force_login(user := factories.user(Role.COUNTY_OFFICE))
    url, years = reverse("retention"), {kind.name: str(held) for kind, held in life.rules()}
    assert client.post(url, years | {"audit": "2"}).status_code == 422
    assert {kind.name: held for kind, held in life.rules()}["audit"] == 6
    assert client.post(url, years | {"audit": "8"}).status_code == 302
    assert {kind.name: held for kind, held in life.rules()}["audit"] == 8
    assert user.audit_events.get(action="retention.change").detail["after"] == 8
    with pytest.raises(ValidationError):
        life.set_rule(kind="closed", years=1, by=user)


# 告知


def test_nobody_is_registered_without_being_told(client):
    home = factories.household(registry_status="0")
    user = factories.user(Role.TOWNSHIP_OPERATOR, at="990101100")
    given = {
        "by": user,
        "on": TODAY,
        "reason": "评议通过",
        "target": parse(f"{TODAY.year}年底前"),
        "posted_on": TODAY - timedelta(days=20),
    }
    with pytest.raises(ValidationError) as refused:
        lifecycle.take("identify", home, **given)
    assert "告知" in "".join(refused.value.messages)

    client.force_login(user)
    url = reverse("notice_record", args=[home.pk])
    assert (
        "不能晚于今天"
        in client.post(url, {"on": str(TODAY + timedelta(days=1)), "form": "2026 版"}).content.decode()
    )
    assert client.post(url, {"on": str(TODAY), "form": "2026 版", "teller": "村干部"}).status_code == 302
    assert AuditEvent.objects.get(action="notice.record").detail["form"] == "2026 版"
    assert "2026 版" in client.get(reverse("household_privacy", args=[home.pk])).content.decode()
    assert lifecycle.take("identify", home, **given).registry_status == "1"


def test_a_hold_is_placed_and_lifted_on_the_page(client):
    home = factories.household()
    client.force_login(factories.user(Role.COUNTY_OFFICE))
    url = reverse("hold_change", args=[home.pk])
    client.post(url, {"reason": "短"})
    assert not home.holds.exists()
    client.post(url, {"reason": "某案件留存"})
    assert "依法留存中" in client.get(reverse("household_privacy", args=[home.pk])).content.decode()
    client.post(url, {"lift": "1"})
    assert home.holds.get().lifted_on == TODAY


def test_queries_of_the_page_do_not_grow(client, django_assert_max_num_queries):
    home = factories.household(members=6)
    client.force_login(factories.user(Role.COUNTY_OFFICE))
    for _ in range(4):
        life.record_notice(household=home, by=factories.user(), on=TODAY, form="2026 版")
    with django_assert_max_num_queries(20):
        client.get(reverse("household_privacy", args=[home.pk]))
