from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "guicang.api"
    label = "api"
