from collections.abc import Callable

from django.http import HttpRequest

from programs.models import ProgramRecord


def abroad(request: HttpRequest) -> dict[str, Callable[[], bool]]:
    """Whether the student has a project abroad; asked when a template does, and of nobody else."""

    def has_project_abroad() -> bool:
        user = getattr(request, "user", None)  # an error page may come before there is one
        return user is not None and ProgramRecord.objects.filter(student__user=user.pk).exists()

    return {"has_project_abroad": has_project_abroad}
