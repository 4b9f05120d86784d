from authorization.admin.records import AuthorizationRecordAdmin
from authorization.admin.routes import RouteAdmin

__all__ = ["AuthorizationRecordAdmin", "RouteAdmin"]
