from django.apps import AppConfig


class PolicyConfig(AppConfig):
    name = "guicang.policy"
    label = "policy"
