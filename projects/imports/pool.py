"""Importing a list of projects: what is written, and the kind of file as it is offered."""

from django.utils import timezone

from fupin import bulk, schedule
from fupin.accounts.roles import Permission
from fupin.audit.models import AuditEvent
from fupin.audit.record import event
from fupin.excel.changes import CHANGED, NEW, SAME, Value
from fupin.excel.cleaning import compact
from fupin.excel.imports import Import
from fupin.regions.models import Level
from projects import kept
from projects.imports.pool_columns import COMPARED, FIELDS
from projects.imports.pool_standing import ProjectStanding
from projects.imports.steps import milestone_columns, step_key
from projects.models import FundLine, Milestone, Project, ProjectVillage, TargetMove


class ProjectPlan(ProjectStanding):
    """What a file of projects would do."""

    def write(self, by, batch):
        fresh, changed, same, moves, covers = [], [], 0, [], []
        for row in self.kept:
            if row.project is None:
                row.state = NEW
                fresh.append(row)
                continue
            before = schedule.target_of(row.project, "finish")
            what = ["project"] if self._differs(row.project, row) else []
            if before and before.end != row.project.finish_end:
                moves.append((row.project, before))
            if self._funds_differ(row):
                what.append("funds")
            if self._steps_differ(row):
                what.append("milestones")
            if new := [one for one in row.villages if one.pk not in self.covered.get(row.project.pk, ())]:
                what.append("villages")
                covers += [
                    ProjectVillage(project=row.project, region=one, region_path=one.path) for one in new
                ]
                row.differences.append(Value(row.row, "覆盖村", "", "、".join(one.short_name for one in new)))
            row.state = CHANGED if what else SAME
            if what:
                changed.append((row.project, what))
            else:
                same += 1
        self._insert(fresh, by, batch)
        self._update(changed, moves, covers, by, batch)
        return {"rows_new": len(fresh), "rows_changed": len(changed), "rows_same": same}

    def _update(self, changed, moves, covers, by, batch):
        now = timezone.now()
        for project, _ in changed:
            project.version += 1
            project.updated_by, project.updated_at = by, now
            project.keep()
        with kept.counting(*(project.pk for project, _ in changed)):
            bulk.change(
                [project for project, _ in changed],
                [*COMPARED, "blocked_reason", "version", "updated_by", "updated_at", "risk_on"],
                batch_size=200,
            )
            bulk.create(
                [
                    TargetMove(
                        project=project, before_text=before.text, before_end=before.end, after_text=project.finish_text,
                        after_end=project.finish_end, reason="Excel 导入", by=by,
                    )
                    for project, before in moves
                ],
                batch_size=500,
            )  # fmt: skip
            bulk.create(covers, batch_size=500)
            fund_rows = [line for line in self.lines.values() if getattr(line, "touched", False)]
            bulk.create([line for line in fund_rows if line.pk is None], batch_size=500)
            bulk.change(
                [line for line in fund_rows if line.pk],
                ["planned", "allotted", "paid", "document"],
                batch_size=200,
            )
            step_rows = [step for step in self.steps.values() if getattr(step, "touched", False)]
            bulk.create([step for step in step_rows if step.pk is None], batch_size=500)
            bulk.change([step for step in step_rows if step.pk], ["done_on"], batch_size=200)
        AuditEvent.objects.bulk_create(
            [event("project.import", project, by=by, batch=batch, what=what) for project, what in changed],
            batch_size=500,
        )

    def _funds_differ(self, row):
        """Whether the file says new money of a stored project; then its lines are set."""
        differs = False
        for source, said in self._said(row):
            line = self.lines.get((row.project.pk, source))
            if line is None:
                line = self.lines[row.project.pk, source] = FundLine(project=row.project, source=source)
            for part, value in said.items():
                if value is not None and getattr(line, part) != value:
                    setattr(line, part, value)
                    line.touched = differs = True
        return differs

    def _steps_differ(self, row):
        """Steps that a stored project lacks, and steps now done. A planned date is the baseline: a file moves none."""
        differs = False
        for order, one in enumerate(row.milestones, 1):
            name, done = one.name, one.done
            step = self.steps.get((row.project.pk, step_key(name)))
            if step is None:
                step = self.steps[row.project.pk, step_key(name)] = Milestone(
                    project=row.project, order=order, name=name, **milestone_columns(one)
                )
                step.touched = differs = True
            if done and step.done_on != done:
                step.done_on = done
                step.touched = differs = True
        return differs

    def _differs(self, project, row):
        """Whether the file says something new; then it is set on `project`. Blanks say nothing."""
        changes = list(self._changes(row))
        for column, value in changes:
            row.differences += self._words(row, column, value)
            setattr(project, column, value)
        return bool(changes)

    def _insert(self, rows, by, batch):
        numbers = numbers_for(rows)
        projects = []
        for row in rows:
            values = {column: value for column, value in row.values.items() if value is not None}
            project = Project(
                number=row.number or next(numbers), year=row.year, name=row.name, region=row.region, place=row.place,
                updated_by=by, **values,
            )  # fmt: skip
            projects.append(project.keep())
        bulk.create(projects, batch_size=200)
        bulk.create(
            [
                ProjectVillage(project=project, region=village, region_path=village.path)
                for project, row in zip(projects, rows)
                for village in row.villages or [row.region]
                if village.level == Level.VILLAGE
            ],
            batch_size=500,
        )
        bulk.create(
            [
                FundLine(
                    project=project,
                    source=source,
                    planned=row.funds.get(source),
                    document=row.documents.get(source, ""),
                    **row.spent.get(source, {}),
                )  # fmt: skip
                for project, row in zip(projects, rows)
                for source in dict.fromkeys((*row.funds, *row.spent, *row.documents))
            ],
            batch_size=500,
        )
        bulk.create(
            [
                Milestone(
                    project=project, order=order, name=one.name, done_on=one.done, **milestone_columns(one)
                )
                for project, row in zip(projects, rows)
                for order, one in enumerate(row.milestones, 1)
            ],
            batch_size=500,
        )  # fmt: skip
        kept.add([project.pk for project in projects])
        AuditEvent.objects.bulk_create(
            [event("project.import", project, by=by, batch=batch, what=["new"]) for project in projects],
            batch_size=500,
        )

    # Figures

    def summary(self):
        rows = self.kept
        return {
            "rows": len(rows),
            "by_category": tally(row.category_word for row in rows),
            "by_source": tally(row.source_word for row in rows),
            "sum_invest_yuan": total(row.values["investment"] for row in rows),
            "sum_fund_yuan": total(row.funds.get("8") for row in rows),
            "sum_benefit_households": sum(row.values["benefit_households"] or 0 for row in rows),
        }


