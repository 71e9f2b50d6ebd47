"""Addresses of 一表通. A form belongs to the unit that uploaded it; those below that unit may fill it."""

from fupin.accounts.roles import Permission as P
from fupin.onetable.models import BureauForm
from tests import factories


def form(at):
    """A form of a village without a file: pages open, filling says that it must come again."""
    owner = factories.user(at=at)
    said = {"scope": "place", "base": [], "blocks": []}
    return BureauForm.objects.create(
        unit=at[:12],
        user=owner,
        title="测试表",
        name="表.xlsx",
        file="onetable/none",
        book="onetable/none",
        said=said,
        confirmed=True,
    ).uid


OWN = {"uid": form}
PAGES = [
    ("onetable_list", {}, "get", (P.REPORT_EXPORT,)),
    ("onetable_upload", {}, "post", (P.REPORT_EXPORT,)),
    ("onetable_fill", OWN, "get", (P.REPORT_EXPORT,)),
    ("onetable_columns", OWN, "get", (P.REPORT_EXPORT,)),
    ("onetable_columns", OWN, "post", (P.REPORT_EXPORT,)),
    ("onetable_download", OWN, "post", (P.REPORT_EXPORT,)),
    ("onetable_remove", OWN, "post", (P.REPORT_EXPORT,)),
]
