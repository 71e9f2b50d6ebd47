"""Every address x every role x {own, sibling village, other township, other county, missing} x {GET, POST, htmx}.

What must come out is made from the policy table alone (`fupin.accounts.policy`, `roles`): an address that the role may
not open is 403 whatever it names; a row outside the role's reach is 404, byte for byte as one that never was; a row
inside is neither. `tests/access/pages_AREA.py` says how an address gets its row in a place; an address without a row in
the policy, or with arguments nobody makes, fails by name. Rows carry a token of their place: none may appear where the
role does not reach. One world of all places and roles serves all cells, every cell is rolled back.
"""

import importlib
import logging
import pkgutil
import re
import sys
import traceback
import uuid
from collections import Counter
from contextlib import contextmanager
from copy import copy
from unittest.mock import patch
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.signals import got_request_exception
from django.db import connection, transaction
from django.http import HttpResponse
from django.http.request import HttpHeaders
from django.test import Client, RequestFactory
from django.urls import URLPattern, get_resolver, resolve, reverse

import tests.access
from fupin.accounts import policy_door, trail
from fupin.accounts.models import User
from fupin.accounts.policy import POLICY
from fupin.accounts.policy_door import PolicyDoor
from fupin.accounts.roles import BY_PAIRING, BY_UNIT, GRANTS, REACH, Reach, Role
from fupin.accounts.roles import Permission as P
from fupin.crypt import boxes
from households.models import FollowUp, Household, Measure, Member, Pairing, Visit
from projects.models import Project
from tests import factories
from tests.access import Fixed
from tests.parts import exhaustive, two_parts

PLACES = {
    "own": "99010110020101",
    "sibling": "99010110020201",
    "township": "99010120020101",
    "county": "99010210020101",
}
WIDTH = {
    Reach.VILLAGE: 12,
    Reach.TOWNSHIP: 9,
    Reach.PAIRED: 9,
    Reach.UNIT: 6,
    Reach.COUNTY: 6,
    Reach.COUNTRY: 0,
}
PERSONAL = {place: f"囗犄{n}犄囗" for n, place in enumerate(PLACES)}
"""What names, visits, measures and the like of a place are called."""
PLANNED = {place: f"囗觭{n}觭囗" for n, place in enumerate(PLACES)}
"""What projects of a place are called."""
MISSING = {"pk": 987654321, "path": "990101100998", "uid": uuid.UUID(int=1)}
REFUSED = {403, 404}

PAGES = [
    page
    for module in pkgutil.iter_modules(tests.access.__path__, "tests.access.")
    if module.name.rpartition(".")[2].startswith("pages_")
    for page in importlib.import_module(module.name).PAGES
]
ARGUMENTS = {name: arguments for name, arguments, *_ in PAGES}
"""`{url name: {argument: factory}}`: of several pages of one name the last, they differ in method alone."""


def url_names(patterns):
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern.name
        else:
            yield from url_names(pattern.url_patterns)


def test_every_address_has_its_row_in_the_policy_and_its_factory_here():
    every = set(url_names(get_resolver().url_patterns))
    assert every == set(POLICY)
    assert every - set(ARGUMENTS) == {name for name, rule in POLICY.items() if rule.open}


def test_a_view_says_what_the_policy_says():
    """`@require` stands beside the view for whoever reads it; the table is what holds. They must not differ."""
    wrong = {}
    for pattern in patterns_of(get_resolver().url_patterns):
        rule = POLICY[pattern.name]
        said = getattr(pattern.callback, "permissions", frozenset())
        if said != rule.needs:
            wrong[pattern.name] = (sorted(said), sorted(rule.needs))
    assert not wrong


def test_a_view_that_asks_for_a_fresh_login_does_so_in_the_policy():
    asking = {p.name for p in patterns_of(get_resolver().url_patterns) if getattr(p.callback, "fresh", False)}
    assert not {name for name in asking if not POLICY[name].fresh}


def patterns_of(patterns):
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        else:
            yield from patterns_of(pattern.url_patterns)


@pytest.mark.parametrize(
    ("name", "arguments", "method", "permissions"), PAGES, ids=[f"{p[2]} {p[0]}" for p in PAGES]
)
def test_the_list_of_pages_agrees_with_the_policy(name, arguments, method, permissions):
    rule = POLICY[name]
    assert set(permissions) == (rule.submits if method == "post" and rule.submits else rule.needs)


