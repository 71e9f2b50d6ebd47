"""Forms of projects: the sheet (project, milestone rows, fund rows) and the short ones of single steps."""

import json
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F
from django.forms import BaseInlineFormSet, inlineformset_factory

from fupin import schedule
from fupin.accounts.pii import mask_phone
from fupin.accounts.roles import Permission as P
from fupin.regions import scope
from fupin.regions.models import Level
from households.models import Household
from projects import codes, places
from projects.models import Beneficiary, FundEntry, FundLine, Milestone, Project


class WanField(forms.DecimalField):
    """Money typed in 万元, cleaned to yuan with two places."""

    def __init__(self, **options):
        super().__init__(min_value=0, max_digits=14, decimal_places=6, **options)

    def clean(self, value):
        typed = super().clean(value)
        return None if typed is None else (typed * 10000).quantize(Decimal("0.01"))

    def prepare_value(self, value):
        if isinstance(value, Decimal):
            text = f"{value / 10000:.6f}".rstrip("0")
            return text.rstrip(".") if text.endswith(".") else text
        return value

    def has_changed(self, initial, data):
        try:
            return self.clean(data) != initial
        except ValidationError:
            return True


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self):
        super().__init__(format="%Y-%m-%d")


def day(label, **options):
    return forms.DateField(label=label, required=False, widget=DayInput(), **options)


class PlaceField(forms.CharField):
    """A place as text, cleaned to a Region within the user's posts. The form sets `user` and `permission`."""

    user = permission = None
    levels = places.LEVELS

    def clean(self, value):
        typed = super().clean(value)
        return places.find(typed, self.user, self.permission, levels=self.levels) if typed else None

    def prepare_value(self, value):
        return places.label(value) if hasattr(value, "path") else value


