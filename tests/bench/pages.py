"""What the main pages cost the server, by hand: `python tests/bench/pages.py [--sizes 600,60000,600000]`.

On SQLite, or on the PostgreSQL server of DATABASE_URL where that is set. For each size a database of its own (100
households in a village, 20 villages in a township, 30 townships in a county; a project for 120 households, all in the
first county), on SQLite in a throw-away folder or in `--keep FOLDER` for the next run. One more holds as few
households as the smallest, spread over all places of a county: its board draws the same rows as the large ones.

Every page is asked for through the whole stack in this process, warm; all pages of all sizes in turn inside each
round, so that whatever else the machine does hits them alike. Medians in ms of processor time, which does not count
what other work takes: of this process, which holds SQLite too, and on PostgreSQL with that of the server's process
for this connection (read from /proc, so the server must be on this machine), which is printed by itself as well. Both
peers, a logged-in hello page of the same shell and Django's admin list of the same model (50 rows, 12 columns, as
ours), stand in the same rounds. The last lines hold the results against the bars.
"""

import argparse
import gc
import os
import random
import statistics
import sys
import tempfile
import time
import uuid
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

arguments = argparse.ArgumentParser()
arguments.add_argument("--sizes", default="600,60000,600000")
arguments.add_argument("--keep", default="")
arguments.add_argument("--rounds", type=int, default=7)
options = arguments.parse_args()

FOLDER = Path(options.keep or tempfile.mkdtemp(prefix="fupin-bench-"))
(FOLDER / "static").mkdir(exist_ok=True, parents=True)
os.environ["FUPIN_VAR"] = str(FOLDER)
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.pages_settings"

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, connections, transaction  # noqa: E402
from django.db.utils import load_backend  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from fupin.accounts.models import Post, User  # noqa: E402
from fupin.accounts.roles import Role  # noqa: E402
from fupin.bulk import insert_rows  # noqa: E402
from fupin.regions import scope  # noqa: E402
from fupin.regions.models import Region  # noqa: E402
from households import quota, search, stats  # noqa: E402
from households.models import (  # noqa: E402
    Doubt,
    FollowUp,
    Helper,
    Household,
    LineKind,
    Measure,
    Member,
    Pairing,
    PovertyLine,
    SearchToken,
    Visit,
)
from projects import kept  # noqa: E402
from projects.models import FundLine, Milestone, Project  # noqa: E402

scope.process("tests")

TOP = "9901"
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰萍鑫波辉玲凤建文海云飞鹏宇泽仁拉姆扎西措吉卓玛多曲珍次旺平洛桑丹增"
HIT = "张伟"


POSTGRES = connection.vendor == "postgresql"
WIDE = "wide"
VILLAGES = 600
"""Of a county. 20 are a township."""


def connect(size):
    """Let every query of the process go to the database of `size`."""
    settings = {**connections["default"].settings_dict}
    settings["NAME"] = f"fupin_bench_{size}" if POSTGRES else FOLDER / f"{size}.sqlite3"
    return load_backend(settings["ENGINE"]).DatabaseWrapper(settings, "default")


def use(wrapper):
    connections["default"] = wrapper


def create(size):
    if POSTGRES:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [f"fupin_bench_{size}"])
            if not cursor.fetchone():
                cursor.execute(f"CREATE DATABASE fupin_bench_{size}")


