"""`bin/manage assess_cancellation`: lines of JSON in, as many lines of JSON out, in order."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

ROOT = Path(__file__).parents[2]

LINE = {
    "appointment_on": "2026-12-20",
    "timezone": "Asia/Bangkok",
    "notice_received_at": "2026-12-01T09:00:00Z",
    "channel": "online",
    "cause": "none",
    "cause_accepted": None,
    "certificate_received_at": None,
    "assessed_at": "2026-12-01T09:00:00Z",
    "paid_at": "2026-11-20T09:00:00Z",
    "deposit_minor": 100_000,
    "currency": "EUR",
    "fees_allowed": True,
    "fee_table": {"late_percent": 50, "short_notice_percent": 100, "no_show_percent": 100, "refund_window_days": 15},
}
TABLE = LINE["fee_table"]


def line(**changes):
    return json.dumps(LINE | changes)


@pytest.fixture
def answers(monkeypatch):
    """`answers(*lines)`: what the command writes, line by line, and the error that it ends with, or None."""

    def ask(*lines):
        text = b"".join((one if isinstance(one, bytes) else one.encode()) + b"\n" for one in lines)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
        output, ending = io.StringIO(), None
        try:
            call_command("assess_cancellation", stdout=output)
        except CommandError as error:
            ending = error
        return [json.loads(one) for one in output.getvalue().splitlines()], ending

    return ask


def answer(fee, refund, rule, waits_for=None, waits_until=None):
    return {
        "fee_minor": fee, "refund_minor": refund, "rule": rule, "waits_for": waits_for, "waits_until": waits_until,
    }  # fmt: skip


def test_one_answer_for_each_line_in_order(answers):
    got, ending = answers(
        line(cause="provider", notice_received_at=None),
        line(cause="death"),
        line(cause="force_majeure", cause_accepted=True),
        line(cause="force_majeure"),
        line(cause="care_refused", certificate_received_at="2026-12-15T23:59:59+07:00"),
        line(cause="unfit_to_travel"),
        line(channel="registered_letter"),
        line(),
        line(notice_received_at="2026-12-13T00:00:00+07:00", paid_at="2026-12-10T09:00:00Z"),
        line(cause="no_show", notice_received_at=None, fee_table=TABLE | {"refund_window_days": None}),
        line(paid_at="2026-11-15T09:00:00Z"),
        line(paid_at="2026-11-15T09:00:00Z", fees_allowed=False),
        line(currency="KWD", deposit_minor=12_350),
    )
    assert got == [
        answer(0, 100_000, 1),
        answer(0, 100_000, 2),
        answer(0, 100_000, 3),
        answer(None, None, 3, "careteam"),
        answer(0, 100_000, 4),
        answer(None, None, 4, "certificate", "2026-12-15"),
        answer(0, 100_000, 5),
        answer(50_000, 50_000, 6),
        answer(100_000, 0, 7),
        answer(100_000, 0, 8),
        answer(100_000, 0, 9),
        answer(0, 100_000, 9),
        answer(6_170, 6_180, 6),
    ]
    assert ending is None


def test_nothing_in_nothing_out(answers):
    assert answers() == ([], None)


def test_a_line_that_cannot_be_read_keeps_its_place(answers):
    got, ending = answers(line(), line(currency="XXXX"), line())
    assert got == [
        answer(50_000, 50_000, 6),
        {"line": 2, "error": "currency: not the code of a currency, such as EUR"},
        answer(50_000, 50_000, 6),
    ]
    assert str(ending) == "1 of 3 lines could not be read"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "the line is empty"),
        ("{", "not JSON"),
        ("[]", "not an object with fields"),
        ("null", "not an object with fields"),
        ("[" * 100_000, "not JSON: maximum recursion depth"),
        (b"\xff" + line().encode(), "not JSON: 'utf-8' codec"),
        (line()[:-1] + ', "channel": "phone"}', "a field stands in the line twice"),
        (line(moves=[]), "moves: not a field of a cancellation"),
        (json.dumps({name: LINE[name] for name in LINE if name != "assessed_at"}), "assessed_at: missing"),
        (json.dumps({name: LINE[name] for name in LINE if name != "cause_accepted"}), "cause_accepted: missing"),
        (line(appointment_on="2026-02-30"), "appointment_on: not a date"),
        (line(appointment_on="20261220"), "appointment_on: not a date"),
        (line(appointment_on=20261220), "appointment_on: not a date"),
        (line(appointment_on="9999-12-31"), "appointment_on: not a date"),
        (line(appointment_on=None), "appointment_on: not a date"),
        (line(timezone="Bangkok"), "timezone: not a time zone"),
        (line(timezone="../../etc/passwd"), "timezone: not a time zone"),
        (line(timezone=7), "timezone: not a text"),
        (line(notice_received_at="2026-12-01T09:00:00"), "notice_received_at: not an instant"),
        (line(notice_received_at="2026-12-01"), "notice_received_at: not an instant"),
        (line(paid_at=None), "paid_at: not an instant"),
        (line(paid_at="0001-01-01T00:00:00Z"), "paid_at: not an instant"),
        (line(assessed_at="yesterday"), "assessed_at: not an instant"),
        (line(channel="fax"), "channel: not one of online, phone, letter, registered_letter"),
        (line(cause=None), "cause: not one of none, provider"),
        (line(cause="illness"), "cause: not one of none, provider"),
        (line(cause_accepted="yes"), "cause_accepted: neither true nor false"),
        (line(fees_allowed=1), "fees_allowed: neither true nor false"),
        (line(deposit_minor=-1), "deposit_minor: not a whole number"),
        (line(deposit_minor=1000.5), "deposit_minor: not a whole number"),
        (line(deposit_minor=True), "deposit_minor: not a whole number"),
        (line(deposit_minor="1000"), "deposit_minor: not a whole number"),
        (line(deposit_minor=float("nan")), "deposit_minor: not a whole number"),
        (line().replace("100000", "9" * 5000), "not JSON: Exceeds the limit"),
        (line(currency="eur"), "currency: not the code of a currency"),
        (line(fee_table=None), "fee_table: not an object with fields"),
        (line(fee_table=TABLE | {"late_percent": 101}), "fee_table.late_percent: not a whole number from 0 to 100"),
        (line(fee_table=TABLE | {"refund_window_days": -1}), "fee_table.refund_window_days: not a whole number"),
        (line(fee_table=TABLE | {"late": 1}), "fee_table.late: not a field"),
        (line(fee_table={"late_percent": 50}), "fee_table.short_notice_percent: missing"),
    ],
)
def test_what_is_wrong_is_said(answers, text, error):
    [got], ending = answers(text)
    assert got["line"] == 1
    assert error in got["error"]
    assert str(ending) == "1 of 1 lines could not be read"


@pytest.mark.slow
@pytest.mark.once
def test_who_asks_line_by_line_is_answered_line_by_line():
    command = [sys.executable, "manage.py", "assess_cancellation"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        for text, expected in ((line(), answer(50_000, 50_000, 6)), ("?", {"line": 2})):
            process.stdin.write(text + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline()).items() >= expected.items()
        rest, said = process.communicate()
    assert (rest, said.strip(), process.returncode) == ("", "CommandError: 1 of 2 lines could not be read", 1)
