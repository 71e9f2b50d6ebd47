"""What every page draws: icons, and the hidden key that makes a submit count once."""

from functools import lru_cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html

from fupin.accounts.submissions import FIELD, new_key

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name, extra=""):
    """One icon of the sprite: `{% icon "home" "ico-14" %}`. Kept: a page draws forty, all pages the same ones."""
    return format_html(
        '<svg class="ico {}" aria-hidden="true"><use href="{}#i-{}"/></svg>',
        extra,
        static("img/icons.svg"),
        name,
    )


@register.simple_tag(takes_context=True)
def submit_key(context):
    """Hidden field with this form's key. After an error the typed form keeps the key it had."""
    request = context.get("request")
    key = (request.POST.get(FIELD) if request is not None else "") or new_key()
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, key)


@register.filter
def trait(field, name):
    """What the form field behind a bound one says of itself (`unit`, `is_chips`), or None. To look it up in the template
    costs three exceptions where a field says nothing, and a page has six hundred."""
    return getattr(field.field, name, None)


@register.simple_tag
def fp_widget(field, label=""):
    """The widget in the product's look: its class by kind, and aria attributes when it has an error or a hint.

    `label` names it where no `<label>` does, as in a cell of a table.
    """
    widget = field.field.widget
    kind = getattr(widget, "input_type", "")
    attributes = {}
    classes = widget.attrs.get("class", "").split()
    if kind in {"checkbox", "radio"}:
        if not hasattr(widget, "optgroups") or kind == "checkbox" and not hasattr(widget, "choices"):
            classes.append("form-check-input")
    elif kind == "select":
        classes.append("form-select")
    elif kind != "hidden":
        classes.append("form-control")
    if label:
        attributes["aria-label"] = label
    described = []
    if field.errors:
        classes.append("is-err")
        attributes["aria-invalid"] = "true"
        described.append(f"{field.auto_id}-err")
    if field.help_text:
        described.append(f"{field.auto_id}-help")
    if described:
        attributes["aria-describedby"] = " ".join(described)
    attributes["class"] = " ".join(dict.fromkeys(classes))
    return field.as_widget(attrs=attributes)


@register.simple_tag
def form_errors(form, formsets=None, others=None):
    """Every error of a form, of `others` and of formsets, in page order: `{anchor, label, text}`; anchor "" for
    what is wrong with a form as a whole."""
    problems = _of_form(form)
    for other in others or ():
        problems += _of_form(other)
    for formset in formsets or ():
        problems += [{"anchor": "", "label": "", "text": text} for text in formset.non_form_errors()]
        for number, row in enumerate(formset.forms, 1):
            problems += _of_form(row, f"第 {number} 行 ")
    return problems


def _of_form(form, before=""):
    found = []
    for name, texts in getattr(form, "errors", {}).items():
        known = name in form.fields
        for text in texts:
            label = f"{before}{form[name].label}" if known else before.strip()
            found.append({"anchor": form[name].id_for_label if known else "", "label": label, "text": text})
    return found


@register.simple_tag
def page_numbers(page):
    """Numbers of the pages to link to, with an ellipsis between the ends and the middle."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1))


@register.filter
def bar_width(share):
    """A share of 0 to 100 as the whole number that a bar of width 100 draws."""
    return max(0, min(100, round(float(share or 0))))


@register.filter
def bar_tick(share):
    """Where the target tick of a bar stands, so that it is never cut off at the right end."""
    return min(float(bar_width(share)), 98.8)


@register.filter
def at(mapping, key):
    """`mapping[key]`, "" when it is not there."""
    return mapping.get(key, "")


@register.filter
def as_list(value):
    return [value]