class ProjectForm(forms.ModelForm):
    """The project itself. `villages` is one text, names parted by 、; it cleans to a list of Regions."""

    region = PlaceField(label="建设地点", max_length=60)
    villages = forms.CharField(label="覆盖村", required=False, max_length=2000)
    start = schedule.TargetDateField(label="计划开工", required=False)
    finish = schedule.TargetDateField(label="计划完工", required=False)
    move_reason = forms.CharField(label="完工时限调整原因", required=False, max_length=300)
    investment = WanField(label="计划总投资（万元）", required=False)
    started_on, finished_on = day("实际开工"), day("实际完工")
    accepted_on, settled_on = day("验收日期"), day("结算日期")
    new_phone = forms.CharField(label="联系电话", required=False, max_length=20)

    class Meta:
        model = Project
        fields = [
            "year", "name", "category", "subcategory", "nature", "state", "lead_unit", "responsible_unit", "contractor", "manager",
            "place", "content", "quantity", "quantity_done", "unit",
            "started_on", "finished_on", "accepted_on", "settled_on", "progress", "blocked_reason", "investment",
            "benefit_households", "benefit_persons", "benefit_out_households", "benefit_out_persons",
            "benefit_watched_households", "benefit_watched_persons", "benefit_other_households",
            "benefit_other_persons", "gain", "source", "remark",
        ]  # fmt: skip
        widgets = {
            "content": forms.Textarea(attrs={"rows": 2}),
            "remark": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, data=None, *, user, **options):
        super().__init__(data, **options)
        row, self.user = self.instance, user
        self.fields["region"].user, self.fields["region"].permission = user, P.PROJECT_EDIT
        year = data.get(self.add_prefix("year"), "") if data else row.year
        for name in ("start", "finish"):
            kept = getattr(row, f"{name}_text")
            self.fields[name].year = int(year) if str(year or "").isdecimal() else None
            self.fields[name].keep = kept
            self.initial.setdefault(name, kept)
        self.fields["year"].help_text = "不知道可不填"
        self.fields["region"].widget.attrs |= {"list": "places", "autocomplete": "off"}
        self.fields["region"].help_text = "如 篆塘镇白坪村；全镇、全县的项目写到镇、县"
        self.fields["villages"].help_text = "跨村的项目写明，用顿号分开"
        self.fields["blocked_reason"].help_text = "停滞的项目必填"
        self.fields["new_phone"].help_text = (
            f"现为 {mask_phone(row.manager_phone)}，不改请留空" if row.manager_phone else ""
        )
        for name in ("quantity", "quantity_done", "gain"):  # 330, not 330.00
            value = getattr(row, name)
            self.initial[name] = None if value is None else f"{value:f}".rstrip("0").rstrip(".") or "0"
        if row.pk:
            self.initial.setdefault("region", row.region)
            self.initial.setdefault(
                "villages",
                "、".join(places.label(v.region) for v in row.villages.select_related("region__parent")),
            )
        else:
            del self.fields["move_reason"]

    def clean_villages(self):
        names = [name for name in _parts(self.cleaned_data["villages"]) if name]
        inside = self.cleaned_data.get("region")
        return [
            places.find(
                name, self.user, P.PROJECT_EDIT, levels=[Level.VILLAGE], inside=inside.path if inside else ""
            )
            for name in names
        ]

    def clean(self):
        data = super().clean()
        self._check_counts(data)
        if data.get("started_on") and data.get("finished_on") and data["finished_on"] < data["started_on"]:
            self.add_error("finished_on", "实际完工不能早于实际开工。")
        if data.get("finished_on") and data.get("state") and data["state"] not in codes.CLOSED:
            self.add_error("state", "已填实际完工日期，项目状态应为完工或以后。")
        if data.get("state") == codes.State.STOPPED and not data.get("blocked_reason"):
            self.add_error("blocked_reason", "停滞的项目须写明原因。")
        start, finish = data.get("start"), data.get("finish")
        if start and finish and start.start and finish.end and finish.end < start.start:
            self.add_error("finish", "计划完工不能早于计划开工。")
        row = self.instance
        if row.pk and "finish" in data and row.finish_end and not data.get("move_reason"):
            target = data["finish"]
            if (target.text if target else "") != row.finish_text:
                self.add_error("move_reason", f"原时限为“{row.finish_text}”，调整须写明原因。")
        return data

    def _check_counts(self, data):
        for unit, label in (("households", "户数"), ("persons", "人数")):
            parts = [data.get(f"benefit_{kind}_{unit}") for kind in ("out", "watched", "other")]
            total = data.get(f"benefit_{unit}")
            if total is not None and sum(filter(None, parts)) > total:
                self.add_error(f"benefit_{unit}", f"受益{label}少于其中各类之和 {sum(filter(None, parts))}。")
        done, all_ = data.get("quantity_done"), data.get("quantity")
        if done is not None and all_ is not None and done > all_:
            self.add_error("quantity_done", "已完成数量不能多于数量。")

    def _post_clean(self):
        data = self.cleaned_data
        for name in ("start", "finish"):
            if name in data:
                for column, value in schedule.columns(data[name], name).items():
                    setattr(self.instance, column, value)
        if data.get("region"):
            self.instance.region, self.instance.region_path = data["region"], data["region"].path
        if data.get("new_phone"):
            self.instance.manager_phone = data["new_phone"]
        super()._post_clean()


def _parts(text):
    for mark in "，,;；\n/ 　":
        text = text.replace(mark, "、")
    return [part.strip() for part in text.split("、")]