class Direct(Client):
    """A client that hands the request to the product and takes the answer, without keeping what was drawn for it."""

    error = ""
    """What went wrong in the last request that failed, and where."""
    user = None
    """Who is logged in, with the posts of today: read once for thousands of requests that change nothing."""

    def request(self, **request):
        got_request_exception.connect(self._note)
        try:
            with patch("django.contrib.auth.get_user", lambda request: copy(self.user)):
                return self.handler(self._base_environ(**request))
        finally:
            got_request_exception.disconnect(self._note)

    def _note(self, **_):
        kind, error, trace = sys.exc_info()
        places = [
            f"{f.filename.partition(str(settings.BASE_DIR))[2]}:{f.lineno}"
            for f in traceback.extract_tb(trace)
        ]
        self.error = (
            f"{kind.__name__} {error} at {' '.join(place for place in places if len(place) > 9)[-160:]}"
        )


def keep(path, data):
    """A stored file, as the product keeps it."""
    path.unlink(missing_ok=True)
    with boxes.Writer(path) as file:
        file.write(data)


class World:
    """All places, a user of every role, and one row of each kind in each place."""

    def __init__(self):
        self.users = {role: self._user(role) for role in Role}
        self.made = {}
        for name in ARGUMENTS:
            for place in PLACES:
                self.address(name, place)
        photo = settings.FILES / "photos" / "none.jpg"
        photo.parent.mkdir(parents=True, exist_ok=True)
        keep(photo, b"\xff\xd8\xff\xd9")
        for place, path in PLACES.items():
            self._mark(place, path)
        homes = Household.objects.filter(region_path=PLACES["own"])
        helper = factories.helper(user=self.users[Role.HELPER], name="责任人")
        Pairing.objects.bulk_create(
            Pairing(household=home, region_path=home.region_path, helper=helper, starts_on="2020-01-01")
            for home in homes
        )
        self.clients = {role: self._client(user) for role, user in self.users.items()}

    def _user(self, role):
        return factories.user(role, at=PLACES["own"][: WIDTH[REACH[role]]], name="本岗")

    def _client(self, user):
        client = Direct(raise_request_exception=False)
        client.force_login(user)
        client.user = User.objects.get(pk=user.pk)
        assert client.user.posts_today
        return client

    def _mark(self, place, path):
        token = PERSONAL[place]
        Member.objects.filter(region_path=path).update(name=token)
        Household.objects.filter(region_path=path).update(head_name=token, address=token)
        Visit.objects.filter(region_path=path).update(content=token)
        Measure.objects.filter(region_path=path).update(what=token)
        FollowUp.objects.filter(region_path=path).update(what=token)
        User.objects.filter(posts__region__path=path).update(name=token)
        unit = factories.UNIT if place == "own" else f"{factories.UNIT}别处"
        Project.objects.filter(region_path=path[:12]).update(name=PLANNED[place], responsible_unit=unit)

    def address(self, name, place, role=None):
        """The address of `name` for a row of `place`; "missing" for one that never was."""
        kwargs = {}
        for key, make in ARGUMENTS[name].items():
            if isinstance(make, Fixed):
                kwargs[key] = make("")
            elif key not in MISSING:  # which step of a row, not a row
                kwargs[key] = make(PLACES["own"])
            elif place == "missing":
                kwargs[key] = MISSING[key]
            elif POLICY[name].own and role:
                kwargs[key] = self._own(make, role)
            else:
                at = (make, place)
                if at not in self.made:
                    self.made[at] = make(PLACES[place])
                kwargs[key] = self.made[at]
        return reverse(name, kwargs=kwargs)

    def _own(self, make, role):
        """A job or an import of this user."""
        at = (make.__module__, role)
        if at not in self.made:
            user = self.users[role]
            if "jobs" in make.__module__:
                name = f"{uuid.uuid4().hex}.xlsx"
                settings.FILES.mkdir(parents=True, exist_ok=True)
                keep(settings.FILES / name, b"PK")
                self.made[at] = factories.job(user=user, file=name, file_name="结果.xlsx").uid
            else:
                stored = settings.FILES / "imports" / uuid.uuid4().hex
                stored.parent.mkdir(parents=True, exist_ok=True)
                keep(stored, "户编号,姓名\n1,甲\n".encode())
                batch = factories.import_batch(
                    user=user, file=f"imports/{stored.name}", name="名册.csv", home=PLACES["own"][:12]
                )
                self.made[at] = batch.uid
        return self.made[at]


