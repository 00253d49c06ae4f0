from django.apps import AppConfig


class ProofsConfig(AppConfig):
    name = "guicang.proofs"
    label = "proofs"
