"""What the main pages cost the server, by hand: `python tests/bench/pages.py [--sizes 600,60000,600000]`.

For each size a database of its own (100 households in a village, 20 villages in a township, 30 townships in a
county) in a throw-away folder, or in `--keep FOLDER` for the next run; `--db postgres` makes them on the server of
DATABASE_URL. Every page is asked for through the whole stack in this process, warm; all pages of all sizes in turn
inside each round, so that whatever else the machine does hits them alike. Medians in ms: of the processor time of
this process, which holds SQLite too and does not count what other work takes; on PostgreSQL of the wall clock. Both peers, a logged-in
hello page of the same shell and Django's admin list of the same model (50 rows, 12 columns, as ours), stand in the
same rounds. The last lines hold the results against the bars.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

arguments = argparse.ArgumentParser()
arguments.add_argument("--sizes", default="600,60000,600000")
arguments.add_argument("--db", choices=["sqlite", "postgres"], default="sqlite")
arguments.add_argument("--keep", default="")
arguments.add_argument("--rounds", type=int, default=7)
options = arguments.parse_args()

FOLDER = Path(options.keep or tempfile.mkdtemp(prefix="fupin-bench-"))
(FOLDER / "static").mkdir(exist_ok=True, parents=True)
os.environ["FUPIN_VAR"] = str(FOLDER)
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.pages_settings"
os.environ.pop("DATABASE_URL" if options.db == "sqlite" else "", None)

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
from fupin.regions.models import Region  # noqa: E402
from households import search, stats  # noqa: E402
from households.models import Helper, Household, LineKind, Member, PovertyLine, SearchToken  # noqa: E402

TOP = "9901"
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰萍鑫波辉玲凤建文海云飞鹏宇泽仁拉姆扎西措吉卓玛多曲珍次旺平洛桑丹增"
HIT = "张伟"


def connect(size):
    """Let every query of the process go to the database of `size`."""
    settings = {**connections["default"].settings_dict}
    if options.db == "sqlite":
        settings["NAME"] = FOLDER / f"{size}.sqlite3"
    else:
        settings["NAME"] = f"fupin_bench_{size}"
    return load_backend(settings["ENGINE"]).DatabaseWrapper(settings, "default")


def use(wrapper):
    connections["default"] = wrapper


def create(size):
    if options.db == "postgres":
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [f"fupin_bench_{size}"])
            if not cursor.fetchone():
                cursor.execute(f"CREATE DATABASE fupin_bench_{size}")


def fill(size):
    """Invented households of one prefecture, kept columns and all; about half a minute for 100,000."""
    call_command("migrate", verbosity=0)
    if Household.objects.exists():
        return
    draw, today = random.Random(7), timezone.localdate()
    with transaction.atomic():
        groups = places(size)
        helpers = Helper.objects.bulk_create([Helper(name=f"帮扶{n}", unit="测试") for n in range(50)])
        PovertyLine.objects.create(year=2021, kind=LineKind.MONITOR, value=7000)
        user = User.objects.create_user("bench", None, name="测速")
        Post.objects.create(
            user=user,
            role=Role.COUNTY_OFFICE,
            region=Region.objects.get(path=TOP),
            starts_on=date(2020, 1, 1),
        )
        for start in range(1, size + 1, 10_000):
            ids = range(start, min(start + 10_000, size + 1))
            rows = [(pk, *groups[(pk - 1) // 100], *household(draw, pk, today, helpers)) for pk in ids]
            people = [
                (pk, row[2], name(draw), number) for row in rows for pk in (row[0],) for number in range(2)
            ]
            heads = {person[0]: person[2] for person in people if person[3] == 0}
            insert_rows(Household, FIELDS, [(*row, heads[row[0]]) for row in rows])
            insert_rows(
                Member,
                ("household_id", "region_path", "name", "order", "relation", "sex"),
                [(pk, path, who, order, "03" if order else "01", "1") for pk, path, who, order in people],
            )
            tokens = {(token, path, pk) for pk, path, who, _ in people for token in search.tokens(who)}
            insert_rows(SearchToken, ("token", "region_path", "household_id"), sorted(tokens))
    stats.recount_all()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if options.db == "postgres" else "PRAGMA optimize=0x10002")


FIELDS = (
    "id", "region_id", "region_path", "number", "registry_status", "monitor_category", "risk_state", "main_cause",
    "income_year", "per_capita", "helper_id", "last_visit_on", "target_text", "target_end", "size", "head_name",
)  # fmt: skip


def household(draw, pk, today, helpers):
    status = draw.choices("0123", (50, 10, 5, 35))[0]
    watched = status == "3" and draw.random() < 0.15
    assisted = status in "12" or watched
    visited = today - timedelta(draw.randrange(1, 150)) if status != "0" and draw.random() < 0.9 else None
    return (
        f"H{pk:09}", status, "1" if watched else "0", "1" if watched else "0",
        "" if status == "0" else f"{draw.randrange(1, 13):02}", 2025, draw.randrange(4000, 30000),
        draw.choice(helpers).pk if assisted else None, visited, "2026年底" if assisted else "",
        today + timedelta(draw.randrange(-60, 400)) if assisted else None, draw.randrange(1, 7),
    )  # fmt: skip


def name(draw):
    return draw.choice(SURNAMES) + "".join(draw.choices(GIVEN, k=draw.choice((1, 2, 2))))


def places(size):
    """`[(region id, path)]` of one group in each village that `size` households need."""
    made = {"": Region.objects.create(path="", level=0, name="全国", short_name="全国", key="全国")}
    paths = []
    for village in range((size + 99) // 100):
        county, rest = divmod(village, 600)
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


PAGES = [
    ("hello", "/hello/"),
    ("list, first page", "/households/?size=50"),
    ("list, last page", "/households/?size=50&last=1"),
    ("list, filtered", "/households/?size=50&assisted=1"),
    ("name search", f"/households/?size=50&q={HIT}"),
    ("household", None),
    ("board, county", f"/board/?region={TOP}01"),
    ("board, prefecture", f"/board/?region={TOP}"),
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


clock = time.process_time if options.db == "sqlite" else time.perf_counter


def ask(client, address):
    start = clock()
    response = client.get(address)
    spent = (clock() - start) * 1000
    assert response.status_code == 200, (address, response.status_code)
    return spent


def search_in_database(client):
    """ms of each statement of the name search that reads the tokens, best of five, run as it stands."""
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
                best = min(best, (clock() - start) * 1000)
        found.append(best)
    return found


def main():
    sizes = [int(size) for size in options.sizes.split(",")]
    wrappers, clients, asked = {}, {}, {}
    for size in sizes:
        start = time.perf_counter()
        create(size)
        wrappers[size] = connect(size)
    for size in sizes:
        start = time.perf_counter()
        use(wrappers[size])
        fill(size)
        clients[size] = Client()
        clients[size].force_login(User.objects.get(username="bench"))
        asked[size] = addresses(size)
        print(f"{size:,} households ready in {time.perf_counter() - start:.0f} s", flush=True)
    times = {(size, label): [] for size in sizes for label, _ in asked[size]}
    for number in range(options.rounds + 1):
        for size in sizes:
            use(wrappers[size])
            for label, address in asked[size]:
                spent = ask(clients[size], address)
                if number:  # the first round warms up
                    times[size, label].append(spent)
    print_table(sizes, times)
    searched = {}
    for size in sizes:
        use(wrappers[size])
        searched[size] = search_in_database(clients[size])
        parts = " + ".join(f"{ms:.2f}" for ms in searched[size])
        print(f"name search in the database, {size:,}: {parts} ms (rows + total)")
    bars(sizes, times, searched)


def median(times, size, label):
    return statistics.median(times[size, label])


def print_table(sizes, times):
    print(
        f"\n{options.db}, ms of {'processor' if options.db == 'sqlite' else 'wall'} time, median of {options.rounds} rounds"
    )
    print(f"{'page':<20}" + "".join(f"{size:>12,}" for size in sizes))
    for label, _ in PAGES:
        print(f"{label:<20}" + "".join(f"{median(times, size, label):>12.2f}" for size in sizes))


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
    checks.append((f"name search in the database at {large:,}, ms", sum(searched[large]), 5))
    print()
    for label, value, bar in checks:
        print(f"{label:<52}{value:>8.2f}  bar {bar:<5}{'ok' if value <= bar else 'MISSED'}")


main()
