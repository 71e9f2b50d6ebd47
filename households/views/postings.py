"""公示公告: choosing the households, the sheet on paper and as a workbook, the minutes, and what each place says."""

import io
from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.accounts.submissions import once
from fupin.audit.record import record
from fupin.excel import sheet as book
from fupin.regions.models import Level, Region
from households import postings
from households.actions.postings import save_posting_setting
from households.actions.register import Stale
from households.models import PERIODS, PostingSetting
from households.views.places import place_asked
from households.visit_forms import place_choices

STAGES = [(postings.BEFORE, "公示（审定前）"), (postings.AFTER, "公告（审定后）")]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Asked:
    """What the form asks for, read from `data`; words in `error` where it cannot be read."""

    def __init__(self, user, data, today):
        self.user, self.error = user, ""
        self.procedure = postings.BY_NAME.get(data.get("procedure"), postings.BY_NAME["exit"])
        self.stage = postings.AFTER if data.get("stage") == postings.AFTER else postings.BEFORE
        self.where = data.get("where", "").strip()[:60]
        self.since = self._day(data.get("since"), date(today.year, 1, 1))
        self.until = self._day(data.get("until"), today)
        self.on = self._day(data.get("on"), today)
        here, held = place_asked(user, data, P.HOUSEHOLD_VIEW), user.paths(P.HOUSEHOLD_VIEW)
        self.path = here.path if here else held[0] if len(held) == 1 else ""
        self.names = Region.objects.names([self.path]) if self.path else {}

    def _day(self, text, default):
        try:
            return date.fromisoformat(text) if text else default
        except ValueError:
            self.error = f"日期“{text[:12]}”不对，请写成 2026-11-26 的样子。"
            return default

    @property
    def is_village(self):
        return len(self.path) >= 12 and self.path[:12] in self.names

    @property
    def village(self):
        return self.names[self.path[:12]]

    def rows(self, procedure=None):
        return postings.candidates(
            self.user, procedure or self.procedure, self.stage, self.path, since=self.since, until=self.until
        )


@require_GET
@require(P.HOUSEHOLD_VIEW)
def posting_pick(request):
    """Choose the procedure, the place and the households."""
    return _pick(request, request.GET)


def _pick(request, data, picked=None, status=200, error=""):
    asked = Asked(request.user, data, timezone.localdate())
    rows, term = [], data.get("q", "").strip()[:20]
    if asked.is_village:
        found = asked.rows()
        rows = list((found.filter(head_name__contains=term) if term else found)[: postings.LIMIT + 1])
    elsewhere = []
    if asked.is_village and not rows and asked.stage == postings.AFTER:
        elsewhere = [(one, count) for one in postings.PROCEDURES if (count := asked.rows(one).count())]
    names = Region.objects.names({row.region_path for row in rows})
    ticked = asked.procedure.all_ticked or asked.stage == postings.AFTER
    for row in rows:
        row.group = names.get(row.region_path, "") if len(row.region_path) > 12 else ""
        row.ticked = ticked if picked is None else str(row.pk) in picked
    return render(request, "postings/posting_pick.html", {
        "asked": asked, "rows": rows[:postings.LIMIT], "more": len(rows) > postings.LIMIT, "term": term, "elsewhere": elsewhere,
        "procedures": postings.PROCEDURES, "stages": STAGES, "limit": postings.LIMIT,
        "places": place_choices(request.user, asked.path, P.HOUSEHOLD_VIEW), "error": error or asked.error,
        "may_export": request.user.may(P.REPORT_EXPORT), "may_set": request.user.may(P.SETTINGS_EDIT),
    }, status=status)  # fmt: skip


def _sheet(request, *, minutes=False):
    """`(sheet, asked, None)`, or `(None, asked, answer)` where it cannot be made."""
    asked = Asked(request.user, request.POST, timezone.localdate())
    if not asked.is_village:
        return None, asked, _pick(request, request.POST, status=422, error="请先选到村。")
    picked = {pk for pk in request.POST.getlist("pick") if pk.isdecimal() and len(pk) < 19}
    rows = list(asked.rows().filter(pk__in=list(picked)[: postings.LIMIT]))
    error = asked.error or ("" if rows else "请先勾选户。")
    if error:
        return None, asked, _pick(request, request.POST, picked, 422, error)
    names = Region.objects.names({row.region_path for row in rows})
    homes = postings.homes_of(rows, names, category=asked.procedure.category)
    office = PostingSetting.objects.for_place(asked.path)
    if minutes:
        where = asked.where or f"{asked.village}村民委员会会议室"
        made = postings.minutes_of(
            asked.procedure, village=asked.village, homes=homes, posting=office, on=asked.on, where=where
        )
    else:
        papers = ()
        if asked.stage == postings.AFTER:
            papers = postings.documents(rows, asked.procedure, since=asked.since, until=asked.until)
        made = postings.sheet_of(
            asked.procedure, asked.stage, village=asked.village, homes=homes, posting=office, on=asked.on,
            papers=papers,
        )  # fmt: skip
    record(
        "posting.make", "posting", by=request.user, region_path=asked.path, title=made.title,
        households=len(rows),
    )  # fmt: skip
    return made, asked, None


