from django.core.cache import caches
from django.test import override_settings

DOWN = {"default": {"BACKEND": "core.cache.ForgivingRedisCache", "LOCATION": "redis://127.0.0.1:9/0"}}


def test_a_cache_that_answers_keeps_what_it_is_given():
    cache = caches["default"]
    cache.set("core-test", "kept")
    assert cache.get("core-test") == "kept"
    cache.delete("core-test")


@override_settings(CACHES=DOWN)
def test_a_cache_that_is_down_is_an_empty_one():
    cache = caches["default"]
    cache.set("core-test", "lost")
    assert cache.get("core-test", "nothing") == "nothing"
    assert cache.add("core-test", 1) is True
    assert cache.get_many(["core-test"]) == {}
