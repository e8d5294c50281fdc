"""What a command finds on its machine: settings, a running `memcubed up`, the first key."""

from app.core.security import Principal
from app.core.settings import Settings
from app.core.vocabulary import KeyScope
from app.embedded.runtime import read_runtime


def load_settings() -> Settings:
    """The environment's settings; where no URL is given, those of a running `memcubed up`."""
    settings = Settings()
    runtime = read_runtime(settings.data_dir)
    if runtime is None or settings.database_url is not None:
        return settings
    found = {"database_url": runtime.database_url, "redis_url": settings.redis_url or runtime.redis_url}
    return settings.model_copy(update=found)


def load_owner_settings() -> Settings:
    """As `load_settings`, with the owner's URL of a running `memcubed up`."""
    settings = load_settings()
    runtime = read_runtime(settings.data_dir)
    if settings.database_owner_url is not None or runtime is None:
        return settings
    return settings.model_copy(update={"database_owner_url": runtime.database_owner_url})


def find_api_url(settings: Settings) -> str:
    """Where the API of this machine answers."""
    runtime = read_runtime(settings.data_dir)
    return runtime.api_url if runtime is not None else f"http://{settings.host}:{settings.port}"


def find_bootstrap_key(settings: Settings) -> str | None:
    """The first admin key: as it is set, or as `memcubed up` wrote it."""
    if settings.bootstrap_api_key is not None:
        return settings.bootstrap_api_key.get_secret_value()
    file = settings.data_dir.absolute() / "bootstrap-key"
    return file.read_text().strip() if file.exists() else None


def admin_principal(tenant: str) -> Principal:
    """Whoever can run this command on the service's machine is the tenant's admin."""
    return Principal(tenant, scopes=frozenset(KeyScope))