def numbers_for(rows):
    """Project numbers of ours, 年-县-序号, going on from the last one of that year and county; one for each row that
    brings none."""
    last = {}
    for row in rows:
        if row.number:
            continue
        prefix = f"{row.year}-{row.region.path[:6].ljust(6, '0')}-"
        if prefix not in last:
            held = Project.objects.filter(number__startswith=prefix).values_list("number", flat=True)
            last[prefix] = max(
                (int(n.rpartition("-")[2]) for n in held if n.rpartition("-")[2].isdigit()), default=0
            )
        last[prefix] += 1
        yield f"{prefix}{last[prefix]:04}"


def tally(words):
    counted = {}
    for word in words:
        if word:
            counted[compact(word)] = counted.get(compact(word), 0) + 1
    return dict(sorted(counted.items()))


def total(amounts):
    return f"{sum(amount for amount in amounts if amount is not None):.2f}"


STEPS = (
    r"(?:项目)?(?:立项|批复|立项批复|可研|可研批复|初设|初设批复|实施方案|方案编制|设计|勘察设计|预算评审|财评|财政评审|招投标|招标|招标采购|采购|政府采购|中标|公示|公告"
    r"|签订合同|合同签订|开工|施工|主体完工|完工|竣工|自验|初验|验收|县级验收|审计|结算|决算|报账|移交|资产移交|确权)(?:时间|日期|完成时间)?"
)
"""Titles of columns that hold a milestone each."""
PROJECTS = Import(
    kind="projects",
    title="项目台账",
    permission=Permission.IMPORT,
    fields=FIELDS,
    spread=("milestone",),
    periods="milestone",
    steps=STEPS,
    needs=(("project",), ("category", "invest", "content", "resp", "lead")),
    plan=ProjectPlan,
    group="村和项目",
    note="一行一个项目，可带节点和各级资金",
    result_page="project_list",
)
