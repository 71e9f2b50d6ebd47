"""行业数据: the people or households of a bureau's places with the columns of its own subject, and no others."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.accounts.roles import Subject
from fupin.audit.record import record
from fupin.paging import Key, page
from fupin.regions.models import Region
from households.dossier import label_of, told
from households.models import Member
from households.subjects import SUBJECTS, facts_of, rows_of
from households.views.visits import place

SIZE = 50
YEARS = 6


@require_GET
@require(P.SUBJECT_VIEW)
def subject_list(request):
    """`?subject=` of one's own posts, `?year=`. Who is shown whose subject is on record: one event a page."""
    own = [subject for subject in Subject if subject in request.user.subjects_today]
    asked, this_year = request.GET.get("subject", ""), timezone.localdate().year
    subject = asked if asked in own else own[0] if own else None
    year = request.GET.get("year", "")
    years = [this_year - n for n in range(YEARS)]
    year = int(year) if year.isdecimal() and int(year) in years else this_year
    context = {
        "subjects": [(one.value, one.label) for one in own], "subject": subject, "year": year,
        "years": [(str(one), f"{one} 年") for one in years], "chosen_year": str(year),
    }  # fmt: skip
    if subject is None:
        return render(request, "subjects/subject_list.html", context)
    about = SUBJECTS[subject]
    found = page(
        rows_of(request.user, subject, year), [Key("region_path"), Key("id")],
        key_of=lambda row: (row.region_path, row.pk), size=SIZE,
        after=request.GET.get("after", ""), before=request.GET.get("before", ""),
    )  # fmt: skip
    facts = facts_of(subject, found.rows, year)
    names = Region.objects.names({row.region_path for row in found.rows})
    lines = [
        (
            row,
            place(names, row.region_path),
            [(label_of(about.facts, name), told(facts[row.pk], name)) for name in about.fields],
        )
        for row in found.rows
    ]
    if lines:
        places = request.user.subjects_today[subject]
        record(
            "subject.view", f"subject:{subject}", by=request.user, region_path=places[0], year=year,
            rows=len(lines), fields=list(about.fields),
        )  # fmt: skip
    return render(request, "subjects/subject_list.html", context | {
        "lines": lines, "people": about.rows is Member, "heads": [label_of(about.facts, name) for name in about.fields],
        "page": found,
    })  # fmt: skip
