"""Village profiles by year: the villages of a place, one village, and its form."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.accounts.submissions import already, remember
from fupin.regions.models import Level, Region, ancestors_of
from households import codes
from households import profile as figures
from households.actions.register import Stale
from households.actions.village import save_profile
from households.forms.village import TITLES, ProfileForm, row_sets, rows_of
from households.models import RegionCount, VillageProfile

PAGE = 50
FIRST_YEAR = 2000


@require_GET
@require(P.VILLAGE_VIEW)
def village_list(request):
    """The villages of a place (`?region=`) with the key figures of a year, 50 to a page, by code."""
    year = _year(request)
    villages = Region.objects.visible_to(request.user, P.VILLAGE_VIEW).filter(level=Level.VILLAGE)
    here = _place(request)
    if here is not None:
        villages = villages.within(here)
    after = request.GET.get("after", "")
    rows = list(villages.filter(path__gt=after, valid_to=None).order_by("path")[: PAGE + 1])
    shown, more = rows[:PAGE], len(rows) > PAGE
    paths = [village.path for village in shown]
    names = Region.objects.names(paths)
    held = {
        row.region_path: row
        for row in VillageProfile.objects.visible_to(request.user).filter(region_path__in=paths, year=year)
    }
    counts = dict(
        RegionCount.objects.visible_to(request.user, P.VILLAGE_VIEW)
        .filter(region_path__in=paths)
        .values_list("region_path", "figures")
    )
    context = {
        "year": year,
        "years": _years(),
        "here": here,
        "below": _below(request, here),
        "trail": _trail(request, here),
        "rows": [
            _line(village, names, held.get(village.path), counts.get(village.path)) for village in shown
        ],
        "next": shown[-1].path if more else "",
        "after": after,
    }
    return render(request, "villages/village_list.html", context)


def _line(village, names, profile, counted):
    return {
        "village": village,
        "town": names.get(village.path[:9], ""),
        "profile": profile,
        "rate": figures.RATES[0].words(profile) if profile else "—",
        "failed": len(figures.failed(profile)) if profile else 0,
        "register": (counted or {}).get("registered"),
    }


@require_GET
@require(P.VILLAGE_VIEW)
def village_detail(request, path):
    """One village in one year: every figure, what follows from them, what must hold, and the register beside."""
    village = _village(request, path, P.VILLAGE_VIEW)
    profiles = list(
        VillageProfile.objects.visible_to(request.user).filter(region_path=village.path).order_by("-year")
    )
    year = _year(request, profiles[0].year if profiles else None)
    profile = next((row for row in profiles if row.year == year), None)
    earlier = next((row for row in profiles if row.year < year), None)
    counted = (
        RegionCount.objects.visible_to(request.user, P.VILLAGE_VIEW).filter(region_path=village.path).first()
    )
    context = {
        "village": village,
        "trail": _trail(request, village),
        "year": year,
        "filled_years": [row.year for row in profiles],
        "profile": profile,
        "earlier": earlier,
        "may_edit": Region.objects.visible_to(request.user, P.VILLAGE_EDIT).filter(pk=village.pk).exists(),
    }
    if profile:
        context |= _told(profile, earlier, counted)
    return render(request, "villages/village_detail.html", context)


def _told(profile, earlier, counted):
    def words(name):
        value = getattr(profile, name)
        if value is None or value == "":
            return "未填"
        return {True: "是", False: "否"}.get(value, value) if isinstance(value, bool) else value

    return {
        "sections": [
            (title, [(_label(name), words(name), figures.change(profile, earlier, name)) for name in names])
            for title, names in figures.SECTIONS
        ],
        "rates": [(rate, rate.words(profile)) for rate in figures.RATES],
        "checks": figures.standings(profile),
        "register": figures.beside_register(profile, counted.figures if counted else None),
        "counted": counted,
        "causes": [(row, _cause_labels(row.codes)) for row in profile.causes.all()],
        "needs": profile.needs.all(),
        "industries": profile.industries.all(),
    }  # fmt: skip


def _label(name):
    return VillageProfile._meta.get_field(name).verbose_name


def _cause_labels(text):
    labels = dict(codes.Cause.choices)
    return "、".join(labels.get(code, code) for code in text.split(",") if code)


@require_http_methods(["GET", "POST"])
@require(P.VILLAGE_EDIT)
def village_edit(request, path):
    """The form of one village and year; a year without figures may start from the last one (`?copy=1`)."""
    village = _village(request, path, P.VILLAGE_EDIT)
    year = _year(request)
    mine = VillageProfile.objects.visible_to(request.user, P.VILLAGE_EDIT).filter(region_path=village.path)
    profile = mine.filter(year=year).first()
    last = mine.filter(year__lt=year).order_by("-year").first()
    source = profile or (last if request.GET.get("copy") else None)
    data = request.POST or None
    form = ProfileForm(data, initial=_initial(source, taken_over=profile is None))
    sets = row_sets(data, source)
    told = []
    if request.method == "POST":
        valid = [form.is_valid(), *[rows.is_valid() for rows in sets.values()]]
        if all(valid):
            done, told = _save(request, village, year, profile, form, sets)
            if done:
                return done
    context = {
        "village": village, "trail": _trail(request, village), "year": year, "years": _years(), "profile": profile,
        "last": last if profile is None else None, "copied": source if source is not profile else None,
        "form": form, "sets": [(name, TITLES[name], rows) for name, rows in sets.items()], "told": told,
        "version": (profile.version if told else request.POST.get("version")) if data else profile and profile.version,
        "wrong": bool(form.errors or any(any(rows.errors) for rows in sets.values())) if data else False,
    }  # fmt: skip
    return render(request, "villages/village_edit.html", context, status=422 if data else 200)


def _initial(profile, *, taken_over):
    if profile is None:
        return {}
    left_out = figures.NOT_TAKEN_OVER if taken_over else ()
    return {name: getattr(profile, name) for name in figures.FIELDS if name not in left_out}


def _save(request, village, year, profile, form, sets):
    """(redirect or None, words about what is in the way)."""
    location = f"{reverse('village_detail', args=[village.path])}?year={year}"
    version = request.POST.get("version", "")
    try:
        done = already(request)
        if done:
            return done, []
        with transaction.atomic():
            save_profile(
                village=village, year=year, fields=form.cleaned_data, by=request.user, profile=profile,
                version=int(version) if version.isdigit() else None,
                **{name: rows_of(rows) for name, rows in sets.items()},
            )  # fmt: skip
            remember(request, location)
    except ValidationError as error:
        return None, error.messages
    except (Stale, IntegrityError):
        if profile is None:
            profile = (
                VillageProfile.objects.visible_to(request.user).filter(region=village, year=year).first()
            )
        return None, _theirs(profile, form)
    return redirect(location), []


def _theirs(profile, form):
    """What somebody else saved meanwhile, where it differs from what was typed; saving again takes the typed."""
    words = ["别人刚刚保存过这份村情。您填的都在，不同之处如下；再点保存，以您填的为准。"]
    for name, typed in form.cleaned_data.items():
        held = getattr(profile, name, None)
        if (held if held is not None else "") != (typed if typed is not None else ""):
            shown = "未填" if held in (None, "") else held
            words.append(f"{form.fields[name].label}：对方填的是 {shown}")
    return words


def _village(request, path, permission):
    return get_object_or_404(
        Region.objects.visible_to(request.user, permission), path=path, level=Level.VILLAGE
    )


def _place(request):
    """The region asked for, inside the user's own; without one, the user's widest."""
    asked = request.GET.get("region", "")
    if asked:
        found = Region.objects.visible_to(request.user, P.VILLAGE_VIEW).filter(path=asked).first()
        if found is None:
            raise Http404
        return found
    return request.user.home_region


def _below(request, here):
    if here is None or here.level >= Level.TOWNSHIP:
        return []
    mine = Region.objects.visible_to(request.user, P.VILLAGE_VIEW)
    return list(mine.filter(parent=here, valid_to=None).order_by("path"))


def _trail(request, here):
    """The places above `here`, those inside the user's posts as links."""
    if here is None:
        return []
    mine = request.user.paths(P.VILLAGE_VIEW)
    names = Region.objects.names([here.path])
    return [
        (path, names[path], any(path.startswith(own) for own in mine))
        for path in ancestors_of(here.path)
        if path in names
    ]


def _years():
    return range(timezone.localdate().year, 2013, -1)


def _year(request, fallback=None):
    typed = request.GET.get("year", "")
    this = timezone.localdate().year
    year = int(typed) if typed.isdigit() else fallback or this
    return year if FIRST_YEAR <= year <= this else fallback or this
