"""The product's addresses, a logged-in hello page of the same stack, and the admin's list of households."""

from django.contrib import admin
from django.http import HttpResponse
from django.template import engines
from django.urls import include, path

from fupin.accounts.policy import POLICY, page
from households.models import Household

HELLO = """{% extends "base.html" %}{% block title %}hello{% endblock %}
{% block head %}<div class="fp-head"><h1>hello</h1></div>{% endblock %}{% block content %}<p>hello</p>{% endblock %}"""


class Site(admin.AdminSite):
    def has_permission(self, request):
        return request.user.is_authenticated


class HouseholdAdmin(admin.ModelAdmin):
    list_display = (
        "number", "head_name", "region_path", "size", "registry_status", "monitor_category", "main_cause",
        "per_capita", "helper", "last_visit_on", "target_end", "doubts",
    )  # fmt: skip
    list_select_related = ("helper",)
    list_per_page = 50
    ordering = ("region_path", "pk")

    def get_queryset(self, request):
        return Household.objects.unscoped("command").order_by(*self.ordering)

    def has_view_permission(self, request, obj=None):
        return True

    has_module_permission = has_change_permission = has_delete_permission = has_view_permission

    def has_add_permission(self, request):
        return False


site = Site(name="admin")
site.register(Household, HouseholdAdmin)
hello_page = []


def hello(request):
    if not hello_page:
        hello_page.append(engines["django"].from_string(HELLO))
    return HttpResponse(hello_page[0].render({}, request))


POLICY |= {name: page(name) for name in ("hello", "admin:households_household_changelist")}
urlpatterns = [path("hello/", hello, name="hello"), path("peer/", site.urls), path("", include("fupin.urls"))]
