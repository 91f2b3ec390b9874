"""The page of `preview --html`, looked at by a real browser: nothing cut off, nothing fetched, everything legible."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

AT = ["--at", "2026-11-12 09:00"]
CADENCES = ["proposal", "after-the-no", "nurture", "reopen"]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

AUDIT = """
() => {
  const faults = [], seen = element => { const s = getComputedStyle(element); return s.display !== "none" && s.visibility !== "hidden" };
  const name = element => element.tagName.toLowerCase() + "." + (element.getAttribute("class") || "");
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > innerWidth) faults.push("the page scrolls sideways: " + document.documentElement.scrollWidth);
  const rgb = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map(c => c / 255).map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4);
    return .2126 * x + .7152 * y + .0722 * z;
  };
  const ground = element => {
    for (let one = element; one; one = one.parentElement) {
      const colour = rgb(getComputedStyle(one).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
      if (colour[3] > 0) faults.push("half-transparent ground: " + name(one));
    }
    return [255, 255, 255];
  };
  let texts = 0;
  for (const element of document.body.querySelectorAll("*")) {
    if (!seen(element) || element.closest("svg")) continue;
    const box = element.getBoundingClientRect(), style = getComputedStyle(element);
    if (box.width && (box.left < -.5 || box.right > wide + .5)) faults.push("outside: " + name(element) + " " + box.left + " to " + box.right);
    if (style.overflowX !== "visible" || style.overflowY !== "visible") faults.push("cuts off or scrolls: " + name(element));
    if (style.display !== "inline" && element.clientWidth && element.scrollWidth > element.clientWidth + 1) faults.push("runs over: " + name(element));
    for (const node of element.childNodes) {
      if (node.nodeType !== Node.TEXT_NODE || !node.data.trim()) continue;
      texts += 1;
      const range = document.createRange();
      range.selectNodeContents(node);
      const frame = (element.closest("article, nav a") || document.body).getBoundingClientRect();
      for (const line of range.getClientRects())
        if (line.width && (line.left < frame.left - .5 || line.right > frame.right + .5)) { faults.push("text outside its frame: " + name(element)); break; }
      const [a, b] = [luminance(rgb(style.color)), luminance(ground(element))].sort((x, y) => y - x);
      const contrast = (a + .05) / (b + .05);
      if (contrast < 4.5) faults.push("contrast " + contrast.toFixed(2) + ": " + name(element));
      if (parseFloat(style.fontSize) < 12) faults.push("small: " + name(element) + " " + style.fontSize);
    }
  }
  return {faults: [...new Set(faults)], texts};
}
"""
"""Looks at every element and every line of text as it is laid out; it runs from outside the page, whose own policy forbids scripts."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a running Chromium without a window."""
    if CHROMIUM is None:
        pytest.skip("Chromium is missing: apt-get install chromium")
    rights = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=[*rights, "--disable-dev-shm-usage"])
        yield running
        running.close()


def looked_at(browser: Browser, path: Path, width: int, scheme: Any, more: str = "") -> tuple[list[str], list[str]]:
    """What is wrong with the page on a screen of this width, and everything that was asked for or complained about meanwhile."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    heard: list[str] = []
    page.on("request", lambda request: heard.append(request.url))
    page.on("console", lambda message: heard.append(message.text))
    page.on("dialog", lambda dialog: heard.append(f"dialog: {dialog.message}"))
    page.goto(path.as_uri(), wait_until="load")
    if more:
        page.add_style_tag(content=more)
    found = page.evaluate(AUDIT)
    page.close()
    assert found["texts"] > 20
    return found["faults"], heard


def hostile(path: Path) -> Path:
    """A row that tries everything: markup, endless words, other scripts, other directions, addresses to fetch."""
    cells = {
        "email": "eve@prospect.example", "cadence": "proposal", "first_name": "<script>alert(1)</script>", "last_name": "مرحبا بالعالم",
        "company": "<img src=http://evil.example/x.png onerror=alert(1)> & Söhne 👋🏽 " + "W" * 5000, "meeting_at": "2026-11-12 10:00",
        "meeting_highlight": "](javascript:alert(1)) ![x](http://evil.example/p.gif) </style><b>" + "ש" * 300, "challenges": "cash flow",
        "goals": "pricing", "country": "US", "next_step": "http://evil.example/" + "a" * 3000,
    }  # fmt: skip
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, cells)
        rows.writeheader()
        rows.writerow(cells)
    return path


@pytest.mark.parametrize("cadence", [*CADENCES, "hostile"])
def test_nothing_is_cut_off_and_nothing_is_fetched(followupd, workspace: Path, browser: Browser, cadence: str) -> None:
    """At 1200, 390 and 320 pixels, light and dark: no sideways scrolling, no text outside its frame, contrast of 4.5 and more, no request."""
    path = workspace / "page.html"
    if cadence == "hostile":
        followupd("preview", "proposal", *AT, "--csv", hostile(workspace / "eve.csv"), "--html", path)
    else:
        assert followupd("preview", cadence, *AT, "--html", path).code == 0
    for width in (1200, 390, 320):
        for scheme in ("light", "dark"):
            faults, heard = looked_at(browser, path, width, scheme)
            assert faults == [], (width, scheme)
            assert heard == [path.as_uri()], (width, scheme)


@pytest.mark.parametrize(
    ("style", "fault"),
    [
        (".subject { white-space: nowrap; width: 1400px }", "the page scrolls sideways"),
        ("article { width: 1300px }", "outside: article"),
        (".letter { overflow: hidden }", "cuts off or scrolls: div.letter"),
        (".letter p { white-space: nowrap }", "text outside its frame"),
        (".teaser { color: #999 }", "contrast"),
        (".sender { font-size: 8px }", "small: bdi"),
    ],
)
def test_the_look_finds_what_is_wrong(followupd, workspace: Path, browser: Browser, style: str, fault: str) -> None:
    """A planted fault is found: the test above can fail."""
    path = workspace / "page.html"
    assert followupd("preview", "proposal", *AT, "--html", path).code == 0
    faults, _ = looked_at(browser, path, 1200, "light", style)
    assert any(one.startswith(fault) for one in faults), faults


def test_a_request_would_be_heard(workspace: Path, browser: Browser) -> None:
    """A page that fetches something is caught at it, even where its policy then stops it."""
    path = workspace / "page.html"
    path.write_text("<!DOCTYPE html><title>x</title><p>word</p>" * 30 + "<img src=x.png>")
    assert len(looked_at(browser, path, 1200, "light")[1]) > 1


def test_the_page_is_made_for_reading_machines(followupd, workspace: Path, browser: Browser) -> None:
    """Language, one first heading, headings without gaps, a time for each touch, links of the overview that lead somewhere."""
    path = workspace / "page.html"
    assert followupd("preview", "proposal", *AT, "--html", path).code == 0
    page = browser.new_page()
    page.goto(path.as_uri())
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(one => +one.tagName[1])")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert page.locator("article").count() == page.locator(".touch time[datetime]").count() == 7
    assert page.evaluate("[...document.querySelectorAll('nav a')].every(one => document.querySelector(one.hash))")
    assert page.evaluate(
        "new Set([...document.querySelectorAll('[id]')].map(o => o.id)).size === document.querySelectorAll('[id]').length"
    )
    page.close()
