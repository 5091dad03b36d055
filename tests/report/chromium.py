"""Debian's Chromium without a window, as a judge of pages.

Pages are opened side by side in frames of given widths, and asked about from outside: their own
policy lets nobody in. The width of a frame is what its media queries know.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from html import escape, unescape
from pathlib import Path
from typing import Any

from tests.needs import program

# Asks a frame what is to be known of its page, and writes it down once all have answered.
_ASKING = """
const found = [];
function beyond(root, wide) {
  return [...root.querySelectorAll("body *")].filter(function (each) {
    if (each.closest(".scroll, .skip, .unseen, svg") && !each.matches(".scroll")) return false;
    // A head of a table that is aside on purpose.
    const head = each.closest("thead");
    if (head && getComputedStyle(head).position === "absolute") return false;
    const at = each.getBoundingClientRect();
    return at.width && (at.right > wide + 0.5 || at.left < -0.5);
  }).map(each => `${each.tagName} ${each.textContent.trim().slice(0, 60)}`);
}
function ask(frame) {
  const page = frame.contentDocument, win = frame.contentWindow, root = page.documentElement;
  const line = page.querySelector(".board [data-from]");
  const card = line && page.querySelector(`.card[data-task="${line.dataset.from}"]`);
  let lit = [];
  if (card) {
    for (const kind of ["mouseenter", "focus"]) {
      card.dispatchEvent(new win.Event(kind));
      lit.push(page.querySelectorAll(".board.lit .card.near").length);
      card.dispatchEvent(new win.Event(kind === "focus" ? "blur" : "mouseleave"));
    }
    lit.push(page.querySelectorAll(".board.lit").length);
    const first = page.querySelector('.card[tabindex="0"]');
    first.dispatchEvent(new win.KeyboardEvent("keydown", {key: "ArrowRight"}));
    lit.push(page.querySelector('.card[tabindex="0"]') !== first);
  }
  const board = page.querySelector("svg.board"), zoom = page.querySelector(".zoom");
  const wide = () => Math.round(board.getBoundingClientRect().width);
  let sizes = [];
  if (board && zoom) {
    sizes.push(wide());
    for (const by of ["+", "-", "fit"]) {
      page.querySelector(`[data-zoom="${by}"]`).click();
      sizes.push(wide());
    }
    sizes.push(board.parentElement.clientWidth);
  }
  found.push({
    name: frame.name, wide: root.clientWidth, needed: root.scrollWidth,
    beyond: beyond(page, root.clientWidth), owned: Boolean(win.owned || window.owned),
    title: page.title, styled: win.getComputedStyle(page.body).maxWidth,
    lit: lit, sizes: sizes, high: root.scrollHeight,
    stops: page.querySelectorAll('.board [tabindex="0"]').length,
    scripted: zoom ? !zoom.hidden : null,
  });
}
let left = document.querySelectorAll("iframe").length;
for (const frame of document.querySelectorAll("iframe")) {
  const done = function () {
    ask(frame);
    if (--left === 0) document.getElementById("told").textContent = JSON.stringify(found);
  };
  if (frame.contentDocument.readyState === "complete" && frame.contentDocument.body.children.length)
    done();
  else frame.addEventListener("load", done);
}
"""


def run(*arguments: str) -> str:
    """Run Chromium on something and return what it prints."""
    found = subprocess.run(
        [
            program("chromium"),
            *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
            *("--no-first-run", "--disable-background-networking", "--hide-scrollbars"),
            *arguments,
        ],
        capture_output=True,
        check=True,
        timeout=100,
        text=True,
    )
    return found.stdout


def ask(folder: Path, pages: Mapping[str, bytes], widths: tuple[int, ...]) -> list[dict[str, Any]]:
    """Open each page in each width, and return what was found, page by page."""
    frames = []
    for name, html in pages.items():
        (folder / f"{name}.html").write_bytes(html)
        frames += [
            f'<iframe name="{escape(name)}-{wide}" src="{escape(name)}.html"'
            f' width="{wide}" height="900" style="border:0"></iframe>'
            for wide in widths
        ]
    asking = folder / "asking.html"
    asking.write_text(
        '<!doctype html><meta charset="utf-8"><pre id="told"></pre>'
        f"{''.join(frames)}<script>{_ASKING}</script>"
    )
    printed = run(
        "--allow-file-access-from-files",
        "--virtual-time-budget=20000",
        "--dump-dom",
        asking.as_uri(),
    )
    told = re.search(r'<pre id="told">(.*?)</pre>', printed, re.DOTALL)
    assert told, printed[-500:]
    assert told[1], "some page has not answered"
    found: list[dict[str, Any]] = json.loads(unescape(told[1]))
    assert len(found) == len(frames)
    return found