ONE_WORLD = pytest.mark.xdist_group("matrix")
"""One process builds the world, and all that ask it run there; the second part is for both."""


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    logging.disable(logging.CRITICAL)  # thousands of refusals are what is wanted here
    with django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


def has_row(name):
    """Whether the address names a row: of a place, or of a person."""
    return any(key in MISSING and not isinstance(make, Fixed) for key, make in ARGUMENTS[name].items())


def reaches(role, name, place):
    """Whether the role may find the row of `place` at this address."""
    if POLICY[name].also and POLICY[name].also not in GRANTS[role]:
        return False
    if name in OF_THE_TRAIL and role == Role.ADMINISTRATOR:
        return place != "missing"  # reads the trail of the whole country
    if POLICY[name].own:
        return place == "own"
    if role in BY_PAIRING | BY_UNIT and POLICY[name].needs:
        return place == "own"
    return place != "missing" and PLACES[place].startswith(PLACES["own"][: WIDTH[REACH[role]]])


WRITTEN = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM|REPLACE INTO)\s+"?(\w+)', re.I)
KEPT_BY_LOOKING = {
    "audit_auditevent", "audit_auditseal", "accounts_session", "households_regioncount", "projects_projectcount",
}  # fmt: skip
"""Tables that may be written while somebody only looks: the trail, when a session was last used, kept counts of today."""
SETTLED_BY_LOOKING = {"import_preview": {"excel_importbatch"}}
"""An import whose worker has ended is settled by the first look at it."""


class Writes:
    """The tables that statements write, but for those of looking. `with connection.execute_wrapper(writes): ...`"""

    def __init__(self):
        self.tables = set()

    def __call__(self, execute, sql, params, many, context):
        if (found := WRITTEN.match(sql)) and found[1] not in KEPT_BY_LOOKING:
            self.tables.add(found[1])
        return execute(sql, params, many, context)


def bare(response, address):
    """The answer without what differs by design: its number, the tokens of its forms, its own address."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    text = body.decode("utf-8", "replace").replace(response.headers.get("X-Request-ID", "\0"), "#")
    text = re.sub(r'(csrf[^"]{0,20}"[^"]*"|"X-CSRFToken": ?")[A-Za-z0-9]{64}', r"\1", text)
    text = re.sub(r'value="[A-Za-z0-9]{64}"', "", text)
    text = re.sub(r'nonce="[^"]*"', "", text)
    address = address.partition("?")[0]
    return text.replace(address, "@").replace(quote(address), "@").replace(quote(address, safe=""), "@")


class Reads:
    """Which of htmx's headers the making of an answer looked at: one that looked at none is the htmx answer as well."""

    def __init__(self, monkeypatch):
        self.names, plain = set(), HttpHeaders.__getitem__

        def noted(headers, name):
            if name.lower().startswith("hx-"):
                self.names.add(name.lower())
            return plain(headers, name)

        monkeypatch.setattr(HttpHeaders, "__getitem__", noted)

    def none(self):
        """Whether nothing was looked at since the last time."""
        names, self.names = self.names, set()
        return not names


METHODS = {
    "GET": lambda client, address, _: client.get(address),
    "POST": lambda client, address, body: client.post(address, body),
    "htmx": lambda client, address, _: client.get(address, headers={"HX-Request": "true"}),
}
ASKED = {"region_options": "?region=99"}
"""What an address must be asked for to answer at all."""
NOT_THEIRS = {(name, Role.FINANCE) for name in ("report_detail", "report_download", "report_files")}
"""The report that is asked for is of households; this role has reports of projects alone."""
NOT_THEIRS |= {
    (name, role) for name in ("import_file", "import_workbook") for role in (Role.AUDITOR, Role.AUDIT_ADMIN)
}
"""Who reads the trail sees that a file was imported, and not the file."""
NOT_THEIRS |= {
    (name, role)
    for name in ("paper_detail", "paper_print", "paper_word")
    for role in (Role.BUREAU, Role.ORGANISATION, Role.LEADER)
}
"""The paper that is asked for is a household's; these roles read the papers of places."""
NOT_THEIRS |= {("project_then", Role.PROJECT_UNIT)}
"""The rows behind a figure of the board, whose figures are a place's; a project unit sees no board."""
OF_THE_TRAIL = {"import_record", "import_issues", "import_file", "import_workbook"}