def fill(size, villages):
    """Invented households of one prefecture, kept columns and all; about half a minute for 100,000."""
    call_command("migrate", verbosity=0)
    if Household.objects.exists():
        return
    draw, today = random.Random(7), timezone.localdate()
    with transaction.atomic():
        groups = places(villages)
        helpers = Helper.objects.bulk_create([Helper(name=f"帮扶{n}", unit="测试") for n in range(50)])
        PovertyLine.objects.create(year=2021, kind=LineKind.MONITOR, value=7000)
        user = User.objects.create_user("bench", None, name="测速")
        helper = User.objects.create_user("helper", None, name="帮扶")
        Post.objects.create(
            user=helper, role=Role.HELPER, region=Region.objects.get(path=TOP), starts_on=date(2020, 1, 1)
        )
        Helper.objects.filter(pk=helpers[0].pk).update(user=helper)
        for path in (TOP, f"{TOP}01"):
            who = user if path == TOP else User.objects.create_user("county", None, name="县级")
            region = Region.objects.get(path=path)
            Post.objects.create(user=who, role=Role.COUNTY_OFFICE, region=region, starts_on=date(2020, 1, 1))
        for start in range(1, size + 1, 10_000):
            ids = range(start, min(start + 10_000, size + 1))
            fill_households(draw, today, helpers, [(pk, *groups[(pk - 1) * villages // size]) for pk in ids])
        fill_projects(
            draw, today, [place for place in groups if place[1].startswith(f"{TOP}01")], size, villages
        )
        for pk in range(
            1, size + 1, size // 10
        ):  # one responsible person has ten households, whatever the size
            Pairing.objects.create(household_id=pk, helper=helpers[0], starts_on=date(2024, 1, 1))
    stats.recount_all()
    kept.recount()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if POSTGRES else "PRAGMA optimize=0x10002")


def fill_households(draw, today, helpers, placed):
    rows = [(*place, *household(draw, place[0], today, helpers)) for place in placed]
    people = [(pk, path, name(draw), number) for pk, _, path in placed for number in range(2)]
    heads = {pk: who for pk, _, who, number in people if number == 0}
    insert_rows(Household, FIELDS, [(*row, heads[row[0]]) for row in rows])
    insert_rows(
        Member,
        ("household_id", "region_path", "name", "order", "relation", "sex"),
        [(pk, path, who, order, "03" if order else "01", "1") for pk, path, who, order in people],
    )
    tokens = {(token, path, pk) for pk, path, who, _ in people for token in search.tokens(who)}
    insert_rows(SearchToken, ("token", "region_path", "household_id"), sorted(tokens))

    def day():
        return today + timedelta(draw.randrange(-20, 200))

    insert_rows(
        Doubt, ("household_id", "region_path", "rule", "message", "found_on"),
        [(pk, path, f"V{draw.randrange(1, 20):02}", "疑点", today) for pk, _, path in placed if not pk % 10],
    )  # fmt: skip
    insert_rows(
        Measure, ("household_id", "region_path", "kind", "what", "target_end"),
        [(pk, path, "01", "种羊 5 只", day()) for pk, _, path in placed if not pk % 5],
    )  # fmt: skip
    insert_rows(
        Visit, ("uid", "household_id", "region_path", "on", "content"),
        [
            (uuid.UUID(int=draw.getrandbits(128)), pk, path, today - timedelta(draw.randrange(700)), "看望")
            for pk, _, path in placed
            for _ in range(2)
        ],
    )  # fmt: skip
    insert_rows(
        FollowUp, ("household_id", "region_path", "what", "due_end"),
        [(pk, path, "修屋顶", day()) for pk, _, path in placed if not pk % 20],
    )  # fmt: skip


def fill_projects(draw, today, groups, size, villages):
    """A project for 120 households, in a wide place at least two in each township."""
    count = max(size // 120, villages // 10)
    regions = {region.path: region for region in Region.objects.filter(level=5).within(f"{TOP}01")}
    made = []
    for n in range(count):
        path = groups[n * len(groups) // count][1][:12]
        made.append(Project(
            number=f"P{n}", name=f"项目{n}", category="0101", year=2026, state=draw.choice(["10", "30", "30", "50"]),
            region=regions[path], investment=draw.randrange(10**6), progress=draw.randrange(100),
            finish_end=today + timedelta(draw.randrange(-60, 300)),
        ).keep())  # fmt: skip
    Project.objects.bulk_create(made, batch_size=200)
    FundLine.objects.bulk_create(
        [
            FundLine(project=one, source=source, planned=100, allotted=50, paid=20)
            for one in made
            for source in "14"
        ],
        batch_size=200,
    )
    Milestone.objects.bulk_create(
        [
            Milestone(project=one, name="节点", planned_end=today + timedelta(draw.randrange(-60, 300)))
            for one in made
            for _ in range(3)
        ],
        batch_size=200,
    )


FIELDS = (
    "id", "region_id", "region_path", "number", "registry_status", "monitor_category", "risk_state", "main_cause",
    "income_year", "per_capita", "helper_id", "last_visit_on", "visit_due", "target_text", "target_end", "doubts",
    "size", "head_name",
)  # fmt: skip


def household(draw, pk, today, helpers):
    status = draw.choices("0123", (50, 10, 5, 35))[0]
    watched = status == "3" and draw.random() < 0.15
    assisted = status in "12" or watched
    visited = today - timedelta(draw.randrange(1, 150)) if status != "0" and draw.random() < 0.9 else None
    return (
        f"H{pk:09}", status, "1" if watched else "0", "1" if watched else "0",
        "" if status == "0" else f"{draw.randrange(1, 13):02}", 2025, draw.randrange(4000, 30000),
        draw.choice(helpers).pk if assisted else None, visited,
        quota.due_on(status, "1" if watched else "0", None, visited), "2026年底" if assisted else "",
        today + timedelta(draw.randrange(-60, 400)) if assisted else None, int(not pk % 10), draw.randrange(1, 7),
    )  # fmt: skip


def name(draw):
    return draw.choice(SURNAMES) + "".join(draw.choices(GIVEN, k=draw.choice((1, 2, 2))))


def places(villages):
    """`[(region id, path)]` of one group in each of so many villages."""
    made = {"": Region.objects.create(path="", level=0, name="全国", short_name="全国", key="全国")}
    paths = []
    for village in range(villages):
        county, rest = divmod(village, VILLAGES)
        town, place = divmod(rest, 20)
        paths.append(f"{TOP}{county + 1:02}{town + 100:03}{place + 201:03}01")
    for level, width in enumerate((2, 4, 6, 9, 12, 14), 1):
        parents = {2: 0, 4: 2, 6: 4, 9: 6, 12: 9, 14: 12}[width]
        fresh = [
            Region(path=path, level=level, name=f"地{path}", short_name=f"地{path[-3:]}", key=path, parent=made[path[:parents]])
            for path in sorted({path[:width] for path in paths})
        ]  # fmt: skip
        Region.objects.bulk_create(fresh, batch_size=500)
        made |= {region.path: region for region in fresh}
    return [(made[path].pk, path) for path in paths]


LISTS = [
    ("list by last visit", "/households/?size=50&sort=visit"),
    ("list by target date", "/households/?size=50&sort=target"),
    ("list by income", "/households/?size=50&sort=income"),
    ("list by size", "/households/?size=50&sort=size"),
    ("list by size, last", "/households/?size=50&sort=size&last=1"),
    ("list by income, assisted", "/households/?size=50&sort=income&assisted=1"),
    ("list of no income", "/households/?size=50&income=none"),
    ("list of a figure", "/households/?size=50&figure=unvisited"),
    ("list of dibao", "/households/?size=50&guarantee=dibao"),
    ("households to visit", "/my/?scope=all"),
    ("visits", "/visits/"),
    ("follow-ups", "/follow-ups/?state=open"),
    ("measures", "/measures/?state=open"),
    ("unpaired", "/pairings/"),
    ("helpers", "/helpers/"),
    ("list of a helper", "/households/?size=50"),
    ("visits of a helper", "/visits/"),
    ("to visit of a helper", "/my/"),
    ("work page of a helper", "/"),
]
"""Read in other orders than the place's, or by people whose rows are a handful among all."""

WHO = {"work page, county": "county", "board, county user": "county"}
WHO |= {label: "helper" if label.endswith("of a helper") else "county" for label, _ in LISTS}
"""Pages asked for as somebody else than the user of the whole prefecture."""

PAGES = [
    ("hello", "/hello/"),
    ("list, first page", "/households/?size=50"),
    ("list, last page", "/households/?size=50&last=1"),
    ("list, filtered", "/households/?size=50&assisted=1"),
    ("name search", f"/households/?size=50&q={HIT}"),
    ("household", None),
    ("board, county", f"/board/?region={TOP}01"),
    ("board, prefecture", f"/board/?region={TOP}"),
    ("board, township", f"/board/?region={TOP}01100"),
    ("board, county user", "/board/"),
    ("work page, prefecture", "/"),
    ("work page, county", "/"),
    *LISTS,
    ("admin list", "/peer/households/household/"),
    ("admin list, last", None),
]


def addresses(size):
    middle = Household.objects.order_by("pk").values_list("pk", flat=True)[size // 2]
    own = {
        "household": f"/households/{middle}/",
        "admin list, last": f"/peer/households/household/?p={size // 50}",
    }
    return [(label, address or own[label]) for label, address in PAGES]


def clock():
    """`(processor seconds of this process and the server's, of the server's alone)`; SQLite runs in this process."""
    server = 0.0
    if POSTGRES:
        if connection.connection is None:
            connection.connect()
        pid = connection.connection.info.backend_pid
        server = int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    return time.process_time() + server, server


def spent_since(start):
    """ms since `start` of both clocks."""
    return [(now - then) * 1000 for now, then in zip(clock(), start)]


def ask(client, address):
    start = clock()
    response = client.get(address)
    spent = spent_since(start)
    assert response.status_code == 200, (address, response.status_code)
    return spent


def as_served(number):
    """After the first round, what it left is looked through for garbage no more, as `fupin.wsgi` has it: else now one page,
    now another would pay for looking through all that the process holds."""
    if number == 1:
        gc.collect()
        gc.freeze()


def search_in_database(client):
    """ms of processor time in the database for each statement of the name search that reads the tokens, best of five."""
    with CaptureQueriesContext(connection) as made:
        client.get(f"/households/?size=50&q={HIT}")
    found = []
    for query in made.captured_queries:
        if "searchtoken" not in query["sql"]:
            continue
        best = 1e9
        for _ in range(5):
            with connection.cursor() as cursor:
                start = clock()
                cursor.execute(query["sql"])
                cursor.fetchall()
                best = min(best, spent_since(start)[POSTGRES])
        found.append(best)
    return found


def main():
    sizes = [int(size) for size in options.sizes.split(",")]
    shapes = {size: (size, (size + 99) // 100) for size in sizes} | {WIDE: (min(sizes), VILLAGES)}
    wrappers, clients, asked = {}, {}, {}
    for key in shapes:
        create(key)
        wrappers[key] = connect(key)
    for key, shape in shapes.items():
        start = time.perf_counter()
        use(wrappers[key])
        fill(*shape)
        clients[key] = {}
        for username in ("bench", "county", "helper"):
            clients[key][username] = Client()
            clients[key][username].force_login(User.objects.get(username=username))
        asked[key] = addresses(shape[0])
        print(f"{key}: {shape[0]:,} households ready in {time.perf_counter() - start:.0f} s", flush=True)
    times = {(key, label): [] for key in shapes for label, _ in asked[key]}
    for number in range(options.rounds + 1):
        as_served(number)
        for key in shapes:
            use(wrappers[key])
            for label, address in asked[key]:
                spent = ask(clients[key][WHO.get(label, "bench")], address)
                if number:  # the first round warms up
                    times[key, label].append(spent)
    print_table(shapes, times)
    searched = {}
    for size in sizes:
        use(wrappers[size])
        searched[size] = search_in_database(clients[size]["bench"])
        parts = " + ".join(f"{ms:.2f}" for ms in searched[size])
        print(f"name search in the database, {size:,}: {parts} ms (rows + total)")
    bars(sizes, times, searched)


def median(times, key, label, which=0):
    return statistics.median(spent[which] for spent in times[key, label])


def print_table(shapes, times):
    what = "processor time, of it the server's" if POSTGRES else "processor time"
    print(f"\n{connection.vendor}, ms of {what}, median of {options.rounds} rounds")
    print(f"{'page':<26}" + "".join(f"{key if key == WIDE else f'{key:,}':>18}" for key in shapes))
    for label, _ in PAGES:
        cells = [f"{median(times, key, label):.2f}" for key in shapes]
        if POSTGRES:
            cells = [f"{cell} ({median(times, key, label, 1):.2f})" for key, cell in zip(shapes, cells)]
        print(f"{label:<26}" + "".join(f"{cell:>18}" for cell in cells))


def bars(sizes, times, searched):
    small, large = min(sizes), max(sizes)
    checks = []
    for size in sizes:
        first = median(times, size, "list, first page")
        checks.append((f"list / hello, {size:,}", first / median(times, size, "hello"), 4.5))
        checks.append((f"list / admin list, {size:,}", first / median(times, size, "admin list"), 0.4))
    checks.append((
        f"last page of {large:,} / first page of {small:,}",
        median(times, large, "list, last page") / median(times, small, "list, first page"), 1.3,
    ))  # fmt: skip
    for label in (
        "list, filtered",
        "board, county",
        "board, county user",
        "work page, county",
        "household",
        *dict(LISTS),
    ):
        base = WIDE if label.startswith("board") else small
        checks.append((
            f"{label}, {large:,} / {small:,}{' over the same places' if base == WIDE else ''}",
            median(times, large, label) / median(times, base, label), 1.5,
        ))  # fmt: skip
    checks.append((f"name search in the database at {large:,}, ms", sum(searched[large]), 5))
    print()
    for label, value, bar in checks:
        print(f"{label:<60}{value:>8.2f}  bar {bar:<5}{'ok' if value <= bar else 'MISSED'}")


if __name__ == "__main__":
    main()
