"""The Redis cache, which the site must be able to live without."""

import logging
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def _forgiving(name: str, fallback: Any) -> Any:
    def method(self: RedisCache, *args: Any, **kwargs: Any) -> Any:
        try:
            return getattr(RedisCache, name)(self, *args, **kwargs)
        except (RedisError, OSError) as error:
            logger.warning("cache: %s failed (%s)", name, type(error).__name__)
            return fallback(*args, **kwargs) if callable(fallback) else fallback

    return method


class ForgivingRedisCache(RedisCache):
    """A cache that is down is an empty cache: reads miss, writes are dropped, pages work."""

    get = _forgiving("get", lambda key, default=None, version=None: default)
    get_many = _forgiving("get_many", lambda *args, **kwargs: {})
    add = _forgiving("add", True)
    set = _forgiving("set", None)
    set_many = _forgiving("set_many", [])
    touch = _forgiving("touch", False)
    delete = _forgiving("delete", False)
    delete_many = _forgiving("delete_many", None)
    has_key = _forgiving("has_key", False)
    incr = _forgiving("incr", 1)
    clear = _forgiving("clear", False)
