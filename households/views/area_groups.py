"""片区分组: which townships and villages a county counts together; kept by the county."""

import re

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.accounts.submissions import once
from fupin.excel.reports import OF_WHICH
from fupin.regions.models import Level, Region
from households.actions.area_groups import GroupStale, save_group
from households.forms.area_group import AreaGroupForm
from households.models import AreaGroup
from households.models.area_group import nested

FIELDS = ("name", "within", "first_year", "last_year", "sort", "source", "confirmed")


@require_GET
@require(P.SETTINGS_EDIT)
def area_group_list(request):
    """The groups of the user's counties, each under the one that it lies within."""
    rows = AreaGroup.objects.visible_to(request.user).order_by("region_path", "sort", "pk")
    rows = list(rows.prefetch_related("places__region"))
    names = Region.objects.names({row.region_path for row in rows})
    counties = {}
    for row in nested(rows):
        row.said = _said(row.name, len(row.places.all()))
        row.indent = "　" * row.depth + OF_WHICH if row.depth else ""
        counties.setdefault(row.region_path, []).append(row)
    shown = [(names.get(path, path), held) for path, held in sorted(counties.items())]
    return render(
        request,
        "area_groups/area_group_list.html",
        {"counties": shown, "total": len(rows), "many": len(_counties(request.user)) > 1},
    )


def _said(name, number):
    """What is wrong with how many places there are, where the name says a number."""
    told = re.search(r"\d+", name)
    return f"名称写 {told[0]} 个，已选 {number} 个" if told and int(told[0]) != number else ""


@require_http_methods(["GET", "POST"])
@require(P.SETTINGS_EDIT)
def area_group_create(request):
    counties = _counties(request.user)
    county = request.POST.get("county") or request.GET.get("county") or (counties[0].path if counties else "")
    county = next((one for one in counties if one.path == county), None)
    if county is None:
        raise Http404
    return _edit(request, county, None, counties=counties)


@require_http_methods(["GET", "POST"])
@require(P.SETTINGS_EDIT)
def area_group_edit(request, pk):
    group = get_object_or_404(AreaGroup.objects.visible_to(request.user), pk=pk)
    return _edit(request, Region.objects.get(path=group.region_path), group)


def _counties(user):
    """Counties in which the user keeps groups; the list of a whole country is cut to what a choice can show."""
    rows = Region.objects.visible_to(user, P.SETTINGS_EDIT).filter(level=Level.COUNTY, valid_to=None)
    return list(rows.order_by("path")[:500])


def _edit(request, county, group, counties=()):
    wider = AreaGroup.objects.visible_to(request.user).filter(region_path=county.path).order_by("sort", "pk")
    if group is not None:
        wider = wider.exclude(pk=group.pk)
    held = set(group.places.values_list("region_path", flat=True)) if group else set()
    initial = {name: getattr(group, name) for name in FIELDS} if group else {"confirmed": False}
    form = AreaGroupForm(request.POST or None, initial=initial, wider=wider)
    version = request.POST.get("version", group.version if group else "")
    chosen = set(request.POST.getlist("places")) if request.method == "POST" else held
    wrong = []
    if request.method == "POST" and form.is_valid():
        number = int(version) if str(version).isdecimal() else 0

        def saved():
            row = save_group(
                county=county.path, fields=form.cleaned_data, places=sorted(chosen), by=request.user, group=group,
                version=number,
            )  # fmt: skip
            messages.success(request, f"片区分组“{row}”已保存，R06 按它另列一行。")
            return reverse("area_group_list")

        try:
            return once(request, saved)
        except ValidationError as error:
            told = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
            wrong = told.pop("places", [])
            form.take_errors(ValidationError(told))
        except GroupStale:
            form.add_error(None, "这个分组刚被别人改过。您填的都在，请核对后再保存一次，以您填的为准。")
            group.refresh_from_db()
            version = group.version
        except IntegrityError:
            form.add_error(None, "本县同一启用年度已有同名的分组。")
    context = {
        "form": form, "group": group, "county": county, "counties": counties, "version": version, "wrong": wrong,
        "towns": _towns(county, chosen), "chosen": len(chosen),
    }  # fmt: skip
    return render(
        request, "area_groups/area_group_form.html", context, status=422 if form.errors or wrong else 200
    )


def _towns(county, chosen):
    """`[(township, chosen, [(village, chosen)], whether to show the villages)]` of a county."""
    rows = Region.objects.all().within(county.path).filter(level__in=[Level.TOWNSHIP, Level.VILLAGE])
    towns, villages = [], {}
    for row in rows.order_by("path"):
        if row.valid_to is not None and row.path not in chosen:
            continue
        if row.level == Level.TOWNSHIP:
            towns.append(row)
        else:
            villages.setdefault(row.path[:9], []).append((row, row.path in chosen))
    return [
        (
            town,
            town.path in chosen,
            villages.get(town.path, []),
            any(on for _, on in villages.get(town.path, ())),
        )
        for town in towns
    ]
