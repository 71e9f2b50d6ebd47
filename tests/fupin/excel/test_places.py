"""Places as files write them."""

import pytest

from fupin.accounts.roles import Role
from fupin.excel.places import Place, place_in, regions_of, villages_of
from fupin.regions import names, tree
from fupin.regions.models import Region
from tests import factories


@pytest.mark.parametrize(
    "written",
    [
        "号房社区村",
        "号房社区",
        "号房社区村民委员会",
        "号房社区居民委员会",
        "号房",
        "号房社区村委会",
        "号 房 社区",
    ],
)
def test_spellings_of_one_village(written):
    assert names.village_key(written) == "号房"


@pytest.mark.parametrize(
    ("text", "county", "town", "village"),
    [
        ("綦江区篆塘镇白坪村", "綦江区", "篆塘镇", "白坪村"),
        ("綦江区篆塘镇", "綦江区", "篆塘镇", ""),
        ("苍南县", "苍南县", "", ""),
        ("昌禅乡高丰村至金乡镇", "", "昌禅乡", "高丰村"),
        ("四川省炉霍县新都镇昌龙村2组", "炉霍县", "新都镇", "昌龙村"),
        ("白坪村", "", "", "白坪村"),
        ("", "", "", ""),
    ],
)
def test_a_line_of_text(text, county, town, village):
    found = place_in(text)

    assert (found.county, found.town, found.village) == (county, town, village)


@pytest.mark.django_db
def test_two_villages_of_one_name_need_their_township():
    tree.load()
    everywhere = factories.user(Role.COUNTY_OFFICE, at="")
    narrow, wide = Place(county="炉霍县", town="新都镇", village="昌龙村"), Place(village="和平村")

    found = villages_of({narrow, wide}, everywhere)

    assert found[narrow].path == "513327100212"
    assert Region.objects.filter(key=names.village_key("和平村"), level=5).count() != 1
    assert found[wide] is None


@pytest.mark.django_db
def test_the_narrowest_place_that_is_known():
    tree.load()
    everywhere = factories.user(Role.COUNTY_OFFICE, at="")
    places = [place_in("綦江区篆塘镇没有村"), place_in("苍南县"), place_in("火星县")]

    found = regions_of(set(places), everywhere)

    assert found[places[0]].short_name == "篆塘镇"
    assert found[places[1]].short_name == "苍南县"
    assert found[places[2]] is None
