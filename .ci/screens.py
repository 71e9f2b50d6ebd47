"""Pictures of the main pages at both sizes for the README, from a running demo.

python .ci/screens.py http://127.0.0.1:8000 PASSWORD
"""

import io
import re
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

OUT = Path(__file__).parents[1] / "docs" / "img"
SIZES = {"desktop": {"width": 1366, "height": 768}, "phone": {"width": 390, "height": 844}}
PAGES = [
    ("home", "zhen", "/"),
    ("board", "xian", "/board/"),
    ("households", "zhen", "/households/"),
    ("household", "zhen", "HOUSEHOLD"),
    ("form", "zhen", "HOUSEHOLDedit/"),
    ("visit", "bangfu", "VISIT"),
    ("projects", "zhen", "/projects/"),
    ("import", "zhen", "/import/"),
    ("reports", "zhen", "/reports/"),
    ("paper", "changlong", "PAPER"),
]
"""(name of the picture, account, address; HOUSEHOLD: the first one that is watched, VISIT: the first to visit,
PAPER: the newest paper)."""


def first(page, address, pattern):
    """The first link of the page at `address` whose path is `pattern`."""
    page.goto(address)
    links = page.eval_on_selector_all("main a[href]", "found => found.map(a => a.getAttribute('href'))")
    return next(link.partition("?")[0] for link in links if re.match(pattern + r"(\?|$)", link))


def address_of(page, address):
    if address.startswith("HOUSEHOLD"):
        own = first(page, "/households/?figure=risk-open", r"/households/\d+/")
        return own + address.removeprefix("HOUSEHOLD")
    if address == "PAPER":
        return first(page, "/papers/", r"/papers/\d+/")
    if address == "VISIT":
        return first(page, "/my/", r"/households/\d+/visit/")
    return address


def main(base, password):
    OUT.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
        )  # fmt: skip
        for size, viewport in SIZES.items():
            for username in dict.fromkeys(page[1] for page in PAGES):
                context = browser.new_context(base_url=base, viewport=viewport, locale="zh-CN")
                context.set_default_timeout(60_000)
                page = context.new_page()
                page.goto("/login/")
                page.fill("[name=username]", username)
                page.fill("[name=password]", password)
                page.press("[name=password]", "Enter")
                page.wait_for_url(lambda url: "/login" not in url)
                for name, _, address in [entry for entry in PAGES if entry[1] == username]:
                    try:
                        page.goto(address_of(page, address))
                        page.wait_for_timeout(1500)
                        shot(page, OUT / f"{name}-{size}.png")
                    except Exception as error:  # noqa: BLE001 (one page less, the others all the same)
                        sys.stderr.write(f"{name} {size}: {error!r:.200}\n")
                context.close()
        browser.close()


def shot(page, path):
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
