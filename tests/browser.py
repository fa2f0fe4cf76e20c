"""A headless Chromium spoken to over its DevTools pipe, with the network off: no package is needed, one process opens all pages."""

from __future__ import annotations

import fcntl
import json
import os
import select
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-extensions", "--disable-dev-shm-usage",
    # every host resolves to nothing: the network is off for this browser
    "--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-pipe",
)  # fmt: skip
# Chromium reads commands from descriptor 3 and answers on 4.
START = "import os, sys; r, w = map(int, sys.argv[1:3]); os.dup2(r, 3); os.dup2(w, 4); os.execvp(sys.argv[3], sys.argv[3:])"
LONGEST = 60.0
# What a page of ours never holds: code, what fetches, and attributes that run. `elements`: how many there are.
LOOK = """(() => {
  const all = [...document.querySelectorAll('*')];
  return {
    elements: all.length,
    forbidden: all.filter(e => ['SCRIPT', 'IFRAME', 'OBJECT', 'EMBED', 'FORM', 'BASE', 'IMG'].includes(e.tagName)
      && !(e.tagName === 'IMG' && (e.getAttribute('src') || '').startsWith('data:'))).map(e => e.tagName),
    handlers: all.flatMap(e => [...e.attributes])
      .filter(a => a.name.startsWith('on') || /^\\s*javascript:/i.test(a.value)).map(a => a.name),
    text: document.documentElement.textContent,
  };
})()"""


# `cut`: how far the page reaches beyond its width; `folded`: folded lists of which neither the rows nor their headline can be seen.
FIT = """(() => ({
  cut: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  folded: [...document.querySelectorAll('details')]
    .filter(e => !e.checkVisibility() && !e.closest('#findings')).map(e => e.textContent.trim().slice(0, 60)),
  closed: [...document.querySelectorAll('details:not(.unprinted) table, details:not(.unprinted) ul')]
    .filter(e => !e.closest('#findings') && !e.checkVisibility({contentVisibilityAuto: true})).length,
}))()"""


@dataclass
class Seen:
    """What one page did: addresses it asked for beside itself, what it said on the console, what it holds (LOOK)."""

    requests: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    page: dict[str, Any] = field(default_factory=dict)


class Browser:
    """One browser process; `open` visits a file and says what was seen."""

    def __init__(self, program: str, profile: Path) -> None:
        command_read, command_write = _pipe()
        answer_read, answer_write = _pipe()
        call = [sys.executable, "-c", START, str(command_read), str(answer_write), program, *OPTIONS, f"--user-data-dir={profile}"]
        self._process = subprocess.Popen(
            call, pass_fds=(command_read, answer_write), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(command_read)
        os.close(answer_write)
        self._write, self._read = command_write, answer_read
        self._number, self._left, self._events = 0, b"", list[dict[str, Any]]()
        target = self._call("Target.createTarget", {"url": "about:blank"})["targetId"]
        self._session = self._call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self._call(f"{domain}.enable")

    def open(self, page: Path) -> Seen:
        """Open one file and wait until it is loaded."""
        self._call("Page.navigate", {"url": "about:blank"})
        self._until("Page.loadEventFired")
        self._call("Log.clear")
        self._events.clear()
        self._call("Page.navigate", {"url": page.as_uri()})
        self._until("Page.loadEventFired")
        looked = self._call("Runtime.evaluate", {"expression": LOOK, "returnByValue": True})
        seen = Seen(page=looked["result"]["value"])
        for event in self._events:
            _note(event, page.as_uri(), seen)
        return seen

    def shown(self, page: Path, width: int, media: str) -> dict[str, Any]:
        """What a reader would miss of one file on a screen or on paper of that width (FIT)."""
        self._call("Emulation.setEmulatedMedia", {"media": media})
        self._call("Emulation.setDeviceMetricsOverride", {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": width < 600})
        self.open(page)
        found = self._call("Runtime.evaluate", {"expression": FIT, "returnByValue": True})["result"]["value"]
        self._call("Emulation.setEmulatedMedia", {"media": ""})
        self._call("Emulation.clearDeviceMetricsOverride")
        return dict(found)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        os.close(self._write)  # a browser whose pipe is closed ends by itself
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._read)

    def _call(self, method: str, parameters: dict[str, Any] | None = None) -> dict[str, Any]:
        number = self._send(method, parameters)
        while (answer := self._next()).get("id") != number:
            self._events.append(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return dict(answer["result"])

    def _send(self, method: str, parameters: dict[str, Any] | None = None) -> int:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters or {}}
        if hasattr(self, "_session"):
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        return self._number

    def _until(self, method: str) -> None:
        while not any(event.get("method") == method for event in self._events):
            self._events.append(self._next())
            if self._events[-1].get("method") == "Page.javascriptDialogOpening":
                self._send("Page.handleJavaScriptDialog", {"accept": True})  # a page that asks is noted, and goes on

    def _next(self) -> dict[str, Any]:
        end = time.monotonic() + LONGEST
        while b"\0" not in self._left:
            ready, _, _ = select.select([self._read], [], [], max(0.0, end - time.monotonic()))
            part = os.read(self._read, 1 << 20) if ready else b""
            if not part:
                raise RuntimeError(f"chromium did not answer (exit code {self._process.poll()})")
            self._left += part
        message, self._left = self._left.split(b"\0", 1)
        return dict(json.loads(message))


def _pipe() -> tuple[int, int]:
    """A pipe on descriptors above those that the browser wants (3 and 4)."""
    low = os.pipe()
    high = tuple(fcntl.fcntl(one, fcntl.F_DUPFD_CLOEXEC, 10) for one in low)
    for one in low:
        os.close(one)
    return high[0], high[1]


def _note(event: dict[str, Any], address: str, seen: Seen) -> None:
    parameters = event.get("params", {})
    match event.get("method"):
        case "Network.requestWillBeSent":
            url = parameters["request"]["url"]
            if url != address and not url.startswith("data:"):
                seen.requests.append(url)
        case "Log.entryAdded":
            seen.console.append(parameters["entry"]["text"])
        case "Runtime.consoleAPICalled" | "Runtime.exceptionThrown" | "Page.javascriptDialogOpening":
            seen.console.append(json.dumps(parameters)[:500])
