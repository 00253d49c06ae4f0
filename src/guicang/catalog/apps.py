from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "guicang.catalog"
    label = "catalog"
