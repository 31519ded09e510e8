"""MEDICAIM: find care abroad, book it, and never be left alone on the way."""

from .celery import app as celery_app

__all__ = ["celery_app"]
