from django.apps import AppConfig


class InsightsConfig(AppConfig):
    name = "guicang.insights"
    label = "insights"
