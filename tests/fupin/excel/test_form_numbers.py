"""Forms without a household number get one of ours inside the transaction that writes them, as in the product: no
test's transaction around it."""

import pytest
from django.core.files.base import ContentFile

from fupin.accounts.roles import Role
from fupin.excel import batches, undo
from fupin.regions import tree
from households.models import Household
from tests import factories
from tests.fupin.excel import samples

pytestmark = [samples.needed, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("samples")]


def test_new_households_of_forms_are_numbered_written_and_undone(settings, tmp_path):
    settings.FILES = tmp_path / "files"
    tree.load()
    clerk = factories.user(Role.COUNTY_OFFICE, at="")
    content = (samples.FOLDER / "forms" / "18_sheet_per_household.xlsx").read_bytes()
    batch = batches.store(ContentFile(content), "户.xlsx", by=clerk, year=samples.YEAR, as_of=samples.AS_OF)
    assert batches.ask_to_write(batch, policy="good")

    batches.carry_out(batch, by=clerk, dry_run=False)

    batch.refresh_from_db()
    numbers = list(Household.objects.values_list("number", flat=True))
    assert batch.state == "done"
    assert numbers and len(set(numbers)) == len(numbers)
    assert all(number.startswith("L") for number in numbers)
    undo.undo(batch, by=clerk)
    assert not Household.objects.exists()
