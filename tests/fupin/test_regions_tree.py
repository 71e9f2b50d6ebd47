"""Loading the official codes: parents before children, again without effect, renamed where the list is."""

import pytest
from django.core.exceptions import ValidationError

from fupin.regions import tree
from fupin.regions.models import Region

pytestmark = pytest.mark.django_db
ROWS = """990000000000,测试省,1,000000000000
990100000000,测试市,2,990000000000
990101000000,测试县,3,990100000000
990101100000,测试镇,4,990101000000
990101100201,甲村民委员会,5,990101100000
990101100202,乙社区居委会,5,990101100000
"""


@pytest.fixture
def load(tmp_path):
    def loaded(rows):
        file = tmp_path / "divisions.csv"
        file.write_text("code,name,level,parent_code\n" + rows, encoding="utf-8")
        return tree.load(file)

    return loaded


def test_places_hang_below_each_other_and_are_loaded_once(load):
    assert load(ROWS) == (7, 0)
    assert load(ROWS) == (0, 0)

    village = Region.objects.get(path="990101100201")
    assert (village.name, village.short_name, village.key, village.level) == ("甲村民委员会", "甲村", "甲", 5)
    above = []
    while village := village.parent:
        above.append(village.name)
    assert above == ["测试镇", "测试县", "测试市", "测试省", "全国"]


def test_what_the_list_renames_is_renamed_and_keeps_its_key(load):
    load(ROWS)
    before = Region.objects.get(path="990101100202").pk

    assert load(ROWS.replace("乙社区居委会", "丙社区居委会") + "990101100203,丁村,5,990101100000\n") == (1, 1)

    renamed = Region.objects.get(pk=before)
    assert (renamed.path, renamed.name, renamed.short_name, renamed.key) == (
        "990101100202",
        "丙社区居委会",
        "丙社区",
        "丙",
    )
    assert Region.objects.get(path="990101100203").parent.name == "测试镇"


def test_a_place_without_its_parent_is_refused_whole(load):
    with pytest.raises(ValidationError, match="990102"):
        load(ROWS + "990102100000,别镇,4,990102000000\n")
    assert not Region.objects.exists()
