from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "guicang.intake"
    label = "intake"
