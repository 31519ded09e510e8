from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BookingsConfig(AppConfig):
    name = "bookings"
    verbose_name = _("Appointments")

    def ready(self) -> None:
        from .handlers import register_builders, register_closing, register_ending

        register_builders()
        register_closing()
        register_ending()
