"""`{% static %}`, `{% url %}` and `{% icon %}` whose arguments are literals: worked out once a process, not on every page.

The shell of a page has thirty of them, and what they say does not change while a process lives. Whatever has a variable
or an `as` in it is left to the plain tag. A builtin of every template (settings.TEMPLATES): nobody needs to load `static`.
"""

from django import template
from django.template.base import TextNode
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as plain_url
from django.templatetags.static import do_static
from django.urls import get_urlconf
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from fupin.templatetags.shell import register as shell

register = template.Library()
plain_icon = shell.tags["icon"]


def _literal(expression):
    return isinstance(expression.var, SafeString) and not expression.filters


@register.tag
def static(parser, token):
    """`{% static "css/fupin.css" %}`"""
    node = do_static(parser, token)
    if node.varname or not _literal(node.path):
        return node
    return TextNode(conditional_escape(node.url({})))


@register.tag
def icon(parser, token):
    """`{% icon "home" "ico-14" %}`"""
    node = plain_icon(parser, token)
    if node.kwargs or node.target_var or not all(_literal(arg) for arg in node.args):
        return node
    return TextNode(node.func(*(arg.var for arg in node.args)))


class KeptURLNode(URLNode):
    """An address without arguments, kept by URLconf. It is worked out on the first page, as urls import views and views
    their templates."""

    def __init__(self, view_name):
        super().__init__(view_name, args=[], kwargs={}, asvar=None)
        self.kept = {}

    def render(self, context):
        urlconf = get_urlconf()
        if urlconf not in self.kept:
            self.kept[urlconf] = super().render(context)
        return self.kept[urlconf]


@register.tag
def url(parser, token):
    """`{% url "home" %}`"""
    node = plain_url(parser, token)
    if node.asvar or node.args or node.kwargs or not _literal(node.view_name):
        return node
    return KeptURLNode(node.view_name)
