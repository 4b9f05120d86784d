from django.apps import AppConfig


class MicrointernConfig(AppConfig):
    name = "microintern"
