from django.apps import AppConfig


class SecondOpinionConfig(AppConfig):
    name = "second_opinion"
