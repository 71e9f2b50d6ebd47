"""Importing village profiles: one row a village and year. Blank is unknown and changes nothing; 0 is a real zero."""

from dataclasses import dataclass, field
from functools import partial

from django.db import models
from django.utils import timezone

from fupin.accounts.roles import Permission
from fupin.audit.models import AuditEvent
from fupin.audit.record import event
from fupin.bulk import create, update_rows
from fupin.excel import cleaning, versions
from fupin.excel.changes import CHANGED, NEW, SAME
from fupin.excel.cleaning import Unreadable, text
from fupin.excel.imports import Field, Import
from fupin.excel.ledger import LedgerPlan, Record
from fupin.excel.places import PLACE, Place, villages_of
from fupin.excel.wording import differences
from fupin.filing import closed
from households import profile
from households.actions.register import plain
from households.imports import village_forms
from households.imports.houses import tally
from households.imports.known import CHUNK
from households.models import VillageProfile

SPELLINGS = {
    "location": ("位置", "地理位置", "村位置"),
    "borders": (),
    "distance_county": ("距县城", "到县城距离", "距县城里程", "距县城公里", "距县城距离", "距离县城", "县城距离"),
    "area_mu": ("总面积", "面积", "村域面积"),
    "terrain": ("地形", "地形地貌"),
    "water_resource": (),
    "groups": ("村民小组", "村民小组数", "组数", "生产组", "村民小组个数", "自然村数"),
    "programmes": ("项目标签", "实施项目"),
    "households": ("总户数", "户数", "农户数", "全村户数", "户籍户数"),
    "population": ("总人口", "人口", "人口数", "总人数", "全村人口", "户籍人口", "总人口数", "人数"),
    "labour": ("劳动力", "劳动力人数", "劳动力数", "劳力"),
    "migrant": ("外出务工人数", "外出务工", "务工人数"),
    "cadres": ("村组干部", "村组干部人数", "村干部", "村干部人数"),
    "relocated_households": ("易地搬迁户", "搬迁户", "易地扶贫搬迁户", "搬迁户数"),
    "poor_households": (
        "建档立卡户", "建档立卡贫困户", "贫困户", "贫困户数", "脱贫户", "脱贫户数", "建档立卡户数", "建档立卡贫困户数",
        "建档立卡户户", "建档立卡户户数", "建档立卡贫困户户", "建档立卡贫困户户数", "贫困户户", "贫困户户数", "脱贫户户", "脱贫户户数",
    ),
    "poor_population": ("建档立卡人口", "贫困人口", "建档立卡贫困人口", "脱贫人口", "贫困人口数", "建档立卡人", "建档立卡户人", "建档立卡户人数", "建档立卡贫困户人", "贫困户人", "贫困户人数", "脱贫户人", "脱贫户人数"),
    "monitored_households": ("监测户", "监测户数", "监测户户", "监测户户数", "监测对象（户）", "监测对象户", "监测对象户数"),
    "monitored_population": ("监测人口", "监测户人", "监测户人数", "监测户人口", "监测对象（人）", "监测对象人", "监测对象人数", "监测对象人口"),
    "dibao_households": ("低保户", "低保户数", "低保户户", "低保户户数"),
    "dibao_population": ("低保人口", "低保人数", "低保人", "低保户人", "低保户人数", "低保"),
    "tekun_population": ("特困人员", "特困", "特困人口", "特困供养", "特困人数", "五保人口"),
    "disabled_population": ("残疾人", "残疾", "残疾人口", "残疾人数"),
    "pension_received": ("享受养老保险", "领养老金", "领取养老金", "享受养老金人数", "领取养老金人数", "享受养老保险人数"),
    "pension_joined": ("参加新农保", "缴新农保", "新农保", "新农保参保人数", "居民养老参保人数", "参加居民养老保险"),
    "medical_joined": ("参加新农合", "新农合", "新农合参保人数", "居民医保参保人数", "参加居民医保", "参加居民医疗保险"),
    "students": ("学生", "学生数", "学生人数", "在校学生", "学生小计", "学生合计"),
    "students_college": ("大中专", "大中专学生", "大中专生", "学生大中专"),
    "students_middle": ("中学", "中学生", "学生中学"),
    "students_primary": ("小学生", "学生小学", "小学"),
    "party_members": ("党员", "党员数", "党员人数", "正式党员"),
    "party_probationary": ("预备党员", "预备"),
    "party_activists": ("入党积极分子", "积极分子"),
    "sanlao": ("三老干部", "三老"),
    "clergy": ("僧侣", "僧侣小计", "僧侣合计", "僧尼"),
    "nuns": ("尼姑", "僧侣尼姑"),
    "lamas": ("喇嘛", "僧侣喇嘛"),
    "farmland": ("耕地", "耕地面积"),
    "irrigated": ("有效灌溉", "有效灌溉面积"),
    "forest": ("林地", "林地面积"),
    "enterprises": ("工业企业", "企业个数", "企业"),
    "schools": ("村小学", "村小学数", "学校", "学校数", "小学数", "小学校", "小学个数", "公共设施小学", "小学（所）"),
    "clinics": ("卫生所", "卫生室", "村卫生室", "卫生所数"),
    "roads": ("公路", "公路条数"),
    "collective_income": ("村集体经济收入", "集体经济收入", "集体经济", "村集体经济", "村级集体经济", "村集体收入"),
    "per_capita_income": ("农民人均纯收入", "人均纯收入", "人均收入", "农民人均可支配收入"),
    "road_paved": ("通沥青(水泥)路", "通沥青路", "是否通沥青(水泥)路", "通硬化路", "通水泥路", "是否通硬化路"),
    "power_living": ("通生活用电", "是否通生活用电", "通电", "是否通电", "通电情况", "生活用电"),
    "power_villages": ("通生产用电自然村", "通生产用电自然村数", "通生产用电的自然村数", "通动力电自然村数"),
    "bus": ("通客运班车", "是否通客运班车", "通客车"),
    "broadband": ("通宽带", "是否通宽带", "宽带"),
    "is_poor_village": ("贫困村", "脱贫村", "是否贫困村", "是否脱贫村", "是否贫困村(脱贫村)"),
    "exit_year": ("出列年度", "出列时间", "脱贫年度", "出列年份"),
    "helping_unit": ("帮扶单位",),
    "first_secretary": ("第一书记", "第一书记姓名"),
    "note": ("说明", "备注"),
}  # fmt: skip
"""Headers seen for the figures of a village, by column of the profile; the labels come from the model."""

