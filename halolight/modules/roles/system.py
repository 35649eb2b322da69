"""The roles that always exist."""

from .models import Role

SUPER_ADMIN = "super_admin"
DEFAULT_ROLE = "user"

_OWN = ("view", "create", "update", "delete")

SYSTEM_ROLES: dict[str, tuple[str, str, list[str]]] = {
    SUPER_ADMIN: ("Super Admin", "May do everything", ["*"]),
    "admin": (
        "Administrator",
        "Runs the whole service",
        [
            *(f"{resource}:*" for resource in ("users", "roles", "permissions", "teams")),
            *(f"{resource}:*" for resource in ("documents", "files", "folders", "messages")),
            *(f"{resource}:*" for resource in ("notifications", "calendar", "dashboard")),
            *("orders:*", "audit:view", "settings:*"),
        ],
    ),
    DEFAULT_ROLE: (
        "User",
        "Works with what is their own or shared with them",
        [
            *("dashboard:view", "teams:view"),
            *(
                f"{resource}:{action}"
                for resource in ("documents", "files", "folders", "messages", "calendar")
                for action in _OWN
            ),
            *("notifications:view", "notifications:update", "notifications:delete"),
            "settings:view",
        ],
    ),
    "guest": ("Guest", "Looks at the dashboard", ["dashboard:view"]),
}


def system_roles() -> list[Role]:
    return [
        Role(name=name, label=label, description=description, permissions=grants, system=True)
        for name, (label, description, grants) in SYSTEM_ROLES.items()
    ]
