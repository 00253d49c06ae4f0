from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "guicang.ui"
    label = "ui"
