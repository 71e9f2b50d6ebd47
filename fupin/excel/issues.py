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
    "header_not_found": (ERROR, "file", "找不到能认出的表头", "应是户、走访、结对或项目的表"),
    "write_refused": (ERROR, "file", "写入时被数据库拒绝，什么也没有写", "请联系管理员"),
    "name_missing": (ERROR, "row", "姓名为空", "应填姓名"),
    "id_missing": (ERROR, "row", "证件号码为空", "应填 18 位公民身份号码"),
    "id_length": (ERROR, "row", "证件号码位数不对", "应为 18 位"),
    "id_chars": (ERROR, "row", "证件号码含非法字符", "只能有数字，末位可以是 X"),
    "id_check_digit": (ERROR, "row", "证件号码校验位不符", "请与证件核对"),
    "id_birth_invalid": (ERROR, "row", "证件号码里的出生日期不存在", "第 7 至 14 位应是真实日期"),
    "id_birth_future": (ERROR, "row", "证件号码里的出生日期在将来", "请与证件核对"),
    "id_precision_lost": (ERROR, "row", "证件号码被 Excel 截断", "末几位已丢失，请把列设为文本后重填"),
    "duplicate_person": (ERROR, "row", "同一证件号码已在另一户", "一人只能在一户"),
    "duplicate_row": (ERROR, "row", "同一户里证件号码重复", "请删去重复的行"),
    "excel_error_required": (ERROR, "row", "必填单元格是 Excel 错误值", "请改正公式或填入值"),
    "head_missing": (ERROR, "household", "这一户没有户主", "每户有且只有一名户主"),
    "head_multiple": (ERROR, "household", "这一户有两个以上户主", "每户有且只有一名户主"),
    "household_no_missing": (ERROR, "household", "户编号为空", "应填户编号"),
    "household_elsewhere": (ERROR, "household", "户编号已被辖区以外的户使用", "请核对户编号"),
    "household_closed": (ERROR, "household", "这一户已注销", "注销的户不能导入，请先恢复"),
    "region_unknown": (ERROR, "household", "村名在您的辖区里查不到", "应为区划表里的村名，同名的请加乡镇、县"),
    "id_15_digits": (WARNING, "cell", "15 位旧证件号码", "已补成 18 位，请核对"),
    "id_disability_cert": (WARNING, "cell", "填的是残疾人证号", "前 18 位已作证件号码"),
    "birth_mismatch": (WARNING, "cell", "出生日期与证件号码不一致", "以证件号码为准"),
    "sex_mismatch": (WARNING, "cell", "性别与证件号码不一致", "以证件号码为准"),
    "date_unreadable": (WARNING, "cell", "日期读不懂，留空", "如 2020-05-01、2020年5月"),
    "number_unreadable": (WARNING, "cell", "数读不懂，留空", "应为数字"),
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
    "person_doubt": (WARNING, "row", "同名、同出生日期、同村，证件号码不同", "照样导入，请核对是不是同一个人"),
    "row_version_odd": (WARNING, "cell", "数据版本与户编号对不上", "按没有数据版本处理，请勿改动这一列"),
    "age_implausible": (WARNING, "row", "年龄超过 120 岁", "请核对证件号码"),
    "household_not_found": (ERROR, "row", "户编号查不到", "应为已建档的户编号"),
    "visit_date_missing": (ERROR, "row", "走访日期为空", "应填日期"),
    "visit_date_unreadable": (ERROR, "row", "走访日期读不懂", "如 2020-05-01"),
    "visit_date_future": (ERROR, "row", "走访日期在将来", "不能晚于今天"),
    "visitor_missing": (ERROR, "row", "走访人为空", "应填走访人"),
    "duplicate_visit": (ERROR, "row", "走访重复", "同一户、同一天、同一人、同一内容只记一次"),
    "pairing_overlap": (WARNING, "row", "同一户同一时段有两个责任人", "照样记入，请核对"),
    "pairing_dates_reversed": (ERROR, "row", "结束日期早于开始日期", "请核对日期"),
    "pairing_date_missing": (ERROR, "row", "结对开始日期为空或读不懂", "如 2018-03-01"),
    "helper_missing": (ERROR, "row", "帮扶责任人为空", "应填姓名"),
    "project_name_missing": (ERROR, "row", "项目名称为空", "应填项目名称"),
    "project_dates_reversed": (ERROR, "row", "完工早于开工", "请核对日期"),
    "project_duplicate": (ERROR, "row", "同名同地点同年度项目重复", "请删去重复的行"),
}  # fmt: skip


@dataclass(slots=True)
class Issue:
    """One finding. `row` as the spreadsheet counts; `col` a letter; `value` what stands there, masked where personal."""

    code: str
    sheet: str = ""
    row: int | None = None
    col: str = ""
    value: str = ""
    related_row: int | None = None
    household: str = ""
    person: str = ""
    detail: str = ""
    offer: tuple = ()
    """`(url name, key, ...)` of a page where it can be put right, offered to who may go there."""

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
            "sheet": self.sheet, "row": self.row, "col": self.col, "code": self.code, "severity": self.severity,
            "scope": self.scope, "household": self.household, "person": self.person, "value": self.value,
            "related_row": self.related_row, "title": self.title, "expected": self.expected, "offer": list(self.offer),
        }  # fmt: skip
        return {key: value for key, value in found.items() if value not in ("", None, [])}
