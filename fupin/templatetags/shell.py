"""What every page draws: icons, and the hidden key that makes a submit count once."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html

from fupin.accounts.submissions import FIELD, new_key

register = template.Library()


@register.simple_tag
def icon(name, extra=""):
    """One icon of the sprite: `{% icon "home" "ico-14" %}`."""
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
