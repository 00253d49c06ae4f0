from django.apps import AppConfig


class SalesConfig(AppConfig):
    name = "guicang.sales"
    label = "sales"
