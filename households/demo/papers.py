"""The five plans as papers: their words, with the figures that the register holds as live figures. What the originals
mask stays 〔原文缺失〕."""

import json
from pathlib import Path

from fupin.accounts.models import User
from fupin.demo import Demo
from fupin.regions.models import Level, Region, key_for
from households.actions.papers import begin_paper, issue_paper, save_paper
from households.models import VillageIndustry, VillageProfile

TOWN, NAME = "500110117", "杨寨沟村"
PATH = f"{TOWN}297"
"""The third plan has no place but this name: an invented village takes its figures."""

TEXTS = Path(__file__).with_suffix(".json")


def build(order):
    """The papers of the plans; that of 昌龙村 issued, the others drafts. After the projects, whose figures they name."""
    users = {user.username: user for user in User.objects.filter(username__in=["changlong", "admin"])}
    _third_village()
    for entry in json.loads(TEXTS.read_text("utf-8")):
        by = users["changlong" if entry["plan"] == 1 else "admin"]
        region = Region.objects.get(path=entry["place"])
        paper = begin_paper(
            kind=entry["kind"],
            region=region,
            year=entry["year"] or order.today.year,
            by=by,
            unit=entry["unit"],
        )
        save_paper(
            paper=paper, version=paper.version, title=entry["title"], unit=entry["unit"], sections=entry["sections"],
            keep_empty=False, by=by,
        )  # fmt: skip
        if entry["plan"] == 1:
            paper.refresh_from_db()
            issue_paper(
                paper=paper,
                version=paper.version,
                number="昌龙村发〔2026〕1号（演示）",
                on=order.today,
                by=by,
            )
    order.say("文书 5 份")


def _third_village():
    village = Region.objects.create(
        path=PATH, level=Level.VILLAGE, name=NAME, short_name=NAME, key=key_for(Level.VILLAGE, NAME),
        parent=Region.objects.get(path=TOWN),
    )  # fmt: skip
    profile = VillageProfile.objects.create(
        region=village, region_path=PATH, year=2003, location="乡东北部", terrain="丘陵山地，石灰石与砂岩", households=220,
        population=920, groups=8, farmland=970, enterprises=0, schools=1, clinics=1, roads=1,
        water_resource="相对紧张，部分生活用水来自屋顶接水工程", note="数据来自计划篇三；原文没有省、市、县、乡名，借用演示镇。",
    )  # fmt: skip
    VillageIndustry.objects.bulk_create(
        [
            VillageIndustry(
                profile=profile, name="金银花", area_mu=100, approx=True, text="现有金银花种植面积100多亩"
            ),
            VillageIndustry(
                profile=profile,
                name="果园",
                area_mu=10,
                approx=True,
                text="果园一个，面积十余亩，苹果、杏、桃",
            ),
        ]
    )


DEMOS = [Demo(build)]
