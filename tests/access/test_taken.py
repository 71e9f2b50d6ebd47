"""A submit takes what its form shows, and nothing else; of a value that comes twice, the last counts everywhere (A35).

Every form of every address is sent twice: as a browser would send it, and once more with each field doubled (nonsense
before the value) and with every column of the tables that the first time wrote, as somebody would add them who hopes
that a form takes more than it shows. Both times the same must be written, and none of what was added.
"""

import re
import time
from collections import Counter, defaultdict
from urllib.parse import urlencode, urlsplit

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.urls import Resolver404, resolve, reverse

from fupin.accounts import trail
from fupin.accounts.models import User
from fupin.accounts.policy import POLICY
from fupin.accounts.roles import GRANTS, Role
from fupin.crawl_page import Page
from fupin.crypt import ring
from fupin.crypt.fields import Encrypted, Mark
from households.models import Household
from tests import factories
from tests.access.test_matrix import ARGUMENTS, PLACES, Direct, World
from tests.parts import two_parts

AT, AWAY = PLACES["own"], PLACES["township"]
ADDED, NUMBER, DAY = "囗冃犄冃囗", 77_777_701, "2097-07-17"
"""What is put in the place of text, of numbers and keys, of days."""
USERS = (Role.COUNTY_OFFICE, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)
OPERATOR = Role.TOWNSHIP_OPERATOR
ALWAYS = [
    "region", "region_id", "region_path", "place", "village", "household", "household_id", "member", "user",
    "user_id", "owner", "by", "by_id", "updated_by", "created_by", "helper", "project", "role", "roles",
    "post", "posts", "groups", "user_permissions", "is_superuser", "is_staff", "is_active", "waits",
    "status", "state", "stage", "registry_status", "risk_state", "number", "id", "pk", "uid", "main_cause",
    "head_name", "persons", "confirmed_by", "sha256", "approved", "scope",
]  # fmt: skip
NO_FORMS = re.compile(
    r"_(print|word|workbook|download|file|photo|then|screen|table|card|handbook|sheets?|template|copy)$"
)
"""Addresses of files and of paper."""
ENDS = {"logout", "session_end", "password_change", "scope"}
"""Submits after which the walk would be another one."""
SUPERSCRIPT = urlencode(
    dict.fromkeys(
        ("region", "place", "village", "household", "helper", "pk", "before", "page", "year", "month", "like", "to", "figure",
         "project", "user", "item", "report", "kind", "after", "since", "asof"), "²²²²",
    )
)  # fmt: skip
"""What str.isdigit() takes for a number, and int() does not."""
VOLATILE = (
    models.DateTimeField
    | models.UUIDField
    | models.BinaryField
    | models.AutoField
    | models.ForeignKey
    | Encrypted
    | Mark
)
"""Columns that differ from one time to the next; what was added must not stand in them either."""
ASIDE = {"audit_auditevent", "accounts_session", "audit_auditseal", "accounts_submission"}
NEW_EACH_TIME = {"password"}
WRITTEN = re.compile(r'\s*(?:INSERT (?:OR \w+ )?INTO|UPDATE)\s+"?(\w+)"?', re.I)
TABLES = {model._meta.db_table: model for model in apps.get_models()}


class Writes:
    """`{table: {column: Counter of values}}` of what statements write, and `words`: every value of them."""

    def __init__(self):
        self.tables, self.words = defaultdict(lambda: defaultdict(Counter)), set()

    def __call__(self, execute, sql, params, many, context):
        found = WRITTEN.match(sql)
        if not found or found[1] in ASIDE or found[1] not in TABLES:
            return execute(sql, params, many, context)
        params = [tuple(row) for row in params] if many else params
        insert = sql.lstrip()[:6].upper() == "INSERT"
        head = sql.partition("VALUES" if insert else "WHERE")[0]
        names = re.findall(r'"(\w+)"(?=[,)])' if insert else r'"(\w+)" = %s', head)
        for row in params if many else [params]:
            for at, value in enumerate(row or ()):
                self.words.add(str(value))
                if names and (insert or at < len(names)):
                    self.tables[found[1]][names[at % len(names)]][str(value)] += 1
        return execute(sql, params, many, context)

    def steady(self):
        """What must be the same each time."""
        found = {}
        for table, columns in self.tables.items():
            fields = {field.column: field for field in TABLES[table]._meta.concrete_fields}
            for name, values in columns.items():
                if name in fields and name not in NEW_EACH_TIME and not isinstance(fields[name], VOLATILE):
                    found[table, name] = values
        return found