EXAMPLES = {
    "location": "县城西南部", "distance_county": "8", "households": "58", "population": "279", "labour": "123",
    "poor_households": "19", "poor_population": "77", "students": "30", "students_college": "4", "students_middle": "12",
    "students_primary": "14", "clergy": "25", "nuns": "5", "lamas": "20", "farmland": "970", "collective_income": "50000",
    "road_paved": "是", "power_living": "是", "power_villages": "3", "is_poor_village": "是", "exit_year": "2018",
}  # fmt: skip
NOTES = {
    "students": "应等于大中专、中学、小学之和。",
    "clergy": "应等于尼姑、喇嘛之和；只记村的合计，不记到人。",
}


MEASURED = {"distance_county": "公里", "area_mu": "亩", "farmland": "亩", "irrigated": "亩", "forest": "亩"}
"""The unit in which a column is kept; the file may have another."""


def stamp_of(held):
    """The stamp of a stored profile."""
    return versions.stamp([getattr(held, name) for name in profile.FIELDS])


def _clean(column):
    """How a cell of this column of the profile is read."""
    if column.name == "exit_year":
        return lambda value, unit=1: cleaning.year(value)
    if isinstance(column, models.BooleanField):
        return lambda value, unit=1: cleaning.yes(value)
    if isinstance(column, models.PositiveIntegerField):
        return lambda value, unit=1: cleaning.whole(value)
    if column.name in MEASURED:
        return _measure(column, MEASURED[column.name])
    if isinstance(column, models.DecimalField):
        return partial(_decimal, column)
    return partial(_words, column)


def _decimal(column, value, unit=1):
    return _fitting(column, cleaning.money(value, unit))


def _measure(column, base):
    """Areas and ways in the unit of their column, whatever the file has them in."""

    @cleaning.answers_in(base)
    def clean(value, unit=1):
        try:
            return _fitting(column, cleaning.area(value, unit, base))
        except Unreadable as problem:
            problem.value = _fitting(column, problem.value)
            raise

    return clean


def _fitting(column, found):
    if found is None:
        return None
    found = round(found, column.decimal_places)
    if abs(found) >= 10 ** (column.max_digits - column.decimal_places) or found < 0:
        raise Unreadable("number_unreadable")
    return found


def _words(column, value, unit=1):
    found = text(value)
    return (found[: column.max_length] if column.max_length else found) or None


def _figures():
    for name in profile.FIELDS:
        column = VillageProfile._meta.get_field(name)
        yield Field(
            name, str(column.verbose_name), SPELLINGS[name], _clean(column), f"profile.{name}",
            example=EXAMPLES.get(name, ""), note=NOTES.get(name, "不知道的留空，不要填 0。"),
        )  # fmt: skip


