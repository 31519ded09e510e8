from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "medicaim.notifications"
    label = "notifications"
    verbose_name = _("Messages")

    def ready(self) -> None:
        from . import checks, trial  # noqa: F401 - the check registers itself
        from .registry import register

        register(trial.EVENT, trial.build)
