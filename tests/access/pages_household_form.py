"""Addresses of the household form, the lifecycle and the village profiles."""

from datetime import date

from fupin.accounts.roles import Permission as P
from households.models import AreaGroup, IncomeItem
from tests import factories


def household(at):
    return factories.household(at=at).pk


def ready(at):
    """A household on which the step exit is open."""
    return factories.household(at=at, registry_status="2").pk


def doubt(at):
    row = factories.household(at=at)
    return row.doubt_rows.create(
        rule="V14", message="与户主关系与性别不符", region_path=at, found_on=date(2026, 1, 1)
    ).pk


def exit_step(at):
    return "exit"


def second_member(at):
    return factories.household(at=at, members=2).members.get(relation="03").pk


def income_item(at):
    """An item of the county alone: the country's are nobody's but the country's."""
    return IncomeItem.objects.get_or_create(code="L91", label="采茶", group="L", region_path=at[:6])[0].pk


def area_group(at):
    return AreaGroup.objects.get_or_create(region_path=at[:6], name="欠发达乡镇")[0].pk


def village(at):
    return factories.region(at[:12]).path


PAGES = [
    ("household_new", {}, "get", {P.HOUSEHOLD_EDIT}),
    ("id_check", {}, "post", {P.HOUSEHOLD_EDIT}),
    ("household_edit", {"pk": household}, "get", {P.HOUSEHOLD_EDIT}),
    ("household_edit", {"pk": household}, "post", {P.HOUSEHOLD_EDIT}),
    ("household_doubts", {"pk": household}, "get", {P.HOUSEHOLD_VIEW}),
    ("doubt_list", {}, "get", {P.HOUSEHOLD_VIEW}),
    ("doubt_explain", {"pk": doubt}, "post", {P.HOUSEHOLD_EDIT}),
    ("household_steps", {"pk": household}, "get", {P.HOUSEHOLD_VIEW}),
    ("household_step", {"pk": ready, "step": exit_step}, "get", {P.STATUS_ADVANCE}),
    ("household_step", {"pk": ready, "step": exit_step}, "post", {P.STATUS_ADVANCE}),
    ("household_objection", {"pk": household}, "post", {P.STATUS_ADVANCE}),
    ("household_target", {"pk": household}, "get", {P.STATUS_ADVANCE}),
    ("household_target", {"pk": household}, "post", {P.STATUS_ADVANCE}),
    ("household_move", {"pk": household}, "get", {P.HOUSEHOLD_EDIT}),
    ("household_move", {"pk": household}, "post", {P.HOUSEHOLD_EDIT}),
    ("member_move", {"pk": second_member}, "get", {P.HOUSEHOLD_EDIT}),
    ("member_move", {"pk": second_member}, "post", {P.HOUSEHOLD_EDIT}),
    ("income_item_list", {}, "get", {P.SETTINGS_EDIT}),
    ("income_item_create", {}, "get", {P.SETTINGS_EDIT}),
    ("income_item_create", {}, "post", {P.SETTINGS_EDIT}),
    ("income_item_edit", {"pk": income_item}, "get", {P.SETTINGS_EDIT}),
    ("income_item_edit", {"pk": income_item}, "post", {P.SETTINGS_EDIT}),
    ("area_group_list", {}, "get", {P.SETTINGS_EDIT}),
    ("area_group_create", {}, "get", {P.SETTINGS_EDIT}),
    ("area_group_create", {}, "post", {P.SETTINGS_EDIT}),
    ("area_group_edit", {"pk": area_group}, "get", {P.SETTINGS_EDIT}),
    ("area_group_edit", {"pk": area_group}, "post", {P.SETTINGS_EDIT}),
    ("village_list", {}, "get", {P.VILLAGE_VIEW}),
    ("village_detail", {"path": village}, "get", {P.VILLAGE_VIEW}),
    ("village_posting", {"path": village}, "get", {P.VILLAGE_VIEW}),
    ("village_objections", {"path": village}, "get", {P.STATUS_ADVANCE}),
    ("village_objections", {"path": village}, "post", {P.STATUS_ADVANCE}),
    ("village_edit", {"path": village}, "get", {P.VILLAGE_EDIT}),
    ("village_edit", {"path": village}, "post", {P.VILLAGE_EDIT}),
]
