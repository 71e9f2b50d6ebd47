"""The members of a household as rows of its form."""

import re
import unicodedata

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator

from fupin.accounts.pii import FieldClass, masked
from households import codes, idcard
from households.actions import register
from households.actions.workplaces import counties_in
from households.forms.fields import Select, TextInput, form_class, half_width
from households.models import Household, Member, MemberYear

MAX_MEMBERS = 60
HEALTH = [
    ("", "请选择"), ("01", "健康"), ("02", "慢性病"), ("03", "患大病"), ("04", "残疾"),
    ("02,03", "慢性病、大病"), ("02,04", "慢性病、残疾"), ("03,04", "大病、残疾"), ("02,03,04", "慢病、大病、残疾"),
]  # fmt: skip
"""健康 excludes the others, so the eight sets that can be true are one list: one key press, nothing to contradict."""

ID_CHECKED = ("01", "03", "09")
DETAILS = [
    ("证件与联系", ("id_type", "sex", "birth", "phone", "member_no", "politics", "marriage", "living")),
    ("就学与健康", (
        "dropout_reason", "disability_kind", "disability_level", "disability_no", "disability_year", "orphan",
        "de_facto_orphan", "putonghua",
    )),
    ("保障", (
        "medical_resident", "medical_employee", "medical_critical", "medical_aid", "health_help", "pension_resident",
        "pension_employee", "pension_received", "accident_insured", "commercial_insured", "dibao", "tekun",
    )),
    ("务工与就业", (
        "work_area", "work_months", "work_place", "work_company", "work_industry", "job_channel", "work_income",
        "abroad", "post_kind", "post_months", "workshop", "leader", "training", "training_on", "certificate",
        "graduate_job", "graduate_reason", "military", "activist",
    )),
    ("人员增减", ("joined_on", "joined_event", "left_on", "left_event")),
]  # fmt: skip
"""Fields of a member below the row, by group; the row itself has the nine that everybody fills."""

CELLS = ("name", "relation", "id_number", "ethnic", "education", "school", "health", "labour")
NEW_MEMBER_NEEDS = ("ethnic", "labour", "health")
"""A new member must have these; of older ones what was never filled is a doubt, so that a phone number can be
corrected without a village visit."""

MONTHS = ("work_months", "post_months")


def plain_name(text):
    """A name as kept: one width, one kind of middle dot, no role note, inner blanks of Tibetan names left alone."""
    text = unicodedata.normalize("NFKC", text).strip()
    text = re.sub(r"[•・･∙⋅．.]", "·", text)
    return re.sub(r"\((户主|本人)\)$", "", text).strip()


