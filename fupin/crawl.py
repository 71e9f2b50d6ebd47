"""Walks the site as one user does: links, filters, sorts, pieces of pages, files, and addresses of rows that are not theirs."""

import random
import re
from collections import Counter, defaultdict, deque
from html import unescape
from html.parser import HTMLParser
from urllib.parse import parse_qsl, unquote, urlencode, urljoin, urlsplit

from django.core.signals import request_finished
from django.db import close_old_connections
from django.test import Client
from django.urls import Resolver404, URLPattern, get_resolver, resolve, reverse

from fupin.leak_scan import TITLE

HOST = "127.0.0.1"
OPTIONS = 4
"""Choices of a drop-down that are tried, besides none."""


class Links(HTMLParser):
    """Addresses of a page: links, pieces, pictures, and its forms with GET filled in every way."""

    def __init__(self, page):
        super().__init__()
        self.page, self.found, self.pieces = page, [], []
        self.form, self.select = None, None

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        for name in ("href", "src", "data-url"):
            if given.get(name) and tag != "use":
                self.found.append(urljoin(self.page, given[name]))
        if given.get("hx-get"):
            self.pieces.append(urljoin(self.page, given["hx-get"]))
        if tag == "form" and (given.get("method") or "get").lower() == "get":
            self.form = (urljoin(self.page, given.get("action") or self.page), {}, {})
        elif self.form and tag == "input" and given.get("name"):
            if given.get("type") in ("checkbox", "radio"):
                self.form[2].setdefault(given["name"], []).append(given.get("value") or "on")
            else:
                self.form[1][given["name"]] = given.get("value") or ""
        elif self.form and tag == "select":
            self.select = given.get("name")
        elif self.form and self.select and tag == "option":
            self.form[2].setdefault(self.select, []).append(given.get("value") or "")

    def handle_endtag(self, tag):
        if tag == "select":
            self.select = None
        elif tag == "form" and self.form:
            address, held, choices = self.form
            address = address.partition("?")[0]
            self.found.append(f"{address}?{urlencode(held)}")
            for name, values in choices.items():
                for value in [v for v in values if v][:OPTIONS]:
                    self.found.append(f"{address}?{urlencode(held | {name: value})}")
            for name in [n for n in held if n in ("q", "number", "name")]:
                self.found += [f"{address}?{urlencode(held | {name: word})}" for word in ("犄囗", "H0", "张")]
            self.form = None


class Crawl:
    """One user's walk of at most `pages` answers. `allowed(place)`: whether the user may learn of the place.

    What is found is in `wrong`; `views` counts answers by view and status, `files` those that were no page. Addresses of
    rows (`keys`, guessed, foreign ones among them) are tried between those that the pages link.
    """

    def __init__(self, user, scanner, allowed, *, pages, keys=range(1, 51), seed=1):
        self.client = Client(SERVER_NAME=HOST, raise_request_exception=False)
        self.client.force_login(user)
        self.scanner, self.allowed, self.pages = scanner, allowed, pages
        self.wrong, self.views, self.files, self.errors = [], Counter(), 0, []
        self.queues, self.seen = defaultdict(deque), set()
        self.random = random.Random(seed)  # noqa: S311 (a walk, no secret)
        self.keys, self.count = list(keys), 0

    def run(self):
        self.offer("/")
        self.guess()
        while self.count < self.pages and any(self.queues.values()):
            for name in list(self.queues):
                if self.queues[name] and self.count < self.pages:
                    self.visit(*self.queues[name].popleft())
        return self

    def offer(self, address, piece=False):
        """Put an address into the queue of its view, unless it was there before or leads elsewhere."""
        parts = urlsplit(address)
        if (
            parts.scheme not in ("", "http")
            or parts.netloc not in ("", HOST)
            or parts.path.startswith("/static/")
        ):
            return
        pairs = sorted(parse_qsl(parts.query, keep_blank_values=True))
        key = (parts.path, tuple(pairs), piece)
        if key in self.seen:
            return
        self.seen.add(key)
        self.wrong += [f"地址里有{words}" for words in self.scanner.text(unquote(address), self.allowed)]
        try:
            name = resolve(parts.path).url_name
        except Resolver404:
            name = "404"
        self.queues[name].append((parts.path + (f"?{parts.query}" if parts.query else ""), piece))

    def guess(self):
        """Addresses of rows by their keys, and of things that are not there."""
        for pattern in _patterns(get_resolver().url_patterns):
            takes = pattern.pattern.converters
            if set(takes) == {"pk"}:
                for key in self.random.sample(self.keys, len(self.keys)):
                    self.offer(reverse(pattern.name, kwargs={"pk": key}))
                    self.offer(reverse(pattern.name, kwargs={"pk": key}), piece=True)
            elif not takes:
                self.offer(reverse(pattern.name))
                self.offer(reverse(pattern.name) + "?after=x&sort=-x&region=0&page=99&q=%00")
        self.offer("/nothing/here/")

    def visit(self, address, piece):
        headers = {"HX-Request": "true"} if piece else {}
        response = self.client.get(address, headers=headers)
        body = body_of(response)
        self.note(response, body, address)
        if response.get("Location"):
            self.offer(urljoin(address, response["Location"]))
        if response.get("Content-Type", "").startswith("text/html") and response.status_code < 500:
            text = body.decode("utf-8", "replace")
            links = Links(address)
            links.feed(text)
            for found in links.found:
                self.offer(found)
            for found in links.pieces:
                self.offer(found, piece=True)

    def send(self, name, data, **arguments):
        """A submit that changes nothing: a search, a print, a file."""
        address = reverse(name, kwargs=arguments)
        response = self.client.post(address, data, follow=False)
        body = body_of(response)
        self.note(response, body, address)
        if response.get("Location"):
            self.offer(urljoin(address, response["Location"]))
        return response

    def note(self, response, body, address):
        self.count += 1
        match = getattr(response, "resolver_match", None)
        name = match.url_name if match else "404"
        self.views[name, response.status_code] += 1
        if response.status_code >= 500:
            self.wrong.append(f"{name}：出错 {response.status_code} {address}")
        page = response.get("Content-Type", "").startswith("text/html")
        self.files += not page
        self.wrong += [
            f"{name} {response.status_code}：{words}  {address}"
            for words in self.scanner.answer(response, body, self.allowed)
        ]
        if page and (title := TITLE.search(body.decode("utf-8", "replace"))):
            self.wrong += [
                f"{name}：标题里有{words}" for words in self.scanner.text(unescape(title[1]), self.allowed)
            ]
        if sent := re.search(r"filename\*?=(.*)", response.get("Content-Disposition", "")):
            self.wrong += [
                f"{name}：文件名里有{words}" for words in self.scanner.text(unquote(sent[1]), self.allowed)
            ]


def body_of(response):
    """The bytes of an answer; its files are closed, the connection of this process is not."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    request_finished.disconnect(close_old_connections)
    response.close()
    request_finished.connect(close_old_connections)
    return body


def _patterns(patterns):
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        else:
            yield from _patterns(pattern.url_patterns)
