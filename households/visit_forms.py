"""Forms of visits, follow-ups, pairings and measures."""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from fupin.photos import rebuild
from fupin.regions.models import WIDTHS, Region
from fupin.schedule import TargetDateField, columns, target_of
from households import codes
from households.actions.visits import MAX_PHOTOS
from households.models import Helper, Measure

PHRASES = [
    "家中情况正常",
    "了解收入情况",
    "宣传帮扶政策",
    "查看产业发展",
    "查看住房饮水",
    "查看就学就医",
    "送慰问物资",
]
"""What visits mostly say: one tap instead of typing."""


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **options):
        super().__init__(format="%Y-%m-%d", **options)


def day(label, **options):
    return forms.DateField(label=label, widget=DateInput(), **options)


def people_of(household, user):
    """`[(helper id, name)]` who may have visited: this user, who is paired now, who was paired before."""
    found = {}
    own = getattr(user, "helper", None)
    if own is not None:
        found[own.pk] = own.name
    pairings = household.pairings.select_related("helper").order_by("ends_on", "order", "-starts_on")
    rows = list(pairings)
    for row in [row for row in rows if row.ends_on is None] + [row for row in rows if row.ends_on]:
        found.setdefault(row.helper_id, row.helper.name)
    return [(str(pk), name) for pk, name in found.items()]


class PhotoInput(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data, files, name):
        return files.getlist(name)


class PhotosField(forms.FileField):
    """Several pictures, cleaned to rebuilt `fupin.photos.Photo`s."""

    widget = PhotoInput

    def clean(self, data, initial=None):
        files = [super(PhotosField, self).clean(file) for file in data or []]
        if len(files) > MAX_PHOTOS:
            raise ValidationError(f"一次最多 {MAX_PHOTOS} 张照片。")
        return [rebuild(file) for file in files]