FIGURES = tuple(_figures())
FIELDS = (
    *PLACE[:5],
    Field("year", "数据年度", ("年度", "年份", "所属年度"), example="2025", note="不填的按上传时选的年度。"),
    *FIGURES,
    versions.FIELD,
)


ON_FORMS = {
    "village": ("行政村名称", "村(社区)名称", "村委会", "村庄名称", "所在行政村", "村居名称"),
    "town": ("所属乡镇", "所在镇", "镇(乡)"),
    "county": ("所在县", "县(市、区)", "县(市区)"),
    "year": ("填报年度", "统计年度", "年份"),
    "groups": ("下辖村民小组", "辖村民小组", "辖组数", "下辖组数"),
    "households": ("总户数及人口", "户数人口", "户数、人口", "总户数、总人口", "总户数/总人口", "农户总数", "户籍总户数", "全村总户数"),
    "population": ("户籍总人口", "全村总人口", "人口总数", "农业人口"),
    "labour": ("劳动力总数", "总劳动力", "劳动力人口"),
    "helping_unit": ("定点帮扶单位", "结对帮扶单位", "包村单位", "联系帮扶单位", "帮扶部门"),
    "collective_income": ("村集体年收入", "集体经济年收入", "村级集体经济收入", "村集体经济年收入", "集体经济总收入", "村级集体收入"),
    "per_capita_income": ("村民人均纯收入", "人均年收入", "农民年人均纯收入", "村民人均收入"),
    "farmland": ("耕地总面积", "耕地(亩)", "实有耕地面积"),
    "forest": ("林地总面积", "森林面积"),
    "area_mu": ("国土面积", "幅员面积", "辖区面积", "村域总面积"),
    "party_members": ("党员总数", "中共党员"),
    "clinics": ("标准化卫生室", "村级卫生室", "卫生室数"),
    "road_paved": ("村道是否硬化", "通村公路是否硬化", "是否通水泥路"),
    "power_living": ("村是否通电", "是否通照明电", "全村是否通生活用电"),
    "is_poor_village": ("是否为贫困村", "是否建档立卡贫困村", "是否重点村"),
    "distance_county": ("距县城(公里)", "离县城距离"),
    "note": ("其他情况", "备注说明"),
}  # fmt: skip
"""More spellings that forms of one village use."""
FORM_WORDS = village_forms.Words(FIELDS, ON_FORMS)


@dataclass(slots=True, kw_only=True)
class VillageRow(Record):
    place: Place = Place()
    year: int | None = None
    values: dict = field(default_factory=dict)
    village: object = None
    number: str = ""
    """The village's code, by which the user chooses between file and register."""


