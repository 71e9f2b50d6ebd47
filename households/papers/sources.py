"""Figures and tables of the register that a paper may name.

`SOURCES` are callables `(place) -> Known`; projects offer theirs too (settings.PAPER_MODULES). A figure's label is that
of its column or indicator; an earlier year of a village is `建档立卡户@2014`.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import Count, Q
from django.utils import timezone

from fupin.accounts.roles import Permission as P
from fupin.catalogue import offers
from fupin.documents.text import Known, Table, later, words
from fupin.regions.models import Level
from households import codes, profile, stats, withheld
from households.models import (
    FollowUp,
    Household,
    HouseholdCause,
    Measure,
    Pairing,
    RegionCount,
    VillageProfile,
    Visit,
)

ROWS = 200
"""Lines of a table in a paper; more belong in a report."""
FEW, WITHHELD = withheld.MARK, f"（户数少，{withheld.MARK}）"
"""What who may not see the households reads in a table and in the text where a figure is of few of them."""


@dataclass(frozen=True)
class Place:
    """What a paper is about, and who asks: a figure never counts what this user may not see."""

    region: object
    year: int
    user: object
    household: object = None

    @property
    def span(self):
        return date(self.year, 1, 1), date(self.year, 12, 31)

    @cached_property
    def sees_rows(self):
        """Whether the user may see the households of the place themselves."""
        return any(self.region.path.startswith(path) for path in self.user.paths(P.HOUSEHOLD_VIEW))

    def told(self, households, value):
        """`value`, which is of so many households, or words that it is withheld."""
        return value if self.sees_rows or not stats.is_few((households,)) else WITHHELD

    def hidden(self, lines):
        """The keys of `lines` {key: households} that a table withholds: those of few, and one more where one alone
        would come out of the sum."""
        if self.sees_rows:
            return set()
        _, found = withheld.among({key: {"": (households, 0)} for key, households in lines.items()})
        return {key for key, hidden in found.items() if hidden}

    @cached_property
    def unseen(self):
        """The kept figures of the place that are withheld from the user."""
        path = self.region.path
        return set() if self.sees_rows else withheld.today([path], timezone.localdate())[path]


def known(place):
    """All figures and tables for `place`."""
    everything = Known()
    for source in offers("PAPER_MODULES", "SOURCES"):
        found = source(place)
        everything.figures.join(found.figures)
        everything.tables |= found.tables
    return everything


def label_of(column):
    """总户数（户） is named 总户数 in a text: the unit is typed after it."""
    return str(VillageProfile._meta.get_field(column).verbose_name).partition("（")[0]


COLUMNS = {
    name: label_of(name) for _, names in profile.SECTIONS for name in names if name not in ("note", "is_poor_village")
}  # fmt: skip


def common(place):
    """Names and the year."""
    region = place.region
    names = {"地区": region.short_name, "年度": place.year}
    above = region.parent
    while above is not None and above.level >= Level.COUNTY:
        names[{Level.COUNTY: "县", Level.TOWNSHIP: "乡镇"}.get(above.level, "村")] = above.short_name
        above = above.parent
    return Known(names)


def village(place):
    """The village's profile of the year, the earlier years it has, its causes, needs and industries."""
    if place.household is not None or place.region.level != Level.VILLAGE:
        return Known()
    rows = VillageProfile.objects.visible_to(place.user).filter(region_path=place.region.path)
    rows = {row.year: row for row in rows}
    now = rows.get(place.year)
    figures = {label: getattr(now, name, None) for name, label in COLUMNS.items()}
    figures |= {rate.label: rate.words(now) if now else None for rate in profile.RATES}
    for year, row in rows.items():
        figures |= {
            f"{label}@{year}": getattr(row, name)
            for name, label in COLUMNS.items()
            if getattr(row, name) not in (None, "")
        }
    tables = {
        "致贫原因": lambda: Table(("序号", "致贫原因"), _numbered(now.causes.all() if now else ())),
        "急需解决的困难": lambda: Table(
            ("序号", "困难", "类别", "状态"),
            [[n, row.text, row.get_kind_display(), row.get_state_display()] for n, row in _counted(now and now.needs)],
        ),
        "特色产业": lambda: Table(
            ("产业", "面积（亩）", "说明"),
            [
                [row.name, (words(row.area_mu) if row.area_mu is not None else "") + ("多" if row.approx else ""), row.text]
                for _, row in _counted(now and now.industries)
            ],
        ),
        "村情": lambda: Table(
            ("项目", "数值"), [[str(label), words(value)] for label, value in figures.items() if "@" not in label]
        ),
    }  # fmt: skip
    return Known(figures, tables)


def _numbered(rows):
    return [[str(n), row.text] for n, row in enumerate(rows, 1)]


def _counted(manager):
    return ((str(n), row) for n, row in enumerate(manager.all() if manager else (), 1))