def asked_of(name, place, method):
    """The query string of the address."""
    if name == "member_move" and method == "POST" and place in PLACES:
        return f"?to={Household.objects.filter(region_path=PLACES[place]).latest('pk').pk}"
    return ASKED.get(name, "")


def body_of(world, name, place):
    """What a submit must name to be about something: a row of `place`."""
    if name not in {"reveal", "household_doubts"} or place == "missing":
        return {}
    path = PLACES[place]
    if name == "reveal":
        member = Member.objects.filter(region_path=path).earliest("pk")
        return {"model": "households.member", "pk": member.pk, "field": "id_number"}
    home = world.made[ARGUMENTS[name]["pk"], place]
    doubt = Household.objects.get(pk=home).doubt_rows.first() or Household.objects.get(
        pk=home
    ).doubt_rows.create(rule="V14", message="疑点", region_path=path, found_on="2026-01-01")
    return {"doubt": doubt.pk}


def at_the_door(user, address, method):
    """What the product's door says to this user at this address, before any view: the page of it is seen once."""
    request = getattr(RequestFactory(), method.lower())(address)
    request.user, request.resolver_match = user, resolve(request.path)
    try:
        PolicyDoor(None).process_view(request, *request.resolver_match)
    except PermissionDenied:
        return HttpResponse(status=403)
    return HttpResponse(status=200)


@contextmanager
def rolled_back():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def forbidden_tokens(role):
    granted = GRANTS[role]
    inside = PLACES["own"][: WIDTH[REACH[role]]]
    near = {
        place
        for place, path in PLACES.items()
        if (place == "own" if role in BY_PAIRING | BY_UNIT else path.startswith(inside))
    }
    tokens = [token for place, token in PLANNED.items() if place not in near or P.PROJECT_VIEW not in granted]
    seen = near if granted & {P.HOUSEHOLD_VIEW, P.SUBJECT_VIEW, P.USER_MANAGE, P.ACCESS_REVIEW} else set()
    return tokens + [token for place, token in PERSONAL.items() if place not in seen]


CLOSED = {name: rule for name, rule in POLICY.items() if not rule.open}
"""Addresses that ask who one is."""


def in_short():
    """`{role: names}` of the plain run. Every address is asked by one role that may read it (where there are rows, of
    those who reach least), by one that may submit and one that may only read where these differ, and by one that may
    not open it: by the methods of `methods_of`, in the places of `places_of`. Nobody at all:
    `test_anonymous_is_sent_to_login`."""
    found = {role: set() for role in Role}

    def ask(roles, name, n):
        if roles:
            found[roles[n % len(roles)]].add(name)

    for n, (name, rule) in enumerate(CLOSED.items()):
        reads = [role for role in Role if rule.opens_to(frozenset(GRANTS[role]))]
        writes = [role for role in reads if rule.opens_to(frozenset(GRANTS[role]), "POST")]
        least = max((WIDTH[REACH[role]] for role in reads), default=0) if has_row(name) else None
        near = [role for role in reads if least is None or WIDTH[REACH[role]] == least]
        if writes and len(writes) < len(reads):
            ask(writes, name, n)
            ask([role for role in near if role not in writes], name, n)
        else:
            ask(near, name, n)
        ask([role for role in Role if role not in reads], name, n)
    return found


SHORT = in_short()


def places_of(name, role, short):
    """The places whose row is asked for: in the plain run one's own, one of those that the role does not reach (in turn),
    and what never was. Elsewhere all of them."""
    if not has_row(name):
        return ["own"]
    if not short:
        return [*PLACES, "missing"]
    others = [place for place in PLACES if place != "own"]
    foreign = [place for place in others if not reaches(role, name, place)] or others
    return ["own", foreign[NUMBER[name] % len(foreign)], "missing"]


def methods_of(name, short):
    """What is asked by: in the plain run by htmx at one address in four, as what opens and closes does not look at it."""
    return {how: send for how, send in METHODS.items() if how != "htmx" or not short or NUMBER[name] % 4 == 0}


NUMBER = {name: n for n, name in enumerate(POLICY)}


