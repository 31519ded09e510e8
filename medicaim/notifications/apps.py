from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "medicaim.notifications"
    label = "notifications"

    def ready(self) -> None:
        from . import checks, trial  # noqa: F401 - the check registers itself
        from .registry import register

        register(trial.EVENT, trial.build)