def added_for(field):
    """A value that somebody might add for a column, as a browser would send it."""
    if field.choices:
        return str(field.choices[-1][0])
    if isinstance(field, models.BooleanField):
        return "on"
    if isinstance(field, models.DateField):
        return DAY
    if isinstance(field, models.IntegerField | models.ForeignKey | models.DecimalField | models.AutoField):
        return str(NUMBER)
    return ADDED


def more(tables, form):
    """`{name: value}` of what the form does not show: columns of the tables that were written, and the usual ones."""
    found = {name: str(NUMBER) for name in ALWAYS}
    for table in tables:
        for field in TABLES[table]._meta.concrete_fields:
            found[field.name] = found[field.attname] = added_for(field)
    prefixes = {"", *(name[: name.rindex("-") + 1] for name in form.names() if re.search(r"-\d+-\w+$", name))}
    return {
        f"{prefix}{name}": value
        for prefix in sorted(prefixes)
        for name, value in found.items()
        if f"{prefix}{name}" not in form.names()
    }


FILLED = (
    (r"(^|_)(on|date|day|start|starts_on|ends_on|until|due|since|birth)$", "2026-11-20"),
    (r"amount|count|number|planned|actual|price|rate|area|order", "1"),
    (r"phone", "15400000000"),
)


def filled(form):
    """The form with something in every field that it shows blank."""
    held = {}
    for name, values in form.held.items():
        if any(values):
            held[name] = values
        elif choices := [value for value in form.choices.get(name, ()) if value]:
            held[name] = choices[:1]
        else:
            last = name.rpartition("-")[2]
            held[name] = [next((value for words, value in FILLED if re.search(words, last)), "测试的内容")]
    return held


@pytest.fixture(scope="module")
def people(django_db_setup, django_db_blocker):
    """A client of each of USERS in a county, and one of OPERATOR in a township of it."""
    with django_db_blocker.unblock(), transaction.atomic():
        clients = {}
        for role in (*USERS, OPERATOR):
            client = Direct(raise_request_exception=True)
            user = factories.user(role, at=AT[: 9 if role == OPERATOR else 6])
            client.force_login(user)
            session = client.session
            session["fresh"] = int(time.time())
            session.save()
            client.user = User.objects.get(pk=user.pk)
            clients[role] = client
        yield clients
        transaction.set_rollback(True)


def opened(clients, part):
    """`(client, view name, address, form, button, whether the form was met before)` of every form on every page."""
    world, seen = World.__new__(World), set()
    world.made, world.users = {}, {role: client.user for role, client in clients.items()}
    for name, rule in part.of(POLICY.items()):
        role = next((role for role in USERS if rule.opens_to(frozenset(GRANTS[role]))), None)
        if rule.open or role is None or NO_FORMS.search(name):
            continue
        address = world.address(name, "own", role if rule.own else None)
        with transaction.atomic():
            response = clients[role].get(address)
            transaction.set_rollback(True)
        if response.status_code != 200 or not response["Content-Type"].startswith("text/html"):
            continue
        for form in Page(address, response.content.decode()).forms:
            for action, button, value, method in form.actions or [(form.address, "", "", form.method)]:
                try:
                    view = resolve(urlsplit(action).path).url_name
                except Resolver404:
                    continue
                kind, again = (view, button, form.names()), (view, form.names()) in seen
                if method == "post" and view not in ENDS and kind not in seen and "password" not in form.held:
                    seen |= {kind, (view, form.names())}
                    yield clients[role], view, action, form, {button: [value]} if button else {}, again


def send(client, action, data, monkeypatch):
    writes = Writes()
    with monkeypatch.context() as patch, transaction.atomic():
        make = ring.Ring.cipher
        patch.setattr(
            ring.Ring, "cipher", lambda held, key, purpose: Noting(make(held, key, purpose), writes.words)
        )
        with connection.execute_wrapper(writes):
            response = client.post(
                action, urlencode(data, doseq=True), content_type="application/x-www-form-urlencoded"
            )
        transaction.set_rollback(True)
    return response, writes


class Noting:
    """A cipher that tells what it is given to encrypt."""

    def __init__(self, cipher, words):
        self.decrypt, self.encrypt_, self.words = cipher.decrypt, cipher.encrypt, words

    def encrypt(self, nonce, data, aad):
        self.words.add(data.decode())
        return self.encrypt_(nonce, data, aad)


