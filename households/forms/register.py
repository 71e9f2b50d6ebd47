"""The household page as one form: the household, its members as rows, and one data year's facts.

`Entry` holds the five forms together, checks what needs all of them, and can compare what was typed with what
somebody else saved meanwhile. Personal numbers are shown masked; a mask that comes back untouched means
"as stored" (`households.actions.register.unmasked`).
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db.models import Q

from fupin.accounts.pii import FieldClass, masked
from fupin.accounts.roles import Permission
from fupin.regions.models import Level, Region
from fupin.schedule import TargetDateField
from households import codes, idcard, lifecycle
from households.actions import income as income_lines
from households.actions import register
from households.actions.workplaces import counties_in
from households.forms.fields import CodesField, NumberField, Select, TextInput, form_class, half_width
from households.models import Condition, Household, Income, Member, MemberYear

MAX_MEMBERS = 60
SALT = "households.entry"
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


class HouseholdForm(
    form_class("_Household", Household, [name for name in register.HOUSEHOLD_FIELDS if name != "region"])
):
    """The household itself, where it lives, its target date, and for a new one its status."""

    region = forms.ChoiceField(label="所在村组", widget=Select)
    risks = CodesField(label="风险类型", choices=codes.Risk.choices, required=False, most=5)
    needs = CodesField(label="帮扶需求", choices=codes.Need.choices, required=False)
    relocation_difficulties = CodesField(
        label="搬迁困难", choices=codes.RelocationDifficulty.choices, required=False
    )
    target = TargetDateField(label="计划脱贫（消除）时限", required=False, widget=TextInput)
    target_reason = forms.CharField(label="调整时限的原因", max_length=300, required=False, widget=TextInput)
    registry_status = forms.ChoiceField(
        label="建档立卡状态", widget=Select, required=False, initial="0",
        choices=[choice for choice in codes.RegistryStatus.choices if choice[0] in "0123"],
    )  # fmt: skip
    exit_year = forms.IntegerField(
        label="脱贫年度", required=False, min_value=2014, max_value=2100, widget=TextInput
    )

    def __init__(self, *args, entry, **options):
        super().__init__(*args, **options)
        self.entry = entry
        self.fields["region"].choices = entry.places
        self.fields["region"].error_messages["required"] = "请选择所在村组。"
        self.fields["number"].help_text = "留空则自动编号"
        self.fields["identified_on"].label = "首次识别时间"
        self.fields["target"].year = entry.today.year
        if entry.household is not None or not entry.may_advance:
            del self.fields["registry_status"], self.fields["exit_year"]
        if entry.household is None or not entry.household.target_text:
            del self.fields["target_reason"]
        elif not entry.may_advance:
            del self.fields["target"], self.fields["target_reason"]

    def clean_phone(self):
        return self._personal("phone")

    def clean_bank_account(self):
        account = self._personal("bank_account").replace(" ", "")
        if account and not re.fullmatch(r"\d{8,30}", account):
            raise ValidationError("银行账号应为 8 至 30 位数字。")
        return account

    def _personal(self, name):
        typed = half_width(self.cleaned_data[name])
        return register.unmasked(
            self.entry.household or Household(), name, typed, self.entry.seen(f"h.{name}")
        )

    def clean_number(self):
        number = self.cleaned_data["number"].strip()
        held = Household.objects.unscoped("unique").filter(number=number)
        if self.entry.household is not None:
            held = held.exclude(pk=self.entry.household.pk)
        if number and held.exists():
            raise ValidationError("户编号重复：这个编号已经有一户。")
        return number

    def clean_region(self):
        return self.entry.regions[int(self.cleaned_data["region"])]

    def clean_target(self):
        target, household = self.cleaned_data["target"], self.entry.household
        unchanged = household is not None and target and target.text == household.target_text
        return None if unchanged else target

    def clean(self):
        data = super().clean()
        if data.get("relocated") and not data.get("relocation_site"):
            self.add_error("relocation_site", "易地搬迁户须填写安置区名称。")
        if data.get("target") and "target_reason" in self.fields and not data.get("target_reason"):
            self.add_error("target_reason", "改动时限须说明原因，原时限会保留在记录里。")
        status = data.get("registry_status") or "0"
        if status in ("1", "2") and "target" in self.fields and not data.get("target"):
            self.add_error("target", "在帮扶的户须填写时限。")
        if status == "3" and not data.get("exit_year") and "exit_year" in self.fields:
            self.add_error("exit_year", "已脱贫户须填写脱贫年度。")
        return data


class CausesForm(forms.Form):
    """致贫原因 of the data year: one main, up to two further."""

    main = forms.ChoiceField(
        label="主要致贫原因", required=False, widget=Select, choices=[("", "请选择"), *codes.Cause.choices]
    )
    others = CodesField(label="其他致贫原因", choices=codes.Cause.choices, required=False, most=2)
    note = forms.CharField(
        label="情况说明",
        required=False,
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"}),
    )

    def clean(self):
        data = super().clean()
        main, others = data.get("main"), data.get("others", "")
        if others and not main:
            self.add_error("main", "先选主要致贫原因，再选其他原因。")
        if main and main in others.split(","):
            self.add_error("others", "其他致贫原因不能与主要原因相同。")
        if data.get("note") and not main and "main" not in self.errors:
            self.add_error("main", "写了情况说明，请选主要致贫原因。")
        return data


class ConditionForm(form_class("_Condition", Condition, register.CONDITION_FIELDS)):
    guarantees = CodesField(label="兜底类型", choices=codes.Guarantee.choices, required=False)

    def clean(self):
        data = super().clean()
        farmland, irrigated = data.get("farmland"), data.get("irrigated")
        if farmland is not None and irrigated is not None and irrigated > farmland:
            self.add_error("irrigated", "有效灌溉面积不能大于耕地面积。")
        if data.get("dangerous") and not data.get("danger_level"):
            self.add_error("danger_level", "危房须填写等级。")
        return data


class IncomeForm(form_class("_Income", Income, register.INCOME_FIELDS)):
    stated_net = NumberField(
        label="填报纯收入", max_digits=14, decimal_places=2, unit="元", required=False,
        help_text="只有纯收入总数、没有分项时填；填了分项，以分项为准",
    )  # fmt: skip

    def clean(self):
        data = super().clean()
        start, end = data.get("period_start"), data.get("period_end")
        if start and end and end < start:
            self.add_error("period_end", "核算期的起止颠倒。")
        return data


class IncomeLinesForm(forms.Form):
    """The lines behind the totals: one amount for each item that the county counts, or keeps beside."""

    use_required_attribute = False

    def __init__(self, *args, items, **options):
        super().__init__(*args, **options)
        self.items = items
        for item in items:
            field = NumberField(
                label=item.label, max_digits=14, decimal_places=2, min_value=0, unit="元", required=False
            )
            column = income_lines.TOTALS[item.group]
            if item.counted:
                field.widget.attrs["data-line"] = column
            else:
                field.label = f"{item.label}（不计入）"
            self.fields[item.code] = field

    def groups(self):
        """`[(category, its total's column, bound fields)]`"""
        return [
            (group.label, column, [self[item.code] for item in self.items if item.group == group])
            for group, column in income_lines.TOTALS.items()
        ]

    @property
    def opened(self):
        """Whether there is something to see below the totals."""
        return bool(self.errors) or any(self[item.code].value() not in (None, "") for item in self.items)


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
        return int(text) if text.isdigit() else None

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


@dataclass(frozen=True)
class Problem:
    """One line of the error summary: where it links to, and its words."""

    anchor: str
    text: str
    section: str


@dataclass(frozen=True)
class Difference:
    """One field in which two versions differ, as words. `decided`: the side that changed alone, "" when both did."""

    key: str
    label: str
    base: str
    theirs: str
    mine: str
    decided: str


SECTION_FIELDS = {
    "f1": [
        ("region", "w2"), ("number", ""), ("phone", ""), ("address", "w2"), ("bank_name", ""), ("bank_account", ""),
        ("standard", ""), ("identified_on", ""), ("legacy_attribute", ""), ("military_family", ""),
        ("relocated", ""), ("relocation_site", ""), ("relocation_address", "w2"), ("relocation_mode", ""),
        ("settlement", ""), ("settlement_place", ""), ("relocation_difficulties", "w4"), ("remark", "w4"),
    ],
    "f6": [
        ("registry_status", ""), ("exit_year", ""), ("policy_status", ""), ("not_exit_reason", ""),
        ("bottom_line", ""), ("target", ""), ("target_reason", "w2"), ("needs", "w4"), ("risks", "w4"),
    ],
}  # fmt: skip
CONDITION_GROUPS = [
    ("住房", ("residence", "structure", "house_area", "dangerous", "danger_level", "renovation_year", "renovation_subsidy")),
    ("饮水、用电和道路", (
        "water_kind", "water_safe", "water_difficult", "water_solved", "power_living", "power_production", "broadcast",
        "road_kind", "road_distance", "toilet", "fuel",
    )),
    ("土地（亩）", ("farmland", "irrigated", "forest", "returned_forest", "orchard", "pasture", "water_surface")),
    ("带动与保障", (
        "cooperative", "cooperative_name", "enterprise_led", "enterprise_name", "leader_led", "leader_name", "dibao",
        "tekun", "self_paid_medical",
    )),
    ("采集", ("collector", "collected_on", "signed", "note")),
]  # fmt: skip


class Entry:
    """Everything on the household page of one data year, bound to `data` or filled from the book.

    `township`: the path within which the household may stand. Invalid entries keep every typed character.
    """

    def __init__(self, *, user, today, year, township, household=None, data=None):
        self.user, self.today, self.year, self.household = user, today, year, household
        self.township = township
        self.regions = {
            region.pk: region
            for region in Region.objects.visible_to(user, Permission.HOUSEHOLD_EDIT)
            .within(township)
            .filter(
                Q(valid_to=None) | Q(pk=household.region_id if household else 0), level__gte=Level.VILLAGE
            )
            .order_by("path")
        }
        self.places = self._places()
        if household is None:
            self.may_advance = any(township.startswith(p) or p.startswith(township) for p in user.paths(Permission.STATUS_ADVANCE))  # fmt: skip
        else:
            self.may_advance = lifecycle.may_advance(household, user)
        members = list(household.members.order_by("order", "pk")) if household else []
        self.members_by_id = {member.pk: member for member in members}
        self.left = [member for member in members if member.left_on]
        self.years_by_member = {
            row.member_id: row
            for row in MemberYear.objects.unscoped("hanging").filter(member__in=self.members_by_id, year=year)
        }
        self.stored = register.snapshot(household, year) if household else {}
        self.taken_from, self.taken = (
            register.last_year_facts(household, year) if household and data is None else (None, {})
        )
        held = [key[2:] for key in self.stored if key.startswith("l.")]
        self.items = income_lines.items_for(household.region_path if household else township, year, held)
        if household:
            self.stored = {f"l.{item.code}": None for item in self.items} | self.stored
        self.base_seen = _unsealed(data.get("base", "")) if data is not None else {}
        self._bind(data)

    def _places(self):
        """The choices of 所在村组, by village."""
        grouped = {}
        for region in self.regions.values():
            if region.level == Level.VILLAGE:
                grouped[region.path] = (
                    region.short_name,
                    [(region.pk, f"{region.short_name}（不分组）")],
                )
            elif region.path[:12] in grouped:
                name, options = grouped[region.path[:12]]
                options.append((region.pk, f"{name} {region.short_name}"))
            else:
                grouped[region.path] = (region.short_name, [(region.pk, region.short_name)])
        return [("", "请选择"), *grouped.values()]

    def _bind(self, data):
        shown = {key: _shown(key, value) for key, value in {**self.stored, **self.taken}.items()}
        active = [member for member in self.members_by_id.values() if not member.left_on]

        def part(letter):
            return {key[2:]: value for key, value in shown.items() if key.startswith(f"{letter}.")}

        initial = part("h")
        if self.household is not None:
            initial["target"] = self.household.target_text
        rows = [
            {"id": member.pk}
            | {
                key.partition(".")[2]: value
                for key, value in shown.items()
                if key.startswith(f"m{member.pk}.")
            }
            for member in active
        ] or [{"relation": "01", "id_type": "01"}]
        common = {"use_required_attribute": False}
        self.base = HouseholdForm(data, initial=initial, entry=self, **common)
        self.causes = CausesForm(data, initial=part("k"), prefix="k", **common)
        self.income = IncomeForm(data, initial=part("i"), prefix="i", **common)
        self.lines = IncomeLinesForm(data, initial=part("l"), prefix="l", items=self.items)
        self.condition = ConditionForm(data, initial=part("c"), prefix="c", **common)
        self.members = MemberFormSet(data, initial=rows if data is None else None, prefix="m", entry=self)

    def seen(self, key):
        """Masks under which this field was shown when the page was opened."""
        text = self.base_seen.get(key, "").partition("\x00")[0]
        return (text,) if text else ()

    # Validity

    def is_valid(self):
        parts = (self.base, self.causes, self.income, self.lines, self.condition, self.members)
        valid = [part.is_valid() for part in parts]  # each must speak, so no short cut
        for form in self.members.filled:
            valid.append(form.is_valid())
        self._settle_income()
        self._one_head()
        self._ids_once()
        self._cause_for_the_poor()
        self.problems = self._problems()
        self._mark()
        return all(valid) and not self.problems

    def _settle_income(self):
        """Totals follow their lines; one that was typed against them is refused, with both figures."""
        typed = {name: self.income.cleaned_data.get(name) for name in income_lines.TOTALS.values()}
        wrong_fields = self.income.errors.keys() | self.lines.errors.keys()
        if wrong_fields:
            return
        before = {
            name: (self._stood(f"i.{name}"), self.stored.get(f"i.{name}"))
            for name in income_lines.TOTALS.values()
        }
        amounts = {item.code: self._stood(f"l.{item.code}") for item in self.items}
        totals, wrong = income_lines.settle(
            self.items, self.lines.cleaned_data, typed, before_amounts=amounts, before_totals=before
        )
        self.income.cleaned_data |= totals
        for case in wrong:
            self.income.add_error(
                case.column,
                f"合计填的是 {case.typed:,.2f} 元，明细之和是 {case.lines:,.2f} 元。请改成一致，或清空合计，由明细自动合计。",
            )

    def _stood(self, key):
        """The amount that the page showed when it was opened."""
        text = self.base_seen.get(key, "")
        return Decimal(text) if text else None

    def _staying(self):
        return [form for form in self.members.filled if not form.cleaned_data.get("left_event")]

    def _untouched(self):
        """Active members that the page does not show, because somebody else added them since."""
        typed = {form.cleaned_data.get("id") for form in self.members.filled}
        return [m for pk, m in self.members_by_id.items() if pk not in typed and not m.left_on]

    def _one_head(self):
        heads = [form for form in self._staying() if form.cleaned_data.get("relation") == "01"]
        others = [member for member in self._untouched() if member.relation == "01"]
        if not self.members.filled:
            self.rows_error = "至少填一名成员，第一名为户主。"
        elif not heads and not others:
            self.rows_error = "每户须有且只有 1 名户主，请在一名成员的“关系”里选户主。"
        else:
            self.rows_error = ""
        if len(heads) + len(others) > 1:
            for form in heads[0 if others else 1 :]:
                form.add_error("relation", "每户须有且只有 1 名户主。")

    def _ids_once(self):
        numbers = {}
        for form in self._staying():
            number = form.cleaned_data.get("id_number")
            if not number or "id_number" in form.errors:
                continue
            if number in numbers:
                form.add_error("id_number", "证件号码重复：与本页另一名成员相同。")
            numbers.setdefault(number, form)
        for member in self._untouched():
            if member.id_number in numbers:
                numbers.pop(member.id_number).add_error("id_number", "证件号码重复：此人已在本户。")
        mine = [form.cleaned_data["id"] for form in self.members.filled if form.cleaned_data.get("id")]
        held = Member.objects.unscoped("unique").active().filter(id_number__in=numbers).exclude(pk__in=mine)
        for member in held.order_by("pk"):
            numbers[member.id_number].add_error("id_number", where_registered(member, self.user))

    def _cause_for_the_poor(self):
        if self.household is not None:
            poor = self.household.registry_status in ("1", "2", "4")
        else:
            poor = self.base.cleaned_data.get("registry_status") in ("1", "2")
        if poor and not self.causes.cleaned_data.get("main") and "main" not in self.causes.errors:
            self.causes.add_error("main", "建档立卡户须有主要致贫原因。")

    def _problems(self):
        found = []
        for form, section in (
            (self.base, ""),
            (self.causes, "f3"),
            (self.income, "f4"),
            (self.lines, "f4"),
            (self.condition, "f5"),
        ):
            for name, errors in form.errors.items():
                where = section or ("f6" if name in dict(SECTION_FIELDS["f6"]) else "f1")
                found += [
                    Problem(form[name].id_for_label, f"{form.fields[name].label}：{text}", where)
                    for text in errors
                ]
        if self.rows_error:
            found.append(Problem("f2", self.rows_error, "f2"))
        found += [Problem("f2", text, "f2") for text in self.members.non_form_errors()]
        for number, form in enumerate(self.members.forms, 1):
            for name, errors in form.errors.items():
                who = f"第 {number} 名成员" + (f"「{form['name'].value()}」" if form["name"].value() else "")
                found += [
                    Problem(form[name].id_for_label, f"{who}{form.fields[name].label}：{text}", "f2")
                    for text in errors
                ]
        order = {"f1": 1, "f2": 2, "f3": 3, "f4": 4, "f5": 5, "f6": 6}
        return sorted(found, key=lambda problem: order[problem.section])

    def _mark(self):
        parts = (self.base, self.causes, self.income, self.lines, self.condition)
        for form in (*parts, *self.members.forms):
            for name in form.errors:
                attrs = form.fields[name].widget.attrs
                attrs["class"] = f"{attrs.get('class', '')} is-err"

    # What the template walks through

    def sections(self):
        """`[(id, title, problems in it)]` for the list at the left."""
        problems = getattr(self, "problems", [])
        titles = (
            ("f1", "基本信息"), ("f2", "家庭成员"), ("f3", "致贫原因"), ("f4", "收入"), ("f5", "生产生活条件"),
            ("f6", "帮扶与时限"),
        )  # fmt: skip
        return [(key, title, sum(problem.section == key for problem in problems)) for key, title in titles]

    def basics(self):
        return self._section("f1")

    def support(self):
        return self._section("f6")

    def _section(self, key):
        return [(self.base[name], width) for name, width in SECTION_FIELDS[key] if name in self.base.fields]

    def condition_groups(self):
        return [(title, [self.condition[name] for name in names]) for title, names in CONDITION_GROUPS]

    def base_token(self):
        """What the page shows now, signed, to tell later who changed what."""
        return signing.dumps(
            {key: register.sealed(key, value) for key, value in self.stored.items()}, salt=SALT, compress=True
        )

    # What goes to the action

    def values(self):
        """The keyword arguments of `save_household`, without `by`, `household` and `version`."""
        base = dict(self.base.cleaned_data)
        target, reason = base.pop("target", None), base.pop("target_reason", "")
        if "registry_status" in base:
            base["registry_status"] = base["registry_status"] or "0"
        causes = [code for code in [self.causes.cleaned_data["main"]] if code]
        causes += [code for code in self.causes.cleaned_data["others"].split(",") if code]
        members = []
        for form in self.members.filled:
            row = dict(form.cleaned_data)
            row["pk"] = row.pop("id")
            members.append(row)
        return {
            "year": self.year, "today": self.today, "fields": base, "members": members,
            "condition": self.condition.cleaned_data, "income": self.income.cleaned_data,
            "lines": self.lines.cleaned_data, "causes": causes,
            "cause_note": self.causes.cleaned_data["note"], "target": target, "target_reason": reason,
        }  # fmt: skip

    # Two officials on one household

    def mine(self):
        """What was typed, by snapshot key; existing members only."""
        typed = {
            f"h.{name}": value for name, value in self.base.cleaned_data.items() if f"h.{name}" in self.stored
        }
        if not typed.get("h.number", "x"):
            typed["h.number"] = self.stored["h.number"]
        forms = (("c", self.condition), ("i", self.income), ("l", self.lines), ("k", self.causes))
        for letter, form in forms:
            typed |= {f"{letter}.{name}": value for name, value in form.cleaned_data.items()}
        for form in self.members.filled:
            pk = form.cleaned_data["id"]
            if pk:
                typed |= {
                    f"m{pk}.{name}": value
                    for name, value in form.cleaned_data.items()
                    if f"m{pk}.{name}" in self.stored
                }
        return typed

    def differences(self):
        """Fields in which the saved version and the typed one disagree, and what the others did meanwhile."""
        base, found = self.base_seen, []
        for key, mine in self.mine().items():
            theirs = register.sealed(key, self.stored[key])
            typed = register.sealed(key, mine)
            if theirs == typed or theirs == base.get(key, ""):
                continue
            found.append(
                Difference(
                    key, self.words_for(key), self._told(key, base.get(key, "")), self._told(key, theirs),
                    self._told(key, typed), "theirs" if typed == base.get(key, "") else "",
                )
            )  # fmt: skip
        return found

    def added_meanwhile(self):
        """Members that somebody else added since the page was opened; they stay."""
        return self._untouched()

    def words_for(self, key):
        """The field's name, with the member's."""
        part, _, _ = key.partition(".")
        if part == "l":
            return f"收入明细：{self.lines.fields[key[2:]].label}"
        if part[0] != "m":
            return register.label_of(key)
        return f"{self.members_by_id[int(part[1:])].name}：{register.label_of(key)}"

    def _told(self, key, sealed):
        """A sealed value as people read it."""
        text = sealed.partition("\x00")[0]
        if key == "h.region":
            return str(self.regions.get(int(text), "")) if text else "未填"
        if register.personal_class(key) == FieldClass.HEALTH:
            return "（已填，内容按健康信息保护）" if text else "未填"
        field = self._field(key)
        choices = dict(forms.ChoiceField(choices=field.choices).choices) if hasattr(field, "choices") else {}
        if not text:
            return "未填"
        return "、".join(choices.get(part, part) for part in text.split(",")) if choices else text

    def _field(self, key):
        part, _, name = key.partition(".")
        form = {
            "h": self.base, "c": self.condition, "i": self.income, "l": self.lines, "k": self.causes,
        }.get(part)  # fmt: skip
        return (form or self.members.empty_form).fields[name]

    def take_theirs(self, data, keys):
        """Put the saved values of `keys` into the posted `data`."""
        rows = {data.get(f"m-{i}-id"): i for i in range(MAX_MEMBERS + 20) if data.get(f"m-{i}-id")}
        for key in keys:
            part, _, name = key.partition(".")
            if part[0] == "m":
                html_name = f"m-{rows[part[1:]]}-{name}"
            else:
                html_name = name if part == "h" else f"{part}-{name}"
            value = self._field(key).prepare_value(_shown(key, self.stored[key]))
            if isinstance(value, list):
                data.setlist(html_name, value)
            else:
                data[html_name] = "" if value is None else str(value)
        return data


def _shown(key, value):
    """A stored value as the form shows it: numbers of people masked, health open to who edits it."""
    kind = register.personal_class(key)
    return value if kind is None or kind == FieldClass.HEALTH else masked(kind, value)


def _unsealed(token):
    try:
        return signing.loads(token, salt=SALT) if token else {}
    except signing.BadSignature:
        return {}


def where_registered(member, user):
    """Why an ID number is taken; the other household is named only to who may see it."""
    other = Household.objects.visible_to(user).filter(pk=member.household_id).select_related("region").first()
    if other is None:
        return "证件号码重复：此人已在其他户登记，请联系乡镇或县里核对。"
    return f"证件号码重复：已在 {other.region} {other.head_name} 户（{other.number}）登记。"
