"""Reading a form out of a page as a browser would post it, and typing into it."""

from html.parser import HTMLParser


class _Form(HTMLParser):
    """Collects the fields of the first POST form that is not the logout one; templates are skipped."""

    def __init__(self):
        super().__init__()
        self.fields, self.select, self.textarea, self.inside, self.template = [], None, None, False, 0

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "template":
            self.template += 1
        if tag == "form":
            self.inside = attrs.get("method") == "post" and "/logout" not in (attrs.get("action") or "")
        if self.template or not self.inside:
            return
        if tag == "input" and attrs.get("name"):
            ticked = "checked" in attrs or attrs.get("type") not in ("checkbox", "radio")
            if ticked and "disabled" not in attrs:
                blank = "on" if attrs.get("type") in ("checkbox", "radio") else ""
                self.fields.append((attrs["name"], attrs.get("value", blank) or ""))
        elif tag == "select":
            self.select = [attrs.get("name"), None]
        elif tag == "option" and self.select:
            if self.select[1] is None or "selected" in attrs:
                self.select[1] = attrs.get("value", "")
        elif tag == "textarea":
            self.textarea = [attrs.get("name"), ""]

    def handle_data(self, data):
        if self.textarea:
            self.textarea[1] += data

    def handle_endtag(self, tag):
        if tag == "template":
            self.template -= 1
        elif tag == "form":
            self.inside = False
        elif tag == "select" and self.select:
            self.fields.append(tuple(self.select))
            self.select = None
        elif tag == "textarea" and self.textarea:
            self.fields.append((self.textarea[0], self.textarea[1].removeprefix("\n")))
            self.textarea = None


def page_data(response):
    """What the browser would post from this page, as a dict; names that occur twice hold a list."""
    form = _Form()
    form.feed(response.content.decode())
    data = {}
    for name, value in form.fields:
        if name in data:
            data[name] = [*(data[name] if isinstance(data[name], list) else [data[name]]), value]
        else:
            data[name] = value
    return data


def filled(data, fields, members=()):
    """`data` with `fields` typed in and `members` in the first row, when it is blank, and in new rows."""
    data = {**data, **fields}
    count = int(data.get("m-TOTAL_FORMS", 0))
    start = 0 if count == 1 and not data.get("m-0-name") else count
    for index, member in enumerate(members, start):
        blank = {f"m-{index}-{name}": "" for name in ("id", "id_type", "left_event")}
        data |= blank | {f"m-{index}-{name}": value for name, value in member.items()}
        count = max(count, index + 1)
    if members:
        data["m-TOTAL_FORMS"] = str(count)
    return data
