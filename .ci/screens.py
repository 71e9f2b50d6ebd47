"""Pictures of the main pages at both sizes, and of reports as they print, for the README and the manual, from a running
demo. The prints are PDF by LibreOffice, drawn by pdftoppm (poppler).

python .ci/screens.py http://127.0.0.1:8000 PASSWORD [name ...]
"""

import io
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

OUT = Path(__file__).parents[1] / "docs" / "img"
SIZES = {"desktop": {"width": 1366, "height": 768}, "phone": {"width": 390, "height": 844}}
PAGES = [
    ("home", "zhen", "/"),
    ("board", "zhen", "/board/"),
    ("households", "zhen", "/households/"),
    ("household", "zhen", "HOUSEHOLD"),
    ("form", "zhen", "HOUSEHOLDedit/"),
    ("visit", "bangfu", "VISIT"),
    ("projects", "zhen", "/projects/"),
    ("import", "zhen", "/import/"),
    ("reports", "zhen", "/reports/"),
    ("paper", "changlong", "PAPER"),
    ("attendance", "zhen", "/teams/attendance/"),
]
LONG = [
    ("board-targets", "zhen", "/board/", 1),
    ("board-projects", "zhen", "/board/", 2),
    ("board-visits", "zhen", "/board/", 3),
]
"""(name, account, address, which screen of the page): what lies below the first screen of the dashboard."""
PRINTS = [
    ("print-r04", "xian", "R04", ""),
    ("print-r01", "zhen", "R01", "figure=risk-open"),
    ("print-r11", "zhen", "R11", ""),
]
"""(name, account, report, its query): the first page of the PDF."""
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


def main(base, password, *only):
    wanted = lambda name: not only or name in only  # noqa: E731
    OUT.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
        )  # fmt: skip
        for size, viewport in SIZES.items():
            for username in dict.fromkeys(page[1] for page in (*PAGES, *LONG, *PRINTS)):
                context = browser.new_context(base_url=base, viewport=viewport, locale="zh-CN")
                context.set_default_timeout(60_000)
                page = context.new_page()
                page.goto("/login/")
                page.fill("[name=username]", username)
                page.fill("[name=password]", password)
                page.press("[name=password]", "Enter")
                page.wait_for_url(lambda url: "/login" not in url)
                if size == "desktop":
                    more(page, username, wanted)
                for name, _, address in [one for one in PAGES if one[1] == username and wanted(one[0])]:
                    try:
                        page.goto(address_of(page, address))
                        page.wait_for_timeout(1500)
                        shot(page, OUT / f"{name}-{size}.png")
                    except Exception as error:  # noqa: BLE001 (one page less, the others all the same)
                        sys.stderr.write(f"{name} {size}: {error!r:.200}\n")
                context.close()
        browser.close()


def more(page, username, wanted):
    """The lower screens of long pages, and the first pages of printed reports."""
    for name, _, address, screen in [one for one in LONG if one[1] == username and wanted(one[0])]:
        page.goto(address)
        page.wait_for_timeout(1500)
        page.evaluate("n => window.scrollTo(0, n * (window.innerHeight - 80))", screen)
        page.wait_for_timeout(800)
        shot(page, OUT / f"{name}.png")
    for name, _, report, query in [one for one in PRINTS if one[1] == username and wanted(one[0])]:
        book = page.request.get(f"/reports/{report}/download?{query}").body()
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "report.xlsx").write_bytes(book)
            profile = f"-env:UserInstallation=file://{folder}/profile"
            for command in (
                [
                    "soffice",
                    profile,
                    "--headless",
                    "--convert-to",
                    "pdf",
                    "--outdir",
                    folder,
                    f"{folder}/report.xlsx",
                ],
                [
                    "pdftoppm",
                    "-r",
                    "90",
                    "-f",
                    "1",
                    "-l",
                    "1",
                    "-singlefile",
                    "-png",
                    f"{folder}/report.pdf",
                    f"{folder}/page",
                ],
            ):
                subprocess.run(command, check=True, capture_output=True, timeout=180)
            save(Image.open(Path(folder) / "page.png").convert("RGB"), OUT / f"{name}.png")


def shot(page, path):
    save(Image.open(io.BytesIO(page.screenshot())).convert("RGB"), path)


def save(picture, path):
    picture.quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
