"""The demo of the register: 昌龙村 as in the first plan, 疑点演示村 with one household for each rule of the data
check, and a township with two years of history."""

from fupin.demo import Demo
from households import defaults
from households.demo import changlong, flaws, groups, teams, township
from households.demo.accounts import make_accounts
from households.models import Household


def present():
    """Whether the register holds anything yet."""
    return Household.objects.exists()


def build(order):
    """Accounts, tables, 昌龙村 through the pages' actions, the rest in bulk."""
    defaults.load()
    users = make_accounts(order)
    changlong.build(order, users)
    township.build(order, users, max(0, order.households - changlong.HOUSEHOLDS - flaws.HOUSEHOLDS))
    flaws.build(order)
    teams.build(order, users["zhen"])
    groups.build(users["xian"])


DEMOS = [Demo(build, present)]