class MilestoneForm(forms.ModelForm):
    """A milestone row. `target` is the date that counts; changing one that exists is a move and needs `reason`."""

    target = schedule.TargetDateField(label="目标时限", required=False)
    reason = forms.CharField(label="调整原因", required=False, max_length=300)
    done_on = day("实际完成")

    class Meta:
        model = Milestone
        fields = ["name", "done_on", "note"]

    def __init__(self, *args, year=None, **options):
        super().__init__(*args, **options)
        self.fields["target"].year = year
        self.fields["target"].keep = self.instance.target_text
        self.initial.setdefault("target", self.instance.target_text)

    @property
    def moves(self):
        """Whether this row gives a milestone with a date another one."""
        row, target = self.instance, self.cleaned_data.get("target")
        dated = row.pk and (row.planned_end or row.revised_end)
        return bool(dated) and (target.text if target else "") != row.target_text

    def clean(self):
        data = super().clean()
        if "target" in data and self.moves and not data.get("reason"):
            self.add_error("reason", f"原时限为“{self.instance.target_text}”，调整须写明原因。")
        return data

    def _post_clean(self):
        if "target" in self.cleaned_data and not self.errors:
            name = "revised" if self.moves else "planned"
            target = self.cleaned_data["target"]
            if self.moves or not self.instance.planned_end:
                for column, value in schedule.columns(target, name).items():
                    setattr(self.instance, column, value)
        super()._post_clean()


class FundForm(forms.ModelForm):
    """A fund row, in 万元."""

    planned = WanField(label="下达（万元）", required=False)
    allotted = WanField(label="拨付（万元）", required=False)
    paid = WanField(label="支付（万元）", required=False)

    class Meta:
        model = FundLine
        fields = ["source", "planned", "allotted", "paid", "document"]

    def __init__(self, *args, booked=None, **options):
        """`booked` `{line: steps that have entries}`: those sums are worked out, not typed."""
        super().__init__(*args, **options)
        for step in (booked or {}).get(self.instance.pk, ()):
            self.fields[codes.PARTS[step]].disabled = True
            self.fields["source"].disabled = True

    def clean(self):
        data = super().clean()
        planned, allotted, paid = (data.get(name) for name in ("planned", "allotted", "paid"))
        if planned is not None and allotted is not None and allotted > planned:
            self.add_error("allotted", "拨付不能超过下达。")
        if allotted is not None and paid is not None and paid > allotted:
            self.add_error("paid", "支付不能超过拨付。")
        elif planned is not None and paid is not None and paid > planned:
            self.add_error("paid", "支付不能超过下达。")
        return data


class Rows(BaseInlineFormSet):
    """Rows of the sheet."""

    def get_unique_error_message(self, unique_check):
        return "同一资金来源只能有一行。"

    def get_form_error(self):
        return "与上面一行重复。"

    def add_fields(self, form, index):
        super().add_fields(form, index)
        form.fields["DELETE"].label = "删除"
        # Of a row that is posted, Django would look for its id among all rows there are.
        form.fields[self._pk_field.name].queryset = self.queryset

    @property
    def kept(self):
        """The forms to store, in order: neither empty nor deleted."""
        return [
            form
            for form in self.forms
            if not self._should_delete_form(form) and (form.instance.pk or form.has_changed())
        ]

    @property
    def gone(self):
        return [form.instance for form in self.forms if form.instance.pk and self._should_delete_form(form)]


MilestoneRows = inlineformset_factory(Project, Milestone, form=MilestoneForm, formset=Rows, extra=0)
FundRows = inlineformset_factory(Project, FundLine, form=FundForm, formset=Rows, extra=0)

BLANK = {"milestones": 3, "funds": 2}
"""Blank rows that a new project's page opens with; `more_milestones` and `more_funds` add further ones."""


def booked_steps(project):
    """`{line: {steps}}` of the fund lines that have entries."""
    found = {}
    if project.pk:
        rows = (
            FundEntry.objects.filter(line__project=project).order_by().values_list("line", "kind").distinct()
        )
        for line, kind in rows:
            found.setdefault(line, set()).add(kind)
    return found


