"""The preview of a checked file: what it would do, row by row, with cells that can be corrected at once."""

import re

from django.db import transaction
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import get_template
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_POST

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.excel import batches, grid, import_jobs, mapping, readings, recheck, staging, swaps
from fupin.excel.corrections import LONGEST, MAX_CELLS, TOO_MANY
from fupin.excel.form_folds import row_of
from fupin.excel.import_jobs import submit_import
from fupin.excel.imports import POLICIES
from fupin.excel.models import ImportBatch, State
from fupin.spans import spelled

BIG_ROWS = 3_000
"""Rows above which the whole check is the worker's."""

TAKE_HOME = {
    "xlsx": "原来的排版不变，加一列问题", "csv": "原来的编码和分隔符不变，加一列问题",
    "xls": "改成排版相同的 .xlsx，公式换成算出的值，加一列问题",
}  # fmt: skip
"""What the workbook with problems is like, by the format of the file."""
LOSES = {
    "xls": "这份是 .xls：“带问题列的表”会改成 .xlsx，排版不变，公式换成算出的值；图片、图表、下拉选项带不过来，需要的请留好原来的文件。",
}  # fmt: skip
"""What the workbook with problems leaves behind, by the format of the file: said beside the button."""
_CELL = re.compile(r"c:(\d{1,9}):([a-z0-9_]{1,30})")


def batch_of(request, uid):
    return get_object_or_404(ImportBatch.objects.of(request.user).defer("kept_issues"), uid=uid)


def preview(request, batch, context):
    """The page of a checked batch; only its middle when htmx asks for that. A check that is not there is made anew."""
    spec = mapping.spec_of(batch.kind)
    try:
        with staging.opened(batch.stored) as staged:
            if spec is None or staged.version != batch.version:
                raise staging.Missing
            body = _body(
                request, batch, staged, spec, grid.Asked.read(request.GET, batch.report.get("found", {}))
            )
    except staging.Missing:
        if not batch.file or not batch.stored.is_file():
            return render(request, "imports/import_preview.html", context | {"body": ""})
        return check_again(request, batch)
    if request.headers.get("HX-Target") == "check":
        return HttpResponse(body)
    return render(request, "imports/import_preview.html", context | {"body": body})


def _body(request, batch, staged, spec, asked, *, positions=None, typed=None, problem=""):
    edits = batch.corrections
    shown = grid.page(staged, spec, edits, asked, positions=positions, typed=typed)
    states = staged.states()
    report = batch.report
    context = {
        "batch": batch, "report": report, "shown": shown, "asked": asked, "states": states, "problem": problem,
        "groups": grid.groups_of(staged, asked), "tiles": tiles(report, batch), "segments": segments(states, staged, asked),
        "errors": report.get("found", {}).get("error", 0), "edits": edits, "sheets": len(staged.heads) > 1,
        "unsure": report.get("versioned") is False and states.get("changed", 0), "source": source_of(batch),
        "typed": bool(typed), "apart": staged.apart(APART), "readings": readings.sentences(report),
        "here": reverse("import_preview", args=[batch.uid]), "save_url": reverse("import_cells", args=[batch.uid]),
        "commit_url": reverse("import_commit", args=[batch.uid]), "discard_url": reverse("import_discard", args=[batch.uid]),
        "recheck_url": reverse("import_recheck", args=[batch.uid]), "issues_url": reverse("import_issues", args=[batch.uid]),
        "columns_url": reverse("import_columns", args=[batch.uid]), "workbook_url": reverse("import_workbook", args=[batch.uid]), "workbook_later": import_jobs.is_big(batch), "take_home": TAKE_HOME.get(staged.format, TAKE_HOME["xlsx"]),
        "loses": LOSES.get(staged.format, ""),
        "plain_url": reverse("import_mapping_reset", args=[batch.uid]), "policies": POLICIES.items(),
        "csrf": get_token(request), "sprite": static("img/icons.svg"), "words": grid.WORDS,
        "positions": spelled([row.pos for row in shown.rows], ","), "swaps": swaps.listed(staged, asked.code) if asked.code else [],
        "rights": swaps.asked(request.POST) if problem else {},
    }  # fmt: skip
    return get_template("imports/check.jinja", using="jinja2").render(context, request)


APART = 20
"""Findings without a row that the page lists; the list to download has them all."""


def source_of(batch):
    """`(who, on which day)` of the remembered mapping in use, or None."""
    source = batch.mapping.get("source")
    if not source:
        return None
    _, month, day = source["on"].split("-")
    return source["by"], f"{int(month)}月{int(day)}日"