def test_the_plain_run_asks_every_address_as_one_who_may_and_one_who_may_not():
    for name, rule in CLOSED.items():
        asked = [frozenset(GRANTS[role]) for role in Role if name in SHORT[role]]
        opens = [rule.opens_to(granted) for granted in asked]
        assert any(opens), name
        assert not all(opens) or all(rule.opens_to(frozenset(GRANTS[role])) for role in Role), name
        if any(rule.opens_to(frozenset(GRANTS[role]), "POST") for role in Role):
            assert any(rule.opens_to(granted, "POST") for granted in asked), name


@pytest.mark.django_db
@pytest.mark.parametrize(
    "short", [pytest.param(True, marks=ONE_WORLD), pytest.param(False, marks=exhaustive)], ids=["slice", "rest"],
)  # fmt: skip
@pytest.mark.parametrize("role", Role)
def test_matrix(world, django_db_blocker, role, short, record_property, monkeypatch):
    monkeypatch.setattr(
        policy_door, "denied", lambda request, refusal: None
    )  # its line in the trail: test_scope
    monkeypatch.setattr(trail, "denied", lambda request, refusal: None)  # its words: test_audit_promises
    reads = Reads(monkeypatch)
    client, user, granted = world.clients[role], world.users[role], frozenset(GRANTS[role])
    hidden = forbidden_tokens(role)
    wrong, counts = [], Counter()
    rules = {name: rule for name, rule in CLOSED.items() if name in SHORT[role] or not short}
    with django_db_blocker.unblock():
        for name, rule in rules.items():
            row, same, places = has_row(name), {}, places_of(name, role, short)
            for how, send in methods_of(name, short).items():
                method = "POST" if how == "POST" else "GET"
                answers, refused = {}, None
                for place in places:
                    own = rule.own and place == "own"
                    address = world.address(name, place, role if own else None) + asked_of(
                        name, place, method
                    )
                    opens = rule.opens_to(granted, method)
                    if how == "htmx" and place in same:
                        response, text = same[place]
                    elif refused is not None:  # the method, before a row is looked for
                        response, text = refused, ""
                    elif opens:
                        reads.none()
                        with rolled_back():
                            body = body_of(world, name, place) if method == "POST" else {}
                            writes = Writes()
                            with connection.execute_wrapper(writes):
                                response = send(client, address, body)
                            text = bare(response, address)
                            counts["wrote"] += bool(writes.tables)
                            if method == "GET" and writes.tables - SETTLED_BY_LOOKING.get(name, set()):
                                wrong.append(f"{how} {name} {place} writes {sorted(writes.tables)}")
                        if how == "GET" and reads.none():
                            same[place] = response, text
                        if response.status_code == 405:
                            refused = response
                    elif place == "own":
                        with rolled_back():
                            response = send(client, address, {})
                            text = bare(response, address)
                    else:  # the same door with every other row: it closes before a row is looked for
                        response, text = at_the_door(user, address, method), ""
                    counts["cells"] += 1
                    status, cell = response.status_code, f"{how} {name} {place}: {response.status_code}"
                    if status >= 500:
                        wrong.append(f"{cell} server error: {client.error}")
                    wrong += [f"{cell} shows {token}" for token in hidden if token in text]
                    if not opens:
                        if status != 403:
                            wrong.append(f"{cell} should be 403")
                    elif (name, role) in NOT_THEIRS:
                        if status not in {404, 405}:  # a method that is not taken is no way in
                            wrong.append(f"{cell} should be 404")
                    elif not row or reaches(role, name, place):
                        counts["controls"] += status not in {403, 404, 405}
                        counts["tokens"] += PERSONAL["own"] in text or PLANNED["own"] in text
                        if status in REFUSED:
                            wrong.append(f"{cell} should be open")
                    elif status not in {404, 405}:
                        wrong.append(f"{cell} should be 404")
                    else:
                        answers[place] = text
                if len(set(answers.values())) > 1:
                    wrong.append(f"{how} {name}: foreign and missing rows answer differently")
    assert user.posts_today, "the role holds its post"
    record_property("cells", counts["cells"])
    assert not wrong, f"{len(wrong)} of {counts['cells']}:\n" + "\n".join(wrong[:60])
    opened = sum(rule.opens_to(granted) for rule in rules.values())
    assert counts["controls"] >= opened, "positive controls"
    if granted & {P.HOUSEHOLD_VIEW, P.PROJECT_VIEW} and not short:
        assert counts["tokens"] >= 3, "one's own rows are seen"
    assert counts["wrote"] or short or not granted & {P.HOUSEHOLD_EDIT, P.USER_MANAGE}, (
        "the watch sees what submits write"
    )
    print(f"{role}: {counts['cells']} cells, {counts['controls']} opened, {counts['tokens']} show own rows")


