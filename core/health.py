"""Two questions a load balancer asks."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis
from redis.exceptions import RedisError

from core.middleware import database_answers


@login_not_required
@never_cache
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers. It asks nothing of the database: a restart would not mend that."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """503 when the database is away. A broker that is away is told but does not count: pages work without it."""
    database = database_answers()
    state = {"database": "ok" if database else "down", "broker": "ok" if broker_answers() else "down"}
    return JsonResponse(state, status=200 if database else 503)


def broker_answers() -> bool:
    try:
        with Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1) as client:
            return bool(client.ping())
    except RedisError:
        return False
