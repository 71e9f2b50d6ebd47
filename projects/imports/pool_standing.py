"""What a list of projects meets in the register: places, stored projects, and what must hold of each as it would stand."""

from fupin.accounts.roles import Permission
from fupin.excel import versions
from fupin.excel.changes import Value
from fupin.excel.places import regions_of, villages_of
from fupin.excel.wording import differences
from fupin.regions.models import Region
from projects import codes
from projects.imports.pool_columns import COMPARED, SOURCES
from projects.imports.pool_rows import ProjectReading
from projects.imports.steps import ACCEPTANCE, Step, step_key
from projects.models import FundEntry, FundLine, Milestone, Project, ProjectVillage

PARTS = {"planned": "下达", "allotted": "拨付", "paid": "支付", "document": "文号"}
STAMPED = tuple(
    column for column in COMPARED if not column.endswith(("_end", "_precision")) and column != "manager_phone"
)


class ProjectStanding(ProjectReading):
    """The rows of a list beside what is stored of them."""

    def resolve(self, by):
        good = [row for row in self.records if not row.bad]
        found = regions_of({row.where for row in good}, by, within=self.setting.region_path)
        self._find_covered(good, by)
        home = self._home(by)
        for row in good:
            row.region = found[row.where] or home
            if found[row.where] is None:
                self.notes.append(
                    {"sheet": row.rows.table.sheet, "code": "place_unresolved", "severity": "info", "row": row.row,
                     "label": row.place or "（空）"}
                )  # fmt: skip
        self._find_stored(good, by)
        self._pays = tuple(by.paths(Permission.FUND_EDIT))
        for row in good:
            if row.project and row.project.accepted_on and (row.project.pk, ACCEPTANCE) not in self.steps:
                known = Step(ACCEPTANCE, None, "", row.project.accepted_on)
                row.milestones = [one for one in row.milestones if one != known]  # says nothing new
            self._fits(row)
            if row.project and row.stamp:
                self.hold_back(row, self.stamps[row.project.pk], self._told(row))

    def _find_covered(self, rows, by):
        found = villages_of(
            {place for row in rows for place in row.covers}, by, within=self.setting.region_path
        )
        for row in rows:
            for place in row.covers:
                if found[place] is None:
                    row.warn("cover_unknown", "covers", place.village)
                elif found[place] not in row.villages:
                    row.villages.append(found[place])

    def _told(self, row):
        """What the file would change of a stored project, in words; nothing is set."""
        found = [one for column, value in self._changes(row) for one in self._words(row, column, value)]
        for source, said in self._said(row):
            line = self.lines.get((row.project.pk, source))
            for part, value in said.items():
                if value is not None and value != getattr(line, part, None):
                    label = f"{codes.FundSource(source).label}{PARTS[part]}"
                    found.append(Value(row.row, label, f"{getattr(line, part, None) or ''}", f"{value}"))
        for name, _, _, done, _ in row.milestones:
            step = self.steps.get((row.project.pk, step_key(name)))
            if done and step is not None and step.done_on not in (None, done):
                found.append(Value(row.row, f"{name}完成", f"{step.done_on}", f"{done}"))
        return found

    def _find_stored(self, rows, by):
        """The project that each row is about, by number, else by name, place and year; with its money and steps."""
        reach = Project.objects.visible_to(by, Permission.IMPORT).select_related("region")
        stored, numbers = {}, sorted({row.number for row in rows if row.number})
        names = sorted({row.name for row in rows if not row.number})
        for start in range(0, len(names), 500):
            for project in reach.filter(name__in=names[start : start + 500]).order_by("pk"):
                stored.setdefault((project.name, project.place, project.year), project)
        taken = set()
        for start in range(0, len(numbers), 500):
            chunk = numbers[start : start + 500]
            stored |= {project.number: project for project in reach.filter(number__in=chunk).order_by("pk")}
            taken |= set(Project.objects.filter(number__in=chunk).order_by().values_list("number", flat=True))
        for row in rows:
            row.project = stored.get(row.same)
            if row.project is None and row.number in taken:
                row.refuse("project_elsewhere", "number", row.number)
        seen = {}
        for row in rows:
            before = seen.setdefault(row.project.pk, row) if row.project else row
            if before is not row:  # once by its number, once by its name
                row.refuse("project_duplicate", related_row=before.row)
        keys = sorted({row.project.pk for row in rows if row.project})
        self.lines, self.steps, self.booked, self.covered, held = {}, {}, {}, {}, {}
        for start in range(0, len(keys), 500):
            chunk = keys[start : start + 500]
            for line in FundLine.objects.filter(project__in=chunk).order_by("pk"):
                self.lines[line.project_id, line.source] = line
            entries = FundEntry.objects.filter(line__project__in=chunk).order_by()
            for project, source, step in entries.values_list(
                "line__project", "line__source", "kind"
            ).distinct():
                self.booked.setdefault((project, source), set()).add(codes.PARTS[step])
            rows_of = ProjectVillage.objects.filter(project__in=chunk).order_by()
            for project, region in rows_of.values_list("project", "region"):
                self.covered.setdefault(project, set()).add(region)
            for step in Milestone.objects.filter(project__in=chunk).order_by("-order", "-pk"):
                self.steps[step.project_id, step_key(step.name)] = step
                held.setdefault(step.project_id, []).insert(0, step)
        money = {}
        for (project, _), line in sorted(self.lines.items()):
            money.setdefault(project, []).append(line)
        self.stamps = {
            row.project.pk: stamp_of(row.project, money.get(row.project.pk, ()), held.get(row.project.pk, ()))
            for row in rows
            if row.project and row.stamp
        }

    def _fits(self, row):
        """What must hold of the project as it would stand: its days, its state, its money."""
        held = row.project
        after = {
            column: row.values.get(column) or getattr(held, column, None)
            for column in ("started_on", "finished_on")
        }
        if None not in after.values() and after["finished_on"] < after["started_on"]:
            row.refuse(
                "actual_dates_reversed",
                "finished",
                after["finished_on"],
                detail=f"实际开工 {after['started_on']}",
            )
        if held is not None and not row.state_said and row.values["state"] <= held.state:
            row.values["state"] = held.state  # what follows from a day never takes a later state back
        state = row.values["state"]
        if after["finished_on"] and state not in codes.CLOSED:
            row.refuse(
                "project_state_unfinished", "state", codes.State(state).label,
                detail=f"实际完工 {after['finished_on']}，状态应为完工、已验收等",
            )  # fmt: skip
        if row.spent and not (held.region_path if held else row.region.path).startswith(self._pays):
            row.warn("fund_not_yours", detail="您没有登记资金的权限，拨付和支付未记")
            row.spent = {}
        for name, (source, _) in SOURCES.items():
            if row.project:
                self._entries_stand(row, name, source)
            self._money_fits(row, name, source)

    def _entries_stand(self, row, name, source):
        """A sum that is worked out from entries of the ledger is not changed by a file of sums."""
        line = self.lines.get((row.project.pk, source))
        for part in sorted(self.booked.get((row.project.pk, source), ())):
            held = row.funds if part == "planned" else row.spent.get(source, {})
            key = source if part == "planned" else part
            said = held.get(key)
            if said is not None and said != getattr(line, part):
                detail = f"流水合计 {getattr(line, part)}，以流水为准；有新的请登记流水或导入资金台账"
                row.warn(
                    "fund_entries_stand", name if part == "planned" else f"{name}_{part}", said, detail=detail
                )
            held.pop(key, None)

    def _money_fits(self, row, name, source):
        """支付 ≤ 拨付 ≤ 下达 over what is stored and what the file says; a failing row names its cells."""
        said = {"planned": row.funds.get(source)} | row.spent.get(source, {})
        if not any(value is not None for value in said.values()):
            return
        held = self.lines.get((row.project.pk, source)) if row.project else None
        after = {
            part: said.get(part) if said.get(part) is not None else getattr(held, part, None)
            for part in ("planned", "allotted", "paid")
        }
        columns = {"planned": name, "allotted": f"{name}_allotted", "paid": f"{name}_paid"}
        labels = {"planned": "下达", "allotted": "拨付", "paid": "支付"}
        for less, more in (("paid", "allotted"), ("allotted", "planned"), ("paid", "planned")):
            if None in (after[less], after[more]) or after[less] <= after[more]:
                continue
            cells = [
                f"{labels[part]} {after[part]}（{row.rows.table.letter(columns[part])}{row.row}）"
                if said.get(part) is not None
                else f"{labels[part]} {after[part]}（已登记）"
                for part in (less, more)
            ]
            at = next(part for part in (less, more) if said.get(part) is not None)
            row.refuse(
                "fund_order", columns[at], said[at],
                detail=f"{codes.FundSource(source).label}：{' 大于 '.join(cells)}",
            )  # fmt: skip
            return

    def _home(self, by):
        """Where a project stands whose place no one can find: the region chosen, else the widest of one's posts."""
        path = self.setting.region_path or min(by.paths(Permission.IMPORT), key=len)
        return Region.objects.get(path=path)

    @staticmethod
    def _said(row):
        """`(source, {part: money or None})` of what the file says of money."""
        for source in dict.fromkeys((*row.funds, *row.spent, *row.documents)):
            said = {"planned": row.funds.get(source)} | row.spent.get(source, {})
            yield source, said | {"document": row.documents.get(source)}

    @staticmethod
    def _changes(row):
        """`(column, value)` of what the file says anew of a stored project."""
        for column, value in row.values.items():
            if value in (None, "") or getattr(row.project, column) == value:
                continue
            if (column, value) not in (("category", "99"), ("state", "10")):  # the file's blank, not its word
                yield column, value

    @staticmethod
    def _words(row, column, value):
        if column.endswith(("_end", "_start", "_precision")):  # a time is its text
            return []
        return differences(Project, row.row, [column], [getattr(row.project, column)], [value])


def stamp_of(project, lines, steps):
    """The stamp of a project with its fund lines (by source) and milestones (in order)."""
    money = [(line.source, line.planned, line.allotted, line.paid, line.document) for line in lines]
    held = [(step.name, step.planned_text, step.revised_text, step.done_on) for step in steps]
    return versions.stamp([*(getattr(project, column) for column in STAMPED), money, held])
