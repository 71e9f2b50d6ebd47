"""How widgets of forms are drawn: Django's own templates, and for the two that a page has by the hundred ours.

A household of eight members has six hundred fields with five thousand options. Django's select includes one template for
each option and one for its attributes, each with a context of its own: two fifths of what the page costs.
`tests/fupin/test_renderer.py` holds ours against Django's.
"""

from functools import cache, cached_property
from pathlib import Path

from django.conf import settings
from django.forms import renderers

INPUTS = frozenset(
    f"django/forms/widgets/{kind}.html"
    for kind in (
        "text",
        "number",
        "date",
        "checkbox",
        "hidden",
        "email",
        "password",
        "search",
        "tel",
        "time",
        "url",
    )
)
"""Templates that do nothing but include the one of all inputs."""


class Renderer(renderers.Jinja2):
    """`templates/widgets` goes before what Django has."""

    @cached_property
    def engine(self):
        own, django = settings.BASE_DIR / "templates" / "widgets", Path(renderers.__file__).parent / "jinja2"
        return self.backend({"APP_DIRS": False, "DIRS": [own, django], "NAME": "widgets", "OPTIONS": {}})

    def get_template(self, template_name):
        return _template(
            self, "django/forms/widgets/input.html" if template_name in INPUTS else template_name
        )


@cache
def _template(renderer, name):
    return renderer.engine.get_template(name)
