import django.db.models.deletion
import fupin.crypt.fields
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("regions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Helper",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="姓名")),
                (
                    "sex",
                    models.CharField(
                        blank=True, choices=[("1", "男"), ("2", "女")], max_length=1, verbose_name="性别"
                    ),
                ),
                ("unit", models.CharField(blank=True, max_length=80, verbose_name="单位")),
                ("unit_kind", models.CharField(blank=True, max_length=30, verbose_name="单位类型")),
                (
                    "unit_level",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("01", "中央"),
                            ("02", "省"),
                            ("03", "市"),
                            ("04", "县"),
                            ("05", "乡镇"),
                            ("06", "部队"),
                            ("07", "其他"),
                        ],
                        max_length=2,
                        verbose_name="单位隶属",
                    ),
                ),
                ("rank", models.CharField(blank=True, max_length=30, verbose_name="职务级别")),
                ("phone", fupin.crypt.fields.Encrypted(blank=True, max_length=20, verbose_name="联系电话")),
                (
                    "politics",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("01", "中共党员"),
                            ("02", "中共预备党员"),
                            ("03", "共青团员"),
                            ("04", "民革会员"),
                            ("05", "民盟盟员"),
                            ("06", "民建会员"),
                            ("07", "民进会员"),
                            ("08", "农工党党员"),
                            ("09", "致公党党员"),
                            ("10", "九三学社社员"),
                            ("11", "台盟盟员"),
                            ("12", "无党派人士"),
                            ("13", "群众"),
                        ],
                        max_length=2,
                        verbose_name="政治面貌",
                    ),
                ),
                ("first_secretary", models.BooleanField(default=False, verbose_name="第一书记")),
                ("team_leader", models.BooleanField(default=False, verbose_name="工作队队长")),
                ("team_member", models.BooleanField(default=False, verbose_name="驻村队员")),
                (
                    "region_path",
                    models.CharField(blank=True, editable=False, max_length=14, verbose_name="区划代码"),
                ),
                (
                    "user",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="helper",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="账号",
                    ),
                ),
            ],
            options={
                "verbose_name": "帮扶责任人",
                "verbose_name_plural": "帮扶责任人",
                "ordering": ["name", "pk"],
                "indexes": [
                    models.Index(fields=["name", "unit"], name="helper_name_unit"),
                    models.Index(fields=["region_path", "name"], name="helper_place"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Household",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=30, unique=True, verbose_name="户编号")),
                ("region_path", models.CharField(max_length=14, verbose_name="区划代码")),
                ("address", models.CharField(blank=True, max_length=120, verbose_name="家庭住址")),
                (
                    "phone",
                    fupin.crypt.fields.Encrypted(
                        blank=True, blind="phone_mark", max_length=20, verbose_name="联系电话"
                    ),
                ),
                (
                    "phone_mark",
                    fupin.crypt.fields.Mark(
                        "phone",
                        blank=True,
                        default="",
                        editable=False,
                        max_length=26,
                        verbose_name="检索摘要",
                    ),
                ),
                ("bank_name", models.CharField(blank=True, max_length=60, verbose_name="开户银行")),
                (
                    "bank_account",
                    fupin.crypt.fields.Encrypted(
                        blank=True, blind="bank_mark", max_length=30, verbose_name="银行账号"
                    ),
                ),
                (
                    "bank_mark",
                    fupin.crypt.fields.Mark(
                        "bank_account",
                        blank=True,
                        default="",
                        editable=False,
                        max_length=26,
                        verbose_name="检索摘要",
                    ),
                ),
                (
                    "standard",
                    models.CharField(
                        blank=True,
                        choices=[("01", "国家标准"), ("02", "省定标准"), ("03", "市（县）定标准")],
                        max_length=2,
                        verbose_name="识别标准",
                    ),
                ),
                ("identified_on", models.DateField(blank=True, null=True, verbose_name="首次识别时间")),
                (
                    "identified_text",
                    models.CharField(blank=True, max_length=30, verbose_name="首次识别时间（原文）"),
                ),
                (
                    "registry_status",
                    models.CharField(
                        choices=[
                            ("0", "一般农户"),
                            ("1", "未脱贫"),
                            ("2", "预脱贫"),
                            ("3", "已脱贫"),
                            ("4", "返贫"),
                            ("9", "已注销"),
                        ],
                        default="0",
                        max_length=1,
                        verbose_name="建档立卡状态",
                    ),
                ),
                (
                    "monitor_category",
                    models.CharField(
                        choices=[
                            ("0", "非监测"),
                            ("1", "脱贫不稳定户"),
                            ("2", "边缘易致贫户"),
                            ("3", "突发严重困难户"),
                        ],
                        default="0",
                        max_length=1,
                        verbose_name="监测对象类别",
                    ),
                ),
                (
                    "risk_state",
                    models.CharField(
                        choices=[("0", "—"), ("1", "风险未消除"), ("2", "风险已消除"), ("3", "风险回退")],
                        default="0",
                        max_length=1,
                        verbose_name="风险状态",
                    ),
                ),
                ("monitored_on", models.DateField(blank=True, null=True, verbose_name="监测识别时间")),
                ("cleared_on", models.DateField(blank=True, null=True, verbose_name="风险消除时间")),
                ("risks", models.CharField(blank=True, max_length=60, verbose_name="风险类型")),
                (
                    "legacy_attribute",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("01", "一般贫困户"),
                            ("02", "低保贫困户"),
                            ("03", "特困供养贫困户"),
                            ("06", "五保分散供养"),
                            ("07", "集中供养"),
                        ],
                        max_length=2,
                        verbose_name="贫困户属性",
                    ),
                ),
                (
                    "policy_status",
                    models.CharField(
                        blank=True,
                        choices=[("1", "继续享受政策"), ("2", "脱贫不享受政策")],
                        max_length=1,
                        verbose_name="政策享受",
                    ),
                ),
                (
                    "exit_year",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="脱贫年度"),
                ),
                (
                    "relapse_year",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="返贫年度"),
                ),
                (
                    "relapse_cause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("01", "因病"),
                            ("02", "因残"),
                            ("03", "因学"),
                            ("04", "因灾"),
                            ("05", "缺土地"),
                            ("06", "缺水"),
                            ("07", "缺技术"),
                            ("08", "缺劳力"),
                            ("09", "缺资金"),
                            ("10", "交通条件落后"),
                            ("11", "自身发展动力不足"),
                            ("12", "其他"),
                            ("13", "因婚"),
                            ("14", "产业扶贫失败"),
                            ("15", "因丧"),
                        ],
                        max_length=2,
                        verbose_name="返贫原因",
                    ),
                ),
                (
                    "not_exit_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("01", "收入达标但三保障未实现"),
                            ("02", "措施成效不显著"),
                            ("03", "回头看新纳入"),
                            ("04", "因残无固定收入"),
                            ("05", "大病治疗中"),
                            ("06", "因病因学支出大于收入"),
                            ("07", "收入未稳定超过标准"),
                            ("08", "五保户"),
                            ("09", "老弱病残一类低保"),
                            ("10", "搬迁户未拿钥匙"),
                        ],
                        max_length=2,
                        verbose_name="未脱贫原因",
                    ),
                ),
                (
                    "bottom_line",
                    models.BooleanField(blank=True, null=True, verbose_name="整户无劳动力兜底保障户"),
                ),
                ("military_family", models.BooleanField(blank=True, null=True, verbose_name="军烈属")),
                ("relocated", models.BooleanField(blank=True, null=True, verbose_name="易地搬迁户")),
                ("relocation_site", models.CharField(blank=True, max_length=60, verbose_name="安置区名称")),
                (
                    "relocation_address",
                    models.CharField(blank=True, max_length=120, verbose_name="安置区地址"),
                ),
                (
                    "relocation_mode",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("01", "行政村整体搬迁"),
                            ("02", "自然村整体搬迁"),
                            ("03", "个别搬迁"),
                            ("04", "整村置换"),
                        ],
                        max_length=2,
                        verbose_name="搬迁方式",
                    ),
                ),
                (
                    "settlement",
                    models.CharField(
                        blank=True,
                        choices=[("1", "集中安置"), ("2", "分散安置")],
                        max_length=1,
                        verbose_name="安置方式",
                    ),
                ),
                (
                    "settlement_place",
                    models.CharField(
                        blank=True,
                        choices=[("1", "县城"), ("2", "乡镇"), ("3", "县外"), ("4", "村外"), ("5", "村内")],
                        max_length=1,
                        verbose_name="安置地",
                    ),
                ),
                (
                    "relocation_difficulties",
                    models.CharField(blank=True, max_length=60, verbose_name="搬迁困难"),
                ),
                ("needs", models.CharField(blank=True, max_length=30, verbose_name="帮扶需求")),
                (
                    "target_text",
                    models.CharField(blank=True, max_length=30, verbose_name="计划脱贫（消除）时限"),
                ),
                ("target_end", models.DateField(blank=True, null=True, verbose_name="时限到期日")),
                ("target_precision", models.CharField(blank=True, max_length=8, verbose_name="时限精度")),
                (
                    "target_due",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(
                                models.Q(
                                    ("registry_status__in", ["1", "2", "4"]),
                                    models.Q(
                                        ("risk_state__in", ["1", "3"]),
                                        models.Q(("registry_status", "9"), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                then=models.F("target_end"),
                            )
                        ),
                        output_field=models.DateField(null=True, verbose_name="在帮扶户的时限到期日"),
                    ),
                ),
                ("remark", models.TextField(blank=True, verbose_name="备注")),
                ("closed_on", models.DateField(blank=True, null=True, verbose_name="注销日期")),
                ("closed_reason", models.CharField(blank=True, max_length=200, verbose_name="注销原因")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="版本")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="最后修改")),
                (
                    "head_name",
                    models.CharField(blank=True, editable=False, max_length=40, verbose_name="户主"),
                ),
                ("size", models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="人口")),
                (
                    "labour",
                    models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="劳动力"),
                ),
                (
                    "main_cause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("01", "因病"),
                            ("02", "因残"),
                            ("03", "因学"),
                            ("04", "因灾"),
                            ("05", "缺土地"),
                            ("06", "缺水"),
                            ("07", "缺技术"),
                            ("08", "缺劳力"),
                            ("09", "缺资金"),
                            ("10", "交通条件落后"),
                            ("11", "自身发展动力不足"),
                            ("12", "其他"),
                            ("13", "因婚"),
                            ("14", "产业扶贫失败"),
                            ("15", "因丧"),
                        ],
                        editable=False,
                        max_length=2,
                        verbose_name="主要致贫原因",
                    ),
                ),
                (
                    "income_year",
                    models.PositiveSmallIntegerField(editable=False, null=True, verbose_name="收入年度"),
                ),
                (
                    "per_capita",
                    models.DecimalField(
                        decimal_places=2, editable=False, max_digits=16, null=True, verbose_name="人均纯收入"
                    ),
                ),
                ("dibao", models.BooleanField(default=False, editable=False, verbose_name="低保")),
                ("tekun", models.BooleanField(default=False, editable=False, verbose_name="特困供养")),
                (
                    "unsafe_house",
                    models.BooleanField(default=False, editable=False, verbose_name="住房不安全"),
                ),
                (
                    "unsafe_water",
                    models.BooleanField(default=False, editable=False, verbose_name="饮水不安全"),
                ),
                (
                    "uninsured",
                    models.BooleanField(default=False, editable=False, verbose_name="有成员未参加医保"),
                ),
                (
                    "out_of_school",
                    models.BooleanField(default=False, editable=False, verbose_name="有失学辍学"),
                ),
                ("last_visit_on", models.DateField(editable=False, null=True, verbose_name="最近走访")),
                (
                    "visit_months",
                    models.PositiveSmallIntegerField(
                        editable=False, null=True, verbose_name="约定走访周期（月）"
                    ),
                ),
                ("visit_due", models.DateField(editable=False, null=True, verbose_name="走访期限")),
                (
                    "doubts",
                    models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="疑点数"),
                ),
                (
                    "helper",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="first_households",
                        to="households.helper",
                        verbose_name="帮扶责任人",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="households",
                        to="regions.region",
                        verbose_name="所在村组",
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="修改人",
                    ),
                ),
            ],
            options={
                "verbose_name": "户",
                "verbose_name_plural": "户",
                "ordering": ["region_path", "pk"],
                "indexes": [
                    models.Index(fields=["region_path", "id"], name="household_place"),
                    models.Index(fields=["registry_status", "region_path"], name="household_status"),
                    models.Index(fields=["risk_state", "region_path"], name="household_risk"),
                    models.Index(fields=["main_cause", "region_path"], name="household_cause"),
                    models.Index(fields=["target_end", "region_path"], name="household_target"),
                    models.Index(fields=["last_visit_on", "region_path"], name="household_visited"),
                    models.Index(fields=["helper", "region_path"], name="household_helper"),
                    models.Index(
                        condition=models.Q(("target_due__isnull", False)),
                        fields=["target_due", "region_path"],
                        name="household_target_due",
                    ),
                    models.Index(
                        condition=models.Q(("visit_due__isnull", False)),
                        fields=["visit_due", "region_path"],
                        name="household_visit_due",
                    ),
                    models.Index(
                        condition=models.Q(("phone_mark", ""), _negated=True),
                        fields=["phone_mark"],
                        name="household_phone",
                    ),
                    models.Index(
                        condition=models.Q(("bank_mark", ""), _negated=True),
                        fields=["bank_mark"],
                        name="household_bank",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("monitor_category", "1"),
                                ("registry_status__in", ["0", "1", "2"]),
                                _negated=True,
                            ),
                            models.Q(
                                ("monitor_category", "2"),
                                ("registry_status__in", ["1", "2", "3", "4"]),
                                _negated=True,
                            ),
                        ),
                        name="household_monitor_matches_register",
                        violation_error_message="监测对象类别与建档立卡状态不符：脱贫不稳定户须为脱贫户，边缘易致贫户须从未建档立卡。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("monitor_category", "0"), ("risk_state", "0")),
                            models.Q(
                                models.Q(("monitor_category", "0"), _negated=True),
                                models.Q(("risk_state", "0"), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="household_risk_iff_monitored",
                        violation_error_message="监测对象须有风险状态，非监测户不得有。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_on__isnull", False), ("registry_status", "9")),
                            models.Q(
                                models.Q(("registry_status", "9"), _negated=True), ("closed_on__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="household_closed_iff_dated",
                        violation_error_message="注销的户须有注销日期。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Condition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                (
                    "residence",
                    models.CharField(
                        blank=True,
                        choices=[("1", "深山"), ("2", "高山"), ("3", "半山"), ("4", "平原"), ("5", "城镇")],
                        max_length=1,
                        verbose_name="住所类型",
                    ),
                ),
                (
                    "farmland",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=10, null=True, verbose_name="耕地面积（亩）"
                    ),
                ),
                (
                    "irrigated",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=10,
                        null=True,
                        verbose_name="有效灌溉面积（亩）",
                    ),
                ),
                (
                    "forest",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=10, null=True, verbose_name="林地面积（亩）"
                    ),
                ),
                (
                    "returned_forest",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=10,
                        null=True,
                        verbose_name="退耕还林面积（亩）",
                    ),
                ),
                (
                    "orchard",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=10, null=True, verbose_name="林果面积（亩）"
                    ),
                ),
                (
                    "pasture",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=10,
                        null=True,
                        verbose_name="牧草地面积（亩）",
                    ),
                ),
                (
                    "water_surface",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=10, null=True, verbose_name="水面面积（亩）"
                    ),
                ),
                ("power_living", models.BooleanField(blank=True, null=True, verbose_name="通生活用电")),
                ("power_production", models.BooleanField(blank=True, null=True, verbose_name="通生产用电")),
                ("broadcast", models.BooleanField(blank=True, null=True, verbose_name="通广播电视")),
                ("water_difficult", models.BooleanField(blank=True, null=True, verbose_name="饮水困难")),
                ("water_safe", models.BooleanField(blank=True, null=True, verbose_name="有安全饮用水")),
                ("water_solved", models.BooleanField(blank=True, null=True, verbose_name="已解决安全饮用水")),
                (
                    "water_kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("1", "自来水（净化处理）"),
                            ("2", "受保护的井水和泉水"),
                            ("3", "不受保护的井水和泉水"),
                            ("4", "江河湖泊水"),
                            ("5", "收集雨水"),
                            ("6", "桶装水"),
                            ("9", "其他"),
                        ],
                        max_length=1,
                        verbose_name="饮水类型",
                    ),
                ),
                (
                    "road_distance",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=10,
                        null=True,
                        verbose_name="与村主干路距离（公里）",
                    ),
                ),
                (
                    "road_kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("01", "泥土路"),
                            ("02", "砂石路"),
                            ("03", "水泥路"),
                            ("04", "沥青路"),
                            ("99", "其他"),
                        ],
                        max_length=2,
                        verbose_name="入户路类型",
                    ),
                ),
                (
                    "house_area",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=10, null=True, verbose_name="住房面积（㎡）"
                    ),
                ),
                (
                    "structure",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("1", "钢筋混凝土"),
                            ("2", "砖混"),
                            ("3", "砖瓦砖木"),
                            ("4", "砖石窑洞"),
                            ("5", "竹草土坯"),
                            ("6", "土窑洞"),
                            ("9", "其他"),
                        ],
                        max_length=1,
                        verbose_name="住房结构",
                    ),
                ),
                ("dangerous", models.BooleanField(blank=True, null=True, verbose_name="是否危房")),
                (
                    "danger_level",
                    models.CharField(
                        blank=True,
                        choices=[("1", "A 级"), ("2", "B 级"), ("3", "C 级"), ("4", "D 级"), ("9", "其他")],
                        max_length=1,
                        verbose_name="危房等级",
                    ),
                ),
                (
                    "renovation_year",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="住房改造年度"),
                ),
                (
                    "renovation_subsidy",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="住房改造补助（元）",
                    ),
                ),
                ("toilet", models.BooleanField(blank=True, null=True, verbose_name="有卫生厕所")),
                (
                    "fuel",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("01", "柴草"),
                            ("02", "干畜粪"),
                            ("03", "煤炭"),
                            ("04", "清洁能源"),
                            ("99", "其他"),
                        ],
                        max_length=2,
                        verbose_name="主要燃料类型",
                    ),
                ),
                (
                    "cooperative",
                    models.BooleanField(blank=True, null=True, verbose_name="加入农民专业合作社"),
                ),
                ("cooperative_name", models.CharField(blank=True, max_length=60, verbose_name="合作社名称")),
                ("enterprise_led", models.BooleanField(blank=True, null=True, verbose_name="有龙头企业带动")),
                ("enterprise_name", models.CharField(blank=True, max_length=60, verbose_name="龙头企业名称")),
                (
                    "leader_led",
                    models.BooleanField(blank=True, null=True, verbose_name="有创业致富带头人带动"),
                ),
                ("leader_name", models.CharField(blank=True, max_length=40, verbose_name="致富带头人姓名")),
                ("dibao", models.BooleanField(blank=True, null=True, verbose_name="享受低保政策")),
                ("tekun", models.BooleanField(blank=True, null=True, verbose_name="享受特困供养政策")),
                ("guarantees", models.CharField(blank=True, max_length=60, verbose_name="兜底类型")),
                (
                    "self_paid_medical",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="合规自付医疗支出（元）",
                    ),
                ),
                ("collector", models.CharField(blank=True, max_length=40, verbose_name="信息采集人")),
                ("collected_on", models.DateField(blank=True, null=True, verbose_name="采集时间")),
                ("signed", models.BooleanField(blank=True, null=True, verbose_name="户主已签字")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="年度备注")),
                (
                    "legacy_attribute",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("01", "一般贫困户"),
                            ("02", "低保贫困户"),
                            ("03", "特困供养贫困户"),
                            ("06", "五保分散供养"),
                            ("07", "集中供养"),
                        ],
                        max_length=2,
                        verbose_name="贫困户属性",
                    ),
                ),
                (
                    "not_exit_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("01", "收入达标但三保障未实现"),
                            ("02", "措施成效不显著"),
                            ("03", "回头看新纳入"),
                            ("04", "因残无固定收入"),
                            ("05", "大病治疗中"),
                            ("06", "因病因学支出大于收入"),
                            ("07", "收入未稳定超过标准"),
                            ("08", "五保户"),
                            ("09", "老弱病残一类低保"),
                            ("10", "搬迁户未拿钥匙"),
                        ],
                        max_length=2,
                        verbose_name="未脱贫原因",
                    ),
                ),
                (
                    "bottom_line",
                    models.BooleanField(blank=True, null=True, verbose_name="整户无劳动力兜底保障户"),
                ),
                ("needs", models.CharField(blank=True, max_length=30, verbose_name="帮扶需求")),
                (
                    "household",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="conditions",
                        to="households.household",
                        verbose_name="户",
                    ),
                ),
            ],
            options={
                "verbose_name": "生产生活条件",
                "verbose_name_plural": "生产生活条件",
                "ordering": ["-year"],
                "constraints": [
                    models.UniqueConstraint(fields=("household", "year"), name="condition_year_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("irrigated", None),
                            ("farmland", None),
                            ("irrigated__lte", models.F("farmland")),
                            _connector="OR",
                        ),
                        name="condition_irrigated_within_farmland",
                        violation_error_message="有效灌溉面积不能大于耕地面积。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HouseholdCause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                ("rank", models.PositiveSmallIntegerField(default=0, verbose_name="次序")),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("01", "因病"),
                            ("02", "因残"),
                            ("03", "因学"),
                            ("04", "因灾"),
                            ("05", "缺土地"),
                            ("06", "缺水"),
                            ("07", "缺技术"),
                            ("08", "缺劳力"),
                            ("09", "缺资金"),
                            ("10", "交通条件落后"),
                            ("11", "自身发展动力不足"),
                            ("12", "其他"),
                            ("13", "因婚"),
                            ("14", "产业扶贫失败"),
                            ("15", "因丧"),
                        ],
                        max_length=2,
                        verbose_name="致贫原因",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                (
                    "household",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="causes",
                        to="households.household",
                        verbose_name="户",
                    ),
                ),
            ],
            options={
                "verbose_name": "致贫原因",
                "verbose_name_plural": "致贫原因",
                "ordering": ["-year", "rank"],
                "constraints": [
                    models.UniqueConstraint(fields=("household", "year", "rank"), name="cause_one_per_rank"),
                    models.UniqueConstraint(
                        fields=("household", "year", "cause"),
                        name="cause_once",
                        violation_error_message="致贫原因重复：其他原因不能与主要原因相同。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rank__lte", 2)),
                        name="cause_at_most_three",
                        violation_error_message="其他致贫原因最多 2 个。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HouseholdMove",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on", models.DateField(verbose_name="迁移日期")),
                ("reason", models.CharField(max_length=300, verbose_name="原因")),
                ("pairings_ended", models.PositiveSmallIntegerField(default=0, verbose_name="结束的结对")),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="登记时间")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="经办人",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="moves",
                        to="households.household",
                        verbose_name="户",
                    ),
                ),
                (
                    "origin",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                        verbose_name="迁出地",
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                        verbose_name="迁入地",
                    ),
                ),
            ],
            options={
                "verbose_name": "迁移记录",
                "verbose_name_plural": "迁移记录",
                "ordering": ["-on", "-pk"],
                "indexes": [models.Index(fields=["household", "-on"], name="move_household")],
            },
        ),
        migrations.CreateModel(
            name="Income",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                ("period_start", models.DateField(blank=True, null=True, verbose_name="核算起")),
                ("period_end", models.DateField(blank=True, null=True, verbose_name="核算止")),
                (
                    "wage",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="工资性收入（元）",
                    ),
                ),
                (
                    "operating",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="生产经营性收入（元）",
                    ),
                ),
                (
                    "property",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="财产性收入（元）",
                    ),
                ),
                (
                    "transfer",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="转移性收入（元）",
                    ),
                ),
                (
                    "expense",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="生产经营性支出（元）",
                    ),
                ),
                (
                    "stated_net",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="填报纯收入（元）",
                    ),
                ),
                ("persons", models.PositiveSmallIntegerField(default=0, verbose_name="核算人口")),
                (
                    "household",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="incomes",
                        to="households.household",
                        verbose_name="户",
                    ),
                ),
            ],
            options={
                "verbose_name": "家庭收入",
                "verbose_name_plural": "家庭收入",
                "ordering": ["-year"],
                "constraints": [
                    models.UniqueConstraint(fields=("household", "year"), name="income_year_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="IncomeItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=10, verbose_name="代码")),
                ("label", models.CharField(max_length=40, verbose_name="项目")),
                (
                    "group",
                    models.CharField(
                        choices=[
                            ("L", "工资性收入"),
                            ("M", "生产经营性收入"),
                            ("N", "财产性收入"),
                            ("P", "转移性收入"),
                            ("R", "生产经营性支出"),
                        ],
                        max_length=1,
                        verbose_name="归类",
                    ),
                ),
                ("counted", models.BooleanField(default=True, verbose_name="计入收入")),
                ("sort", models.PositiveSmallIntegerField(default=0, verbose_name="排序")),
                ("region_path", models.CharField(blank=True, max_length=14, verbose_name="适用区域")),
                (
                    "first_year",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="启用年度"),
                ),
                (
                    "last_year",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="停用前最后年度"),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="版本")),
            ],
            options={
                "verbose_name": "收入项目",
                "verbose_name_plural": "收入项目",
                "ordering": ["sort", "code", "region_path", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("code", "region_path", "first_year"),
                        name="income_item_once",
                        violation_error_message="同一代码、区域和启用年度已有一条。",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("first_year", None)),
                        fields=("code", "region_path"),
                        name="income_item_once_open",
                        violation_error_message="同一代码和区域已有一条不限启用年度的。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("first_year", None),
                            ("last_year", None),
                            ("last_year__gte", models.F("first_year")),
                            _connector="OR",
                        ),
                        name="income_item_years",
                        violation_error_message="最后年度不能早于启用年度。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IncomeLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="金额（元）")),
                ("counted", models.BooleanField(default=True, editable=False, verbose_name="计入收入")),
                (
                    "income",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="households.income",
                        verbose_name="家庭收入",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="households.incomeitem",
                        verbose_name="项目",
                    ),
                ),
            ],
            options={
                "verbose_name": "收入明细",
                "verbose_name_plural": "收入明细",
                "ordering": ["item__sort"],
                "constraints": [models.UniqueConstraint(fields=("income", "item"), name="income_line_once")],
            },
        ),
        migrations.CreateModel(
            name="KeepRule",
            fields=[
                (
                    "kind",
                    models.CharField(max_length=12, primary_key=True, serialize=False, verbose_name="类别"),
                ),
                ("years", models.PositiveSmallIntegerField(verbose_name="保存年数")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="修改时间")),
                (
                    "updated_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="修改人",
                    ),
                ),
            ],
            options={
                "verbose_name": "保存期限",
                "verbose_name_plural": "保存期限",
                "ordering": ["kind"],
            },
        ),
        migrations.CreateModel(
            name="LegalHold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="留存依据")),
                ("on", models.DateField(verbose_name="开始日期")),
                ("lifted_on", models.DateField(blank=True, null=True, verbose_name="解除日期")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="设定人",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
                        to="households.household",
                        verbose_name="户",
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="解除人",
                    ),
                ),
            ],
            options={
                "verbose_name": "依法留存",
                "verbose_name_plural": "依法留存",
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_on", None)),
                        fields=("household",),
                        name="hold_once",
                        violation_error_message="该户已在依法留存。",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Measure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("region_path", models.CharField(max_length=14, verbose_name="区划代码")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("01", "开发式帮扶"),
                            ("02", "产业帮扶"),
                            ("03", "就业帮扶"),
                            ("04", "金融帮扶"),
                            ("05", "公益性岗位"),
                            ("06", "住房安全保障"),
                            ("07", "饮水安全保障"),
                            ("08", "健康帮扶"),
                            ("09", "义务教育保障"),
                            ("10", "其他教育帮扶"),
                            ("11", "综合保障"),
                            ("12", "社会帮扶"),
                            ("13", "搬迁"),
                            ("14", "生产生活条件改善"),
                            ("15", "基础设施建设"),
                        ],
                        max_length=2,
                        verbose_name="措施类别",
                    ),
                ),
                ("what", models.CharField(max_length=200, verbose_name="措施内容")),
                (
                    "quantity",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="数量"
                    ),
                ),
                ("unit", models.CharField(blank=True, max_length=10, verbose_name="单位")),
                (
                    "money",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="金额（元）"
                    ),
                ),
                ("starts_on", models.DateField(blank=True, null=True, verbose_name="开始日期")),
                ("target_text", models.CharField(blank=True, max_length=30, verbose_name="完成时限")),
                ("target_end", models.DateField(blank=True, null=True, verbose_name="时限到期日")),
                ("target_precision", models.CharField(blank=True, max_length=8, verbose_name="时限精度")),
                ("done_on", models.DateField(blank=True, null=True, verbose_name="完成日期")),
                ("effect", models.CharField(blank=True, max_length=200, verbose_name="成效")),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="登记时间")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "helper",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="measures",
                        to="households.helper",
                        verbose_name="责任人",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="measures",
                        to="households.household",
                        verbose_name="户",
                    ),
                ),
            ],
            options={
                "verbose_name": "帮扶措施",
                "verbose_name_plural": "帮扶措施",
                "ordering": ["target_end", "pk"],
                "indexes": [
                    models.Index(fields=["household", "target_end"], name="measure_household"),
                    models.Index(
                        condition=models.Q(("done_on", None)),
                        fields=["region_path", "target_end"],
                        name="measure_open",
                    ),
                    models.Index(
                        condition=models.Q(("done_on", None)),
                        fields=["target_end", "region_path"],
                        name="measure_due",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("done_on", None),
                            ("starts_on", None),
                            ("done_on__gte", models.F("starts_on")),
                            _connector="OR",
                        ),
                        name="measure_done_after_start",
                        violation_error_message="完成日期不能早于开始日期。",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("region_path", models.CharField(max_length=14, verbose_name="区划代码")),
                ("order", models.PositiveSmallIntegerField(default=0, verbose_name="序号")),
                ("member_no", models.CharField(blank=True, max_length=30, verbose_name="人口编号")),
                ("name", models.CharField(max_length=40, verbose_name="姓名")),
                (
                    "relation",
                    models.CharField(
                        choices=[
                            ("01", "户主"),
                            ("02", "配偶"),
                            ("03", "之子"),
                            ("04", "之女"),
                            ("05", "之儿媳"),
                            ("06", "之女婿"),
                            ("07", "之孙子"),
                            ("08", "之孙女"),
                            ("09", "之外孙子"),
                            ("10", "之外孙女"),
                            ("11", "之父"),
                            ("12", "之母"),
                            ("13", "之岳父"),
                            ("14", "之岳母"),
                            ("15", "之公公"),
                            ("16", "之婆婆"),
                            ("17", "之祖父"),
                            ("18", "之祖母"),
                            ("19", "之外祖父"),
                            ("20", "之外祖母"),
                            ("21", "之兄弟姐妹"),
                            ("22", "之曾孙子"),
                            ("23", "之曾孙女"),
                            ("24", "之侄儿"),
                            ("25", "之侄女"),
                            ("26", "之兄弟媳妇"),
                            ("27", "之叔伯"),
                            ("99", "其他"),
                        ],
                        max_length=2,
                        verbose_name="与户主关系",
                    ),
                ),
                ("relation_text", models.CharField(blank=True, max_length=20, verbose_name="关系（原文）")),
                (
                    "id_type",
                    models.CharField(
                        choices=[
                            ("01", "身份证"),
                            ("02", "军官证"),
                            ("03", "户口簿"),
                            ("04", "出生医学证明"),
                            ("05", "护照"),
                            ("09", "残疾人证"),
                            ("99", "无证"),
                        ],
                        default="01",
                        max_length=2,
                        verbose_name="证件类型",
                    ),
                ),
                (
                    "id_number",
                    fupin.crypt.fields.Encrypted(
                        blank=True, blind="id_mark", max_length=22, verbose_name="证件号码"
                    ),
                ),
                (
                    "id_mark",
                    fupin.crypt.fields.Mark(
                        "id_number",
                        blank=True,
                        default="",
                        editable=False,
                        max_length=26,
                        verbose_name="检索摘要",
                    ),
                ),
                (
                    "id_tail",
                    fupin.crypt.fields.TailMark(
                        "id_number",
                        "region_path",
                        6,
                        blank=True,
                        default="",
                        editable=False,
                        max_length=26,
                        verbose_name="末四位检索摘要",
                    ),
                ),
                (
                    "id_text",
                    fupin.crypt.fields.Encrypted(blank=True, max_length=40, verbose_name="证件号码（原文）"),
                ),
                (
                    "sex",
                    models.CharField(
                        blank=True, choices=[("1", "男"), ("2", "女")], max_length=1, verbose_name="性别"
                    ),
                ),
                ("birth", models.DateField(blank=True, null=True, verbose_name="出生日期")),
                (
                    "ethnic",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("01", "汉族"),
                            ("02", "蒙古族"),
                            ("03", "回族"),
                            ("04", "藏族"),
                            ("05", "维吾尔族"),
                            ("06", "苗族"),
                            ("07", "彝族"),
                            ("08", "壮族"),
                            ("09", "布依族"),
                            ("10", "朝鲜族"),
                            ("11", "满族"),
                            ("12", "侗族"),
                            ("13", "瑶族"),
                            ("14", "白族"),
                            ("15", "土家族"),
                            ("16", "哈尼族"),
                            ("17", "哈萨克族"),
                            ("18", "傣族"),
                            ("19", "黎族"),
                            ("20", "傈僳族"),
                            ("21", "佤族"),
                            ("22", "畲族"),
                            ("23", "高山族"),
                            ("24", "拉祜族"),
                            ("25", "水族"),
                            ("26", "东乡族"),
                            ("27", "纳西族"),
                            ("28", "景颇族"),
                            ("29", "柯尔克孜族"),
                            ("30", "土族"),
                            ("31", "达斡尔族"),
                            ("32", "仫佬族"),
                            ("33", "羌族"),
                            ("34", "布朗族"),
                            ("35", "撒拉族"),
                            ("36", "毛南族"),
                            ("37", "仡佬族"),
                            ("38", "锡伯族"),
                            ("39", "阿昌族"),
                            ("40", "普米族"),
                            ("41", "塔吉克族"),
                            ("42", "怒族"),
                            ("43", "乌孜别克族"),
                            ("44", "俄罗斯族"),
                            ("45", "鄂温克族"),
                            ("46", "德昂族"),
                            ("47", "保安族"),
                            ("48", "裕固族"),
                            ("49", "京族"),
                            ("50", "塔塔尔族"),
                            ("51", "独龙族"),
                            ("52", "鄂伦春族"),
                            ("53", "赫哲族"),
                            ("54", "门巴族"),
                            ("55", "珞巴族"),
                            ("56", "基诺族"),
                            ("97", "其他"),
                            ("98", "外国血统中国籍"),
                        ],
                        max_length=2,
                        verbose_name="民族",
                    ),
                ),
                ("ethnic_text", models.CharField(blank=True, max_length=20, verbose_name="民族（原文）")),
                (
                    "phone",
                    fupin.crypt.fields.Encrypted(
                        blank=True, blind="phone_mark", max_length=20, verbose_name="联系电话"
                    ),
                ),
                (
                    "phone_mark",
                    fupin.crypt.fields.Mark(
                        "phone",
                        blank=True,
                        default="",
                        editable=False,
                        max_length=26,
                        verbose_name="检索摘要",
                    ),
                ),
                ("joined_on", models.DateField(blank=True, null=True, verbose_name="增加日期")),
                (
                    "joined_event",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("01", "死亡"),
                            ("02", "婚出"),
                            ("03", "出国定居"),
                            ("04", "判刑收监"),
                            ("05", "婚入"),
                            ("06", "新生儿"),
                            ("07", "其他转入"),
                            ("08", "其他转出"),
                            ("09", "失踪"),
                            ("10", "参军"),
                        ],
                        max_length=2,
                        verbose_name="增加原因",
                    ),
                ),
                ("left_on", models.DateField(blank=True, null=True, verbose_name="减少日期")),
                (
                    "left_event",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("01", "死亡"),
                            ("02", "婚出"),
                            ("03", "出国定居"),
                            ("04", "判刑收监"),
                            ("05", "婚入"),
                            ("06", "新生儿"),
                            ("07", "其他转入"),
                            ("08", "其他转出"),
                            ("09", "失踪"),
                            ("10", "参军"),
                        ],
                        max_length=2,
                        verbose_name="减少原因",
                    ),
                ),
                (
                    "came_from",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="went_to",
                        to="households.member",
                        verbose_name="转自",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="households.household",
                        verbose_name="户",
                    ),
                ),
            ],
            options={
                "verbose_name": "家庭成员",
                "verbose_name_plural": "家庭成员",
                "ordering": ["order", "pk"],
                "indexes": [
                    models.Index(fields=["household", "order"], name="member_household"),
                    models.Index(
                        condition=models.Q(("id_tail", ""), _negated=True),
                        fields=["id_tail", "region_path"],
                        name="member_tail",
                    ),
                    models.Index(
                        condition=models.Q(("phone_mark", ""), _negated=True),
                        fields=["phone_mark"],
                        name="member_phone",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("left_on", None), models.Q(("id_mark", ""), _negated=True)),
                        fields=("id_mark",),
                        name="member_id_once",
                        violation_error_message="证件号码重复：此人已在册。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("left_on", None), models.Q(("left_event", ""), _negated=True), _connector="OR"
                        ),
                        name="member_left_with_reason",
                        violation_error_message="须填写人员减少原因。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CrossCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("region_path", models.CharField(max_length=14, verbose_name="区划代码")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("01", "死亡、户籍注销"),
                            ("02", "车辆"),
                            ("03", "服刑"),
                            ("11", "低保"),
                            ("12", "特困供养"),
                            ("13", "低保边缘、临时救助、孤儿"),
                            ("21", "残疾证"),
                            ("31", "医保参保"),
                            ("32", "大额医疗自付、慢病"),
                            ("41", "在校、失学辍学"),
                            ("51", "危房鉴定、改造"),
                            ("52", "供水"),
                            ("61", "务工、失业"),
                            ("62", "养老保险"),
                            ("71", "不动产"),
                            ("72", "工商登记"),
                            ("81", "财政供养"),
                            ("91", "灾害"),
                            ("92", "信访、12317"),
                            ("98", "疑似同一人"),
                            ("99", "其他"),
                        ],
                        max_length=2,
                        verbose_name="比对内容",
                    ),
                ),
                ("source", models.CharField(max_length=8, verbose_name="来源部门")),
                ("title", models.CharField(blank=True, max_length=120, verbose_name="名单")),
                ("fact", models.CharField(max_length=200, verbose_name="线索")),
                ("value", fupin.crypt.fields.Encrypted(blank=True, max_length=120, verbose_name="比对值")),
                ("digest", models.CharField(editable=False, max_length=32, verbose_name="线索摘要")),
                ("weak", models.BooleanField(default=False, verbose_name="按姓名和出生日期比对")),
                ("found_on", models.DateField(verbose_name="导入日期")),
                ("due_end", models.DateField(verbose_name="核实期限")),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("01", "属实需纳入"),
                            ("02", "已在册"),
                            ("03", "不属实"),
                            ("04", "不符合"),
                            ("05", "已消除"),
                            ("06", "死亡/迁出"),
                            ("09", "待核实"),
                        ],
                        default="09",
                        max_length=2,
                        verbose_name="核实结果",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="核实说明")),
                ("closed_on", models.DateField(blank=True, null=True, verbose_name="核实日期")),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="核实人",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="crosschecks",
                        to="households.household",
                        verbose_name="户",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="households.member",
                        verbose_name="成员",
                    ),
                ),
            ],
            options={
                "verbose_name": "部门比对线索",
                "verbose_name_plural": "部门比对线索",
                "ordering": ["due_end", "pk"],
                "indexes": [
                    models.Index(fields=["household"], name="crosscheck_household"),
                    models.Index(fields=["region_path", "due_end"], name="crosscheck_place"),
                    models.Index(
                        condition=models.Q(("closed_on", None)),
                        fields=["due_end", "region_path"],
                        name="crosscheck_open",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("member", "kind", "digest"), name="crosscheck_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_on", None), ("result", "09")),
                            models.Q(("closed_on__isnull", False), models.Q(("result", "09"), _negated=True)),
                            _connector="OR",
                        ),
                        name="crosscheck_closed_with_result",
                        violation_error_message="核实完的线索须有结果，没有结果的就是待核实。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_on", None), models.Q(("note", ""), _negated=True), _connector="OR"
                        ),
                        name="crosscheck_closed_with_note",
                        violation_error_message="须写明核实情况。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MemberYear",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                (
                    "education",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("01", "文盲或半文盲"),
                            ("02", "小学"),
                            ("03", "初中"),
                            ("04", "高中或中专"),
                            ("05", "大专"),
                            ("06", "本科及以上"),
                            ("07", "学龄前儿童"),
                        ],
                        max_length=2,
                        verbose_name="文化程度",
                    ),
                ),
                (
                    "school",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("00", "非在校生"),
                            ("01", "学龄前儿童"),
                            ("02", "学前教育"),
                            ("03", "小学"),
                            ("04", "七年级"),
                            ("05", "八年级"),
                            ("06", "九年级"),
                            ("07", "普通高中一年级"),
                            ("08", "普通高中二年级"),
                            ("09", "普通高中三年级"),
                            ("10", "中职一年级"),
                            ("11", "中职二年级"),
                            ("12", "中职三年级"),
                            ("13", "高职高专一年级"),
                            ("14", "高职高专二年级"),
                            ("15", "高职高专三年级"),
                            ("16", "技师学院"),
                            ("21", "本科一年级"),
                            ("22", "本科二年级"),
                            ("23", "本科三年级"),
                            ("24", "本科四年级"),
                            ("25", "本科五年级"),
                            ("26", "硕士研究生及以上"),
                            ("29", "大专及以上"),
                        ],
                        max_length=2,
                        verbose_name="在校生状况",
                    ),
                ),
                ("dropout_reason", models.CharField(blank=True, max_length=120, verbose_name="失学辍学原因")),
                (
                    "labour",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("01", "普通劳动力"),
                            ("02", "技能劳动力"),
                            ("03", "丧失劳动力"),
                            ("04", "无劳动力"),
                            ("05", "弱劳动力或半劳动力"),
                        ],
                        max_length=2,
                        verbose_name="劳动技能",
                    ),
                ),
                ("health", fupin.crypt.fields.Encrypted(blank=True, max_length=60, verbose_name="健康状况")),
                (
                    "disability_kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("1", "视力"),
                            ("2", "听力"),
                            ("3", "言语"),
                            ("4", "肢体"),
                            ("5", "智力"),
                            ("6", "精神"),
                            ("7", "多重"),
                        ],
                        max_length=1,
                        verbose_name="残疾类别",
                    ),
                ),
                (
                    "disability_level",
                    models.CharField(
                        blank=True,
                        choices=[("1", "一级"), ("2", "二级"), ("3", "三级"), ("4", "四级")],
                        max_length=1,
                        verbose_name="残疾等级",
                    ),
                ),
                (
                    "disability_no",
                    fupin.crypt.fields.Encrypted(blank=True, max_length=22, verbose_name="残疾证号"),
                ),
                (
                    "disability_year",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="办证年度"),
                ),
                ("military", models.BooleanField(blank=True, null=True, verbose_name="现役军人")),
                (
                    "politics",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("01", "中共党员"),
                            ("02", "中共预备党员"),
                            ("03", "共青团员"),
                            ("04", "民革会员"),
                            ("05", "民盟盟员"),
                            ("06", "民建会员"),
                            ("07", "民进会员"),
                            ("08", "农工党党员"),
                            ("09", "致公党党员"),
                            ("10", "九三学社社员"),
                            ("11", "台盟盟员"),
                            ("12", "无党派人士"),
                            ("13", "群众"),
                        ],
                        max_length=2,
                        verbose_name="政治面貌",
                    ),
                ),
                ("activist", models.BooleanField(blank=True, null=True, verbose_name="入党积极分子")),
                (
                    "medical_resident",
                    models.BooleanField(blank=True, null=True, verbose_name="参加城乡居民基本医疗保险"),
                ),
                (
                    "medical_employee",
                    models.BooleanField(blank=True, null=True, verbose_name="参加城镇职工基本医疗保险"),
                ),
                ("medical_critical", models.BooleanField(blank=True, null=True, verbose_name="参加大病保险")),
                (
                    "pension_resident",
                    models.BooleanField(blank=True, null=True, verbose_name="参加城乡居民基本养老保险"),
                ),
                (
                    "pension_employee",
                    models.BooleanField(blank=True, null=True, verbose_name="参加城镇职工基本养老保险"),
                ),
                ("pension_received", models.BooleanField(blank=True, null=True, verbose_name="领取养老金")),
                (
                    "accident_insured",
                    models.BooleanField(blank=True, null=True, verbose_name="享受人身意外保险补贴"),
                ),
                (
                    "commercial_insured",
                    models.BooleanField(blank=True, null=True, verbose_name="参加商业补充医疗保险"),
                ),
                ("dibao", models.BooleanField(blank=True, null=True, verbose_name="享受低保")),
                ("tekun", models.BooleanField(blank=True, null=True, verbose_name="特困供养")),
                ("orphan", models.BooleanField(blank=True, null=True, verbose_name="孤儿")),
                (
                    "de_facto_orphan",
                    models.BooleanField(blank=True, null=True, verbose_name="事实无人抚养儿童"),
                ),
                ("putonghua", models.BooleanField(blank=True, null=True, verbose_name="会讲普通话")),
                (
                    "work_area",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("01", "乡镇内"),
                            ("02", "乡镇外县内"),
                            ("03", "县外省内"),
                            ("04", "省外"),
                            ("99", "其他（境外）"),
                        ],
                        max_length=2,
                        verbose_name="务工区域",
                    ),
                ),
                (
                    "work_months",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="务工时间（月）"),
                ),
                ("work_place", models.CharField(blank=True, max_length=60, verbose_name="务工所在地")),
                (
                    "work_county",
                    models.CharField(blank=True, editable=False, max_length=6, verbose_name="务工所在区县"),
                ),
                ("work_company", models.CharField(blank=True, max_length=60, verbose_name="务工企业")),
                (
                    "work_industry",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("1", "第一产业（农业）"),
                            ("2", "第二产业（工业、建筑业）"),
                            ("3", "第三产业（服务业）"),
                        ],
                        max_length=1,
                        verbose_name="务工产业分类",
                    ),
                ),
                (
                    "job_channel",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("1", "自主就业"),
                            ("2", "亲友介绍"),
                            ("3", "政府组织"),
                            ("4", "劳务公司"),
                            ("5", "帮扶车间"),
                            ("9", "其他"),
                        ],
                        max_length=1,
                        verbose_name="就业渠道",
                    ),
                ),
                (
                    "work_income",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="年务工收入（元）",
                    ),
                ),
                ("abroad", models.BooleanField(blank=True, null=True, verbose_name="国外务工")),
                (
                    "post_kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("1", "护林员"),
                            ("2", "保洁员"),
                            ("3", "护路员"),
                            ("4", "护水员"),
                            ("5", "治安/巡逻员"),
                            ("6", "信息员"),
                            ("7", "护理员"),
                            ("9", "其他"),
                        ],
                        max_length=1,
                        verbose_name="公益性岗位类型",
                    ),
                ),
                (
                    "post_months",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="公益性岗位月数"),
                ),
                ("workshop", models.BooleanField(blank=True, null=True, verbose_name="帮扶车间就业")),
                ("leader", models.BooleanField(blank=True, null=True, verbose_name="创业致富带头人")),
                ("training", models.CharField(blank=True, max_length=120, verbose_name="技能培训")),
                ("training_on", models.DateField(blank=True, null=True, verbose_name="培训日期")),
                ("certificate", models.CharField(blank=True, max_length=60, verbose_name="培训证书")),
                ("medical_aid", models.BooleanField(blank=True, null=True, verbose_name="接受医疗救助")),
                (
                    "health_help",
                    fupin.crypt.fields.Encrypted(blank=True, max_length=120, verbose_name="其他健康帮扶"),
                ),
                (
                    "graduate_job",
                    models.CharField(blank=True, max_length=120, verbose_name="大专及以上毕业生就业情况"),
                ),
                (
                    "graduate_reason",
                    models.CharField(blank=True, max_length=120, verbose_name="毕业生未就业原因"),
                ),
                (
                    "marriage",
                    models.CharField(
                        blank=True,
                        choices=[("10", "未婚"), ("20", "已婚"), ("30", "丧偶"), ("40", "离婚")],
                        max_length=2,
                        verbose_name="婚姻状况",
                    ),
                ),
                (
                    "living",
                    models.CharField(
                        blank=True,
                        choices=[("1", "常住"), ("2", "外出"), ("3", "户籍不在本村")],
                        max_length=1,
                        verbose_name="居住状况",
                    ),
                ),
                ("role_note", models.CharField(blank=True, max_length=20, verbose_name="人员类别")),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="years",
                        to="households.member",
                        verbose_name="成员",
                    ),
                ),
            ],
            options={
                "verbose_name": "成员年度情况",
                "verbose_name_plural": "成员年度情况",
                "ordering": ["-year"],
                "constraints": [models.UniqueConstraint(fields=("member", "year"), name="member_year_once")],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on", models.DateField(verbose_name="告知日期")),
                ("form", models.CharField(max_length=40, verbose_name="告知书版本")),
                ("teller", models.CharField(blank=True, max_length=40, verbose_name="告知人")),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="登记时间")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to="households.household",
                        verbose_name="户",
                    ),
                ),
            ],
            options={
                "verbose_name": "个人信息告知",
                "verbose_name_plural": "个人信息告知",
                "ordering": ["-on", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Pairing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("region_path", models.CharField(db_index=True, max_length=14, verbose_name="区划代码")),
                (
                    "order",
                    models.CharField(
                        choices=[("1", "第一帮扶责任人"), ("2", "第二帮扶责任人"), ("3", "监测联系人")],
                        default="1",
                        max_length=1,
                        verbose_name="责任人序位",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="开始日期")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="结束日期")),
                (
                    "visits_per_year",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="每年走访次数"),
                ),
                (
                    "end_reason",
                    models.CharField(
                        blank=True,
                        choices=[("1", "调离"), ("2", "退休"), ("3", "对象变化"), ("9", "其他")],
                        max_length=1,
                        verbose_name="变更原因",
                    ),
                ),
                ("end_note", models.CharField(blank=True, max_length=200, verbose_name="变更说明")),
                (
                    "helper",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pairings",
                        to="households.helper",
                        verbose_name="帮扶责任人",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pairings",
                        to="households.household",
                        verbose_name="户",
                    ),
                ),
            ],
            options={
                "verbose_name": "结对帮扶",
                "verbose_name_plural": "结对帮扶",
                "ordering": ["household", "order", "-starts_on"],
                "indexes": [
                    models.Index(fields=["household", "starts_on"], name="pairing_household"),
                    models.Index(fields=["helper", "starts_on"], name="pairing_helper"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on", None), ("ends_on__gte", models.F("starts_on")), _connector="OR"
                        ),
                        name="pairing_ends_after_start",
                        violation_error_message="结束日期不能早于开始日期。",
                    ),
                    models.UniqueConstraint(
                        fields=("household", "helper", "starts_on"),
                        name="pairing_once",
                        violation_error_message="这位责任人当天已与该户结对。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Paper",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20, verbose_name="文书类别")),
                ("region_path", models.CharField(max_length=14, verbose_name="区划代码")),
                ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                ("title", models.CharField(blank=True, max_length=120, verbose_name="标题")),
                ("unit", models.CharField(blank=True, max_length=80, verbose_name="发文单位")),
                ("sections", models.JSONField(default=list, verbose_name="正文")),
                ("keep_empty", models.BooleanField(default=False, verbose_name="保留空标题")),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "草稿"), ("issued", "已印发")],
                        default="draft",
                        max_length=6,
                        verbose_name="状态",
                    ),
                ),
                ("number", models.CharField(blank=True, max_length=60, verbose_name="文号")),
                ("issued_on", models.DateField(blank=True, null=True, verbose_name="印发日期")),
                ("issued", models.JSONField(blank=True, null=True, verbose_name="印发稿")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="版本")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="最后修改")),
                (
                    "household",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="papers",
                        to="households.household",
                        verbose_name="户",
                    ),
                ),
                (
                    "issued_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="印发人",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="papers",
                        to="regions.region",
                        verbose_name="地区",
                    ),
                ),
                (
                    "replaces",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="later",
                        to="households.paper",
                        verbose_name="修订自",
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="修改人",
                    ),
                ),
            ],
            options={
                "verbose_name": "文书",
                "verbose_name_plural": "文书",
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(fields=["region_path", "-id"], name="paper_place"),
                    models.Index(fields=["household", "-id"], name="paper_household"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("issued", None), ("state", "draft")),
                            models.Q(
                                ("issued__isnull", False), ("issued_on__isnull", False), ("state", "issued")
                            ),
                            _connector="OR",
                        ),
                        name="paper_issued_whole",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PostingSetting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("region_path", models.CharField(max_length=14, unique=True, verbose_name="区划代码")),
                ("unit", models.CharField(blank=True, max_length=60, verbose_name="落款单位")),
                ("contact", models.CharField(blank=True, max_length=30, verbose_name="联系人")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="联系电话")),
                ("supervision", models.CharField(blank=True, max_length=40, verbose_name="监督电话")),
                ("periods", models.JSONField(default=dict, verbose_name="公示期")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="版本")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="修改时间")),
                (
                    "updated_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="修改人",
                    ),
                ),
            ],
            options={
                "verbose_name": "公示设置",
                "verbose_name_plural": "公示设置",
                "ordering": ["region_path"],
            },
        ),
        migrations.CreateModel(
            name="PovertyLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                ("region_path", models.CharField(blank=True, max_length=14, verbose_name="适用区域")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("1", "国定贫困线"),
                            ("2", "省定贫困线"),
                            ("3", "防返贫监测线"),
                            ("4", "收入统计线"),
                        ],
                        max_length=1,
                        verbose_name="类别",
                    ),
                ),
                ("value", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="标准（元）")),
                ("source", models.CharField(blank=True, max_length=120, verbose_name="来源")),
                ("confirmed", models.BooleanField(default=False, verbose_name="已核实")),
            ],
            options={
                "verbose_name": "收入标准线",
                "verbose_name_plural": "收入标准线",
                "ordering": ["-year", "kind", "region_path"],
                "constraints": [
                    models.UniqueConstraint(fields=("year", "region_path", "kind"), name="line_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="RegionCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("region_path", models.CharField(max_length=14, unique=True, verbose_name="区划代码")),
                ("level", models.PositiveSmallIntegerField(verbose_name="级别")),
                ("day", models.DateField(verbose_name="截至日期")),
                ("figures", models.JSONField(default=dict, verbose_name="指标")),
            ],
            options={
                "verbose_name": "指标计数",
                "verbose_name_plural": "指标计数",
                "ordering": ["region_path"],
                "indexes": [models.Index(fields=["level", "region_path"], name="region_count_level")],
            },
        ),
        migrations.CreateModel(
            name="SearchToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token", models.CharField(max_length=2, verbose_name="双字")),
                ("region_path", models.CharField(max_length=14, verbose_name="区划代码")),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tokens",
                        to="households.household",
                        verbose_name="户",
                    ),
                ),
            ],
            options={
                "verbose_name": "姓名索引",
                "verbose_name_plural": "姓名索引",
                "constraints": [
                    models.UniqueConstraint(fields=("token", "region_path", "household"), name="token_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="StatusChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("step", models.CharField(max_length=20, verbose_name="步骤")),
                ("before", models.JSONField(default=dict, verbose_name="变更前")),
                ("after", models.JSONField(default=dict, verbose_name="变更后")),
                ("on", models.DateField(verbose_name="日期")),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="原因")),
                ("document", models.CharField(blank=True, max_length=60, verbose_name="文号")),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="登记时间")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="经办人",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="households.household",
                        verbose_name="户",
                    ),
                ),
            ],
            options={
                "verbose_name": "状态变更",
                "verbose_name_plural": "状态变更",
                "ordering": ["-on", "-pk"],
                "indexes": [models.Index(fields=["on", "household"], name="change_day")],
            },
        ),
        migrations.CreateModel(
            name="TargetChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("before_text", models.CharField(blank=True, max_length=30, verbose_name="原时限")),
                ("before_end", models.DateField(null=True, verbose_name="原到期日")),
                ("after_text", models.CharField(blank=True, max_length=30, verbose_name="新时限")),
                ("after_end", models.DateField(null=True, verbose_name="新到期日")),
                ("reason", models.CharField(max_length=300, verbose_name="原因")),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="登记时间")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="经办人",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="target_changes",
                        to="households.household",
                        verbose_name="户",
                    ),
                ),
            ],
            options={
                "verbose_name": "时限调整",
                "verbose_name_plural": "时限调整",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="TeamMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("region_path", models.CharField(editable=False, max_length=14, verbose_name="区划代码")),
                ("name", models.CharField(max_length=40, verbose_name="姓名")),
                ("unit", models.CharField(max_length=80, verbose_name="派出单位")),
                (
                    "duty",
                    models.CharField(
                        choices=[("1", "第一书记"), ("2", "工作队队长"), ("3", "工作队员")],
                        default="3",
                        max_length=1,
                        verbose_name="职务",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="进驻日期")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="离队日期")),
                ("note", models.CharField(blank=True, max_length=120, verbose_name="备注")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="版本")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="最后修改")),
                (
                    "helper",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="households.helper",
                        verbose_name="帮扶责任人",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                        verbose_name="驻村",
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="修改人",
                    ),
                ),
            ],
            options={
                "verbose_name": "驻村工作队员",
                "verbose_name_plural": "驻村工作队员",
                "ordering": ["region_path", "duty", "name", "pk"],
                "indexes": [models.Index(fields=["region_path", "starts_on"], name="team_place")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on", None), ("ends_on__gte", models.F("starts_on")), _connector="OR"
                        ),
                        name="team_ends_after_start",
                        violation_error_message="离队日期不能早于进驻日期。",
                    ),
                    models.UniqueConstraint(
                        fields=("region", "name", "unit", "starts_on"),
                        name="team_member_once",
                        violation_error_message="此人同一天进驻这个村已经登记过。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Attendance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("region_path", models.CharField(editable=False, max_length=14, verbose_name="区划代码")),
                ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                ("month", models.PositiveSmallIntegerField(verbose_name="月份")),
                (
                    "days",
                    models.CharField(
                        default="0000000000000000000000000000000", max_length=31, verbose_name="逐日"
                    ),
                ),
                ("diaries", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="日记篇数")),
                ("note", models.CharField(blank=True, max_length=120, verbose_name="备注")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="版本")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="最后修改")),
                (
                    "updated_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="修改人",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="months",
                        to="households.teammember",
                        verbose_name="队员",
                    ),
                ),
            ],
            options={
                "verbose_name": "驻村考勤",
                "verbose_name_plural": "驻村考勤",
                "ordering": ["year", "month", "pk"],
                "indexes": [models.Index(fields=["region_path", "year", "month"], name="attendance_place")],
                "constraints": [
                    models.UniqueConstraint(fields=("member", "year", "month"), name="attendance_once"),
                    models.CheckConstraint(
                        condition=models.Q(("month__gte", 1), ("month__lte", 12)),
                        name="attendance_month",
                        violation_error_message="月份应在 1 至 12 之间。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="VillageProfile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("region_path", models.CharField(max_length=14, verbose_name="区划代码")),
                ("year", models.PositiveSmallIntegerField(verbose_name="数据年度")),
                ("location", models.CharField(blank=True, max_length=120, verbose_name="方位")),
                ("borders", models.CharField(blank=True, max_length=200, verbose_name="四至")),
                ("terrain", models.CharField(blank=True, max_length=120, verbose_name="地形地质")),
                ("water_resource", models.CharField(blank=True, max_length=120, verbose_name="水资源")),
                (
                    "distance_county",
                    models.DecimalField(
                        blank=True, decimal_places=1, max_digits=6, null=True, verbose_name="距县城（公里）"
                    ),
                ),
                (
                    "area_mu",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=10, null=True, verbose_name="总面积（亩）"
                    ),
                ),
                ("groups", models.PositiveIntegerField(blank=True, null=True, verbose_name="村民小组（个）")),
                (
                    "households",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="总户数（户）"),
                ),
                (
                    "population",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="总人口（人）"),
                ),
                ("labour", models.PositiveIntegerField(blank=True, null=True, verbose_name="劳动力（人）")),
                (
                    "migrant",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="外出务工（人）"),
                ),
                (
                    "poor_households",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="建档立卡户（户）"),
                ),
                (
                    "poor_population",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="建档立卡人口（人）"),
                ),
                (
                    "monitored_households",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="监测户（户）"),
                ),
                (
                    "monitored_population",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="监测人口（人）"),
                ),
                (
                    "dibao_households",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="低保户（户）"),
                ),
                (
                    "dibao_population",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="低保人口（人）"),
                ),
                (
                    "tekun_population",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="特困人员（人）"),
                ),
                (
                    "disabled_population",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="残疾人（人）"),
                ),
                (
                    "pension_received",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="享受养老保险（人）"),
                ),
                (
                    "pension_joined",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="参加新农保（人）"),
                ),
                (
                    "medical_joined",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="参加新农合（人）"),
                ),
                ("students", models.PositiveIntegerField(blank=True, null=True, verbose_name="学生（人）")),
                (
                    "students_college",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="大中专学生（人）"),
                ),
                (
                    "students_middle",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="中学生（人）"),
                ),
                (
                    "students_primary",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="小学生（人）"),
                ),
                (
                    "party_members",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="党员（人）"),
                ),
                (
                    "party_probationary",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="预备党员（人）"),
                ),
                (
                    "party_activists",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="入党积极分子（人）"),
                ),
                ("sanlao", models.PositiveIntegerField(blank=True, null=True, verbose_name="三老干部（人）")),
                ("clergy", models.PositiveIntegerField(blank=True, null=True, verbose_name="僧侣（人）")),
                ("nuns", models.PositiveIntegerField(blank=True, null=True, verbose_name="尼姑（人）")),
                ("lamas", models.PositiveIntegerField(blank=True, null=True, verbose_name="喇嘛（人）")),
                ("cadres", models.PositiveIntegerField(blank=True, null=True, verbose_name="村组干部（人）")),
                (
                    "relocated_households",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="易地搬迁户（户）"),
                ),
                (
                    "farmland",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=10, null=True, verbose_name="耕地（亩）"
                    ),
                ),
                (
                    "irrigated",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=10, null=True, verbose_name="有效灌溉（亩）"
                    ),
                ),
                (
                    "forest",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=10, null=True, verbose_name="林地（亩）"
                    ),
                ),
                (
                    "enterprises",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="工业企业（家）"),
                ),
                ("schools", models.PositiveIntegerField(blank=True, null=True, verbose_name="小学（所）")),
                ("clinics", models.PositiveIntegerField(blank=True, null=True, verbose_name="卫生所（个）")),
                ("roads", models.PositiveIntegerField(blank=True, null=True, verbose_name="公路（条）")),
                (
                    "collective_income",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="村集体经济收入（元）",
                    ),
                ),
                (
                    "per_capita_income",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        verbose_name="农民人均纯收入（元）",
                    ),
                ),
                ("road_paved", models.BooleanField(blank=True, null=True, verbose_name="通沥青（水泥）路")),
                ("bus", models.BooleanField(blank=True, null=True, verbose_name="通客运班车")),
                ("broadband", models.BooleanField(blank=True, null=True, verbose_name="通宽带")),
                (
                    "is_poor_village",
                    models.BooleanField(blank=True, null=True, verbose_name="贫困村（脱贫村）"),
                ),
                (
                    "exit_year",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="出列年度"),
                ),
                ("helping_unit", models.CharField(blank=True, max_length=80, verbose_name="帮扶单位")),
                ("first_secretary", models.CharField(blank=True, max_length=40, verbose_name="第一书记")),
                ("programmes", models.CharField(blank=True, max_length=80, verbose_name="项目标签")),
                ("note", models.TextField(blank=True, verbose_name="说明")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="版本")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="最后修改")),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="profiles",
                        to="regions.region",
                        verbose_name="村",
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="修改人",
                    ),
                ),
            ],
            options={
                "verbose_name": "村情",
                "verbose_name_plural": "村情",
                "ordering": ["region_path", "-year"],
                "indexes": [models.Index(fields=["region_path", "year"], name="profile_place")],
                "constraints": [models.UniqueConstraint(fields=("region", "year"), name="profile_year_once")],
            },
        ),
        migrations.CreateModel(
            name="VillageNeed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("order", models.PositiveSmallIntegerField(default=0, verbose_name="次序")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("1", "产业"),
                            ("2", "就业"),
                            ("3", "教育"),
                            ("4", "健康"),
                            ("5", "住房"),
                            ("6", "饮水"),
                            ("7", "金融"),
                            ("8", "资金"),
                            ("A", "基础设施"),
                            ("B", "培训与劳动力转移"),
                            ("C", "整村推进"),
                            ("9", "其他"),
                        ],
                        default="9",
                        max_length=1,
                        verbose_name="类别",
                    ),
                ),
                ("text", models.CharField(max_length=300, verbose_name="内容")),
                (
                    "state",
                    models.CharField(
                        choices=[("1", "待解决"), ("2", "已列计划"), ("3", "已解决")],
                        default="1",
                        max_length=1,
                        verbose_name="状态",
                    ),
                ),
                (
                    "profile",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="needs",
                        to="households.villageprofile",
                        verbose_name="村情",
                    ),
                ),
            ],
            options={
                "verbose_name": "急需解决的困难",
                "verbose_name_plural": "急需解决的困难",
                "ordering": ["order", "pk"],
            },
        ),
        migrations.CreateModel(
            name="VillageIndustry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="产业")),
                (
                    "area_mu",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=10, null=True, verbose_name="面积（亩）"
                    ),
                ),
                ("approx", models.BooleanField(default=False, verbose_name="约数")),
                ("text", models.CharField(blank=True, max_length=120, verbose_name="原文")),
                (
                    "profile",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="industries",
                        to="households.villageprofile",
                        verbose_name="村情",
                    ),
                ),
            ],
            options={
                "verbose_name": "村特色产业",
                "verbose_name_plural": "村特色产业",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="VillageCause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("order", models.PositiveSmallIntegerField(default=0, verbose_name="次序")),
                ("codes", models.CharField(blank=True, max_length=30, verbose_name="致贫原因")),
                ("text", models.CharField(max_length=300, verbose_name="说明")),
                (
                    "profile",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="causes",
                        to="households.villageprofile",
                        verbose_name="村情",
                    ),
                ),
            ],
            options={
                "verbose_name": "村级致贫原因",
                "verbose_name_plural": "村级致贫原因",
                "ordering": ["order", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Doubt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("region_path", models.CharField(max_length=14, verbose_name="区划代码")),
                ("rule", models.CharField(max_length=4, verbose_name="规则")),
                ("message", models.CharField(max_length=200, verbose_name="问题")),
                (
                    "basis",
                    models.CharField(blank=True, editable=False, max_length=16, verbose_name="依据摘要"),
                ),
                ("found_on", models.DateField(verbose_name="发现日期")),
                ("explained", models.CharField(blank=True, max_length=200, verbose_name="核实说明")),
                (
                    "explained_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="核实人",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="doubt_rows",
                        to="households.household",
                        verbose_name="户",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="households.member",
                        verbose_name="成员",
                    ),
                ),
                (
                    "profile",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="doubt_rows",
                        to="households.villageprofile",
                        verbose_name="村情",
                    ),
                ),
            ],
            options={
                "verbose_name": "数据疑点",
                "verbose_name_plural": "数据疑点",
                "ordering": ["rule", "region_path", "pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("explained", "")),
                        fields=["region_path", "rule"],
                        name="doubt_open",
                    ),
                    models.Index(fields=["region_path", "rule", "id"], name="doubt_place"),
                    models.Index(
                        condition=models.Q(("rule", "V32")), fields=["basis"], name="doubt_between_homes"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("household__isnull", False), ("profile", None)),
                            models.Q(("household", None), ("profile__isnull", False)),
                            _connector="OR",
                        ),
                        name="doubt_about_household_or_village",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Visit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "uid",
                    models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name="编号"),
                ),
                ("region_path", models.CharField(max_length=14, verbose_name="区划代码")),
                ("on", models.DateField(verbose_name="走访日期")),
                ("start_at", models.TimeField(blank=True, null=True, verbose_name="开始时刻")),
                ("end_at", models.TimeField(blank=True, null=True, verbose_name="结束时刻")),
                ("visitor_text", models.CharField(blank=True, max_length=80, verbose_name="走访人（原文）")),
                ("visitor_unit", models.CharField(blank=True, max_length=80, verbose_name="走访人单位")),
                (
                    "way",
                    models.CharField(
                        choices=[("1", "入户"), ("2", "电话"), ("3", "视频"), ("4", "微信"), ("5", "院坝会")],
                        default="1",
                        max_length=1,
                        verbose_name="走访方式",
                    ),
                ),
                ("purposes", models.CharField(blank=True, max_length=60, verbose_name="走访目的")),
                ("content", models.TextField(verbose_name="走访内容")),
                ("problem", models.TextField(blank=True, verbose_name="发现的问题")),
                ("handling", models.TextField(blank=True, verbose_name="处理措施")),
                ("solved", models.BooleanField(blank=True, null=True, verbose_name="是否解决")),
                (
                    "gift_money",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="慰问金额（元）"
                    ),
                ),
                ("gift_goods", models.CharField(blank=True, max_length=80, verbose_name="慰问物品")),
                ("confirmed", models.BooleanField(blank=True, null=True, verbose_name="户主已确认")),
                ("late", models.BooleanField(default=False, editable=False, verbose_name="补录")),
                ("counts", models.BooleanField(default=True, editable=False, verbose_name="计入走访要求")),
                (
                    "source",
                    models.CharField(
                        choices=[("web", "网页"), ("import", "导入"), ("offline", "离线")],
                        default="web",
                        max_length=8,
                        verbose_name="来源",
                    ),
                ),
                ("cancelled_reason", models.CharField(blank=True, max_length=200, verbose_name="作废原因")),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="登记时间")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "helpers",
                    models.ManyToManyField(
                        related_name="visits", to="households.helper", verbose_name="走访人"
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="visits",
                        to="households.household",
                        verbose_name="户",
                    ),
                ),
            ],
            options={
                "verbose_name": "走访记录",
                "verbose_name_plural": "走访记录",
                "ordering": ["-on", "-pk"],
                "indexes": [
                    models.Index(fields=["household", "-on"], name="visit_household"),
                    models.Index(fields=["region_path", "on"], name="visit_place"),
                    models.Index(fields=["on", "region_path"], name="visit_day"),
                ],
            },
        ),
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("region_path", models.CharField(max_length=14, verbose_name="区划代码")),
                ("what", models.CharField(max_length=300, verbose_name="待办事项")),
                ("due_text", models.CharField(blank=True, max_length=30, verbose_name="办理时限")),
                ("due_end", models.DateField(blank=True, null=True, verbose_name="到期日")),
                ("due_precision", models.CharField(blank=True, max_length=8, verbose_name="时限精度")),
                ("closed_on", models.DateField(blank=True, null=True, verbose_name="办结日期")),
                ("result", models.CharField(blank=True, max_length=300, verbose_name="办理结果")),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="登记时间")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "helper",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="follow_ups",
                        to="households.helper",
                        verbose_name="承办人",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="follow_ups",
                        to="households.household",
                        verbose_name="户",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="follow_ups",
                        to="households.visit",
                        verbose_name="走访",
                    ),
                ),
            ],
            options={
                "verbose_name": "跟踪事项",
                "verbose_name_plural": "跟踪事项",
                "ordering": ["due_end", "pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("closed_on", None)),
                        fields=["region_path", "due_end"],
                        name="follow_up_open",
                    ),
                    models.Index(
                        condition=models.Q(("closed_on", None)),
                        fields=["due_end", "region_path"],
                        name="follow_up_due",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_on", None), models.Q(("result", ""), _negated=True), _connector="OR"
                        ),
                        name="follow_up_closed_with_result",
                        violation_error_message="办结须填写办理结果。",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="VisitPhoto",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("file", models.CharField(max_length=120, verbose_name="文件")),
                ("sha256", models.CharField(max_length=64, verbose_name="摘要")),
                ("taken_on", models.DateField(null=True, verbose_name="拍摄日期")),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="photos",
                        to="households.visit",
                        verbose_name="走访",
                    ),
                ),
            ],
            options={
                "verbose_name": "走访照片",
                "verbose_name_plural": "走访照片",
                "ordering": ["pk"],
            },
        ),
    ]
