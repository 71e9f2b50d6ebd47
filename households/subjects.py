"""What each bureau is about: the columns of a person's or a household's year that its post shows, and nothing else."""

from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q

from fupin.accounts.roles import Permission as P
from fupin.accounts.roles import Subject
from households.models import Condition, Household, Member, MemberYear


@dataclass(frozen=True)
class About:
    """The columns of one subject: of `facts` (a table by year), which hangs on `rows` by the column `owner`."""

    rows: type
    facts: type
    owner: str
    fields: tuple

    def filled(self, year):
        """A condition on `facts`: of `year`, and something of the subject stands there."""
        return Q(year=year) & reduce(or_, (self._stands(name) for name in self.fields))

    def _stands(self, name):
        field = self.facts._meta.get_field(name)
        return Q(**{f"{name}__isnull": False}) if field.null else ~Q(**{name: ""})


def _person(*fields):
    return About(Member, MemberYear, "member", fields)


def _home(*fields):
    return About(Household, Condition, "household", fields)


SUBJECTS = {
    Subject.HEALTH: _person("health", "medical_aid", "health_help"),
    Subject.DISABILITY: _person("disability_kind", "disability_level", "disability_year"),
    Subject.EDUCATION: _person("education", "school", "dropout_reason"),
    Subject.CIVIL: _person("dibao", "tekun", "orphan", "de_facto_orphan"),
    Subject.LABOUR: _person("labour", "work_area", "work_place", "work_months", "job_channel", "post_kind"),
    Subject.MEDICAL: _person("medical_resident", "medical_employee", "medical_critical"),
    Subject.HOUSING: _home("house_area", "structure", "dangerous", "danger_level", "renovation_year"),
    Subject.WATER: _home("water_kind", "water_difficult", "water_safe", "water_solved"),
}


def rows_of(user, subject, year):
    """The members or households of which something of the subject is known in `year`, in the places of the posts that
    `user` holds for this very subject."""
    about = SUBJECTS[subject]
    rows = about.rows.objects.visible_to(user, P.SUBJECT_VIEW)
    rows = rows.filter(rows.in_paths(user.subjects_today.get(subject, [])))
    facts = _all(about.facts).filter(about.filled(year), **{about.owner: OuterRef("pk")})
    return rows.filter(Exists(facts))


def facts_of(subject, rows, year):
    """`{key of a row: its facts}` of rows that came out of `rows_of`: one query."""
    about = SUBJECTS[subject]
    found = _all(about.facts).filter(year=year, **{f"{about.owner}__in": [row.pk for row in rows]})
    return {getattr(fact, f"{about.owner}_id"): fact for fact in found}


def _all(model):
    """Facts that are picked by the rows they hang on."""
    rows = model.objects.all()
    return rows.unscoped("hanging") if hasattr(rows, "unscoped") else rows