class MemberRow(
    form_class("_Member", Member, [name for name in register.MEMBER_FIELDS if name != "id_number"]),
    form_class("_MemberYear", MemberYear, register.YEAR_FIELDS),
):
    """One member: a row of the table, and the fields below it."""

    id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(label="姓名", max_length=40, widget=TextInput(attrs={"autocomplete": "off"}))
    id_number = forms.CharField(
        label="证件号码", max_length=40, required=False,
        widget=TextInput(attrs={"class": "form-control mono", "autocomplete": "off", "data-id18": ""}),
    )  # fmt: skip
    health = forms.ChoiceField(label="健康状况", choices=HEALTH, required=False, widget=Select)

    def __init__(self, *args, entry, **options):
        super().__init__(*args, **options)
        self.entry = entry
        self.fields["relation"].required = True
        self.fields["left_event"].choices = [
            ("", "仍在户内"),
            *[choice for choice in codes.MemberEvent.choices if choice[0] in codes.LEAVING_EVENTS],
        ]
        self.fields["joined_event"].choices = [
            ("", "请选择"),
            *[choice for choice in codes.MemberEvent.choices if choice[0] not in codes.LEAVING_EVENTS],
        ]
        for name in MONTHS:
            self.fields[name].validators.append(MaxValueValidator(12))
        for name, field in self.fields.items():
            field.error_messages["required"] = "此项必填。"
            if name in CELLS:
                field.widget.attrs["aria-label"] = field.label
        if self.stored is not None and self.stored.id_number:
            self.fields["id_number"].widget.attrs["data-kept"] = masked(
                FieldClass.ID_NUMBER, self.stored.id_number
            )
        held = (self.initial or {}).get("health") or ""
        if held and held not in dict(HEALTH):
            self.fields["health"].choices = [*HEALTH, (held, MemberYear(health=held).health_labels)]

    @property
    def stored(self):
        """The member this row edits, or None for a new one."""
        return self.entry.members_by_id.get(self._typed_id())

    def _typed_id(self):
        text = str(self["id"].value() or "")
        return int(text) if text.isdecimal() else None

    @property
    def cells(self):
        return [self[name] for name in CELLS]

    @property
    def details(self):
        """`[(title, bound fields)]` below the row."""
        return [(title, [self[name] for name in names]) for title, names in DETAILS]

    @property
    def details_wrong(self):
        return any(name in self.errors for _, names in DETAILS for name in names)

    @property
    def sex_and_age(self):
        member = self.stored
        if member is None or member.birth is None:
            return ""
        return f"{member.get_sex_display()} {member.age_on(self.entry.today)} 岁"

    def clean_id(self):
        pk = self.cleaned_data["id"]
        if pk is not None and pk not in self.entry.members_by_id:
            raise ValidationError("这名成员不在本户。")
        return pk

    def clean_name(self):
        name = plain_name(self.cleaned_data["name"])
        if not 2 <= len(name) <= 30:
            raise ValidationError("姓名应为 2 至 30 个字。")
        return name

    def clean_phone(self):
        return self._personal("phone")

    def _personal(self, name, owner=None):
        typed = half_width(self.cleaned_data.get(name) or "")
        return register.unmasked(
            owner or self.stored or Member(), name, typed, self.entry.seen(f"m{self._typed_id()}.{name}")
        )

    def clean_disability_no(self):
        years = self.entry.years_by_member
        number = self._personal("disability_no", years.get(self._typed_id()) or MemberYear()).upper()
        if number and len(number) not in (20, 22):
            raise ValidationError("残疾人证号应为 20 位（换发的为 22 位）。")
        return number

    def clean_work_place(self):
        """The place of work down to the county, wherever it is typed anew; words of older files stay as they are."""
        place = self.cleaned_data["work_place"].strip()
        if not place or self.stored and self.stored.years.filter(work_place=place).exists():
            return place
        if (
            self.data.get(self.add_prefix("abroad")) == "1"
            or self.data.get(self.add_prefix("work_area")) == "99"
        ):
            return place
        found = counties_in(place)
        if not found:
            raise ValidationError(
                "请写到区县，如“浙江省杭州市余杭区”。境外务工的，务工区域选“其他（境外）”。"
            )
        if len(found) > 1:
            raise ValidationError(
                f"有 {len(found)} 个同名的区县，请写上省市：{'、'.join(list(found.values())[:4])}。"
            )
        return place

    def clean(self):
        data = super().clean()
        self._identify(data)
        self._require(data)
        self._leave(data)
        return data

    def _identify(self, data):
        """The ID number, and birth and sex from it; typed birth and sex count only where there is none."""
        kind = data.get("id_type") or "01"
        data["id_type"] = kind
        try:
            typed = self._personal("id_number")
        except ValidationError as error:
            self.add_error("id_number", error)
            return
        if kind not in ID_CHECKED:
            self._undocumented(data, kind, typed)
            return
        read = idcard.read(typed, self.entry.today)
        if read.problem == idcard.MISSING:
            self.add_error("id_number", "请填 18 位证件号码。没有证件的，在“更多”里把证件类型选为无证。")
        elif read.problem:
            self.add_error("id_number", read.message)
        else:
            data |= {"id_number": read.number, "birth": read.birth, "sex": read.sex}
            if read.certificate:
                data["disability_no"] = data.get("disability_no") or read.certificate
                data["disability_kind"] = data.get("disability_kind") or read.kind
                data["disability_level"] = data.get("disability_level") or read.level
                data["id_type"] = "01"

    def _undocumented(self, data, kind, typed):
        typed = idcard.normalise(typed)
        if kind == "99" and typed:
            self.add_error("id_number", "证件类型是无证，证件号码应留空。")
        elif kind != "99" and not 4 <= len(typed) <= 22:
            self.add_error("id_number", "请填证件上的号码。")
        data["id_number"] = typed
        for name, words in (
            ("sex", "没有身份证号的，须填性别。"),
            ("birth", "没有身份证号的，须填出生日期。"),
        ):
            if not data.get(name):
                self.add_error(name, words)

    def _require(self, data):
        if self.stored is None:
            for name in NEW_MEMBER_NEEDS:
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, "此项必填。")
        birth = data.get("birth")
        if birth and not data.get("left_event"):
            age = idcard.age_on(birth, self.entry.today)
            at_school = data.get("school") not in ("", "00", "01", None)
            if age in range(6, 16) and not at_school and not data.get("dropout_reason"):
                self.add_error(
                    "dropout_reason", "义务教育阶段（6 至 15 岁）未在校，须填写原因，或选在校生状况。"
                )

    def _leave(self, data):
        event, day = data.get("left_event"), data.get("left_on")
        if day and not event:
            self.add_error("left_event", "须填写人员减少原因。")
        if event and not day and "left_on" not in self.errors:
            self.add_error("left_on", "须填写减少日期。")
        if day and data.get("joined_on") and day < data["joined_on"]:
            self.add_error("left_on", "减少日期早于增加日期。")


class MemberRows(forms.BaseFormSet):
    """The member table. A new row left wholly blank is no member."""

    def __init__(self, *args, entry, **options):
        self.entry = entry
        super().__init__(*args, **options)

    def get_form_kwargs(self, index):
        return {"entry": self.entry}

    @property
    def filled(self):
        """Rows that say something: existing members, and new rows with any text."""
        return [form for form in self.forms if not form.empty_permitted or form.has_changed()]


MemberFormSet = forms.formset_factory(
    MemberRow,
    formset=MemberRows,
    extra=0,
    max_num=MAX_MEMBERS,
    absolute_max=MAX_MEMBERS + 20,
    validate_max=True,
)


def where_registered(member, user):
    """Why an ID number is taken; the other household is named only to who may see it."""
    other = Household.objects.visible_to(user).filter(pk=member.household_id).select_related("region").first()
    if other is None:
        return "证件号码重复：此人已在其他户登记，请联系乡镇或县里核对。"
    return f"证件号码重复：已在 {other.region} {other.head_name} 户（{other.number}）登记。"
