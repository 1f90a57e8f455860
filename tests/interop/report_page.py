#!/usr/bin/env python3
"""The HTML report in the hands of other people's parsers: html5lib reads it, Chromium shows it.

    python report_page.py parse < given.json
    python report_page.py show < given.json

The input is one JSON object. `parse`: `page`, the path of the report; what is in it is printed,
and every error of its markup. `show`: also `browser`, the path of Chromium; what a reader sees who
filters, searches, follows a link, uses the keyboard and prints is printed, and whatever the
browser complained about. Nothing of countersign's own code takes part.

Needs `pip install html5lib playwright`, and Chromium.
"""

import base64
import hashlib
import json
import pathlib
import sys

XLINK = "http://www.w3.org/1999/xlink"


def parse(given):
    import html5lib

    parser = html5lib.HTMLParser(strict=False, namespaceHTMLElements=False)
    document = parser.parse(pathlib.Path(given["page"]).read_bytes(), transport_encoding="utf-8")
    elements = [element for element in document.iter() if isinstance(element.tag, str)]

    def name(element):
        return element.tag.rsplit("}", 1)[-1]

    def text(element):
        return "".join(element.itertext())

    def named(wanted):
        return [element for element in elements if name(element) == wanted]

    policies = [
        element.get("content")
        for element in named("meta")
        if element.get("http-equiv") == "Content-Security-Policy"
    ]

    def is_allowed(element):
        digest = base64.b64encode(hashlib.sha256(text(element).encode()).digest()).decode()
        return f"{name(element)}-src 'sha256-{digest}'" in policies[0]

    steps = [element for element in named("details") if "step" in element.get("class", "").split()]
    return {
        "errors": [str(error) for error in parser.errors],
        "policies": policies,
        "allowed": [is_allowed(element) for element in named("style") + named("script")],
        "elements": [[name(element), sorted(element.keys())] for element in elements],
        "handlers": [key for element in elements for key in element.keys() if key.startswith("on")],
        "links": [
            value
            for element in elements
            for key, value in element.items()
            if key in ("href", "src", "action", "data", "srcset", f"{{{XLINK}}}href")
        ],
        "ids": [element.get("id") for element in elements if element.get("id")],
        "headings": [[name(element), text(element)] for element in elements if name(element) in ("h1", "h2")],
        "steps": [
            {
                "id": step.get("id"),
                "verdict": step.get("data-verdict"),
                "open": step.get("open") is not None,
                "name": text(next(element for element in step.iter() if element.tag == "h3")),
                "text": text(step),
            }
            for step in steps
        ],
        "nodes": sum("node" in element.get("class", "").split() for element in named("a")),
        "rows": sum(element.get("data-of") is not None for element in named("tr")),
    }


def show(given):
    from playwright.sync_api import sync_playwright

    address = pathlib.Path(given["page"]).resolve().as_uri()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=given["browser"])
        seen = {"complaints": [], "asked": []}

        def opened(fragment="", **options):
            page = browser.new_page(**options)
            page.on("console", lambda message: seen["complaints"].append(message.text))
            page.on("pageerror", lambda error: seen["complaints"].append(str(error)))
            page.on("dialog", lambda dialog: (seen["complaints"].append(dialog.message), dialog.dismiss()))
            page.on("request", lambda request: seen["asked"].append(request.url.split("#")[0]))
            page.goto(address + fragment)
            return page

        def names(page):
            return [name.inner_text() for name in page.locator(".step:visible h3").all()]

        page = opened()
        seen["title"] = page.title()
        seen["at first"] = names(page)
        page.get_by_role("button", name="failed").click()
        seen["failed only"] = names(page)
        seen["pressed"] = page.get_by_role("button", name="failed").get_attribute("aria-pressed")
        seen["told"] = page.get_by_role("status").inner_text()
        seen["fragment"] = page.evaluate("location.hash")
        page.get_by_role("button", name="failed").click()
        page.keyboard.press("/")
        page.keyboard.type("token.yaml")
        seen["found"] = names(page)
        seen["rows found"] = page.locator(".waterfall tbody tr:visible").count()
        seen["fragment of the search"] = page.evaluate("location.hash")
        page.keyboard.press("Escape")
        seen["cleared"] = names(page)

        def focused():
            return page.evaluate("document.activeElement.closest('.step')?.querySelector('h3').innerText ?? null")

        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("k")
        page.keyboard.press("ArrowDown")
        seen["reached by keys"] = focused()
        page.get_by_role("button", name="Keys").click()
        page.keyboard.press("j")
        seen["key when off"] = focused()
        page.get_by_role("button", name="Expand all").click()
        seen["closed after expanding"] = page.locator("details:not([open])").count()
        page.get_by_role("button", name="Dark").click()
        seen["theme"] = page.evaluate("getComputedStyle(document.body).colorScheme")
        page.locator(".chain a").first.focus()
        page.keyboard.press("Enter")
        seen["followed"] = focused()
        page.keyboard.press("j")
        page.locator(".chain a").first.focus()
        page.keyboard.press("Enter")
        seen["followed again"] = focused()

        last = page.locator(".step").last.get_attribute("id")
        page = opened(f"#{last}")
        seen["linked is open"] = page.locator(f"#{last}").get_attribute("open") is not None
        page = opened("#show=failed&find=%E0%A4%A")
        seen["strange link"] = names(page)

        page = opened(java_script_enabled=False)
        seen["without script"] = names(page)
        seen["tools without script"] = page.locator("button:visible").count()
        page.emulate_media(media="print")
        seen["printed, not visible"] = page.locator(".inside:not(:visible)").count()

        seen["too wide"] = []
        for width in (360, 390, 768, 1280):
            page = opened(viewport={"width": width, "height": 800})
            if page.evaluate("document.documentElement.scrollWidth") > width:
                seen["too wide"].append(width)
        browser.close()
    seen["asked"] = sorted(set(seen["asked"]) - {address})
    return seen


if __name__ == "__main__":
    given = json.load(sys.stdin)
    print(json.dumps({"parse": parse, "show": show}[sys.argv[1]](given)))
