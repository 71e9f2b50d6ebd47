"""Walks the site as one user does: links, filters, sorts, pieces of pages, forms, files and jobs, addresses of rows that are
not theirs, and requests that are refused. A submit is rolled back, and what it led to is looked at before that."""

import random
import re
import time
from collections import Counter, defaultdict, deque
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from html import unescape
from urllib.parse import parse_qsl, unquote, urlencode, urljoin, urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import request_finished
from django.db import close_old_connections, transaction
from django.test import Client
from django.urls import Resolver404, URLPattern, get_resolver, resolve, reverse

from fupin.accounts import throttle
from fupin.crawl_page import Page
from fupin.jobs.models import Job, State
from fupin.jobs.worker import Worker
from fupin.leak_scan import TITLE

HOST = "127.0.0.1"
OPTIONS = 4
"""Choices of a drop-down that are tried, besides none."""
WORDS = ("犄囗", "H0", "张")
"""What is typed into fields that search."""
SEARCHES = ("q", "number", "name", "household", "region", "helper", "place")
OWN, JUNK = 10, 3
"""How often a form of one view is sent with its own values, and with each kind of nonsense."""
JOBS = 8
"""Jobs of one kind of a user that are run to their end."""
UNMASKED = {"reveal", "person_export", "import_file", "import_workbook"}
"""Addresses whose purpose it is to show a number in full, to who gave a reason."""
ENDS = {"logout", "session_end", "password_change"}
"""Addresses after which the walk would be over."""
PARSED = 60
"""Answers of one view whose links and forms are followed; all are looked at."""
BREAKS = 25
"""Views of a user that are refused in every way, or broken."""


