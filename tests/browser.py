"""Chromium without a window: what a page is once it has been loaded."""

import shutil
import subprocess

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
