"""What every page knows."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    return {
        "SITE_URL": settings.SITE_URL,
        "CARETEAM_EMAIL": settings.CARETEAM_EMAIL,
        "CARETEAM_PHONE": settings.CARETEAM_PHONE,
        "DEV_OUTBOX": settings.DEV_OUTBOX,
    }
