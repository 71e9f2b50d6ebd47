"""Tags whose arguments are literals are worked out once; they say what Django's own say."""

import pytest
from django.template import engines
from django.template.base import TextNode

from fupin.templatetags.folded import KeptURLNode


def nodes(source):
    return engines["django"].from_string(source).template.nodelist


@pytest.mark.parametrize(
    "source, said",
    [
        ('{% static "css/fupin.css" %}', "/static/css/fupin.css"),
        ("{% static name %}", "/static/a%26b.css"),
        ('{% static "x.css" as where %}[{{ where }}]', "[/static/x.css]"),
        ('{% url "health" %}', "/healthz"),
        ("{% url page %}", "/healthz"),
        ('{% url "health" as where %}[{{ where }}]', "[/healthz]"),
        ('{% url "nowhere" as where %}[{{ where }}]', "[]"),
        ('{% url "household_detail" 7 %}', "/households/7/"),
    ],
)
def test_addresses(source, said):
    template = engines["django"].from_string(source)
    for _ in range(2):
        assert template.render({"name": "a&b.css", "page": "health"}) == said


def test_icons():
    plain = engines["django"].from_string('{% icon which "ico-14" %}').render({"which": "home"})
    assert engines["django"].from_string('{% icon "home" "ico-14" %}').render({}) == plain
    assert 'class="ico ico-14"' in plain and "#i-home" in plain


def test_what_is_literal_is_worked_out_once():
    assert [type(node) for node in nodes('{% icon "home" %}')] == [TextNode]
    assert type(nodes('{% static "x.css" %}')[0]) is TextNode
    assert [type(node) for node in nodes('{% url "health" %}')] == [KeptURLNode]
    assert type(nodes("{% icon which %}")[0]) is not TextNode
    assert type(nodes('{% icon "home"|upper %}')[0]) is not TextNode
