"""`manage demo --accounts`, which bin/run prints: only accounts that one can really sign in with."""

import io

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from medicaim.demo.people import accounts, create_people

pytestmark = pytest.mark.django_db


def listed() -> list[str]:
    out = io.StringIO()
    call_command("demo", "--accounts", stdout=out)
    return out.getvalue().splitlines()


def test_an_empty_installation_lists_no_demo_account():
    assert listed() == []


def test_each_demo_account_is_listed_and_nobody_else():
    create_people(now=timezone.now())
    lines = listed()
    assert len(lines) == len(accounts()) < User.objects.count()
    assert all(password in line for line, (_, _, password) in zip(lines, accounts(), strict=True))