def is_added(word):
    return ADDED in word or word == str(NUMBER) or DAY[:9] in word  # midnight here is the day before in UTC


@two_parts(12, at=4)  # where accounts are edited (see tests/defects)
@pytest.mark.django_db
def test_a_submit_takes_what_its_form_shows_and_the_last_of_two(people, django_db_blocker, monkeypatch, part):
    monkeypatch.setattr(trail, "denied", lambda request, refusal: None)
    wrong, wrote, idle = [], set(), set()
    with django_db_blocker.unblock():
        for client, view, action, form, button, again in opened(people, part):
            for held in (form.held,) if again else (form.held, filled(form)):
                held = held | button
                plain, before = send(client, action, held, monkeypatch)
                if before.tables:
                    break
            doubled = {
                name: [ADDED, *values] if len(values) == 1 and values[0] else values
                for name, values in held.items()
            }
            extra = {name: [value] for name, value in more(before.tables, form).items() if name not in held}
            response, after = send(client, action, doubled | extra, monkeypatch)
            (wrote if before.tables else idle).add(view)
            if response.status_code != plain.status_code:
                wrong.append(f"{view}: {plain.status_code} became {response.status_code}")
            wrong += [f"{view} takes {word[:40]}" for word in sorted(after.words) if is_added(word)]
            one, other = before.steady(), after.steady()
            wrong += [
                f"{view} {table}.{name}: {dict(one.get((table, name), {}))} became {dict(other.get((table, name), {}))}"
                for table, name in sorted(one.keys() | other.keys())
                if one.get((table, name)) != other.get((table, name))
            ]
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong[:60])
    assert len(wrote) >= (16 if part.rest else 2), sorted(idle - wrote)


@two_parts(2)
@pytest.mark.django_db
def test_two_places_asked_for_at_once_show_nothing_from_elsewhere(
    people, django_db_blocker, monkeypatch, part
):
    monkeypatch.setattr(trail, "denied", lambda request, refusal: None)
    client, granted, wrong, seen, shown = people[OPERATOR], frozenset(GRANTS[OPERATOR]), [], 0, Counter()
    with django_db_blocker.unblock(), transaction.atomic():
        own, away = factories.household(at=AT), factories.household(at=AWAY)
        for home, name in ((own, "囗冄囗"), (away, "囗冇囗")):
            home.members.update(name=name)
            Household.objects.filter(pk=home.pk).update(head_name=name, address=name)
        pairs = {
            "region": (AT[:9], AWAY[:9]), "place": (AT[:12], AWAY[:12]), "village": (AT[:12], AWAY[:12]),
            "household": (own.pk, away.pk), "pk": (own.pk, away.pk), "q": (own.number, away.number),
        }  # fmt: skip
        for name, rule in part.of(POLICY.items()):
            if rule.open or ARGUMENTS[name] or NO_FORMS.search(name) or not rule.opens_to(granted):
                continue
            seen, address = seen + 1, reverse(name)
            for first, last in ((0, 1), (1, 0)):
                query = urlencode({key: [pair[first], pair[last]] for key, pair in pairs.items()}, doseq=True)
                response = client.get(f"{address}?{query}")
                text = response.content.decode("utf-8", "replace")
                shown["囗冄囗" in text] += 1
                if "囗冇囗" in text or response.status_code >= 500:
                    wrong.append(f"{name}?{query}: {response.status_code}")
            if (status := client.get(f"{address}?{SUPERSCRIPT}").status_code) >= 500:
                wrong.append(f"{name}?{SUPERSCRIPT}: {status}")
        transaction.set_rollback(True)
    assert not wrong, "\n".join(wrong)
    assert seen >= 10 and shown[True] >= 1, (seen, shown)


def test_the_watch_sees_what_is_written_in_every_way():
    writes = Writes()
    run = lambda sql, params, many, context: None  # noqa: E731
    writes(
        run,
        'INSERT INTO "accounts_user" ("name", "phone") VALUES (%s, %s)',
        [("甲", "1"), ("乙", "1")],
        True,
        {},
    )
    writes(
        run,
        'UPDATE "accounts_user" SET "name" = %s, "is_active" = %s WHERE "id" = %s',
        ["丙", True, 7],
        False,
        {},
    )
    found = writes.tables["accounts_user"]
    assert found["name"] == {"甲": 1, "乙": 1, "丙": 1} and found["phone"] == {"1": 2}
    assert found["is_active"]["True"] == 1 and writes.words == {"甲", "乙", "丙", "1", "True", "7"}
