"""文书: the list, one paper on the screen, on paper and as .docx, its text, its issue."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fupin import paging
from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.accounts.submissions import once
from fupin.audit.record import record
from fupin.documents import text
from fupin.regions.models import Region
from households.actions import papers as actions
from households.actions.register import Stale
from households.forms.papers import BeginForm, IssueForm, PaperForm, SectionSet
from households.models import Household, Paper
from households.papers import kinds
from households.papers.sources import known
from households.views.places import place_of

PAGE = 50
NEWEST_FIRST = (paging.Key("id", descending=True),)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
WRITES = (P.VILLAGE_EDIT, P.MEASURE_EDIT)


@require_GET
@require(P.VILLAGE_VIEW, P.HOUSEHOLD_VIEW)
def paper_list(request):
    """The papers of a place (`?region=`), newest first, 50 to a page; `?kind=`, `?state=`, `?year=`."""
    here = place_of(request)
    rows = Paper.objects.visible_to(request.user).select_related("region", "household", "updated_by")
    if here is not None:
        rows = rows.within(here)
    asked = {name: request.GET.get(name, "") for name in ("kind", "state", "year")}
    if asked["kind"] in kinds.BY_NAME:
        rows = rows.filter(kind=asked["kind"])
    if asked["state"] in Paper.State.values:
        rows = rows.filter(state=asked["state"])
    if asked["year"].isdecimal() and len(asked["year"]) == 4:
        rows = rows.filter(year=asked["year"])
    page = paging.page(
        rows.defer("sections", "issued"), NEWEST_FIRST, key_of=lambda paper: (paper.pk,), size=PAGE,
        after=request.GET.get("after", ""), before=request.GET.get("before", ""),
    )  # fmt: skip
    for row in page.rows:
        row.label = kinds.BY_NAME[row.kind].label
    context = {
        "here": here, "page": page, "asked": asked, "kinds": kinds.KINDS, "states": Paper.State.choices,
        "years": range(timezone.localdate().year + 1, 2013, -1), "may_write": request.user.may(P.VILLAGE_EDIT),
    }  # fmt: skip
    return render(request, "papers/paper_list.html", context)


@require_http_methods(["GET", "POST"])
@require(*WRITES)
def paper_begin(request):
    """Choose what to write for a place (`?region=`) or a household (`?household=`)."""
    home = _household(request)
    here = home.region if home else place_of(request, P.VILLAGE_EDIT)
    if here is None:
        raise Http404
    offered = [kind for kind in kinds.KINDS if kind.of_household] if home else kinds.for_place(here.level)
    initial = {"kind": offered[0].name} if len(offered) == 1 else {}
    form = BeginForm(request.POST or None, kinds=offered, initial=initial)
    if request.method == "POST" and form.is_valid():

        def act():
            paper = actions.begin_paper(
                kind=form.cleaned_data["kind"], year=form.cleaned_data["year"], region=here, household=home,
                by=request.user,
            )  # fmt: skip
            return reverse("paper_edit", args=[paper.pk])

        try:
            return once(request, act)
        except ValidationError as error:
            form.add_error(None, error)
    below = Region.objects.visible_to(request.user, P.VILLAGE_EDIT).filter(parent=here, valid_to=None)
    context = {
        "form": form, "here": here, "home": home, "kinds": [(kind, kind.name) for kind in offered],
        "below": [] if home else list(below.order_by("path")[:60]),
    }  # fmt: skip
    return render(request, "papers/paper_begin.html", context, status=422 if form.errors else 200)


@require_GET
@require(P.VILLAGE_VIEW, P.HOUSEHOLD_VIEW)
def paper_detail(request, pk):
    """The paper as it reads now, live figures marked."""
    return render(request, "papers/paper_detail.html", _shown(request, pk))


@require_GET
@require(P.VILLAGE_VIEW, P.HOUSEHOLD_VIEW)
def paper_print(request, pk):
    """The paper on A4, nothing marked."""
    return render(request, "papers/paper_print.html", _shown(request, pk))


def _shown(request, pk):
    paper = _paper(request, pk)
    blocks = actions.blocks_of(paper, request.user)
    mine = Paper.objects.visible_to(request.user, P.VILLAGE_EDIT)
    return {
        "paper": paper, "kind": kinds.BY_NAME[paper.kind], "blocks": blocks, "gaps": text.gaps(blocks),
        "may_write": mine.filter(pk=paper.pk).exists(),
        "later": Paper.objects.visible_to(request.user).filter(replaces=paper).first(),
    }  # fmt: skip


@require_GET
@require(P.VILLAGE_VIEW, P.HOUSEHOLD_VIEW)
def paper_word(request, pk):
    """The paper as .docx."""
    from fupin.documents import word  # what writes .docx is wanted by few processes

    paper = _paper(request, pk)
    data = word.write(paper, actions.blocks_of(paper, request.user))
    record("paper.download", paper, by=request.user)
    name = kinds.BY_NAME[paper.kind].label if paper.household_id else paper.title
    response = HttpResponse(data, content_type=DOCX)
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.docx")
    return response


@require_http_methods(["GET", "POST"])
@require(*WRITES)
def paper_edit(request, pk):
    """The text of a draft; who saves second is shown that and keeps all that was typed."""
    paper = _paper(request, pk, P.VILLAGE_EDIT)
    if paper.state == Paper.State.ISSUED:
        raise Http404
    first = {name: getattr(paper, name) for name in ("title", "unit", "keep_empty")}
    form = PaperForm(request.POST or None, initial=first)
    sections = SectionSet(request.POST or None, initial=paper.sections, prefix="s")
    version, theirs = request.POST.get("version", paper.version), None
    if request.method == "POST" and form.is_valid() and sections.is_valid():

        def act():
            actions.save_paper(
                paper=paper, version=int(version) if str(version).isdecimal() else 0, sections=sections.sections(),
                by=request.user, **form.cleaned_data,
            )  # fmt: skip
            messages.success(request, "已保存。")
            return reverse("paper_detail", args=[paper.pk])

        try:
            return once(request, act)
        except ValidationError as error:
            form.add_error(None, error)
        except Stale:
            paper.refresh_from_db()
            version, theirs = paper.version, paper
            form.add_error(
                None, "这份文书刚被别人改过。您填的都在；对照下面对方保存的内容，再保存一次就以您填的为准。"
            )
    answered = known(actions.place_of(paper, request.user))
    context = {
        "paper": paper, "kind": kinds.BY_NAME[paper.kind], "form": form, "sections": sections, "version": version,
        "theirs": theirs, "figures": [(name, text.words(value)) for name, value in answered.figures.items()],
        "tables": list(answered.tables),
    }  # fmt: skip
    wrong = bool(form.errors) or (request.method == "POST" and not sections.is_valid())
    return render(request, "papers/paper_edit.html", context, status=422 if wrong else 200)


@require_http_methods(["GET", "POST"])
@require(*WRITES)
def paper_issue(request, pk):
    """Number and date; after that nothing in the paper changes."""
    paper = _paper(request, pk, P.VILLAGE_EDIT)
    if paper.state == Paper.State.ISSUED:
        raise Http404
    form = IssueForm(request.POST or None, initial={"on": timezone.localdate()})
    version = request.POST.get("version", paper.version)
    if request.method == "POST" and form.is_valid():

        def act():
            actions.issue_paper(
                paper=paper,
                version=int(version) if str(version).isdecimal() else 0,
                by=request.user,
                **form.cleaned_data,
            )
            messages.success(request, "已印发。这份文书从现在起不再改动。")
            return reverse("paper_detail", args=[paper.pk])

        try:
            return once(request, act)
        except ValidationError as error:
            form.add_error(None, error)
        except Stale:
            paper.refresh_from_db()
            version = paper.version
            form.add_error(None, "这份文书刚被别人改过。请先看一遍现在的内容，再印发。")
    gaps = text.gaps(actions.blocks_of(paper, request.user))
    context = {
        "paper": paper,
        "kind": kinds.BY_NAME[paper.kind],
        "form": form,
        "version": version,
        "gaps": gaps,
    }
    return render(request, "papers/paper_issue.html", context, status=422 if form.errors else 200)


@require_POST
@require(*WRITES)
def paper_revise(request, pk):
    """A new draft of an issued paper."""
    paper = _paper(request, pk, P.VILLAGE_EDIT)
    if paper.state != Paper.State.ISSUED:
        raise Http404
    return once(
        request, lambda: reverse("paper_edit", args=[actions.revise_paper(paper=paper, by=request.user).pk])
    )


def _paper(request, pk, permission=None):
    rows = Paper.objects.visible_to(request.user, permission).select_related(
        "region", "household", "updated_by"
    )
    return get_object_or_404(rows, pk=pk)


def _household(request):
    asked = request.GET.get("household", "")
    if not asked:
        return None
    homes = Household.objects.visible_to(request.user, P.MEASURE_EDIT).select_related("region")
    return get_object_or_404(homes, pk=asked if asked.isdecimal() and len(asked) < 15 else 0)