@require_POST
@require(P.HOUSEHOLD_VIEW)
def posting_sheet(request):
    """The sheet, or with `form=minutes` the minutes, on paper."""
    minutes = request.POST.get("form") == postings.MINUTES
    sheet, asked, answer = _sheet(request, minutes=minutes)
    if answer:
        return answer
    return render(request, "postings/minutes.html" if minutes else "postings/sheet.html", {
        "sheet": sheet, "category": asked.procedure.category, "asked": asked, "blank": range(max(0, 6 - len(sheet.homes))),
    })  # fmt: skip


@require_POST
@require(P.REPORT_EXPORT)
def posting_workbook(request):
    """The sheet as a workbook."""
    sheet, asked, answer = _sheet(request)
    if answer:
        return answer
    made, lines = postings.workbook_of(sheet, category=asked.procedure.category)
    out = io.BytesIO()
    book.write(made, lines, out)
    out.seek(0)
    return FileResponse(out, as_attachment=True, filename=f"{sheet.title}.xlsx", content_type=XLSX)


class SettingForm(forms.Form):
    """What a place says about its notices; blank: as the place above."""

    unit = forms.CharField(label="落款单位", max_length=60, required=False)
    contact = forms.CharField(label="联系人", max_length=30, required=False)
    phone = forms.CharField(label="办公电话", max_length=40, required=False)
    supervision = forms.CharField(label="监督电话", max_length=40, required=False)

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        for name in self.fields:
            self.fields[name].widget.attrs["class"] = "form-control"
        for name, (label, _, least) in PERIODS.items():
            self.fields[name] = forms.IntegerField(
                label=label, required=False, min_value=1, max_value=99,
                widget=forms.NumberInput(attrs={"class": "form-control"}), help_text=f"至少 {least}",
            )  # fmt: skip
            self.fields[f"{name}_working"] = forms.BooleanField(
                label="按工作日",
                required=False,
                widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
            )

    @property
    def texts(self):
        return [self[name] for name in ("unit", "contact", "phone", "supervision")]

    @property
    def periods(self):
        return [(self[name], self[f"{name}_working"]) for name in PERIODS]


@require_http_methods(["GET", "POST"])
@require(P.SETTINGS_EDIT)
def posting_setting(request):
    """The office and the periods of a county or township (`?region=`)."""
    user = request.user
    held = user.paths(P.SETTINGS_EDIT)
    place = place_asked(user, request.GET, P.SETTINGS_EDIT)
    if place is None and held:
        place = Region.objects.visible_to(user, P.SETTINGS_EDIT).filter(path=held[0]).first()
    path = place.path if place else next(iter(held), "")
    if path and (place is None or place.level not in (Level.COUNTY, Level.TOWNSHIP)):
        raise Http404
    row = PostingSetting.objects.visible_to(user).filter(region_path=path).first() if path else None
    initial = (
        {name: getattr(row, name) for name in ("unit", "contact", "phone", "supervision")} if row else {}
    )
    for name, (days, working) in (row.periods if row else {}).items():
        initial |= {name: days, f"{name}_working": working}
    form = SettingForm(request.POST or None, initial=initial)
    version = request.POST.get("version", str(row.version if row else 0))
    if request.method == "POST" and place and form.is_valid():
        data = form.cleaned_data
        periods = {name: (data[name], data[f"{name}_working"]) for name in PERIODS if data[name]}

        def act():
            save_posting_setting(
                path=path,
                version=int(version) if version.isdecimal() else -1,
                texts=data,
                periods=periods,
                by=user,
            )
            return f"{reverse('posting_setting')}?region={path}"

        try:
            return once(request, act)
        except Stale:
            form.add_error(None, "这里的设置刚被别人改过。您填的都在，请核对后再保存一次，以您填的为准。")
            row = PostingSetting.objects.visible_to(user).filter(region_path=path).first()
            version = str(row.version if row else 0)
        except ValidationError as error:
            form.add_error(None, error)
    above = PostingSetting.objects.for_place(path) if path else None
    return render(request, "postings/posting_setting.html", {
        "form": form, "place": place, "version": version, "above": above,
        "defaults": [(label, *above.period(name)) for name, (label, *_) in PERIODS.items()] if above else [],
        "places": [
            choice for choice in place_choices(user, path[:6] if path else "", P.SETTINGS_EDIT) if len(choice[0]) in (6, 9)
        ],
    }, status=422 if form.errors else 200)  # fmt: skip
