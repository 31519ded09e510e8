"""All people on one site in one browser, and what came of it."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, async_playwright

from medicaim.common.access import Role
from tests.support.live import ROOT, LiveSite

from .checks import LOOKS, Finding, Look, Memory, Window
from .people import PEOPLE, Person, prepare
from .steps import Steps
from .walk import NOT_HTML, PAGE, POST_ONLY, REFUSED, Trail, Walk, all_names

SIDE_BY_SIDE = 3
"""Windows at work at once: one more than processors, since the site answers meanwhile."""
BROWSER = [
    "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-gpu", "--in-process-gpu", "--disable-extensions",
]  # fmt: skip
ENVIRONMENT = {
    "EMAIL_BACKEND": "medicaim.notifications.outbox.FileEmailBackend",  # /dev/outbox shows what was sent
    "CARETEAM_SECOND_FACTOR": "1",
}

#: What a page answers without the state that it needs, and why that is right.
STATUSES = {
    "accounts:access_refused": (403, "says to whoever was refused that they were"),
    "bookings:request": (400, "names the time that was chosen; without one there is nothing to ask for"),
    "mfa_deactivate_totp": (404, "no authenticator app was set up"),
    "mfa_download_recovery_codes": (404, "there are no recovery codes"),
    "mfa_view_recovery_codes": (404, "there are no recovery codes"),
    "readyz": (503, "no worker runs"),
}
#: URL names that nobody sees as a page, and why.
NEVER_A_PAGE = {
    "account_confirm_login_code": "nobody signs in with a code alone",
    "accounts:access_refused": "looked at, and answers 403",
    "bookings:accept": "a form's address; otherwise leads back to the appointment",
    "bookings:answer_proposal": "a form's address; otherwise leads back to the appointment",
    "bookings:provider_answer_proposal": "a form's address; otherwise leads back to the appointment",
    "care_card": "a picture",
    "providers:card": "a picture",
    "sitemap": "for search engines",
    "admin:autocomplete": "answers a list in a form",
    "admin:login": "leads to the sign-in of the site",
    "admin:unnamed": "whatever else stands under the address of the admin",
    "admin:view_on_site": "leads to a page of the site",
    "feeds:calendar": "a calendar, for programs",
    "mfa_login_webauthn": "answers a script (test_passkeys.py)",
    "mfa_reauthenticate_webauthn": "asks a real passkey (test_passkeys.py)",
    "providers:photo_file": "a picture",
    "providers:workspace": "leads to the only provider of its reader",
}


#: What the Nu HTML checker says of markup that Django's admin makes, and why it stays.
KNOWN_TO_NU = {
    "A table row was 2 columns wide": "the list of models at the side has a head of three columns",
}


@contextlib.contextmanager
def prepared_site() -> Iterator[tuple[LiveSite, dict[str, Any]]]:
    """A site with demonstration data. No worker: nothing changes while people walk."""
    with LiveSite(worker=False, beat=False, env=ENVIRONMENT) as site:
        yield site, prepare(site)


def crawl(
    site: LiveSite,
    made: dict[str, Any],
    *,
    people: Sequence[Person] = PEOPLE,
    looks: list[Look] | None = None,
    keep: Path | None = None,
    only_path: str = "",
    told: Callable[[Trail], object] = lambda trail: None,
) -> list[Trail]:
    """Let everybody walk; what each of them found.

    With `looks` everybody looks at everything; else a page of known parts is only read, and looks come in turn.
    """
    memory = Memory(looks_at_everything=bool(looks or only_path))

    async def everybody() -> list[Trail]:
        limit = asyncio.Semaphore(SIDE_BY_SIDE)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=BROWSER)

            async def one(turn: int, person: Person) -> Trail:
                async with limit:
                    return await _walk(browser, memory, site, made, person, turn, looks, keep, only_path, told)

            trails = await asyncio.gather(*(one(turn, person) for turn, person in enumerate(people)))
            await browser.close()
            return trails

    return asyncio.run(everybody())


async def _walk(
    browser: Browser,
    memory: Memory,
    site: LiveSite,
    made: dict[str, Any],
    person: Person,
    turn: int,
    looks: list[Look] | None,
    keep: Path | None,
    only_path: str,
    told: Callable[[Trail], object],
) -> Trail:
    context = await browser.new_context(timezone_id="America/New_York", locale="en-GB")
    if person.username:
        session = made["cookies"][person.username]
        await context.add_cookies([{"name": "session", "value": session, "url": site.url}])
    window = await Window.open(context, site.url, memory)
    samples = [*made["samples"].get(person.role, []), *(made["admin"] if person.may_open("admin:index") else [])]
    walk = Walk(
        person, window, looks=looks, start=samples, only_path=only_path, statuses=STATUSES, keep=keep, turn=turn
    )  # fmt: skip
    trail = await walk.run()
    if not only_path:
        await Steps(window, trail, looks=looks, turn=turn, refusals=made["refusals"], keep=keep).run()
    await context.close()
    told(trail)
    return trail


def not_covered(trails: Sequence[Trail]) -> list[str]:
    """URL names that nobody saw, and those that a role did not reach although its members alone may open them."""
    names, everybody = list(all_names()), next(person for person in PEOPLE if person.role == "patient")
    shown = {name for trail in trails for name, outcome in trail.outcomes.items() if _counts(trail, name, outcome)}
    missing = [f"nobody saw {name}" for name in names if name not in shown | NEVER_A_PAGE.keys()]
    for trail in trails:
        own = [name for name in names if trail.person.may_open(name) and not everybody.may_open(name)]
        if not trail.person.only:
            missing += [
                f"{trail.person.role} did not reach {name}"
                for name in own
                if name not in trail.outcomes.keys() | NEVER_A_PAGE.keys()
            ]
    return missing


def _counts(trail: Trail, name: str, outcome: str) -> bool:
    if name.startswith("admin:") and trail.person.holds & Role.SUPERUSER and outcome == REFUSED:
        return True  # rows that nobody adds or deletes by hand
    return outcome in (PAGE, NOT_HTML, POST_ONLY)


# --- bin/crawl ------------------------------------------------------------------------------------------------


def main() -> int:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # ends the site as well
    people = [person for person in PEOPLE if not options.role or person.role in options.role]
    keep = ROOT / "var" / "crawl"
    shutil.rmtree(keep, ignore_errors=True)
    keep.mkdir(parents=True)
    rounds: list[list[Look] | None] = [[look] for look in LOOKS] if options.all else [None]
    findings: list[Finding] = []
    missing: list[str] = []
    with prepared_site() as (site, made):
        print(f"{'look':<16} {'who':<14} {'pages':>6} {'looked at':>9} {'findings':>9} {'seconds':>9}")
        for looks in rounds:
            started = time.monotonic()
            label = str(looks[0]) if looks else "in turn"

            def told(trail: Trail, label: str = label) -> None:
                counts = f"{trail.pages:>6} {trail.looked_at:>9} {len(trail.findings):>9}"
                lines = [f"{label:<16} {trail.person.role:<14} {counts}", *map(str, trail.findings)]
                print("\n    ".join(lines), flush=True)

            trails = crawl(site, made, people=people, looks=looks, keep=keep, only_path=options.url, told=told)
            seconds = time.monotonic() - started
            findings += [finding for trail in trails for finding in trail.findings]
            pages, looked_at = sum(trail.pages for trail in trails), sum(trail.looked_at for trail in trails)
            print(f"{'':<16} {'all':<14} {pages:>6} {looked_at:>9} {'':>9} {seconds:>9.1f}", flush=True)
            if not options.role and not options.url:
                missing += not_covered(trails)
    for line in dict.fromkeys(missing):
        print(line)
    if options.nu:
        findings_of_nu = nu(keep)
        print(findings_of_nu or "The Nu HTML checker finds nothing.")
        missing += [findings_of_nu] if findings_of_nu else []
    return 1 if findings or missing else 0


def nu(folder: Path) -> str:
    """What the Nu HTML checker says of the pages in the folder. It is kept in var/, and needs Java."""
    home = ROOT / "var" / "nu"
    jar = home / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
    if not jar.exists():
        home.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--prefix", str(home), "vnu-jar"], check=True)
    done = subprocess.run(
        ["java", "-Xss8m", "-jar", str(jar), "--skip-non-html", "--format", "gnu", str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = [line.replace(f"file:{folder}/", "") for line in (done.stderr + done.stdout).splitlines() if line.strip()]
    return "\n".join(line for line in lines if not _is_known_to_nu(line))


def _is_known_to_nu(line: str) -> bool:
    return "-admin." in line and any(text in line for text in KNOWN_TO_NU)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/crawl", description="Look at every page of every role in a browser.")
    parser.add_argument(
        "--all", action="store_true", help="every language, mode and width, not each page in one of them"
    )
    parser.add_argument("--role", action="append", choices=[person.role for person in PEOPLE], help="only this role")
    parser.add_argument("--url", default="", help="only this path, such as /en/find-care/?q=knee")
    parser.add_argument("--nu", action="store_true", help="give the pages to the Nu HTML checker as well (npm, Java)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
