from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "medicaim.notifications"
    label = "notifications"