class VisitForm(forms.Form):
    """One visit. `household`, `user` and `today` come from the page."""

    way = forms.ChoiceField(label="方式", choices=codes.VisitWay, widget=forms.RadioSelect)
    on = day("日期")
    helpers = forms.MultipleChoiceField(label="走访人", required=False, widget=forms.CheckboxSelectMultiple)
    visitor_text = forms.CharField(label="其他走访人", max_length=80, required=False)
    purposes = forms.MultipleChoiceField(
        label="走访目的", choices=codes.VisitPurpose, required=False, widget=forms.CheckboxSelectMultiple
    )
    phrases = forms.MultipleChoiceField(
        label="常用内容", choices=[(text, text) for text in PHRASES], required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    content = forms.CharField(
        label="情况记录", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    problem = forms.CharField(
        label="发现的问题", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    handling = forms.CharField(
        label="处理措施", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    solved = forms.NullBooleanField(
        label="是否解决",
        required=False,
        widget=forms.RadioSelect(choices=[("true", "已解决"), ("false", "未解决")]),
    )
    gift_money = forms.DecimalField(
        label="慰问金额（元）", max_digits=10, decimal_places=2, min_value=0, required=False
    )
    gift_goods = forms.CharField(label="慰问物品", max_length=80, required=False)
    confirmed = forms.BooleanField(label="户主已确认", required=False)
    photos = PhotosField(
        label="照片", required=False, widget=PhotoInput(attrs={"accept": "image/jpeg,image/png"})
    )
    sure = forms.BooleanField(label="确认无误，仍然保存", required=False)

    def __init__(self, *args, household, user, today, **options):
        super().__init__(*args, **options)
        self.today = today
        self.fields["helpers"].choices = people_of(household, user)
        self.fields["on"].widget.attrs["max"] = today.isoformat()
        if not self.is_bound:
            own = getattr(user, "helper", None)
            self.initial = {
                "on": today, "way": codes.VisitWay.HOME,
                "helpers": [str(own.pk)] if own else [], "visitor_text": "" if own else user.name,
            } | self.initial  # fmt: skip

    def clean_on(self):
        if self.cleaned_data["on"] > self.today:
            raise ValidationError(f"走访日期不能晚于今天（{self.today}）。")
        return self.cleaned_data["on"]

    def clean(self):
        data = super().clean()
        said = "，".join(data.get("phrases") or [])
        data["content"] = "。".join(filter(None, [said, (data.get("content") or "").strip()]))
        if not data["content"] and "content" not in self.errors:
            self.add_error("content", "请写一句走访情况，或点选常用内容。")
        if not data.get("helpers") and not data.get("visitor_text"):
            self.add_error("helpers", "请选择走访人。")
        if data.get("solved") is not None and not data.get("problem"):
            self.add_error("problem", "选了是否解决，请写明发现的问题。")
        return data

    def columns(self):
        """Column values for `record_visit`, besides day, content, visitors and photos."""
        data = self.cleaned_data
        fields = {
            name: data[name] for name in ("way", "problem", "handling", "solved", "gift_money", "gift_goods")
        }
        return fields | {"purposes": ",".join(data["purposes"]), "confirmed": data["confirmed"] or None}


class FollowUpForm(forms.Form):
    """What must follow: what, who, by when. An empty row is no follow-up."""

    what = forms.CharField(label="事项", max_length=300, required=False)
    helper = forms.ChoiceField(label="承办人", required=False)
    due = TargetDateField(label="办理时限", required=False)

    def __init__(self, *args, people, today, **options):
        super().__init__(*args, **options)
        self.fields["helper"].choices = [("", "请选择"), *people]
        self.fields["due"].year = today.year
        self.fields["due"].widget.attrs["list"] = "due-days"
        if people and not self.is_bound:
            self.initial.setdefault("helper", people[0][0])

    def clean(self):
        data = super().clean()
        if not data.get("what"):
            if data.get("due"):
                self.add_error("what", "请写明跟进事项。")
            return data
        if not data.get("due") and "due" not in self.errors:
            self.add_error("due", "请填写办理时限。")
        if not data.get("helper") and len(self.fields["helper"].choices) > 1:
            self.add_error("helper", "请选择承办人。")
        return data

    def columns(self):
        """Column values of FollowUp, or None for an empty row."""
        data = self.cleaned_data
        if not data.get("what"):
            return None
        return {"what": data["what"], "helper_id": data["helper"] or None} | columns(data["due"], "due")


class FollowUpRows(forms.BaseFormSet):
    def rows(self):
        return [row for row in (form.columns() for form in self.forms) if row]


FollowUpFormSet = forms.formset_factory(FollowUpForm, formset=FollowUpRows, extra=2, max_num=5)


class PairingForm(forms.Form):
    """Who becomes responsible for the chosen households, and what happens to the present one."""

    helper = forms.ModelChoiceField(label="帮扶责任人", queryset=Helper.objects.none(), empty_label="请选择")
    order = forms.ChoiceField(label="责任人序位", choices=codes.HelperOrder)
    starts_on = day("开始日期")
    visits_per_year = forms.IntegerField(
        label="每年走访次数",
        min_value=1,
        max_value=366,
        required=False,
        help_text="不填则按规定：监测户每月、脱贫户每季度一次",
    )
    replace = forms.BooleanField(label="已有第一帮扶责任人的，更换为此人", required=False)
    end_reason = forms.ChoiceField(
        label="更换原因", choices=[("", "—"), *codes.PairingEnd.choices], required=False
    )
    end_note = forms.CharField(label="更换说明", max_length=200, required=False)

    def __init__(self, *args, helpers, today, **options):
        super().__init__(*args, **options)
        self.fields["helper"].queryset = helpers
        self.fields["helper"].label_from_instance = lambda row: f"{row.name}　{row.unit}".strip()
        if not self.is_bound:
            self.initial = {"order": codes.HelperOrder.FIRST, "starts_on": today} | self.initial

    def clean(self):
        data = super().clean()
        if data.get("replace") and not data.get("end_reason"):
            self.add_error("end_reason", "更换责任人须选择原因。")
        data["end_reason"] = data.get("end_reason") or codes.PairingEnd.OTHER
        return data


class EndPairingForm(forms.Form):
    ends_on = day("结束日期")
    reason = forms.ChoiceField(label="变更原因", choices=[("", "请选择"), *codes.PairingEnd.choices])
    note = forms.CharField(label="说明", max_length=200, required=False)


class SuccessorField(forms.CharField):
    """A helper out of a suggested list: what is typed begins with the number that the suggestion gives."""

    others = Helper.objects.none()

    def __init__(self, **kwargs):
        super().__init__(max_length=140, required=False, **kwargs)
        self.widget.attrs |= {"list": "helper-list", "autocomplete": "off", "class": "form-control"}

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        number = text.split()[0]
        found = (
            self.others.filter(pk=number)
            if number.isdigit() and len(number) < 19
            else self.others.filter(name=text)
        )
        found = list(found[:2])
        if len(found) == 1:
            return found[0]
        raise ValidationError(
            "有同名的责任人，请从列表中选。" if found else "没有找到这位责任人，请从列表中选。"
        )


class HandoverForm(forms.Form):
    """Who takes over from a person who moves on: one successor for all, another where a row says so."""

    last_day = day("最后一天")
    reason = forms.ChoiceField(label="变更原因", choices=codes.PairingEnd.choices)
    note = forms.CharField(label="说明", max_length=200, required=False)
    successor = SuccessorField(label="接手人", help_text="输入姓名，从列表中选；个别户可在下面另选")

    def __init__(self, *args, rows, others, today, **options):
        super().__init__(*args, **options)
        self.rows, self.others, self.successors = rows, others, {}
        self.fields["successor"].others = others
        for row in rows:
            self.fields[self.name_of(row)] = SuccessorField(label=f"{row.household}的接手人")
            self.fields[self.name_of(row)].others = others
            self.fields[self.name_of(row)].widget.attrs["aria-label"] = f"{row.household}的接手人"
        if not self.is_bound:
            self.initial = {"last_day": today, "reason": codes.PairingEnd.MOVED} | self.initial

    def name_of(self, row):
        return f"successor_{row.pk}"

    def clean(self):
        data = super().clean()
        for row in self.rows:
            name = self.name_of(row)
            chosen = data.get(name) or data.get("successor")
            if chosen is None and name not in self.errors and "successor" not in self.errors:
                self.add_error(name, "这一户还没有接手人。")
            self.successors[row.pk] = chosen
        return data


class HelperForm(forms.ModelForm):
    """An official, and the account with which they log in."""

    username = forms.CharField(
        label="登录账号", required=False, help_text="填写后，此人登录可看到自己结对的户；须是管理范围内的账号"
    )

    class Meta:
        model = Helper
        fields = [
            "name", "sex", "unit", "unit_kind", "unit_level", "rank", "phone", "politics",
            "first_secretary", "team_leader", "team_member",
        ]  # fmt: skip

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        if self.instance.user_id:
            self.initial.setdefault("username", self.instance.user.username)


class MeasureForm(forms.ModelForm):
    """A measure of one household, with its target as typed."""

    target = TargetDateField(label="完成时限", required=False)

    class Meta:
        model = Measure
        fields = ["kind", "what", "quantity", "unit", "money", "helper", "starts_on"]
        widgets = {"starts_on": DateInput()}

    def __init__(self, *args, people, today, **options):
        super().__init__(*args, **options)
        self.fields["target"].year = today.year
        self.fields["helper"].queryset = Helper.objects.unscoped("hanging").filter(
            pk__in=[pk for pk, _ in people]
        )
        self.fields["helper"].empty_label = "请选择"
        for name in ("quantity", "money"):
            self.fields[name].min_value = 0
            self.fields[name].widget.attrs["min"] = 0
        if self.instance.pk:
            self.initial["target"] = target_of(self.instance, "target") or self.instance.target_text

    def clean(self):
        data = super().clean()
        target, starts_on = data.get("target"), data.get("starts_on")
        if target and starts_on and target.end < starts_on:
            self.add_error("target", f"完成时限不能早于开始日期（{starts_on}）。")
        if (data.get("quantity") or 0) < 0:
            self.add_error("quantity", "数量不能小于 0。")
        if (data.get("money") or 0) < 0:
            self.add_error("money", "金额不能小于 0。")
        return data

    def filled(self):
        """The instance with the target's three columns set; not saved."""
        for name, value in columns(self.cleaned_data.get("target"), "target").items():
            setattr(self.instance, name, value)
        return self.instance


class DoneForm(forms.Form):
    done_on = day("完成日期")
    effect = forms.CharField(label="成效", max_length=200, required=False)


def place_choices(user, region, permission):
    """`[(path, name)]` for a region filter: the way down to the chosen one and what lies below it, or the
    user's own places and what lies below them."""
    held = user.paths(permission)
    if region:
        where = Q(path__in=[region[:width] for width in WIDTHS.values()]) | Q(parent__path=region)
        rows = Region.objects.visible_to(user, permission).filter(where)
    else:
        rows = Region.objects.filter(Q(path__in=held) | Q(parent__path__in=held))
    rows = list(rows.order_by("path"))
    top = rows[0].level if rows else 0
    return [(row.path, "　" * (row.level - top) + row.short_name) for row in rows]
