"""What can be wrong with a workbook: the list, and one located finding.

Severity: an error keeps rows out, a warning lets them in and says so. Scope: what one finding keeps out or
concerns (the file, a household, a row, a cell).
"""

from dataclasses import dataclass

ERROR, WARNING, INFO = "error", "warning", "info"

# code: (severity, scope, title, what is expected)
CODES = {
    "file_type_mismatch": (ERROR, "file", "文件内容与扩展名不符", "请用 Excel 或 WPS 打开后另存为 .xlsx"),
    "file_encrypted": (ERROR, "file", "工作簿有打开密码", "请去掉密码后再传"),
    "file_corrupt": (ERROR, "file", "文件损坏，读不出来", "请重新导出或另存为 .xlsx"),
    "file_empty": (ERROR, "file", "文件里没有数据", "至少要有表头和一行数据"),
    "file_bomb": (ERROR, "file", "文件解开后异常大", "请删去空白行列后另存"),
    "file_entity_attack": (ERROR, "file", "文件里有实体声明", "请用 Excel 或 WPS 另存为 .xlsx"),
    "file_macro": (ERROR, "file", "工作簿带宏", "请另存为不带宏的 .xlsx"),
    "file_path_traversal": (ERROR, "file", "文件结构异常", "请用 Excel 或 WPS 另存为 .xlsx"),
    "too_many_columns": (ERROR, "file", "列数异常多", "请删去多余的列"),
    "cell_too_long": (ERROR, "file", "单元格文字过长", "每格不超过 32,767 字"),
    "header_not_found": (ERROR, "file", "找不到能认出的表头", "请用选项里的一种表，或在上传时指定导入内容"),
    "write_refused": (ERROR, "file", "写入时被数据库拒绝，什么也没有写", "请联系管理员"),
    "year_frozen": (ERROR, "row", "这一年度的数据已由县里冻结", "确需更正的，请县业务局在“年度快照”里写明理由解冻"),
    "name_missing": (ERROR, "row", "姓名为空", "应填姓名"),
    "id_missing": (ERROR, "row", "证件号码为空", "应填 18 位公民身份号码"),
    "id_length": (ERROR, "row", "证件号码位数不对", "应为 18 位"),
    "id_chars": (ERROR, "row", "证件号码含非法字符", "只能有数字，末位可以是 X"),
    "id_check_digit": (ERROR, "row", "证件号码校验位不符", "请与证件核对"),
    "id_birth_invalid": (ERROR, "row", "证件号码里的出生日期不存在", "第 7 至 14 位应是真实日期"),
    "id_birth_future": (ERROR, "row", "证件号码里的出生日期在将来", "请与证件核对"),
    "id_precision_lost": (ERROR, "row", "证件号码被 Excel 截断", "末几位已丢失，请把列设为文本后重填"),
    "duplicate_person": (ERROR, "row", "同一证件号码已在另一户", "一人只能在一户"),
    "person_ambiguous": (ERROR, "row", "没有证件号码，分不清是户里哪个人", "请填证件号码，或先在户页上改正重名的人"),
    "duplicate_row": (ERROR, "row", "同一户里证件号码重复", "请删去重复的行"),
    "excel_error_required": (ERROR, "row", "必填单元格是 Excel 错误值", "请改正公式或填入值"),
    "head_missing": (ERROR, "household", "这一户没有户主", "每户有且只有一名户主"),
    "head_multiple": (ERROR, "household", "这一户有两个以上户主", "每户有且只有一名户主"),
    "household_no_missing": (ERROR, "household", "户编号为空", "应填户编号"),
    "visit_date_span": (WARNING, "row", "走访日期写的是几天", "按第一天记入"),
    "visit_days_parted": (WARNING, "row", "一格里写了几个日期", "每个日期各记一次走访，请核对"),
    "visit_day_missing": (WARNING, "row", "走访只写了月份", "按当月 1 日记入；知道哪天的请改成那一天"),
    "visit_month_differs": (WARNING, "row", "日期与所在的月份列不一致", "按写的日期记入，请核对"),
    "household_heads_only": (WARNING, "file", "表里只有户主，没有其他成员", "新户只建户和户主，成员请另行导入；已建档的户更新户的情况和户主，其他成员不动"),
    "head_differs": (ERROR, "household", "户主与登记的不是同一人", "换户主请在户页上办理，或导入有全户成员的表"),
    "pairing_date_assumed": (WARNING, "file", "表里没有结对开始日期", "按数据年度的 1 月 1 日记入；已有结对的不变。知道日期的请加一列“结对开始”"),
    "status_from_title": (WARNING, "household", "表里没有户类型", "新户按标题记；不对的请加一列“户类型”"),
    "sheets_joined": (WARNING, "file", "两个工作表按序号对上", "请核对；不是的请在两个表里都写户编号或户主证件号码"),
    "household_unnumbered": (WARNING, "household", "表里没有户编号列", "按户主的证件号码认户：已建档的户更新，其余当作新户，由系统编号。请核对“新增”的户数"),
    "household_elsewhere": (ERROR, "household", "户编号已被辖区以外的户使用", "请核对户编号"),
    "household_other_county": (ERROR, "household", "村在另一个县，不能迁移", "迁出本县的请办理注销，由迁入地另行建档"),
    "household_closed": (ERROR, "household", "这一户已注销", "注销的户不能导入，请先恢复"),
    "head_id_mismatch": (ERROR, "household", "户主的证件号码两处不一致", "表上各处应是同一个号码"),
    "file_name_mismatch": (WARNING, "household", "文件名与表内不一致", "以表内为准，请核对"),
    "region_unknown": (ERROR, "household", "村名在您的辖区里查不到", "应为区划表里的村名，同名的请加乡镇、县"),
    "id_15_digits": (WARNING, "cell", "15 位旧证件号码", "已补成 18 位，请核对"),
    "id_disability_cert": (WARNING, "cell", "填的是残疾人证号", "前 18 位已作证件号码"),
    "birth_mismatch": (WARNING, "cell", "出生日期与证件号码不一致", "以证件号码为准"),
    "sex_mismatch": (WARNING, "cell", "性别与证件号码不一致", "以证件号码为准"),
    "date_unreadable": (WARNING, "cell", "日期读不懂，留空", "如 2020-05-01、2020年5月"),
    "number_unreadable": (WARNING, "cell", "数读不懂，留空", "应为数字"),
    "number_approximate": (WARNING, "cell", "约数", "按写的数记入，请核对"),
    "value_masked": (WARNING, "cell", "内容被遮住了，留空", "请填完整的内容"),
    "value_unknown": (WARNING, "cell", "不在选项里，留空", "请用选项里的说法"),
    "excel_error": (WARNING, "cell", "单元格是 Excel 错误值，留空", "请改正公式或填入值"),
    "formula_no_value": (WARNING, "cell", "公式没有算出的值，留空", "请用 Excel 打开保存一次"),
    "household_size_mismatch": (WARNING, "household", "填报人数与表内行数不符", "以表内行数为准"),
    "household_conflict": (WARNING, "cell", "同一户各行的值不一致", "以该户第一行为准"),
    "head_name_mismatch": (WARNING, "household", "户主姓名与户主那一行不一致", "以户主那一行为准"),
    "monitor_conflict": (WARNING, "cell", "监测对象类别与户类型不符", "脱贫不稳定户须为脱贫户，边缘易致贫户须从未建档立卡；未记类别"),
    "cause_unknown": (WARNING, "cell", "致贫原因不在选项里", "已记入备注"),
    "relation_unknown": (WARNING, "cell", "与户主关系不在选项里", "已记为其他，保留原文"),
    "ethnicity_unknown": (WARNING, "cell", "民族不在 56 个民族里", "保留原文"),
    "phone_invalid": (WARNING, "cell", "电话不是 11 位手机号", "原样保存，请核对"),
    "relation_sex_mismatch": (WARNING, "row", "关系与性别不合", "请核对关系或证件号码"),
    "income_negative": (WARNING, "cell", "收入为负", "纯收入可以为负，其余应不小于 0"),
    "income_outlier": (WARNING, "cell", "收入离谱", "户纯收入超过 1000 万元，请核对单位"),
    "hidden_row": (WARNING, "row", "该行在表里是隐藏的", "照样读入，请确认"),
    "name_formula": (WARNING, "cell", "文本以 = + - @ 开头", "按原文保存"),
    "name_html": (WARNING, "cell", "文本含网页代码", "按原文保存"),
    "name_control_chars": (WARNING, "cell", "含看不见的字符", "已去掉"),
    "row_version_odd": (WARNING, "cell", "数据版本与户编号对不上", "按没有数据版本处理，请勿改动这一列"),
    "visit_differs": (ERROR, "row", "这次走访已经登记", "走访登记后不能改；要改请先在系统里作废，再登记新的"),
    "visit_kept": (WARNING, "row", "这次走访已经登记，改动没有记", "走访登记后不能改；要改请先在系统里作废，再登记新的"),
    "age_implausible": (WARNING, "row", "年龄超过 120 岁", "请核对证件号码"),
    "household_ref_cycle": (ERROR, "household", "上级户编号成环", "不能指向自己，也不能绕回自己"),
    "household_ref_missing": (WARNING, "household", "上级户编号指向不存在的户", "请核对上级户编号"),
    "household_no_members": (ERROR, "household", "户表里有这一户，人口表里一个人也没有", "请在人口表里补上这一户的人"),
    "person_household_unknown": (ERROR, "row", "人口表里的户编号在户表里查不到", "请核对户编号，或在户表里补上这一户"),
    "household_not_found": (ERROR, "row", "户编号查不到", "应为已建档的户编号；还没有建档的户，先导入“户和成员”"),
    "visit_date_missing": (ERROR, "row", "走访日期为空", "应填日期"),
    "visit_date_unreadable": (ERROR, "row", "走访日期读不懂", "如 2020-05-01"),
    "visit_date_future": (ERROR, "row", "走访日期在将来", "不能晚于今天"),
    "visitor_missing": (ERROR, "row", "走访人为空", "应填走访人"),
    "duplicate_visit": (ERROR, "row", "走访重复", "同一户、同一天、同一人、同一内容只记一次"),
    "pairing_overlap": (WARNING, "row", "同一户同一时段有两个责任人", "照样记入，请核对"),
    "pairing_id_assumed": (WARNING, "file", "“身份证号”没有写是谁的", "按户主的证件号码认户；不是的请在“列对应”里改"),
    "pairing_id_unclear": (ERROR, "row", "看不出证件号码是户主的还是干部的", "号码大多查不到户。是户主的，请在“列对应”里选“户主证件号码”；是干部的，请加一列户编号或户主身份证号"),
    "pairing_columns": (WARNING, "file", "一行里有几名责任人", "每名各记一条结对；不对的请在“列对应”里改"),
    "pairing_names_fewer": (WARNING, "row", "写的户数比写的姓名多", "其余的户请补上姓名"),
    "pairing_old_differs": (ERROR, "row", "原责任人与登记的不一致", "请核对原责任人和调整时间"),
    "pairing_new_stands": (WARNING, "row", "现责任人已与该户结对", "只结束原责任人的结对"),
    "household_by_name": (WARNING, "row", "没有户编号，按户主姓名认户", "请核对；不是的请在“户编号”里填对"),
    "household_name_ambiguous": (ERROR, "row", "同名的户不止一户", "请在“户编号”里填是哪一户"),
    "household_name_unknown": (ERROR, "row", "按户主姓名找不到户", "请核对姓名和村，或在“户编号”里填户编号；还没有建档的户，先导入“户和成员”"),
    "pairing_dates_reversed": (ERROR, "row", "结束日期早于开始日期", "请核对日期"),
    "pairing_date_missing": (ERROR, "row", "结对开始日期为空或读不懂", "如 2018-03-01"),
    "helper_missing": (ERROR, "row", "帮扶责任人为空", "应填姓名"),
    "project_name_missing": (ERROR, "row", "项目名称为空", "应填项目名称"),
    "project_dates_reversed": (ERROR, "row", "完工早于开工", "请核对日期"),
    "project_duplicate": (ERROR, "row", "同名同地点同年度项目重复", "请删去重复的行"),
    "person_elsewhere": (ERROR, "row", "此人已在另一户登记", "一人只能在一户；确属迁移的请办理迁移"),
    "person_without_id": (WARNING, "row", "没有证件号码", "按导出的台账照样收回；有了号码请补填"),
    "possible_same_person": (WARNING, "row", "同村有同名、同出生日期的人，证件号码不同", "照样导入，并列入核查清单，请核对是不是同一人"),
    "row_repeated": (ERROR, "row", "同一户同一年度填了两行", "请删去重复的行"),
    "year_unreadable": (ERROR, "row", "年度读不懂", "应为四位年份，如 2026"),
    "income_net_mismatch": (WARNING, "cell", "纯收入与各项收支不平", "以各项收支计算为准"),
    "income_net_alone": (WARNING, "cell", "只填了纯收入，没有各项收支", "按填的纯收入记；补填各项后由各项算出"),
    "income_per_head_alone": (WARNING, "cell", "只填了人均纯收入", "乘以核算人口记为家庭纯收入；补填各项后由各项算出"),
    "income_part_of_year": (WARNING, "cell", "只有部分季度的收入", "凑不成全年，没有记；全年齐了再导入"),
    "income_per_head_differs": (WARNING, "cell", "人均纯收入与各项收支不平", "以各项收支计算为准"),
    "income_parts_stand": (WARNING, "cell", "登记里已有各项收支", "以登记的各项收支为准；要改请填各项收支"),
    "irrigated_over_farmland": (WARNING, "cell", "有效灌溉面积大于耕地面积，留空", "请核对面积"),
    "measure_missing": (ERROR, "row", "措施内容为空", "应填做什么"),
    "measure_kind_unknown": (WARNING, "cell", "措施类别不在选项里", "已记为开发式帮扶，请核对"),
    "measure_date_assumed": (WARNING, "file", "表里没有措施的开始日期", "按标题里的年度的 1 月 1 日记入；知道日期的请加一列“开始时间”"),
    "measure_amount_assumed": (WARNING, "cell", "表头没有写这个数是什么", "按金额（元）记入，请核对；表头写明（元）或（万元）就不再提示"),
    "measure_figure_unclear": (WARNING, "cell", "看不出是金额还是数量，数没有记", "请在表头写明单位，如（元）、（只）；措施本身已记"),
    "amounts_added": (WARNING, "file", "几列金额名称相同", "按各列之和记，请核对；不是的请在“列对应”里指定一列"),
    "measure_repeated": (ERROR, "row", "同一户的措施重复", "同一户、同类、同一内容、同一开始日期只记一次"),
    "measure_dates_reversed": (ERROR, "row", "完成日期早于开始日期", "请核对日期"),
    "done_without_date": (WARNING, "cell", "写了已完成，没有完成日期", "仍记为未完成，请补填完成日期"),
    "done_in_future": (ERROR, "row", "完成日期在将来", "不能晚于今天；计划日期请填在完成时限"),
    "fund_document_unclear": (WARNING, "cell", "看不出是哪一级资金的文号，未记", "如：中央：川财农〔2026〕1号；省级：……"),
    "cover_unknown": (WARNING, "cell", "覆盖的村在您的辖区里查不到，未记", "应为区划表里的村名，同名的请写成“乡镇/村”"),
    "project_not_found": (ERROR, "row", "项目查不到", "应为已登记的项目编号或名称；同名的请填项目编号"),
    "fund_order": (ERROR, "row", "资金不平", "应为 支付 ≤ 拨付 ≤ 下达"),
    "fund_negative": (ERROR, "row", "资金为负", "应不小于 0"),
    "fund_source_missing": (ERROR, "row", "资金级次为空或不在选项里", "应为中央、省、市、县、社会、自筹、信贷"),
    "carried_down": (WARNING, "row", "空着的按上一行记", "请核对；不是的请在这一行写明"),
    "fund_level_assumed": (WARNING, "row", "总投资全部记为一级资金", "不是的请分列填各级资金"),
    "fund_levels_unclear": (WARNING, "cell", "看不出各级资金各是多少，未记", "请分列填写，或写成：中央50万元，县级30万元"),
    "fund_kind_assumed": (WARNING, "file", "没有写是下达、拨付还是支付", "按标题记；不是的请加一列“下达/拨付/支付”"),
    "person_has_left": (WARNING, "row", "注明已死亡、迁出或减少", "照样导入；确已不在的请在户页上办理减员"),
    "name_deceased": (WARNING, "row", "姓名后注明已故", "照样导入；确已去世的请在户页上办理减员，整户都不在的请注销"),
    "fund_entry_unclear": (ERROR, "row", "看不出是下达、拨付还是支付", "应在“下达/拨付/支付”列写明"),
    "fund_entries_stand": (WARNING, "cell", "与资金流水的合计不符", "以流水为准；有新的请登记流水或导入资金台账"),
    "fund_entry_repeated": (WARNING, "row", "流水重复", "日期、文号、级次、项目、收款人、金额都相同，只记一次"),
    "project_elsewhere": (ERROR, "row", "项目编号已被辖区以外的项目使用", "请核对项目编号"),
    "project_state_unfinished": (ERROR, "row", "已填实际完工，状态却未完工", "请核对完成状态和实际完工日期"),
    "fund_not_yours": (WARNING, "row", "没有登记资金的权限", "拨付和支付未记"),
    "actual_dates_reversed": (ERROR, "row", "实际完工早于实际开工", "请核对日期"),
    "village_sum": (ERROR, "row", "村级指标勾稽不平", "分项之和应等于合计"),
    "village_part_over_whole": (WARNING, "row", "分项大于总数", "部分不能大于总体"),
    "village_repeated": (ERROR, "row", "同一村同一年度填了两行", "请删去重复的行"),
    "monitor_category_missing": (ERROR, "row", "监测对象类别为空", "应为脱贫不稳定户、边缘易致贫户或突发严重困难户"),
    "monitor_status_conflict": (ERROR, "row", "监测对象类别与建档立卡状态不符", "脱贫不稳定户须为脱贫户，边缘易致贫户须从未建档立卡"),
    "monitor_category_differs": (ERROR, "row", "与登记的监测对象类别不同", "类别不能直接改，请先办理风险消除"),
    "monitor_date_missing": (ERROR, "row", "识别时间为空或读不懂", "如 2023-05"),
    "monitor_date_differs": (WARNING, "cell", "识别时间与登记的不同", "以登记的为准"),
    "value_conflict": (WARNING, "cell", "与登记的不一致", "以登记的为准，请核对"),
    "monitor_older": (WARNING, "row", "登记的状态比表里新", "登记为风险已消除，未改"),
    "step_refused": (ERROR, "row", "不能办理状态变更", "请先满足办理条件"),
    "risk_unknown": (WARNING, "cell", "风险类型不在选项里", "记为“其他”：新纳入的，原话写进办理说明；已纳入的，请在户的备注里写明。属于选项的请改成选项里的说法"),
    "risks_many": (WARNING, "cell", "风险类型超过五种", "只记前五种，请把主要的写在前面"),
    "notice_missing": (INFO, "cell", "没有填公示开始日期", "公示期满才能办理；办理时的公示日期请在这一列补填"),
    "attendance_month": (ERROR, "row", "看不出是几月的考勤", "应在“月份”列、表题、表名或文件名里写明，如 2026年3月"),
    "attendance_sign": (ERROR, "row", "这一天的符号不认识", "应为 √ △ ○ × 培 休 节，或数字 1 至 7"),
    "attendance_misfit": (ERROR, "row", "考勤与登记的不合", "应在驻村期间之内、不晚于今天"),
    "attendance_repeated": (ERROR, "row", "同一人同一月有两行", "一人一月一行，请合并"),
    "team_member_missing": (ERROR, "row", "没有登记这名驻村队员", "请先在“驻村工作队”登记，或核对姓名和月份"),
    "team_member_unclear": (ERROR, "row", "有几名同名的驻村队员", "请填村和派出单位"),
    "check_no_person": (ERROR, "row", "没有证件号码，也没有姓名和出生日期", "至少要有证件号码"),
}  # fmt: skip


