"""Who may do what: what each role is granted, and how far it reaches. `policy` says which page needs what.

A user holds posts; a post is a role in a region for a time. A role grants permissions, and its scope says on
which rows: everything in the post's region, or only the households paired with the person.
Nothing outside this file, `policy` and `visible_to` knows the name of a role.
"""

from enum import StrEnum, auto

from django.db import models


class Permission(StrEnum):
    HOUSEHOLD_VIEW = auto()
    HOUSEHOLD_EDIT = auto()
    STATUS_ADVANCE = auto()  # lifecycle steps and moving a target date
    VISIT_RECORD = auto()
    MEASURE_EDIT = auto()
    PAIRING_EDIT = auto()
    TEAM_EDIT = auto()  # who is stationed in a village, and their attendance; never the team itself
    VILLAGE_VIEW = auto()
    VILLAGE_EDIT = auto()
    PROJECT_VIEW = auto()
    PROJECT_EDIT = auto()
    PROJECT_PROGRESS = auto()  # progress, obstacles and milestones of a project, not the project itself
    FUND_EDIT = auto()
    BOARD_VIEW = auto()  # figures only
    REPORT_EXPORT = auto()
    REPORT_FILE = auto()  # file a report upwards, for one's own place
    REPORT_REVIEW = auto()  # say what is to be filed, send back, freeze a year
    IMPORT = auto()
    PII_REVEAL = auto()  # one value at a time, with a reason, audited
    PII_EXPORT = auto()  # unmasked files
    PII_SEARCH = auto()  # find by ID number or phone
    HEALTH_VIEW = auto()  # illness and disability of a person: hidden from everybody else
    SUBJECT_VIEW = auto()  # a bureau's own subject, and nothing else of a person
    AUDIT_VIEW = auto()
    ACCESS_REVIEW = auto()  # who holds which post, and what posts open; no household
    USER_MANAGE = auto()
    SETTINGS_EDIT = auto()


class Role(models.TextChoices):
    VILLAGE_CLERK = "village_clerk", "村级信息员"
    WORK_TEAM = "work_team", "驻村工作队员"
    HELPER = "helper", "帮扶责任人"
    TOWNSHIP_OPERATOR = "township_operator", "乡镇经办"
    TOWNSHIP_LEAD = "township_lead", "乡镇分管领导"
    COUNTY_OFFICE = "county_office", "县业务局"
    BUREAU = "bureau", "行业部门"
    FINANCE = "finance", "财政"
    PROJECT_UNIT = "project_unit", "项目单位"
    ORGANISATION = "organisation", "组织部"
    AUDITOR = "auditor", "审计/纪检"
    LEADER = "leader", "县领导"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDIT_ADMIN = "audit_admin", "审计管理员"
    ADMINISTRATOR = "administrator", "总管理员"


P = Permission
_FIELD = {P.HOUSEHOLD_VIEW, P.VILLAGE_VIEW, P.VISIT_RECORD, P.PROJECT_VIEW, P.BOARD_VIEW}
_VILLAGE = _FIELD | {P.HOUSEHOLD_EDIT, P.MEASURE_EDIT, P.VILLAGE_EDIT, P.PII_REVEAL, P.HEALTH_VIEW}
_TOWNSHIP = _VILLAGE | {
    P.STATUS_ADVANCE, P.PAIRING_EDIT, P.TEAM_EDIT, P.PROJECT_EDIT, P.PROJECT_PROGRESS, P.REPORT_EXPORT, P.REPORT_FILE,
    P.IMPORT, P.PII_SEARCH,
}  # fmt: skip
_COUNTY = _TOWNSHIP | {P.FUND_EDIT, P.PII_EXPORT, P.AUDIT_VIEW, P.SETTINGS_EDIT, P.REPORT_REVIEW}

GRANTS = {
    Role.VILLAGE_CLERK: _VILLAGE,
    Role.WORK_TEAM: _VILLAGE,
    Role.HELPER: {P.HOUSEHOLD_VIEW, P.VISIT_RECORD, P.MEASURE_EDIT, P.PII_REVEAL, P.HEALTH_VIEW},
    Role.TOWNSHIP_OPERATOR: _TOWNSHIP,
    Role.TOWNSHIP_LEAD: _FIELD | {P.STATUS_ADVANCE, P.PAIRING_EDIT, P.REPORT_EXPORT, P.REPORT_FILE},
    Role.COUNTY_OFFICE: _COUNTY,
    Role.BUREAU: {P.BOARD_VIEW, P.VILLAGE_VIEW, P.SUBJECT_VIEW},
    Role.FINANCE: {
        P.PROJECT_VIEW, P.PROJECT_EDIT, P.PROJECT_PROGRESS, P.FUND_EDIT, P.BOARD_VIEW, P.REPORT_EXPORT,
    },
    Role.PROJECT_UNIT: {P.PROJECT_VIEW, P.PROJECT_PROGRESS, P.FUND_EDIT},
    Role.ORGANISATION: {P.VILLAGE_VIEW, P.BOARD_VIEW, P.TEAM_EDIT},
    Role.AUDITOR: {
        P.HOUSEHOLD_VIEW,
        P.VILLAGE_VIEW,
        P.PROJECT_VIEW,
        P.BOARD_VIEW,
        P.AUDIT_VIEW,
        P.REPORT_EXPORT,
    },
    Role.LEADER: {P.BOARD_VIEW, P.VILLAGE_VIEW, P.PROJECT_VIEW},
    Role.SYSTEM_ADMIN: {P.USER_MANAGE, P.SETTINGS_EDIT},
    Role.SECURITY_ADMIN: {P.ACCESS_REVIEW},
    Role.AUDIT_ADMIN: {P.AUDIT_VIEW},
    Role.ADMINISTRATOR: set(Permission),
}  # fmt: skip