class Sheet:
    """The whole page of a project: the form, the milestone rows and, for who may, the fund rows."""

    def __init__(self, data=None, *, project, user, may_fund, blank=None):
        self.project = project
        self.form = ProjectForm(data, instance=project, user=user)
        year = self.form.fields["finish"].year
        blank = blank or {}
        self.milestones = MilestoneRows(
            data,
            instance=project,
            prefix="milestones",
            form_kwargs={"year": year},
            queryset=Milestone.objects.unscoped("hanging"),
        )
        self.funds = (
            FundRows(data, instance=project, prefix="funds", form_kwargs={"booked": booked_steps(project)})
            if may_fund
            else None
        )
        for rows in self.formsets:
            rows.extra = blank.get(rows.prefix, 0)

    @property
    def formsets(self):
        return [rows for rows in (self.milestones, self.funds) if rows is not None]

    def is_valid(self):
        return all([self.form.is_valid(), *self._rows_are_valid()])

    @scope.without("hanging")
    def _rows_are_valid(self):
        return [rows.is_valid() for rows in self.formsets]

    def changes(self):
        """Keyword arguments for the actions: what is to be stored beside the project."""
        return {
            "villages": self.form.cleaned_data["villages"],
            "milestones": [form.instance for form in self.milestones.kept],
            "funds": [form.instance for form in self.funds.kept] if self.funds else [],
        }

    def moves(self):
        """Further arguments of `update_project`: reasons of moved dates, and the rows to delete."""
        return {
            "reason": self.form.cleaned_data.get("move_reason", ""),
            "reasons": {
                form.instance.pk: form.cleaned_data.get("reason", "") for form in self.milestones.kept
            },
            "removed": [row for rows in self.formsets for row in rows.gone],
        }

    def values(self):
        """`{key: (name in the page, label, text)}` of every field as it stands in the page.

        The key of a field in a row holds the row's id, so that two versions of the page can be compared.
        """
        found = {}
        for bound in self.form:
            if bound.name not in {"move_reason", "new_phone"}:
                found[bound.name] = (bound.html_name, bound.label, _text(bound))
        for rows in self.formsets:
            for form in rows.forms:
                if form.instance.pk is None:
                    continue
                for bound in form:
                    if bound.name in form._meta.fields or bound.name == "target":
                        key = f"{rows.prefix}:{form.instance.pk}:{bound.name}"
                        found[key] = (bound.html_name, f"{form.instance}　{bound.label}", _text(bound))
        return found

    def was(self):
        """The values as JSON, for the hidden field that says what the page showed when it was opened."""
        return json.dumps({key: text for key, (_, _, text) in self.values().items()}, ensure_ascii=False)


def _text(bound):
    value = bound.value()
    if value is None:
        return ""
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value).strip()


def shown(bound, text):
    """A value as people read it: labels instead of codes."""
    for code, label in getattr(bound.field, "choices", ()):
        inner = label if isinstance(label, list | tuple) else [(code, label)]
        for each, words in inner:
            if str(each) == text:
                return str(words)
    return text or "—"


def merge(data, *, mine, theirs, was):
    """Bring together two versions of a sheet that was opened as `was` (`{key: text}`).

    What only the others changed is taken over into a copy of `data`; what both changed stays as typed.
    Returns `(data, [(label, theirs, mine, taken)])`, one entry for each field that the others changed.
    """
    data, differences = data.copy(), []
    for key, (_, label, text) in theirs.items():
        old = was.get(key, text)
        name, _, typed = mine.get(key, ("", label, None))
        if typed is None or text in (typed, old):
            continue
        taken = typed == old
        if taken:
            data[name] = text
        differences.append((key, label, text, typed, taken))
    return data, differences


