"""Read what a command needs from its machine: settings, a running `memcubed up`, the first key."""

from app.core.security import Principal
from app.core.settings import Settings
from app.core.vocabulary import KeyScope
from app.embedded.runtime import read_runtime


def load_settings() -> Settings:
    """Load the environment's settings; URLs that are not set are those of a running `memcubed up`."""
    settings = Settings()
    runtime = read_runtime(settings.data_dir)
    if runtime is None or settings.database_url is not None:
        return settings
    urls = {"database_url": runtime.database_url, "redis_url": settings.redis_url or runtime.redis_url}
    return settings.model_copy(update=urls)


def load_owner_settings() -> Settings:
    """Load the same as `load_settings`, with the owner's URL of a running `memcubed up`."""
    settings = load_settings()
    runtime = read_runtime(settings.data_dir)
    if settings.database_owner_url is not None or runtime is None:
        return settings
    return settings.model_copy(update={"database_owner_url": runtime.database_owner_url})


def find_api_url(settings: Settings) -> str:
    """Return the URL of this machine's API."""
    runtime = read_runtime(settings.data_dir)
    return runtime.api_url if runtime is not None else f"http://{settings.host}:{settings.port}"


def find_bootstrap_key(settings: Settings) -> str | None:
    """Return the first admin key, from the settings or from the file that `memcubed up` wrote, or None."""
    if settings.bootstrap_api_key is not None:
        return settings.bootstrap_api_key.get_secret_value()
    file = settings.data_dir.absolute() / "bootstrap-key"
    return file.read_text().strip() if file.exists() else None


def admin_principal(tenant: str) -> Principal:
    """Return an admin of the tenant, because whoever runs a command on the service's machine is one."""
    return Principal(tenant, scopes=frozenset(KeyScope))
