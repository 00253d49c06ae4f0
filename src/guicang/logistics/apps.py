from django.apps import AppConfig


class LogisticsConfig(AppConfig):
    name = "guicang.logistics"
    label = "logistics"
