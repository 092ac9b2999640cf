"""Chromium without a window: what a page is once it has been loaded."""

import base64
import itertools
import json
import os
import queue
import shutil
import subprocess
import threading
import time

import pytest

BROWSER = next(filter(shutil.which, ["chromium", "google-chrome", "chromium-browser"]), None)
SWITCHES = [
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--dump-dom", "--enable-logging=stderr",
]  # fmt: skip

needs_browser = pytest.mark.skipif(BROWSER is None, reason="needs Chromium or Chrome")


def load(page, profile, *switches, seconds=3):
    """The page as text after its scripts, if any, have run, and what the browser wrote on its console."""
    command = [
        BROWSER,
        *SWITCHES,
        f"--user-data-dir={profile}",
        f"--virtual-time-budget={1000 * seconds}",
        *switches,
    ]
    done = subprocess.run([*command, page.as_uri()], capture_output=True, text=True, timeout=120)
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


class Browser:
    """A Chromium that is driven: commands and events of its DevTools protocol, over two pipes."""

    def __init__(self, profile):
        ours, theirs = os.pipe(), os.pipe()  # what it reads, what it writes; it wants them as files 3 and 4
        switches = [each for each in SWITCHES if not each.startswith(("--dump", "--enable-logging"))]
        command = [BROWSER, *switches, "--remote-debugging-pipe", f"--user-data-dir={profile}", "about:blank"]

        def place():
            import fcntl  # not on Windows

            high = [fcntl.fcntl(file, fcntl.F_DUPFD, 10) for file in (ours[0], theirs[1])]
            os.dup2(high[0], 3), os.dup2(high[1], 4)

        self.process = subprocess.Popen(
            command, preexec_fn=place, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(ours[0]), os.close(theirs[1])
        self.to, self.heard = os.fdopen(ours[1], "wb"), queue.SimpleQueue()
        self.number, self.tabs = itertools.count(1), {}
        threading.Thread(target=self._listen, args=[os.fdopen(theirs[0], "rb")], daemon=True).start()

    def _listen(self, source):
        rest = b""
        while piece := source.read1(1 << 20):
            *whole, rest = (rest + piece).split(b"\0")
            for message in map(json.loads, whole):
                self.heard.put(message)

    def send(self, method, session=None, **parameters):
        """Give a command and return its result; events that come meanwhile go to their tabs."""
        number = next(self.number)
        message = {"id": number, "method": method, "params": parameters}
        self.to.write(json.dumps(message | ({"sessionId": session} if session else {})).encode() + b"\0")
        self.to.flush()
        until = time.monotonic() + 60
        while (message := self.heard.get(timeout=60)).get("id") != number:
            assert time.monotonic() < until, f"no answer to {method}"
            if message.get("sessionId") in self.tabs:
                self.tabs[message["sessionId"]].events.append(message)
        if "error" in message:
            raise RuntimeError(f"{method}: {message['error']}")
        return message["result"]

    def open(self, address, width=1280, height=900):
        """A new tab, with a history of its own."""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        tab = self.tabs[session] = Tab(self, session, target)
        for domain in ("Page", "Network", "Runtime", "Log", "DOM"):
            tab.send(f"{domain}.enable")
        tab.resize(width, height)
        tab.send("Page.navigate", url=address)
        return tab

    def close(self):
        """End it."""
        self.send("Browser.close")
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Tab:
    """A page in a driven browser, and all that happened in it."""

    def __init__(self, browser, session, target):
        self.browser, self.session, self.target, self.events = browser, session, target, []

    def send(self, method, **parameters):
        return self.browser.send(method, self.session, **parameters)

    def close(self):
        self.browser.send("Target.closeTarget", targetId=self.target)

    def resize(self, width, height):
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def run(self, script):
        """The value of a JavaScript expression."""
        done = self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in done, done
        return done["result"].get("value")

    def wait(self, script, seconds=120):
        """Wait until an expression is true."""
        until = time.monotonic() + seconds
        while not self.run(f"Boolean({script})"):
            assert time.monotonic() < until, f"not so after {seconds} s: {script}; there is: {self.text()}"
            time.sleep(0.05)

    def click(self, thing):
        """Click on what an expression gives, as soon as it is there: a page is drawn piece by piece."""
        self.wait(thing)
        self.run(f"({thing}).click()")

    def text(self, selector="body"):
        return self.run(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''")

    def press(self, key, code=None, text=None, modifiers=0):
        """One key, as from a keyboard."""
        about = {"key": key, "code": code or key, "modifiers": modifiers}
        codes = {"Enter": 13, "Tab": 9, " ": 32, "End": 35, "ArrowDown": 40}
        about["windowsVirtualKeyCode"] = codes.get(key, 0)
        characters = {"Enter": "\r", " ": " "}.get(key)
        down = {"text": characters} if characters else {}
        self.send("Input.dispatchKeyEvent", type="keyDown", **about, **down)
        self.send("Input.dispatchKeyEvent", type="keyUp", **about)

    def type(self, text):
        self.send("Input.insertText", text=text)

    def choose(self, *files, at="input[type=file]"):
        """Files for the page's first field for files, or another, which comes a moment after the page."""
        self.wait(f"document.querySelector({json.dumps(at)})")
        root = self.send("DOM.getDocument")["root"]["nodeId"]
        field = self.send("DOM.querySelector", nodeId=root, selector=at)["nodeId"]
        self.send("DOM.setFileInputFiles", nodeId=field, files=[str(file) for file in files])

    def event(self, method, seconds=120):
        """The first event of a kind, as soon as it has come."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.run("0")  # what has happened comes with the next reply
            for event in self.events:
                if event["method"] == method:
                    return event
            time.sleep(0.05)
        raise AssertionError(f"no {method} within {seconds} s")

    def requests(self):
        """Every address that the page asked for."""
        self.run("0")
        return [
            event["params"]["request"]["url"]
            for event in self.events
            if event["method"] == "Network.requestWillBeSent"
        ]

    def picture(self, path, whole=True):
        data = self.send("Page.captureScreenshot", captureBeyondViewport=whole)["data"]
        path.write_bytes(base64.b64decode(data))