class ProgressForm(forms.ModelForm):
    """填报进度: how far the works are."""

    started_on, finished_on = day("实际开工"), day("实际完工")
    accepted_on = day("验收日期")
    note = forms.CharField(label="说明", required=False, max_length=200)

    class Meta:
        model = Project
        fields = ["progress", "quantity_done", "state", "started_on", "finished_on", "accepted_on"]

    def clean(self):
        data = super().clean()
        if data.get("state") == codes.State.STOPPED and not self.instance.blocked_reason:
            self.add_error("state", "停滞须写明原因，请用“登记受阻”。")
        if data.get("started_on") and data.get("finished_on") and data["finished_on"] < data["started_on"]:
            self.add_error("finished_on", "实际完工不能早于实际开工。")
        if data.get("finished_on") and data.get("state") and data["state"] not in codes.CLOSED:
            self.add_error("state", "已填实际完工日期，项目状态应为完工或以后。")
        return data


class BlockForm(forms.Form):
    reason = forms.CharField(
        label="受阻（未开工）原因", max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "如 征地未谈妥、土地政策未批、阻工、天气"}),
    )  # fmt: skip


class DoneForm(forms.Form):
    """A milestone is done. `today` is the latest day."""

    on = forms.DateField(label="实际完成日期", widget=DayInput())
    note = forms.CharField(label="说明", required=False, max_length=200)

    def __init__(self, *args, today, **options):
        super().__init__(*args, **options)
        self.today = today
        self.fields["on"].initial = today

    def clean_on(self):
        on = self.cleaned_data["on"]
        if on > self.today:
            raise ValidationError("完成日期不能晚于今天。")
        return on


class MoveForm(forms.Form):
    """Another date for a milestone, and why."""

    target = schedule.TargetDateField(label="新时限")
    reason = forms.CharField(label="调整原因", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class BeneficiaryForm(forms.ModelForm):
    """A household of the project; `user` decides which households there are."""

    money = forms.DecimalField(
        label="金额（元）", required=False, min_value=0, max_digits=14, decimal_places=2
    )
    on = day("日期")

    class Meta:
        model = Beneficiary
        fields = ["household", "item", "quantity", "unit", "money", "on"]
        widgets = {"household": forms.HiddenInput()}

    def __init__(self, *args, user, **options):
        super().__init__(*args, **options)
        self.fields["household"].queryset = Household.objects.visible_to(user).filter(closed_on=None)
        self.fields["household"].error_messages = {
            "required": "请先选择受益户。",
            "invalid_choice": "没有这一户，或不在您的区域。",
        }
        self.fields["household"].label = "受益户"

    def validate_unique(self):
        """With the project, which the form does not carry."""
        row = self.instance
        same = Beneficiary.objects.unscoped("unique").filter(
            project=row.project_id, household=row.household_id, item=row.item
        )
        if row.household_id and same.exists():
            self.add_error("item", "这一户的同一受益内容已经登记。")


def found_households(user, text, limit=20):
    """Households of `user` whose head's name or number starts with `text`."""
    rows = Household.objects.visible_to(user).filter(closed_on=None)
    text = text.strip()
    named = (
        rows.filter(number__startswith=text)
        if text[:1].isdecimal()
        else rows.filter(head_name__startswith=text)
    )
    return named.select_related("region__parent").order_by(F("region_path"), F("pk"))[:limit] if text else []


class FundEntryForm(forms.ModelForm):
    """An entry of the ledger, in yuan. `today` is the latest day."""

    source = forms.ChoiceField(label="资金级次", choices=[("", "请选择"), *codes.FundSource.choices])
    on = forms.DateField(label="日期", widget=DayInput())
    amount = forms.DecimalField(
        label="金额（元）", max_digits=16, decimal_places=2, help_text="冲回的写负数。"
    )

    class Meta:
        model = FundEntry
        fields = ["on", "source", "kind", "amount", "document", "payee", "summary"]

    def __init__(self, *args, today, **options):
        super().__init__(*args, **options)
        self.today = today
        self.fields["kind"].choices = [("", "请选择"), *codes.FundStep.choices]

    def clean_on(self):
        on = self.cleaned_data["on"]
        if on > self.today:
            raise ValidationError("日期不能晚于今天。")
        return on
