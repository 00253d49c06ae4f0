from django.apps import AppConfig


class ReturnsConfig(AppConfig):
    name = "guicang.returns"
    label = "returns"
