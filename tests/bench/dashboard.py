"""What the dashboard costs the server, by hand: `python tests/bench/dashboard.py [--sizes 600,60000,600000]`.

Data, clocks and rounds of `tests/bench/pages.py`, whose options hold here too; its households get shortfalls with the
years in which they were recorded, and steps of their life. "wide" holds as few households as the smallest, spread over
all places of a county: its pages draw the same rows as the large ones. The bar: the largest at most 1.5 times as dear
as "wide". A day that is over is counted when it is asked for, household by household of the place: it is held against the
next smaller size, whose township has as many.
"""

import sys
import time
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench.pages import TOP, VILLAGES, WIDE, as_served, ask, connect, create, fill, median, options, use  # isort: skip  # noqa: E402

from django.db import transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from fupin.accounts.models import User  # noqa: E402
from fupin.bulk import insert_rows  # noqa: E402
from fupin.filing import frozen  # noqa: E402
from fupin.filing.models import YearFreeze  # noqa: E402
from households import stats  # noqa: E402
from households.models import Condition, Household, StatusChange  # noqa: E402

TODAY = timezone.localdate()
COUNTY = f"{TOP}01"
PAGES = [
    ("board, county", f"/board/?region={COUNTY}"),
    ("board, county, persons", f"/board/?region={COUNTY}&unit=人"),
    ("board, township", f"/board/?region={COUNTY}100"),
    ("two townships", f"/board/compare/?region={COUNTY}100&other={COUNTY}101"),
    ("large screen", f"/board/screen/?region={COUNTY}"),
    ("week", f"/board/week/?region={COUNTY}"),
]
FROZEN = [
    ("frozen, county", f"/board/?region={COUNTY}&year={TODAY.year}"),
    ("frozen, township", f"/board/?region={COUNTY}100&year={TODAY.year}"),
    ("frozen, a list", f"/households/then/?region={COUNTY}100&figure=assisted&asof={TODAY}"),
]
"""The year was kept first: rows and figures, without the reports."""
PAST = ("township, a past day", f"/board/?region={COUNTY}100&asof={TODAY - timedelta(90)}")
SPARSE = ("board, township", "week", "frozen, township", "frozen, a list", PAST[0])
"""Pages that draw or read fewer rows in "wide" (hardly any responsible persons, no changes, fewer households of a township):
held against the next smaller size."""
BAR = 1.5


def enrich():
    """Every fiftieth household has an unsafe house since three years, every hundredth went a step this year."""
    if StatusChange.objects.exists():
        return
    with transaction.atomic():
        keys = list(Household.objects.order_by("pk").values_list("pk", flat=True))
        unsafe = keys[::50]
        insert_rows(
            Condition, ("household_id", "year", "danger_level"),
            [(pk, year, "3") for pk in unsafe for year in range(TODAY.year - 3, TODAY.year)],
        )  # fmt: skip
        for start in range(0, len(unsafe), 500):
            Household.objects.filter(pk__in=unsafe[start : start + 500]).update(unsafe_house=True)
        insert_rows(
            StatusChange, ("household_id", "step", "on"),
            [(pk, "exit", TODAY - timedelta(n % 300)) for n, pk in enumerate(keys[::100])],
        )  # fmt: skip
    stats.recount_all()


def freeze():
    """Keep the county as of today: what a freeze does but for the reports. Seconds of processor time."""
    if YearFreeze.objects.unscoped("tests").exists():
        return None
    start, by = time.process_time(), User.objects.get(username="bench")
    kept = YearFreeze.objects.create(region_path=COUNTY, unit="县", year=TODAY.year, as_of=TODAY, by=by)
    rows, places = frozen.keep_figures(kept, by=by, step=lambda done, total: None)
    frozen.keep_places(kept, *places)
    YearFreeze.objects.unscoped("tests").update(state="frozen", groups=kept.groups)
    return time.process_time() - start


def main():
    sizes = [int(size) for size in options.sizes.split(",")]
    shapes = {size: (size, (size + 99) // 100) for size in sizes} | {WIDE: (min(sizes), VILLAGES)}
    wrappers, clients = {}, {}
    for key, shape in shapes.items():
        start = time.perf_counter()
        create(key)
        wrappers[key] = connect(key)
        use(wrappers[key])
        fill(*shape)
        enrich()
        if (spent := freeze()) is not None:
            print(f"{key}: frozen in {spent:.0f} s of processor time", flush=True)
        clients[key] = Client()
        clients[key].force_login(User.objects.get(username="bench"))
        print(f"{key}: {shape[0]:,} households ready in {time.perf_counter() - start:.0f} s", flush=True)
    asked = [*PAGES, *FROZEN, PAST]
    times = {(key, label): [] for key in shapes for label, _ in asked}
    for number in range(options.rounds + 1):
        as_served(number)
        for key in shapes:
            use(wrappers[key])
            for label, address in asked:
                if f"{COUNTY}101" in address and key == min(
                    sizes
                ):  # the smallest county has one township only
                    continue
                spent = ask(clients[key], address)
                if number:  # the first round warms up
                    times[key, label].append(spent)
    print(f"\nms of processor time, median of {options.rounds} rounds")
    print(f"{'page':<26}" + "".join(f"{key if key == WIDE else f'{key:,}':>12}" for key in shapes))
    for label, _ in asked:
        cells = [f"{median(times, key, label):.1f}" if times[key, label] else "-" for key in shapes]
        print(f"{label:<26}" + "".join(f"{cell:>12}" for cell in cells))
    print()
    for label, _ in asked:
        base = sorted(sizes)[-2] if label in SPARSE and len(sizes) > 1 else WIDE
        ratio = median(times, max(sizes), label) / median(times, base, label)
        print(
            f"{label:<26}{max(sizes):,} / {base}: {ratio:.2f}  bar {BAR}  {'ok' if ratio <= BAR else 'MISSED'}"
        )


if __name__ == "__main__":
    main()