class VillagePlan(LedgerPlan):
    """What a table of village profiles would do."""

    fields = FIELDS

    @property
    def in_parts(self):
        return all(table.alone for table in self.tables if table.one_household)

    def links(self, record):
        """Rows of one village, however they write it."""
        return (("place", record.place), *([("village", record.village.pk)] if record.village else ()))

    def read_row(self, rows, number, cells):
        row = VillageRow(rows=rows, row=number)
        row.place = Place(*(rows.word(item.name, cells) for item in PLACE[:5]))
        row.year = self._year(row, cells)
        self.read_stamp(row, cells, row.place.village)
        for item in FIGURES:
            if item.name in rows.at:
                value = rows.valued(item.name, number, cells)
                if value is not None:
                    row.values[item.name] = value
        return row

    def _year(self, row, cells):
        raw = row.rows.cell("year", cells)
        try:
            return cleaning.year(raw) or self.setting.year
        except Unreadable:
            row.refuse("year_unreadable", "year", text(raw))
            return None

    # With the database

    def resolve(self, by):
        found = villages_of({row.place for row in self.records}, by, within=self.setting.region_path)
        seen = {}
        for row in self.records:
            row.village = found[row.place]
            if row.village is None:
                row.refuse("region_unknown", "village", row.place.village)
            elif not row.bad:
                before = seen.setdefault((row.village.pk, row.year), row)
                if before is not row:
                    row.refuse("village_repeated", "village", row.place.village, related_row=before.row)
        frozen = closed.frozen_years({row.village.path[:6] for row in self.kept})
        for row in self.kept:
            if closed.why_closed(row.village.path, row.year, frozen):
                row.refuse("year_frozen", "year", f"{row.year} 年")
        self._find_stored()
        for row in self.kept:
            self._check(row)
        for row in self.kept:
            held = self.stored.get((row.village.pk, row.year))
            if held and row.stamp:
                row.number = row.village.path
                moved = [name for name, value in row.values.items() if getattr(held, name) != value]
                old, new = [getattr(held, name) for name in moved], [row.values[name] for name in moved]
                self.hold_back(row, stamp_of(held), differences(VillageProfile, row.row, moved, old, new))

    def _find_stored(self):
        keys = sorted({row.village.pk for row in self.kept})
        self.stored = {}
        for start in range(0, len(keys), CHUNK):
            for held in VillageProfile.objects.filter(region__in=keys[start : start + CHUNK]).order_by("pk"):
                self.stored[held.region_id, held.year] = held

    def _after(self, row):
        """The profile as it would stand: what is stored, overlaid with what the file says."""
        held = self.stored.get((row.village.pk, row.year))
        values = {name: getattr(held, name) for name in profile.FIELDS} if held else {}
        return VillageProfile(**(values | row.values))

    def _check(self, row):
        """The sums that must hold (V42), over what would stand afterwards; only where the file says a part of them."""
        after = self._after(row)
        for check in profile.CHECKS:
            told = [name for name in (check.total, *check.parts) if name in row.values]
            standing, words = check.standing(after)
            if standing != "bad" or not told:
                continue
            say = row.warn if check.at_most else row.refuse
            code = "village_part_over_whole" if check.at_most else "village_sum"
            places = (row.rows.table.place(name, row.row) for name in told)
            cells = "、".join(f"{column}{line}" for line, column in places if column)
            say(code, told[0], row.values[told[0]], detail=f"{check.rule}，现为 {words}（{cells}）")

    def write(self, by, batch):
        fresh, changed, events = [], [], []
        for row in self.kept:
            held = self.stored.get((row.village.pk, row.year))
            before = {name: getattr(held, name) if held else None for name in row.values}
            moved = [name for name, value in row.values.items() if before[name] != value]
            if held is None:
                held = VillageProfile(
                    region=row.village, region_path=row.village.path, year=row.year, **row.values
                )
                fresh.append(held)
                row.state = NEW
            elif moved:
                for name in moved:
                    setattr(held, name, row.values[name])
                held.version += 1
                changed.append(held)
                row.state = CHANGED
                old, new = [before[name] for name in moved], [row.values[name] for name in moved]
                row.differences = differences(VillageProfile, row.row, moved, old, new)
            else:
                row.state = SAME
                continue
            changes = [[profile.plain(name), plain(before[name]), plain(row.values[name])] for name in moved]
            events.append((held, changes))
        create(fresh)
        now = timezone.now()
        update_rows(
            VillageProfile, (*profile.FIELDS, "version", "updated_at"),
            [(*(getattr(held, name) for name in profile.FIELDS), held.version, now, held.pk) for held in changed],
        )  # fmt: skip
        AuditEvent.objects.bulk_create(
            [
                event("village.import", held, by=by, batch=batch, year=held.year, changes=changes)
                for held, changes in events
            ],
            batch_size=CHUNK,
        )
        return {
            "rows_new": len(fresh),
            "rows_changed": len(changed),
            "rows_same": len(self.kept) - len(fresh) - len(changed),
        }

    # Figures

    def summary(self):
        rows = self.kept
        totals = ("households", "population", "labour", "poor_households", "poor_population")
        return {
            "rows": len(rows),
            "villages": len({row.village.pk for row in rows}),
            "by_year": tally(str(row.year) for row in rows),
            "sums": {
                name: sum(row.values[name] for row in rows if name in row.values)
                for name in totals
                if any(name in row.values for row in rows)
            },
        }


_TELLING = (
    "party_members", "party_activists", "sanlao", "cadres", "clergy", "students", "students_primary", "pension_joined",
    "medical_joined", "collective_income", "location", "distance_county", "groups", "first_secretary", "roads",
    "poor_households", "is_poor_village",
)  # fmt: skip
VILLAGES = Import(
    kind="villages",
    title="村情（行政村基本情况）",
    permission=Permission.IMPORT,
    fields=FIELDS,
    needs=(("village",), ("households", "population"), _TELLING),
    plan=VillagePlan,
    words="村情|村基本情况|行政村信息",
    needs_named=(("village",), tuple(item.name for item in FIGURES)),
    group="村和项目",
    note="一行一个村一个年度，也可以一村一表；空着的是不知道，不当作 0",
    forms=partial(village_forms.read, FORM_WORDS),
    spoken=FORM_WORDS.spoken,
    result_page="village_list",
)
