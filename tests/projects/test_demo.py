"""The demo's projects: the facts of the plans, and every standing."""

from collections import Counter
from datetime import date

import pytest

from fupin.accounts.models import User
from fupin.demo import Order
from fupin.regions import tree
from fupin.schedule import Standing
from projects import demo
from projects.models import FundLine, Milestone, Project, TargetMove
from tests.parts import exhaustive

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


@exhaustive
def test_the_projects_of_the_demo():
    """One build for all that is said about them."""
    tree.load()
    for username in ("admin", "xian", "zhen", "xindu"):
        User.objects.create_user(username, None, name=username)
    demo.build(Order(TODAY, 100, "", print))

    those_of_the_plans_are_there_with_their_figures()
    the_invented_ones_are_late_and_on_time()


def those_of_the_plans_are_there_with_their_figures():
    found = {row.name: row for row in Project.objects.exclude(source="综合")}

    road, poles = found["易地扶贫搬迁户入户路硬化"], found["易地扶贫搬迁户生活用电"]
    assert (road.quantity, road.unit, road.benefit_households) == (330, "米", 3)
    assert (poles.quantity, poles.unit) == (3, "根")
    water = found["农村饮水安全项目"]
    assert (water.finish_text, water.finish_end) == ("10月", date(2026, 10, 31))
    assert water.deadline(TODAY).label == "逾期 23 天"
    power = found["10千伏及以下电力建设"]
    assert (power.quantity, power.unit) == (45, "个")
    assert (power.lead_unit, power.responsible_unit) == ("县发改经信局", "县供电公司")
    assert list(
        Milestone.objects.filter(project=power).values_list("planned_text", "planned_end", "done_on")
    ) == [
        ("4月", date(2026, 4, 30), date(2026, 4, 24)),
        ("4月底前", date(2026, 4, 30), date(2026, 5, 12)),
        ("年内", date(2026, 12, 31), None),
    ]
    assert not power.funds.exists()  # 三、资金筹措 is a heading without text
    assert found["石桥村义诊"].finish_end == date(2026, 12, 31)
    assert found["下山脱贫点建设（5年规划）"].benefit_persons == 11041
    assert found["新美洲下山异地脱贫点"].blocked_reason
    donated = found["捐赠床上用品"]
    assert (donated.quantity, donated.investment, FundLine.objects.get(project=donated).source) == (
        15,
        3300,
        "5",
    )
    assert (
        sum(row.investment is not None for row in found.values()) == 1
    )  # what a plan does not say is not zero


def the_invented_ones_are_late_and_on_time():
    rows = Project.objects.filter(source="综合")
    standings = Counter(row.deadline(TODAY).standing for row in rows)

    assert rows.count() == 30
    assert set(standings) >= {Standing.OVER, Standing.RISK, Standing.SOON, Standing.OK, Standing.DONE}
    assert min(standings.values()) >= 3
    assert TargetMove.objects.filter(milestone__isnull=False).exists()
    assert demo.present()
