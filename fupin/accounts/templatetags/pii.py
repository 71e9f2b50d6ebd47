"""Personal fields as a page may show them: `{% pii member "id_number" %}`, `{% pii_field member "id_number" %}`."""

from django import template

from fupin.accounts.pii import HIDDEN, field_class, hidden_from, shown
from fupin.accounts.roles import Permission as P

register = template.Library()


@register.simple_tag(takes_context=True)
def pii(context, owner, field, reveal=False):
    """Masked by the class of the field; whole only where the view passes `reveal`. Empty shows as —."""
    if hidden_from(context.get("user"), field_class(owner, field)):
        return HIDDEN
    return shown(owner, field, reveal=reveal) or "—"


@register.inclusion_tag("components/pii_field.html", takes_context=True)
def pii_field(context, owner, field):
    """The masked value with a 显示 button, which asks for the reason and writes the audit event."""
    text = shown(owner, field)
    user = context.get("user")
    if hidden_from(user, field_class(owner, field)):
        return {"masked": HIDDEN, "may_reveal": False}
    return {
        "masked": text or "—",
        "may_reveal": bool(text) and user is not None and user.is_authenticated and user.may(P.PII_REVEAL),
        "csrf_token": context.get("csrf_token", ""),
        "model": owner._meta.label_lower,
        "pk": owner.pk,
        "field": field,
        "label": owner._meta.get_field(field).verbose_name,
    }
