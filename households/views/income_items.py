"""收入项目: what counts as income, by place and year; kept by the county."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.accounts.submissions import once
from fupin.regions.models import Region
from households.actions.income import ItemStale, save_item
from households.forms.income_items import ItemForm
from households.models import IncomeGroup, IncomeItem

COUNTRY = "全国"


@require_GET
@require(P.SETTINGS_EDIT)
def item_list(request):
    """The items by category; those of the user's own place may be edited, the others set apart for it."""
    items = IncomeItem.objects.visible_to(request.user).order_by(
        "sort", "code", "region_path", "first_year", "pk"
    )
    own = set(IncomeItem.objects.editable_by(request.user).values_list("pk", flat=True))
    items = list(items)
    names = Region.objects.names({item.region_path for item in items if item.region_path})
    for item in items:
        item.place = names.get(item.region_path, COUNTRY if not item.region_path else item.region_path)
        item.own = item.pk in own
    groups = [(group, [item for item in items if item.group == group.value]) for group in IncomeGroup]
    return render(request, "income_items/item_list.html", {"groups": groups, "total": len(items)})


@require_http_methods(["GET", "POST"])
@require(P.SETTINGS_EDIT)
def item_create(request):
    """A new item, or (`?like=`) another rule for one that exists, in the user's place or for other years."""
    places = _places(request.user)
    asked = request.GET.get("like", "")
    like = None
    if asked:
        like = get_object_or_404(
            IncomeItem.objects.visible_to(request.user), pk=asked if asked.isdecimal() else 0
        )
    initial = {"region_path": places[0][0] if places else ""}
    if like:
        initial |= {"label": like.label, "counted": like.counted, "sort": like.sort}
    elif request.GET.get("group") in IncomeGroup.values:
        initial["group"] = request.GET["group"]
    form = ItemForm(request.POST or None, initial=initial, places=places, fixed=("group",) if like else ())
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data | ({"group": like.group} if like else {})
        done = _save(request, form, lambda: save_item(fields=fields, by=request.user, like=like))
        if done:
            return done
    return _page(request, form, like=like)


@require_http_methods(["GET", "POST"])
@require(P.SETTINGS_EDIT)
def item_edit(request, pk):
    item = get_object_or_404(IncomeItem.objects.editable_by(request.user), pk=pk)
    names = ("label", "counted", "first_year", "last_year", "sort")
    form = ItemForm(
        request.POST or None, initial={name: getattr(item, name) for name in names}, places=[],
        fixed=("group", "region_path"),
    )  # fmt: skip
    version = request.POST.get("version", item.version)
    if request.method == "POST" and form.is_valid():
        number = int(version) if str(version).isdecimal() else 0
        done = _save(
            request,
            form,
            lambda: save_item(item=item, fields=form.cleaned_data, by=request.user, version=number),
        )
        if done:
            return done
        item.refresh_from_db()
        version = item.version
    return _page(request, form, item=item, version=version)


def _places(user):
    """`[(path, name)]` where the user may keep items: the places of the posts that allow it."""
    paths = list(dict.fromkeys(user.paths(P.SETTINGS_EDIT)))
    names = Region.objects.names(paths)
    return [(path, names.get(path, COUNTRY)) for path in paths]


def _save(request, form, act):
    """Save once and go back to the list; None with the form's errors filled when it may not be."""

    def saved():
        item = act()
        messages.success(request, f"收入项目“{item.label}”已保存。已登记的明细仍按当时的口径。")
        return reverse("income_item_list")

    try:
        return once(request, saved)
    except ValidationError as error:
        form.take_errors(error)
    except ItemStale:
        form.add_error(None, "这个项目刚被别人改过。您填的都在，请核对后再保存一次，以您填的为准。")
    except IntegrityError:
        form.add_error(None, "同一代码、区域和启用年度已有一条，请改启用年度，或去编辑那一条。")
    return None


def _page(request, form, **context):
    item = context.get("item") or context.get("like")
    group = IncomeGroup(item.group).label if item else ""
    status = 422 if form.errors else 200
    return render(
        request, "income_items/item_form.html", {"form": form, "group": group, **context}, status=status
    )
