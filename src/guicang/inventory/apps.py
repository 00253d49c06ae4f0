from django.apps import AppConfig


class InventoryConfig(AppConfig):
    name = "guicang.inventory"
    label = "inventory"
