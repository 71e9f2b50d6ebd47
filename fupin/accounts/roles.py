"""Who may do what: the whole policy on one screen.

A user holds posts; a post is a role in a region for a time. A role grants permissions, and its scope says on
which rows: everything in the post's region, or only the households paired with the person.
Nothing outside this file and `visible_to` knows the name of a role.
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
    VILLAGE_VIEW = auto()
    VILLAGE_EDIT = auto()
    PROJECT_VIEW = auto()
    PROJECT_EDIT = auto()
    FUND_EDIT = auto()
    BOARD_VIEW = auto()  # figures only
    REPORT_EXPORT = auto()
    IMPORT = auto()
    PII_REVEAL = auto()  # one value at a time, with a reason, audited
    PII_EXPORT = auto()  # unmasked files
    PII_SEARCH = auto()  # find by ID number or phone
    AUDIT_VIEW = auto()
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
    FINANCE = "finance", "财政/项目单位"
    ORGANISATION = "organisation", "组织部"
    AUDITOR = "auditor", "审计/纪检"
    LEADER = "leader", "县领导"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    ADMINISTRATOR = "administrator", "总管理员"


P = Permission
_FIELD = {P.HOUSEHOLD_VIEW, P.VILLAGE_VIEW, P.VISIT_RECORD, P.PROJECT_VIEW, P.BOARD_VIEW}
_VILLAGE = _FIELD | {P.HOUSEHOLD_EDIT, P.MEASURE_EDIT, P.VILLAGE_EDIT, P.PII_REVEAL}
_TOWNSHIP = _VILLAGE | {
    P.STATUS_ADVANCE, P.PAIRING_EDIT, P.PROJECT_EDIT, P.REPORT_EXPORT, P.IMPORT, P.PII_SEARCH,
}  # fmt: skip
_COUNTY = _TOWNSHIP | {P.FUND_EDIT, P.PII_EXPORT, P.AUDIT_VIEW, P.SETTINGS_EDIT}

GRANTS = {
    Role.VILLAGE_CLERK: _VILLAGE,
    Role.WORK_TEAM: _VILLAGE,
    Role.HELPER: {P.HOUSEHOLD_VIEW, P.VISIT_RECORD, P.MEASURE_EDIT, P.PII_REVEAL},
    Role.TOWNSHIP_OPERATOR: _TOWNSHIP,
    Role.TOWNSHIP_LEAD: _FIELD | {P.STATUS_ADVANCE, P.PAIRING_EDIT, P.REPORT_EXPORT},
    Role.COUNTY_OFFICE: _COUNTY,
    Role.BUREAU: {P.BOARD_VIEW, P.VILLAGE_VIEW},
    Role.FINANCE: {P.PROJECT_VIEW, P.PROJECT_EDIT, P.FUND_EDIT, P.BOARD_VIEW, P.REPORT_EXPORT},
    Role.ORGANISATION: {P.VILLAGE_VIEW, P.BOARD_VIEW},
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
    Role.ADMINISTRATOR: set(Permission),
}

BY_PAIRING = {Role.HELPER}
"""Roles whose grants hold for the households paired with the person, wherever they are, and nowhere else."""

ALONE = {Role.SYSTEM_ADMIN, Role.AUDITOR}
"""Roles held without any other at the same time: who runs the accounts sees no household, who audits changes nothing."""


def clash(roles):
    """Why these roles may not be held together, "" when they may."""
    for role in map(Role, ALONE & set(roles)):
        if len(set(roles)) > 1:
            return f"“{role.label}”不能与其他角色同时担任。"
    return ""


def grantable(role, posts):
    """Whether who holds `posts` and manages accounts may give `role`. A role that itself manages accounts is given
    only by who holds all its permissions."""
    if Permission.USER_MANAGE not in GRANTS[role]:
        return True
    return any(GRANTS[role] <= GRANTS[post.role] for post in posts)