def register(place):
    """The kept counts of the place (在册户, 在册户人数, ...) and the tables of what was done in the year."""
    if place.household is not None or len(place.region.path) not in stats.KEPT_WIDTHS:
        return Known()
    held = []

    def counts():
        if not held:
            row = (
                RegionCount.objects.visible_to(place.user, P.VILLAGE_VIEW)
                .filter(region_path=place.region.path)
                .first()
            )
            held.append(row.figures if row else {})
        return held[0]

    measures = _of_year(Measure, place).filter(
        Q(starts_on__range=place.span) | Q(target_end__range=place.span)
    )
    figures = later(
        [f"现有{figure.label}{end}" for figure in stats.FIGURES for end in ("", "人数")],
        lambda: {
            f"现有{figure.label}{end}": WITHHELD if figure.key in place.unseen else pair[at]
            for figure in stats.FIGURES for pair in [counts().get(figure.key, (0, 0))] for at, end in enumerate(("", "人数"))
        },
    )  # fmt: skip

    def held_back(homes, found):
        return {label: place.told(found[homes], value) for label, value in found.items()}

    figures |= later(("走访次数", "走访户数"), lambda: held_back("走访户数", _of_year(Visit, place).filter(
        on__range=place.span, cancelled_reason=""
    ).aggregate(走访次数=Count("pk"), 走访户数=Count("household", distinct=True))))  # fmt: skip
    figures |= later(("反映问题数", "解决问题数"), lambda: held_back("homes", _of_year(FollowUp, place).filter(
        visit__on__range=place.span
    ).aggregate(
        反映问题数=Count("pk"), 解决问题数=Count("pk", filter=Q(closed_on__isnull=False)), homes=Count("household", distinct=True)
    )))  # fmt: skip
    figures |= later(("帮扶措施数", "完成措施数", "措施覆盖户数"), lambda: held_back("措施覆盖户数", measures.aggregate(
        帮扶措施数=Count("pk"), 完成措施数=Count("pk", filter=Q(done_on__isnull=False)),
        措施覆盖户数=Count("household", distinct=True),
    )))  # fmt: skip
    return Known(
        figures,
        {
            "户级致贫原因": lambda: _cause_table(place, counts()),
            "帮扶措施": lambda: _kinds_table(place, measures),
            "结对帮扶": lambda: _pairing_table(place),
        },
    )


def _of_year(model, place):
    """Rows of a household table at the place, whatever their year."""
    return model.objects.visible_to(place.user, P.VILLAGE_VIEW).within(place.region)


def _cause_table(place, counts):
    found = {code: counts.get(f"cause-{code}", (0, 0)) for code in codes.Cause.values}
    hidden = place.hidden({code: pair[0] for code, pair in found.items() if pair[0]})
    return Table(
        ("主要致贫原因", "户数", "人数"),
        [
            [codes.Cause(code).label, *((FEW, FEW) if code in hidden else map(str, pair))]
            for code, pair in found.items()
            if pair[0]
        ],
    )


def _kinds_table(place, measures):
    labels = dict(Measure._meta.get_field("kind").flatchoices)
    rows = list(
        measures.order_by("kind")
        .values_list("kind")
        .annotate(
            n=Count("pk"),
            homes=Count("household", distinct=True),
            done=Count("pk", filter=Q(done_on__isnull=False)),
        )
    )
    hidden = place.hidden({kind: homes for kind, _, homes, _ in rows})
    return Table(
        ("帮扶类别", "措施数", "覆盖户数", "已完成"),
        [
            [labels.get(kind, kind), *(("—", FEW, "—") if kind in hidden else map(str, rest))]
            for kind, *rest in rows
        ],
    )


def _pairing_table(place):
    """Units and how many households their people are paired with: no household is named."""
    rows = list(
        Pairing.objects.visible_to(place.user, P.VILLAGE_VIEW)
        .within(place.region)
        .current()
        .order_by("helper__unit")
        .values_list("helper__unit")
        .annotate(helpers=Count("helper", distinct=True), homes=Count("household", distinct=True))[:ROWS]
    )
    hidden = place.hidden({unit: homes for unit, _, homes in rows})
    return Table(
        ("帮扶单位", "帮扶责任人数", "结对户数"),
        [
            [unit or "（未填单位）", str(helpers), FEW if unit in hidden else str(homes)]
            for unit, helpers, homes in rows
        ],
    )


def household(place):
    """The facts of one household and its measures; numbers and illnesses stay out of the paper."""
    home = place.household
    if home is None:
        return Known()
    home = Household.objects.visible_to(place.user).select_related("region").get(pk=home.pk)
    cause = HouseholdCause.objects.filter(household=home, rank=0).order_by("-year").first()
    pairing = home.pairings.current().select_related("helper").order_by("order").first()
    figures = {
        "户编号": home.number, "户主": home.head_name, "家庭人口": home.size, "劳动力": home.labour,
        "建档立卡状态": home.get_registry_status_display(), "监测对象类别": home.get_monitor_category_display(),
        "主要致贫原因": cause.get_cause_display() if cause else None, "人均纯收入": home.per_capita,
        "收入年度": home.income_year, "计划时限": home.target_text or None,
        "帮扶责任人": pairing.helper.name if pairing else None, "帮扶单位": pairing.helper.unit if pairing else None,
        "走访次数": home.visits.filter(on__range=place.span, cancelled_reason="").count(),
    }  # fmt: skip
    return Known(
        figures,
        {
            "帮扶措施": lambda: Table(
                ("措施", "内容", "数量", "金额（元）", "时限", "责任人", "完成情况"),
                [
                    [
                        row.get_kind_display(), row.what, f"{words(row.quantity) if row.quantity is not None else ''}{row.unit}",
                        "" if row.money is None else words(row.money), words(row.target_text) if row.target_text else "", row.helper.name if row.helper else "",
                        f"{words(row.done_on)}完成" if row.done_on else "实施中",
                    ]
                    for row in home.measures.select_related("helper").order_by("target_end", "pk")[:ROWS]
                ],
            ),
            "家庭成员": lambda: Table(
                ("姓名", "与户主关系", "性别", "出生年份"),
                [
                    [row.name, row.get_relation_display(), row.get_sex_display(), str(row.birth.year) if row.birth else ""]
                    for row in home.members.order_by("order", "pk")
                ],
            ),
        },
    )  # fmt: skip


SOURCES = [common, village, register, household]
