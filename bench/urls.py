"""The project's addresses and the floor, so that the same middleware stands before both."""

from django.urls import include, path

from bench.floor import floor

urlpatterns = [path("bench/floor/", floor), path("", include("microintern.urls"))]