def tiles(report, batch):
    """`[(colour, label, number, unit, line, filter)]` of the figures on top."""
    written, found = report.get("written", {}), report.get("found", {})
    houses = "households_new" in written
    unit, lead = ("户", "households") if houses else ("行", "rows")

    def people(state):
        return f"{written.get(f'persons_{state}', 0):,} 人" if houses else ""

    clash = f"，{report['clash']:,} 行冲突" if report.get("clash") else ""
    if houses:
        readable = f"{report.get('households', 0):,} 户 {report.get('persons', 0):,} 人可导入"
    else:
        readable = f"跳过合计、说明等 {len(report.get('skipped_rows', ())):,} 行"
    bad, odd = report.get("bad", 0), found.get("warning", 0)
    return [
        ("plain", "读取", report.get("read", 0), "行", readable, "?show=all"),
        *(
            (colour, word, written.get(f"{lead}_{state}", 0), unit, people(state) or line, f"?show={state}")
            for colour, word, state, line in (
                ("green", "新增", "new", "登记库里还没有"), ("green", "更新", "changed", "有值会变"), ("plain", "不变", "same", "不改动"),
            )
        ),
        ("red" if bad else "plain", "出错", bad, "行", f"{found.get('error', 0):,} 处错误，这些行不导入{clash}" if found.get("error") else f"没有错误{clash}", "?show=bad"),
        ("amber" if odd else "plain", "提醒", odd, "处", "照样导入，请核对" if odd else "没有提醒", "?severity=warning"),
    ]  # fmt: skip


def segments(states, staged, asked):
    """`[(words, count, address, on)]` of the views of the grid."""
    problems = staged.db.execute("SELECT COUNT(*) FROM rows WHERE worst > 0").fetchone()[0]
    every = sum(states.values())
    plain = not asked.code and not asked.severity
    found = [("有问题", problems, grid.PROBLEMS)]
    found += [(grid.WORDS[state], states.get(state, 0), state) for state in grid.STATES if states.get(state)]
    found.append(("全部", every, grid.EVERYTHING))
    return [(words, count, f"?show={show}", plain and asked.show == show) for words, count, show in found]


def positions_in(text):
    """Positions of a text as `spelled` writes it, at most as many as a page holds; what is none is passed over."""
    found = []
    for part in text.split(",")[: grid.PAGE * 2]:
        first, _, last = part.partition("-")
        if first.isdecimal() and (not last or last.isdecimal()):
            found += range(int(first), min(int(last or first), int(first) + grid.PAGE) + 1)
    return sorted(set(found))[: grid.PAGE * 2]


@require_POST
@require(P.IMPORT)
def import_cells(request, uid):
    """Correct cells, leave rows out or take them back, choose between file and register; checked at once."""
    batch = batch_of(request, uid)
    back = reverse("import_preview", args=[batch.uid]) + _query(request)
    spec = mapping.spec_of(batch.kind)
    if not batch.changeable or spec is None:
        return redirect(back)
    try:
        with staging.opened(batch.stored) as staged:
            edits, touched, typed, problem = read_changes(request.POST, staged, spec, batch.corrections)
    except staging.Missing:
        return check_again(request, batch)
    version = request.POST.get("version", "")
    if not problem and int(version if version.isdecimal() else -1) != batch.version:
        problem = STALE
    if not problem and touched:
        try:
            recheck.change(batch, edits, batch.version, touched=touched, by=request.user)
        except recheck.Stale:
            batch.refresh_from_db()
            problem = STALE
        except (recheck.TooMany, staging.Missing):
            batch.refresh_from_db()
            return _whole(request, batch, edits)
    if not problem and "HX-Request" not in request.headers:
        return redirect(back)
    asked = grid.Asked.read(request.POST, batch.report.get("found", {}))
    positions = positions_in(request.POST.get("shown", ""))
    with staging.opened(batch.stored) as staged:
        body = _body(
            request, batch, staged, spec, asked, positions=positions or None, typed=typed if problem else None, problem=problem,
        )  # fmt: skip
    if "HX-Request" in request.headers:
        return HttpResponse(body, status=422 if problem else 200)
    context = {"batch": batch, "step": 3, "body": body}
    return render(request, "imports/import_preview.html", context, status=422)


STALE = "这份表在另一个窗口里改过，您刚才填的还没有保存（下面带黄边的格）。请看一眼现在的值，要用您填的就再按一次“保存改动”。"


