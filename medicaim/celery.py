"""Celery: it wakes workers up. What must be done is always a row, so a lost message loses nothing."""

import os

from celery import Celery
from celery.schedules import crontab
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "medicaim.settings.base")

# "filesystem://" is a transport of our own, which no half-written file can end.
TRANSPORT_ALIASES["filesystem"] = "medicaim.common.file_broker:Transport"

app = Celery("medicaim")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

#: Sweeps: each finds the rows that are due and does what a lost wake-up left undone. Several beats do no harm.
app.conf.beat_schedule = {
    "forget codes and links that were sent": {"task": "accounts.tasks.blank_account_mails", "schedule": 60.0},
    "purge accounts that nobody confirmed": {
        "task": "accounts.tasks.purge_unverified_accounts",
        "schedule": crontab(minute="20"),
    },
    "end what closed accounts left open": {
        "task": "bookings.tasks.end_for_closed_accounts",
        "schedule": 120.0,
    },
    "end what stands with providers whose membership ended": {
        "task": "bookings.tasks.end_for_ended_providers",
        "schedule": 120.0,
    },
    "send waiting messages": {"task": "medicaim.notifications.tasks.send_waiting_messages", "schedule": 5.0},
    "expire unanswered requests": {"task": "bookings.tasks.expire_unanswered_requests", "schedule": 30.0},
    "ask whether visits took place": {"task": "bookings.tasks.ask_for_outcome", "schedule": 300.0},
    "decide mediation fees": {"task": "bookings.tasks.decide_mediation_fees", "schedule": 3600.0},
    "look at all availability again": {
        "task": "bookings.tasks.mark_availability_stale",
        "schedule": crontab(hour="2", minute="15"),
    },
    "refresh stale availability": {"task": "bookings.tasks.refresh_stale_availability", "schedule": 10.0},
    "compare fees at the rates in force": {
        "task": "providers.tasks.refresh_fees",
        "schedule": crontab(hour="1", minute="45"),
    },
    "count what the pages about specialties and countries say": {
        "task": "providers.tasks.refresh_care_areas",
        "schedule": crontab(minute="35"),
    },
    "fetch external calendars": {"task": "providers.tasks.fetch_external_calendars", "schedule": 60.0},
}
# A sweep that nobody started before the next one is due is not needed: a night without a worker leaves no heap.
for entry in app.conf.beat_schedule.values():
    every = entry["schedule"]
    entry["options"] = {"expires": every if isinstance(every, float) else 3600.0}
