"""The household page as one form: the household, its members as rows, and one data year's facts.

`Entry` holds the five forms together, checks what needs all of them, and can compare what was typed with what
somebody else saved meanwhile. Personal numbers are shown masked; a mask that comes back untouched means
"as stored" (`households.actions.register.unmasked`).
"""

from dataclasses import dataclass
from decimal import Decimal

from django import forms
from django.core import signing
from django.db.models import Q

from fupin.accounts.pii import FieldClass, masked
from fupin.accounts.roles import Permission
from fupin.regions.models import Level, Region
from households import lifecycle
from households.actions import income as income_lines
from households.actions import register
from households.forms.members import MAX_MEMBERS, MemberFormSet, where_registered
from households.forms.register import CausesForm, ConditionForm, HouseholdForm, IncomeForm, IncomeLinesForm
from households.models import Member, MemberYear

SALT = "households.entry"


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


def _unsealed(token):
    try:
        return signing.loads(token, salt=SALT) if token else {}
    except signing.BadSignature:
        return {}


def _shown(key, value):
    """A stored value as the form shows it: numbers of people masked, health open to who edits it."""
    kind = register.personal_class(key)
    return value if kind is None or kind == FieldClass.HEALTH else masked(kind, value)