class Crawl:
    """One user's walk of at most `pages` answers. `allowed(place, what)`: whether the user may learn of that of the place.

    What is found is in `wrong`; `views` counts answers by view and status, `files` those that were no page, `sent` the
    submits. Addresses of rows are tried between those that the pages link: `keys` by number, `known` `{view: [address]}` as
    others have met them. `numbers` are ID numbers and telephones to search by.
    """

    def __init__(self, user, scanner, allowed, *, pages, keys=range(1, 51), known=None, numbers=(), seed=1):
        self.client = Client(SERVER_NAME=HOST, raise_request_exception=False)
        self.client.force_login(user)
        session = self.client.session
        session["fresh"] = int(time.time())
        session.save()
        self.user, self.scanner, self.allowed, self.pages = user, scanner, allowed, pages
        self.wrong, self.views, self.files, self.sent, self.jobs = [], Counter(), 0, 0, Counter()
        self.queues, self.seen, self.met = defaultdict(deque), set(), defaultdict(list)
        self.random = random.Random(seed)  # noqa: S311 (a walk, no secret)
        self.keys, self.known, self.numbers, self.count = list(keys), known or {}, list(numbers), 0
        self.tried, self.parsed, self.book, self.worker = Counter(), Counter(), b"", Worker()

    def run(self):
        self.offer("/")
        self.guess()
        self.errors()
        while self.count < self.pages and any(self.queues.values()):
            for name in list(self.queues):
                if self.queues[name] and self.count < self.pages:
                    self.queues[name].popleft()()
        return self

    def offer(self, address, piece=False):
        """Put an address into the queue of its view, unless it was there before or leads elsewhere."""
        parts = urlsplit(address)
        if not _ours(parts):
            return
        pairs = sorted(parse_qsl(parts.query, keep_blank_values=True))
        key = (parts.path, tuple(pairs), piece)
        if key in self.seen:
            return
        self.seen.add(key)
        self.wrong += [f"地址里有{words}" for words in self.scanner.text(unquote(address), self.allowed)]
        address = parts.path + (f"?{parts.query}" if parts.query else "")
        self.queues[name_of(parts.path)].append(lambda: self.visit(address, piece))

    def guess(self):
        """Addresses of rows by their keys and as others met them, and of things that are not there."""
        for pattern in patterns():
            takes = pattern.pattern.converters
            if set(takes) == {"pk"}:
                for key in self.random.sample(self.keys, len(self.keys)):
                    self.offer(reverse(pattern.name, kwargs={"pk": key}))
                    self.offer(reverse(pattern.name, kwargs={"pk": key}), piece=True)
            elif not takes:
                self.offer(reverse(pattern.name))
                self.offer(reverse(pattern.name) + "?after=x&sort=-x&region=0&page=99&q=%00")
        for addresses in self.known.values():
            for address in addresses:
                self.offer(address)
        self.offer("/nothing/here/")

    def visit(self, address, piece=False):
        headers = {"HX-Request": "true"} if piece else {}
        response = self.client.get(address, headers=headers)
        body = self.note(response, address)
        if response.get("Location"):
            self.offer(urljoin(address, response["Location"]))
        self.read(response, body, address)
        return response

    def read(self, response, body, address):
        """Queue what the answer offers."""
        name = name_of(urlsplit(address).path)
        if response.status_code == 200 and len(self.met[name]) < 40:
            self.met[name].append(address)
        self.parsed[name] += 1
        if not _is_page(response) or response.status_code >= 500 or self.parsed[name] > PARSED:
            return
        page = Page(address, body.decode("utf-8", "replace"))
        for found in page.links:
            self.offer(found)
        for found in page.pieces:
            self.offer(found, piece=True)
        for form in page.forms:
            self.fill(form, address)

    def fill(self, form, address):
        """Queue what can be done with a form."""
        actions = form.actions or [(form.address, "", "", form.method)]
        for action, name, value, method in dict.fromkeys(actions):
            held = form.held | ({name: [value]} if name else {})
            if method == "get":
                self._ask(action, held, form)
                continue
            parts = urlsplit(action)
            view = name_of(parts.path)
            if not _ours(parts) or view in ENDS:
                continue
            kind = (view, name, value, form.names())
            self.tried[kind] += 1
            nth = self.tried[kind]
            if nth <= OWN:
                self._submit(view, action, held, form, address)
            if nth <= JUNK:
                for name, values in form.choices.items():
                    for value in dict.fromkeys(v for v in values[:OPTIONS] if [v] != held.get(name)):
                        self._submit(view, action, held | {name: [value]}, form, address)
                for way in (self.empty, self.nonsense, self.others):
                    self._submit(view, action, way(held), form, address)
                for name in form.held:
                    if name in SEARCHES and self.numbers:
                        self._submit(
                            view, action, held | {name: [self.random.choice(self.numbers)]}, form, address
                        )

    def _ask(self, action, held, form):
        action = action.partition("?")[0]
        self.offer(f"{action}?{urlencode(held, doseq=True)}")
        for name, values in form.choices.items():
            for value in [v for v in dict.fromkeys(values) if v][:OPTIONS]:
                self.offer(f"{action}?{urlencode(held | {name: value}, doseq=True)}")
        for name in held:
            if name in SEARCHES:
                for word in WORDS:
                    self.offer(f"{action}?{urlencode(held | {name: word}, doseq=True)}")

    def empty(self, held):
        return {name: [""] for name in held}

    def nonsense(self, held):
        return {
            name: [f"{value}'\"<b>\x00９９{'长' * 400}-1"]
            for name, (value, *_) in held.items()
            if name != "submit_key"
        }

    def others(self, held):
        """Numbers of rows exchanged for those of other rows."""
        return {
            name: [
                str(self.random.choice(self.keys)) if value.isdigit() and len(value) < 8 else value
                for value in values
            ]
            for name, values in held.items()
        }

    def _submit(self, view, address, data, form, page):
        self.queues[f"post {view}"].append(
            lambda: self.submit(address, data, files=form.files, piece=form.piece, page=page)
        )

    def submit(self, address, data, *, files=(), piece=False, page="/"):
        """Send a form, look at what it led to (page, job, file), and take it back."""
        cookies = {name: morsel.value for name, morsel in self.client.cookies.items()}
        headers = {"Referer": f"http://{HOST}{page}"} | ({"HX-Request": "true"} if piece else {})
        data = {name: values for name, values in data.items() if name != "csrfmiddlewaretoken"}
        for name in files:
            data[name] = SimpleUploadedFile("表.xlsx", self.book or b"PK\x03\x04 nothing")
        typed = {value for values in data.values() if isinstance(values, list) for value in values} & set(
            self.numbers
        )
        whole = bool(data.get("reveal") and data["reveal"] != [""])
        with transaction.atomic():
            last = Job.objects.order_by("pk").values_list("pk", flat=True).last() or 0
            response = self.client.post(address, data, headers=headers)
            self.sent += 1
            body = self.note(response, address, typed=typed, whole=whole)
            self._look(response, body, address)
            if response.get("Location") and _ours(parts := urlsplit(urljoin(address, response["Location"]))):
                found = f"{parts.path}?{parts.query}"
                after = self.client.get(found)
                self._look(after, self.note(after, found, typed=typed), found)
            for job in Job.objects.filter(pk__gt=last, user=self.user, state=State.WAITING).order_by("pk"):
                self._work(job, whole)
            transaction.set_rollback(True)
        self.client.cookies.clear()
        for name, value in cookies.items():
            self.client.cookies[name] = value
        return response

    def _look(self, response, body, address):
        """What an answer that will not be there any more offers at once: its pieces."""
        if _is_page(response) and response.status_code < 500:
            for piece in Page(address, body.decode("utf-8", "replace")).pieces[:3]:
                if _ours(urlsplit(piece)):
                    self.note(self.client.get(piece, headers={"HX-Request": "true"}), piece)

    def _work(self, job, whole):
        self.jobs[job.kind] += 1
        if self.jobs[job.kind] > JOBS:
            return
        if taken := self.worker.take(job):
            self.worker.do(taken)
        for name in ("job_detail", "job_file"):
            address = reverse(name, args=[job.uid])
            response = self.client.get(address)
            body = self.note(response, address, whole=whole)
            if name == "job_file" and body[:2] == b"PK" and not whole:
                self.book = body
        if job.kind.startswith("import"):
            for name in ("import_preview", "import_columns", "import_record", "import_issues"):
                for batch in self.user.import_batches.order_by("-pk")[:1]:
                    address = reverse(name, args=[batch.uid])
                    self.note(self.client.get(address), address)

    def errors(self):
        """Requests that are refused, one of each kind and view: 400, 403, 404, 405, 413, 429, 500."""
        self.queues["errors"].append(self.busy)
        names = [pattern for pattern in patterns() if not pattern.pattern.converters]
        for pattern in self.random.sample(names, min(BREAKS, len(names))):
            self.queues["errors"].append(lambda pattern=pattern: self.refused(pattern))
        known = [(name, address) for name, found in self.known.items() for address in found[:1]]
        for name, address in self.random.sample(known, min(BREAKS, len(known))):
            self.queues["broken"].append(lambda name=name, address=address: self.broken(name, address))

    def refused(self, pattern):
        address = reverse(pattern.name)
        strict = Client(SERVER_NAME=HOST, raise_request_exception=False, enforce_csrf_checks=True)
        strict.cookies.update(self.client.cookies)
        for response in (
            self.client.get(address, headers={"Host": "else.where"}),
            self.client.post(address, {str(n): "" for n in range(4001)}),
            strict.post(address, {"q": "x"}),
            self.client.get(f"{address}no/such/thing"),
            self.client.generic("DELETE", address),
            self.client.generic("PUT", address, b"{}", "application/json"),
            self.client.post(address, {"q": "x"}, CONTENT_LENGTH=str(1 << 40)),
        ):
            self.note(response, address)

    def busy(self):
        """All places are taken in which passwords are looked at, and numbers were typed, or carried along."""
        number, token = next(iter(self.scanner.numbers), ""), self.scanner.any_token()
        with ExitStack() as taken:
            for _ in range(throttle.PLACES):
                taken.enter_context(throttle.place())
            for name, client in (("login", Client(SERVER_NAME=HOST)), ("fresh", self.client)):
                first = client.post(
                    reverse(name), {"username": number, "password": f"{number}{token}", "code": number}
                )
                text = self.note(first, reverse(name)).decode("utf-8", "replace")
                held = re.search(r'name="waiting" value="([^"]*)"', text)
                again = client.post(reverse(name), {"waiting": unescape(held[1]) if held else ""})
                self.note(again, reverse(name))

    def broken(self, name, address):
        """The view breaks after it has read everything, with a number and a name in the words of its error."""
        pattern = next(p for p in patterns() if p.name == name)
        number, token = next(iter(self.scanner.numbers), ""), self.scanner.any_token()

        def breaks(request, *args, **kwargs):
            whole(request, *args, **kwargs)
            raise RuntimeError(f"{number} {token}")

        whole, pattern.callback = pattern.callback, breaks
        try:
            with transaction.atomic():
                response = self.client.get(address)
                transaction.set_rollback(True)
        finally:
            pattern.callback = whole
        self.note(response, address, meant=500)

    def note(self, response, address, *, typed=(), whole=False, meant=0):
        """Look at an answer; returns its bytes. `typed` are numbers that the request itself named, `whole` says that it
        asked for numbers in full."""
        body = body_of(response)
        self.count += 1
        name = name_of(urlsplit(address).path)
        self.views[name, response.status_code] += 1
        if response.status_code >= 500 and response.status_code != meant:
            self.wrong.append(f"{name}：出错 {response.status_code} {address}")
        page = _is_page(response)
        self.files += not page
        look = {"typed": typed, "whole": whole or name in UNMASKED}
        self.wrong += [
            f"{name} {response.status_code}：{words}  {address}"
            for words in self.scanner.answer(response, body, self.allowed, **look)
        ]
        if page and (title := TITLE.search(body.decode("utf-8", "replace"))):
            self.wrong += [
                f"{name}：标题里有{words}" for words in self.scanner.text(unescape(title[1]), self.allowed)
            ]
        if sent := re.search(r"filename\*?=(.*)", response.get("Content-Disposition", "")):
            self.wrong += [
                f"{name}：文件名里有{words}" for words in self.scanner.text(unquote(sent[1]), self.allowed)
            ]
        return body


def _ours(parts):
    return (
        parts.scheme in ("", "http") and parts.netloc in ("", HOST) and not parts.path.startswith("/static/")
    )


def _is_page(response):
    return response.get("Content-Type", "").startswith("text/html")


def name_of(path):
    """The url name of a path, "404" for none."""
    return _name(_NUMBER.sub("1", _UID.sub(_NO_UID, path)))


_UID, _NO_UID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}"), "00000000-0000-4000-8000-000000000000"
_NUMBER = re.compile(r"(?<=/)\d+(?=/)")


@lru_cache(maxsize=4096)
def _name(path):
    try:
        return resolve(path).url_name
    except Resolver404:
        return "404"


@contextmanager
def _connected():
    request_finished.disconnect(close_old_connections)
    try:
        yield
    finally:
        request_finished.connect(close_old_connections)


def body_of(response):
    """The bytes of an answer; its files are closed, the connection of this process is not."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    with _connected():
        response.close()
    return body


def patterns(found=None):
    """Every address of the program."""
    for pattern in get_resolver().url_patterns if found is None else found:
        if isinstance(pattern, URLPattern):
            yield pattern
        else:
            yield from patterns(pattern.url_patterns)