@dataclass(slots=True)
class Issue:
    """One finding. `row` as the spreadsheet counts; `col` a letter; `value` what stands there, masked where personal."""

    code: str
    sheet: str = ""
    file: str = ""
    row: int | None = None
    col: str = ""
    value: str = ""
    related_row: int | None = None
    household: str = ""
    person: str = ""
    detail: str = ""
    field: str = ""
    """Name of the Field that it is about."""
    action: str = ""
    """What the preview may offer: "move" takes the person over from the household `other` (迁移)."""
    other: str = ""
    subject: int | None = None
    """Key of the person whom the action is about."""
    line: int | None = None
    """The line that it is about, where a row of the sheet makes several (fupin.excel.form_folds)."""

    @property
    def severity(self):
        return CODES[self.code][0]

    @property
    def scope(self):
        return CODES[self.code][1]

    @property
    def title(self):
        return CODES[self.code][2]

    @property
    def expected(self):
        return self.detail or CODES[self.code][3]

    def as_dict(self):
        """For the report file and for storing: empty parts left out."""
        found = {
            "file": self.file, "sheet": self.sheet, "row": self.row, "col": self.col, "code": self.code, "severity": self.severity,
            "scope": self.scope, "household": self.household, "person": self.person, "value": self.value,
            "related_row": self.related_row, "title": self.title, "expected": self.expected,
            "field": self.field, "action": self.action, "other": self.other, "subject": self.subject,
        }  # fmt: skip
        return {key: value for key, value in found.items() if value not in ("", None, [])}
