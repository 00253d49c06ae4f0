from django.apps import AppConfig


class TradeConfig(AppConfig):
    name = "guicang.trade"
    label = "trade"
