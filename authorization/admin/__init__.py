from authorization.admin.records import AuthorizationRecordAdmin
from authorization.admin.routes import RouteAdmin, RouteStepAdmin

__all__ = ["AuthorizationRecordAdmin", "RouteAdmin", "RouteStepAdmin"]