BY_PAIRING = {Role.HELPER}
"""Roles whose grants hold for the households paired with the person, wherever they are, and nowhere else."""

BY_UNIT = {Role.PROJECT_UNIT}
"""Roles whose grants hold for the projects that the unit on the post leads or answers for, and nowhere else."""

ALONE = {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN, Role.AUDITOR}
"""Roles held without any other at the same time: who runs the accounts sees no household, who audits changes nothing,
and system, security and audit administrator are three people."""

THREE = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
"""The three administrators of 等保: the first opens posts, the second confirms grave ones, the third reads the trail."""

ADMINISTRATION = {*THREE, Role.ADMINISTRATOR}
"""Roles that watch over the others: opened by one person and confirmed by another, always."""

GRAVE = {P.PII_EXPORT, P.AUDIT_VIEW, P.USER_MANAGE, P.ACCESS_REVIEW}
"""What takes the most sensitive class out in bulk, or watches over the others: with 等保 on, a role that grants any of it
is confirmed by a second person."""


class Reach(models.IntegerChoices):
    """How wide a role's post may be; the numbers are those of `regions.Level`."""

    COUNTRY = 0, "全部"
    COUNTY = 3, "本县"
    TOWNSHIP = 4, "本乡镇"
    VILLAGE = 5, "本村"
    UNIT = 8, "本单位项目"
    PAIRED = 9, "结对户"


REACH = {
    Role.VILLAGE_CLERK: Reach.VILLAGE,
    Role.WORK_TEAM: Reach.VILLAGE,
    Role.HELPER: Reach.PAIRED,
    Role.TOWNSHIP_OPERATOR: Reach.TOWNSHIP,
    Role.TOWNSHIP_LEAD: Reach.TOWNSHIP,
    **dict.fromkeys(
        [Role.COUNTY_OFFICE, Role.BUREAU, Role.FINANCE, Role.ORGANISATION, Role.AUDITOR, Role.LEADER,
         Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN],
        Reach.COUNTY,
    ),
    Role.PROJECT_UNIT: Reach.UNIT,
    Role.ADMINISTRATOR: Reach.COUNTRY,
}  # fmt: skip
"""The widest place of a post of each role. A county role may also be given for a township or a village."""


class Subject(models.TextChoices):
    """What a bureau is about. It stands on the post of a bureau, and nowhere else."""

    HEALTH = "health", "卫健"
    DISABILITY = "disability", "残联"
    EDUCATION = "education", "教育"
    CIVIL = "civil", "民政"
    LABOUR = "labour", "人社"
    MEDICAL = "medical", "医保"
    HOUSING = "housing", "住建"
    WATER = "water", "水利"


def too_wide(role, level):
    """Why a post of `role` may not be for a place of `level`, "" when it may."""
    widest = Reach.COUNTY if role in BY_UNIT else REACH[Role(role)]
    if widest in (Reach.COUNTRY, Reach.PAIRED) or level >= widest:
        return ""
    if widest == Reach.COUNTY and level > 0:
        return ""  # a province's or prefecture's own staff hold the same roles
    return f"“{Role(role).label}”的区域应为{'村' if widest == Reach.VILLAGE else '乡镇或村' if widest == Reach.TOWNSHIP else '县或以下'}。"


def clash(roles):
    """Why these roles may not be held together, "" when they may."""
    for role in map(Role, ALONE & set(roles)):
        if len(set(roles)) > 1:
            return f"“{role.label}”不能与其他角色同时担任。"
    return ""


def grantable(role, posts):
    """Whether who holds `posts` and manages accounts may open a post of `role`. The three administrators may be opened by
    the system administrator, because a second person confirms them; everything at once only by who holds everything."""
    return role != Role.ADMINISTRATOR or any(post.role == Role.ADMINISTRATOR for post in posts)


def needs_second(role, dengbao):
    """Whether a post of `role` holds only after a second person has confirmed it."""
    return role in ADMINISTRATION or bool(dengbao and GRAVE & GRANTS[role])
