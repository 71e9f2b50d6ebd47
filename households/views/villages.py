"""Village profiles by year: the villages of a place, one village, its form, the notice of its exit."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.accounts.submissions import already, remember
from fupin.audit.record import record
from fupin.objections.models import is_open, over, told
from fupin.objections.views import Objections
from fupin.regions.models import Level, Region, ancestors_of
from households import codes, postings, withheld
from households import profile as figures
from households.actions.register import Stale
from households.actions.village import save_profile
from households.forms.village import ProfileEntry
from households.models import PERIODS, PostingSetting, RegionCount, VillageObjection, VillageProfile
from households.models.objection import OF_VILLAGES
from households.views.household_form import picked
from households.views.places import place_of

PAGE = 50
FIRST_YEAR = 2000


@require_GET
@require(P.VILLAGE_VIEW)
def village_list(request):
    """The villages of a place (`?region=`) with the key figures of a year, 50 to a page, by code."""
    year = _year(request)
    villages = Region.objects.visible_to(request.user, P.VILLAGE_VIEW).filter(level=Level.VILLAGE)
    here = place_of(request)
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
    counts = _countable(request.user, counts)
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


def _countable(user, counts):
    """The kept figures of villages, `{path: figures}`, as `user` may know them: those of few households only with the
    rows themselves."""
    mine = user.paths(P.HOUSEHOLD_VIEW)
    unseen = [path for path in counts if counts[path] and not any(path.startswith(own) for own in mine)]
    hidden = withheld.today(unseen, timezone.localdate())
    return {path: withheld.without(found, hidden.get(path, ())) for path, found in counts.items()}


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
        beside = _countable(request.user, {village.path: counted.figures})[village.path] if counted else None
        context |= _told(profile, earlier, counted) | {"register": figures.beside_register(profile, beside)}
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


@require_GET
@require(P.VILLAGE_VIEW)
def village_posting(request, path):
    """贫困村退出 on paper: 公示 (`?stage=before`) or 公告, put up on the day `?on=`; figures of the newest year."""
    village = _village(request, path, P.VILLAGE_VIEW)
    mine = VillageProfile.objects.visible_to(request.user).filter(region_path=village.path)
    profile = mine.order_by("-year").first() or VillageProfile()
    stage = "after" if request.GET.get("stage") == "after" else "before"
    on, error = timezone.localdate(), ""
    try:
        on = date.fromisoformat(request.GET.get("on") or str(on))
    except ValueError:
        error = "日期不对，请写成 2026-11-26 的样子；先按今天打印。"
    pauses = told(village.objections, *OF_VILLAGES)
    if stage == "after" and is_open(pauses):
        return render(
            request,
            "postings/objected.html",
            {"back": reverse("village_posting", args=[village.path])},
            status=409,
        )
    office = PostingSetting.objects.for_place(village.path)
    hangs, end = office.hangs("village_exit", on, over(pauses)) if stage == "before" else ("", None)
    kind, sentence = postings.VILLAGE_STAGES[stage]
    town = Region.objects.names([village.path]).get(village.path[:9], "")
    title = f"{town}{village.short_name}{on.year}年{kind}"
    rate = figures.RATES[0].words(profile)
    record("posting.make", "posting", by=request.user, region_path=village.path, title=title)
    return render(request, "villages/posting_print.html", {
        "village": village, "title": title, "sentence": sentence, "hangs": hangs, "end": end, "on": on, "stage": stage,
        "stages": [("before", "公示"), ("after", "公告")], "error": error, "year": profile.year, "office": office,
        "facts": postings.village_facts(profile, "" if rate == "—" else rate), "unit": office.unit or f"{town}人民政府",
        "objected": is_open(pauses), "may_object": VillageObjection.open_to(village.path, request.user),
    })  # fmt: skip


@require_http_methods(["GET", "POST"])
@require(P.STATUS_ADVANCE)
def village_objections(request, path):
    """Objections to the notice that the village leaves the list of poor villages."""
    village = _village(request, path, P.STATUS_ADVANCE)
    address = reverse("village_objections", args=[village.path])
    objections = Objections(
        village.objections, subject=village, choices=[(name, PERIODS[name][0]) for name in OF_VILLAGES],
        address=address, user=request.user,
    )  # fmt: skip
    sent = request.method == "POST"
    if sent and (done := objections.answer(request, address)):
        return done
    return render(request, "postings/objections.html", {
        "objections": objections, "title": f"公示异议 {village}", "sub": village, "back": reverse("village_posting", args=[village.path]),
    }, status=422 if sent else 200)  # fmt: skip


@require_http_methods(["GET", "POST"])
@require(P.VILLAGE_EDIT)
def village_edit(request, path):
    """The form of one village and year; a year without figures may start from the last one (`?copy=1`)."""
    village = _village(request, path, P.VILLAGE_EDIT)
    year = _year(request)
    mine = VillageProfile.objects.visible_to(request.user, P.VILLAGE_EDIT).filter(region_path=village.path)
    last = mine.filter(year__lt=year).order_by("-year").first()
    page = _Page(request, village, year, last, mine.filter(year=year))
    return page.submitted() if request.method == "POST" else page.drawn()


class _Page:
    """One village and year on one request: what is drawn, and what comes of a submit. `rows`: its profile, if any."""

    def __init__(self, request, village, year, last, rows):
        self.request, self.village, self.year, self.last, self.rows = request, village, year, last, rows
        self.read(request.POST.copy() if request.method == "POST" else None)

    def read(self, data):
        """The profile as it stands now, and the page bound to `data`."""
        self.profile = self.rows.select_related("updated_by").first()
        source = self.last if self.profile is None and self.request.GET.get("copy") else None
        self.copied = source
        self.entry = ProfileEntry(profile=self.profile, source=source, data=data)

    def submitted(self):
        data = self.request.POST
        decided = "row" in data and data.get("version") == self._version()
        if "row" in data:
            undecided = [
                key for key in data.getlist("row") if data.get(f"pick:{key}") not in ("mine", "theirs")
            ]
            if undecided and self.entry.is_valid():
                return self.conflict(undecided)
            theirs = [key for key in data.getlist("row") if data.get(f"pick:{key}") == "theirs"]
            if self.profile is not None:
                self.read(self.entry.take_theirs(data.copy(), theirs))
        if not self.entry.is_valid():
            return self.drawn()
        if not decided and self._version() != data.get("version", "") and self.entry.differences():
            return self.conflict()
        return self.save()

    def _version(self):
        return str(self.profile.version) if self.profile else ""

    def save(self):
        location = f"{reverse('village_detail', args=[self.village.path])}?year={self.year}"
        try:
            if done := already(self.request):
                return done
            with transaction.atomic():
                save_profile(
                    village=self.village, year=self.year, by=self.request.user, profile=self.profile,
                    version=self.profile and self.profile.version, **self.entry.values(),
                )  # fmt: skip
                remember(self.request, location)
        except ValidationError as error:
            return self.drawn(error.messages)
        except (Stale, IntegrityError):
            self.read(self.entry.data)
            self.entry.is_valid()
            return self.conflict()
        return redirect(location)

    def conflict(self, undecided=()):
        """Both versions side by side; everything typed goes along in hidden fields."""
        data = self.request.POST
        dropped = {"csrfmiddlewaretoken", "submit_key", "version", "base", "row"}
        address = reverse("village_edit", args=[self.village.path]) + f"?year={self.year}"
        context = {
            "title": f"{self.village.short_name} {self.year} 年村情", "what": "这份村情", "action": address,
            "saved_by": self.profile.updated_by, "saved_at": self.profile.updated_at,
            "rows": self.entry.differences(), "undecided": undecided, "base_token": data.get("base", ""),
            "mine": picked(data, "mine"), "theirs": picked(data, "theirs"),
            "version": data.get("version", "") if undecided else self._version(),
            "typed": [
                (name, value)
                for name, values in data.lists()
                if name not in dropped and not name.startswith("pick:")
                for value in values
            ],
        }  # fmt: skip
        return render(self.request, "households/conflict.html", context, status=422 if undecided else 409)

    def drawn(self, told=()):
        failed = self.request.method == "POST"
        data = self.request.POST
        context = {
            "village": self.village, "trail": _trail(self.request, self.village), "year": self.year, "years": _years(),
            "profile": self.profile, "last": self.last if self.profile is None else None, "copied": self.copied,
            "form": self.entry.form, "sets": self.entry.lists(), "told": told,
            "version": data.get("version", "") if failed else self._version(),
            "base_token": data.get("base", "") if failed else self.entry.base_token(),
            "wrong": failed and self.entry.wrong,
        }  # fmt: skip
        return render(self.request, "villages/village_edit.html", context, status=422 if failed else 200)


def _village(request, path, permission):
    return get_object_or_404(
        Region.objects.visible_to(request.user, permission), path=path, level=Level.VILLAGE
    )


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
    year = int(typed) if typed.isdecimal() else fallback or this
    return year if FIRST_YEAR <= year <= this else fallback or this