def read_changes(post, staged, spec, edits):
    """What a POST says: `(edits after it, [(sheet, row)] touched, {(pos, field): text} typed, problem)`.

    A cell that shows what it showed before (masked where personal) is not changed.
    """
    fields = {item.name: item for item in spec.fields}
    cells = {}
    for name, value in post.items():
        match = _CELL.fullmatch(name)
        if match and match[2] in fields:
            cells[int(match[1]), match[2]] = " ".join(value.split())
    picked = {int(pos) for pos in post.getlist("pick") if pos.isdecimal()}
    undone = {int(pos) for pos in post.getlist("undo") if pos.isdecimal()}
    lines = {line.pos: line for line in staged.lines(sorted({pos for pos, _ in cells} | picked | undone))}
    typed, touched, problem = {}, set(), ""
    for (pos, name), value in cells.items():
        line = lines.get(pos)
        if line is None or name not in staged.heads[line.tab].columns:
            continue
        item = fields[name]
        was = grid.text_of(staged.heads[line.tab], item, line.cells, line.number)
        now = edits.of(line.sheet, line.number).get(name, was)
        if value == " ".join(grid.shown_text(item, now).split()):
            continue
        typed[pos, name] = value
        if "*" in value and item.pii is not None:
            problem = f"第 {row_of(line.number)} 行：号码里还有 *，请填完整的号码。"
        elif len(value) > LONGEST:
            problem = f"第 {row_of(line.number)} 行：一格最多 {LONGEST:,} 字。"
        shared = name in spec.shared and line.unit is not None
        touched |= grid.correct(staged, item, line, edits, value, mates(staged, line) if shared else ())
    for pos in undone & set(lines):
        line = lines[pos]
        for name in list(edits.of(line.sheet, line.number)):
            edits.put(line.sheet, line.number, name, None)
        touched.add((line.sheet, line.number))
    action = post.get("action", "")
    places = [(lines[pos].sheet, lines[pos].number) for pos in sorted(picked & set(lines))]
    if action in ("leave", "back") and not places:
        problem = problem or "请先在行首勾选要处理的行。"
    if action == "leave-code":
        places = staged.rows_with(post.get("code", ""))
    if action in ("leave", "back", "leave-code"):
        for sheet, row in places:
            if edits.is_out(sheet, row) != (action != "back"):
                edits.leave(sheet, row, out=action != "back")
                touched.add((sheet, row))
    for choice, key in ((post.get("take", ""), "take"), (post.get("keep", ""), "keep")):
        if choice and (choice in edits.take) != (key == "take"):
            (edits.take.add if key == "take" else edits.take.discard)(choice)
            touched |= set(staged.places_of(staged.rows_of(staged.with_keys([choice]))).values())
    if action == "swap":
        swapped, said = swaps.put(staged, spec, edits, post.get("code", ""), swaps.asked(post))
        touched |= swapped
        problem = problem or said
    if edits.count > MAX_CELLS:
        problem = TOO_MANY
    return edits, touched, typed, problem


def mates(staged, line):
    """The other rows of a row's household."""
    return staged.lines(sorted(staged.rows_of({line.unit}) - {line.pos}))


def _query(request):
    asked = grid.Asked.read(request.POST, {})
    if not request.POST.get("show"):
        return ""
    return asked.query(after=request.POST.get("after", ""), before=request.POST.get("before", ""))


def _whole(request, batch, edits):
    """Keep the corrections and check the whole file with them."""
    try:
        recheck.keep_only(batch, edits, batch.version)
    except recheck.Stale:
        batch.refresh_from_db()
    return check_again(request, batch)


def check_again(request, batch):
    """Check the whole file again: at once, or by the worker when it is big."""
    address = reverse("import_preview", args=[batch.uid])
    if batch.report.get("read", 0) > BIG_ROWS or batch.size > 1 << 20:
        taken = (
            ImportBatch.objects.unscoped("same row")
            .filter(pk=batch.pk)
            .exclude(state__in=[State.CHECKING, State.WRITING, State.DONE])
        )
        with transaction.atomic():
            if taken.update(state=State.CHECKING):
                submit_import(batch, by=request.user, act=import_jobs.CHECK)
    else:
        batches.carry_out(batch, by=request.user, dry_run=True)
    if "HX-Request" in request.headers:
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


@require_POST
@require(P.IMPORT)
def import_recheck(request, uid):
    """Check the whole file again, as it stands with all corrections, against the register of now."""
    batch = batch_of(request, uid)
    if not batch.changeable:
        return redirect("import_preview", uid=batch.uid)
    return check_again(request, batch)