@pytest.mark.django_db
@ONE_WORLD
def test_anonymous_is_sent_to_login(world, django_db_blocker):
    client = Client()
    with django_db_blocker.unblock():
        for name, rule in POLICY.items():
            if rule.open:
                continue
            response = client.get(world.address(name, "own"))
            assert response.status_code == 302, name
            assert response["Location"].startswith("/login/"), name


ELSEWHERE = "//evil.example/x"
HOSTILE = {
    **dict.fromkeys(("next", "back", "from", "return", "url", "to"), ELSEWHERE),
    "_connector": "OR", "_negated": "1", "_state": "x", "pk": "1", "id": "1", "id__in": "1,2", "pk__gt": "0", "or": "1",
    "x__password": "a", "user__password__startswith": "a", "updated_by__password__regex": ".", "by__username": "admin",
    "region_path__startswith": "", "region_path": "", "household__region_path__gte": "0", "members__id_number": "99",
    "head_name__regex": "(a+)+$", "phone__startswith": "1", "bank_account": "6", "id_mark": "x", "posts__role": "administrator",
    "is_superuser": "1", "order_by": "?", "ordering": "password", "o": "-password", "fields": "password", "format": "json",
    "raw": "1", "extra": "1", "__class__": "x", "{0.__class__}": "x", "q[]": "1", "q[$ne]": "1", "$where": "1", "%00": "1",
    "explain": "1", "using": "other", "select_related": "user", "limit": "999999999", "offset": "-1", "callback": "x", "debug": "1",
}  # fmt: skip
"""Keys that somebody might hand on to a filter, an order or a redirect."""
HREF = re.compile(r'(?:href|action|src|data-url)="(?!data:|@)([^"?#]*)')
ANY_KEY_ASKS = {"who_saw"}


@pytest.mark.django_db
@ONE_WORLD
@two_parts(8)
def test_hostile_keys_change_no_list_and_lead_nowhere_else(world, django_db_blocker, monkeypatch, part):
    """Every address without a row, with all these keys at once: the same rows, no error, no way out."""
    monkeypatch.setattr(trail, "denied", lambda request, refusal: None)
    client, wrong, seen = world.clients[Role.COUNTY_OFFICE], [], 0
    query = "?" + "&".join(f"{quote(name)}={quote(value)}" for name, value in HOSTILE.items())
    with django_db_blocker.unblock():
        for name, rule in part.of(CLOSED.items()):
            if (
                name in ANY_KEY_ASKS
                or has_row(name)
                or not rule.opens_to(frozenset(GRANTS[Role.COUNTY_OFFICE]))
            ):
                continue
            address = world.address(name, "own")
            answers = []
            for more in ("", query):
                with rolled_back():
                    response = client.get(address + more, headers={"Referer": f"http:{ELSEWHERE}"})
                    answers.append((response.status_code, sorted(HREF.findall(bare(response, address)))))
                if "evil.example" in response.get("Location", "") or "evil.example" in "".join(
                    answers[-1][1]
                ):
                    wrong.append(f"{name} leads elsewhere")
            if answers[0][0] == 405:
                continue
            seen += 1
            if answers[0][0] != answers[1][0] or answers[0][1] != answers[1][1]:
                changed = set(answers[0][1]) ^ set(answers[1][1])
                wrong.append(f"{name}: {answers[0][0]} {answers[1][0]} {sorted(changed)[:3]}")
    assert not wrong, "\n".join(wrong)
    assert seen >= (40 if part.rest else 4)


@pytest.mark.django_db
@ONE_WORLD
def test_head_of_every_address_changes_nothing(world, django_db_blocker):
    client, wrong = world.clients[Role.ADMINISTRATOR], []
    with django_db_blocker.unblock():
        for name, rule in POLICY.items():
            if not rule.open:
                writes, address = (
                    Writes(),
                    world.address(name, "own", Role.ADMINISTRATOR if rule.own else None),
                )
                with rolled_back(), connection.execute_wrapper(writes):
                    status = client.head(address).status_code
                if status >= 500 or writes.tables:
                    wrong.append(f"{name} {status} {sorted(writes.tables)}")
    assert not wrong
