"""What a page offers: addresses, pieces that htmx fetches, and forms with the values they stand with."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

VOID = ("submit", "image", "button", "reset")


@dataclass
class Form:
    """One form: `held` `{name: [value]}` as a browser would send it untouched, `choices` `{name: [value]}` of what may be
    chosen, `actions` `[(address, name, value)]` of its buttons, `files` the names of its file fields."""

    address: str
    method: str
    piece: bool = False
    held: dict = field(default_factory=dict)
    choices: dict = field(default_factory=dict)
    files: list = field(default_factory=list)
    actions: list = field(default_factory=list)

    def names(self):
        return frozenset(self.held) | frozenset(self.choices) | frozenset(self.files)


class Page(HTMLParser):
    """An answer in HTML, read once: `links`, `pieces` (fetched with htmx's header), `forms`."""

    def __init__(self, address, text):
        super().__init__()
        self.address, self.links, self.pieces, self.forms = address, [], [], []
        self.form, self.select, self.area, self.by_id = None, None, None, {}
        self.option = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        for name in ("href", "src", "data-url"):
            if given.get(name) and tag != "use":
                self.links.append(urljoin(self.address, given[name]))
        if given.get("hx-get") is not None:
            self.pieces.append(urljoin(self.address, given["hx-get"]))
        if tag == "form":
            sent = given.get("hx-post")
            self.form = Form(
                urljoin(self.address, sent or given.get("action") or self.address),
                "post" if sent else (given.get("method") or "get").lower(), piece=bool(sent),
            )  # fmt: skip
            self.forms.append(self.form)
            if given.get("id"):
                self.by_id[given["id"]] = self.form
        elif tag in ("input", "select", "textarea", "button"):
            self._control(tag, given, self.by_id.get(given.get("form")) or self.form)
        elif tag == "option" and self.select:
            form, name = self.select
            value = given.get("value") or ""
            form.choices.setdefault(name, []).append(value)
            if "selected" in given:
                form.held[name] = [value]
            else:
                form.held.setdefault(name, [value])

    def _control(self, tag, given, form):
        name, kind = given.get("name"), (given.get("type") or "").lower()
        if given.get("hx-post"):
            self.forms.append(
                Form(urljoin(self.address, given["hx-post"]), "post", True, form.held if form else {})
            )
        if form is None:
            return
        if tag == "button" or kind in VOID:
            form.actions.append(
                (urljoin(self.address, given.get("formaction") or form.address), name or "", given.get("value") or "",
                 (given.get("formmethod") or form.method).lower())
            )  # fmt: skip
        elif not name or "disabled" in given:
            return
        elif tag == "select":
            self.select = form, name
        elif tag == "textarea":
            self.area = form, name
            form.held.setdefault(name, [""])
        elif kind == "file":
            form.files.append(name)
        elif kind in ("checkbox", "radio"):
            value = given.get("value") or "on"
            form.choices.setdefault(name, []).append(value)
            if "checked" in given:
                form.held.setdefault(name, []).append(value)
        else:
            form.held.setdefault(name, []).append(given.get("value") or "")

    def handle_data(self, data):
        if self.area:
            form, name = self.area
            form.held[name][-1] += data

    def handle_endtag(self, tag):
        if tag == "select":
            self.select = None
        elif tag == "textarea":
            self.area = None
        elif tag == "form":
            self.form = None
