from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "medicaim.common"
    label = "common"
