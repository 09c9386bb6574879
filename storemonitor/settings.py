"""Every setting of the project, read from the environment; docs/configuration.md lists them.

The defaults are the embedded ones: SQLite, Celery over a folder, files under ``var/``. Setting
a PostgreSQL in ``DATABASE_URL`` and a Redis in ``CELERY_BROKER_URL`` changes the services and
nothing else.
"""

import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from reports.ages import age
from storemonitor.configuration.databases import database_of, for_work
from storemonitor.configuration.environment import log_format, networks, scopes, whole_number
from storemonitor.configuration.media import media_storage
from storemonitor.configuration.private_folder import keep_private
from storemonitor.configuration.secret_files import secret, with_password
from storemonitor.configuration.single_sign_on import APPS, PROVIDER, single_sign_on
from storemonitor.configuration.single_sign_on import MIDDLEWARE as OIDC_MIDDLEWARE

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var"))).resolve()
# Here, because every process reads this file before it writes any other.
keep_private(VAR_DIR)


def _secret_key() -> str:
    """Return SECRET_KEY, or the key stored in ``VAR_DIR``, created at the first start."""
    given = secret("SECRET_KEY")
    if given:
        return given
    path = VAR_DIR / "secret_key"
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # Written under another name and linked, so that two processes starting together use one
        # key.
        aside = VAR_DIR / f"secret_key.{os.getpid()}"
        aside.touch(mode=0o600)
        aside.write_text(secrets.token_urlsafe(50))
        try:
            os.link(aside, path)
        except FileExistsError:
            pass
        finally:
            aside.unlink()
    return path.read_text()


SECRET_KEY = _secret_key()
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# Behind a proxy that terminates TLS. Off by default: `./run` serves plain HTTP on loopback.
HTTPS = env.bool("HTTPS", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [
    r"^(healthz|readyz|metrics)$"
]  # Probes inside the network use plain HTTP.
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
# Names that a browser only takes over HTTPS, for this host alone: no other host can set them.
_COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{_COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{_COOKIE_PREFIX}csrftoken"
DEVICE_COOKIE_NAME = f"{_COOKIE_PREFIX}device"
# A session ends so long after the log-in, however busy it is.
SESSION_COOKIE_AGE = whole_number("SESSION_HOURS", default=12) * 3600
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "api.errors.handlers.csrf_failure"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # Swagger UI and the admin have icons as data: URLs in their style sheets.
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

INSTALLED_APPS = [
    # Before the admin, so that its templates take precedence.
    "storemonitor.apps.StoreMonitorConfig",
    "storemonitor.apps.OperatorAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_results",
    "access",
    "backoffice",
    "fleet",
    "ingestion",
    "targets",
    "api",
    "reports",
    "stores",
    "schedules",
    "webhooks",
    "dashboard",
    "django_htmx",
]
MIDDLEWARE = [
    "storemonitor.logs.requests.Identified",
    "storemonitor.metrics.requests.Counted",
    "django.middleware.security.SecurityMiddleware",
    "storemonitor.every_request.Requests",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # The first to read the body is the CSRF check, which runs after all of these have begun.
    "access.limits.bodies.BodyLimit",
    "access.middleware.Accounts",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
AUTHENTICATION_BACKENDS = ["access.lockout.guard.LockingBackend"]
LOGIN_URL = "dashboard:sign-in"
# The name of the OpenID Connect provider in OIDC_ISSUER, for addresses; "" if there is none.
OIDC_PROVIDER = ""
# Our group for each of the provider's, and the claim that has them.
OIDC_GROUPS: dict[str, str] = {}
OIDC_GROUPS_CLAIM = ""
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
if _single_sign_on := single_sign_on():
    vars().update(_single_sign_on)
    OIDC_PROVIDER = PROVIDER
    INSTALLED_APPS += APPS
    MIDDLEWARE.append(OIDC_MIDDLEWARE)
# The destination after a log-in to the admin that was not on the way to another page.
LOGIN_REDIRECT_URL = "admin:index"
ROOT_URLCONF = "storemonitor.urls"
WSGI_APPLICATION = "storemonitor.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]


def _database() -> dict[str, Any]:
    """Return the database in DATABASE_URL, with SQLite configured for several processes."""
    url = env.str("DATABASE_URL", default="") or f"sqlite:///{VAR_DIR / 'db.sqlite3'}"
    database: dict[str, Any] = database_of(with_password("DATABASE_PASSWORD_FILE", url))
    if database["ENGINE"].endswith("sqlite3"):
        # With ingestion and polling at once, Django's defaults raised hundreds of "database is
        # locked"; write-ahead logging and taking the write lock at BEGIN raised none.
        database["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
        # Arrow reads over its own connection, so a test database must be a file.
        database["TEST"] = {"NAME": VAR_DIR / "test.sqlite3"}
    else:
        database["ENGINE"] = "storemonitor.postgresql"
        database["CONN_MAX_AGE"] = 60
        database["CONN_HEALTH_CHECKS"] = True
    return for_work(database)


DATABASES = {"default": _database()}
# Seconds that a request waits for a lock and for one statement. Two locks in a row still leave time
# to answer within five seconds.
DATABASE_LOCK_SECONDS = whole_number("DATABASE_LOCK_SECONDS", default=2)
DATABASE_STATEMENT_SECONDS = whole_number("DATABASE_STATEMENT_SECONDS", default=30)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = False
FORMAT_MODULE_PATH = "storemonitor.formats"
USE_TZ = True

STATIC_URL = "static/"
# Served from the packages themselves, so that collectstatic is not needed.
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(VAR_DIR / "media")))
FILE_UPLOAD_PERMISSIONS = 0o600
STORAGES = {
    "default": media_storage(),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# The largest request body, its largest decompressed size, and the largest JSON body, which is held
# in memory.
MAX_UPLOAD_BYTES = whole_number("MAX_UPLOAD_BYTES", default=512 * 1024 * 1024)
MAX_UNPACKED_BYTES = whole_number("MAX_UNPACKED_BYTES", default=8 * 1024**3)
MAX_JSON_BYTES = whole_number("MAX_JSON_BYTES", default=32 * 1024 * 1024)

# Files of polls up to this size are stored during the request, larger ones by a worker.
SYNC_INGEST_MAX_BYTES = whole_number("SYNC_INGEST_MAX_BYTES", default=8 * 1024 * 1024, least=0)
# The longest time that a file is read during a request.
SYNC_INGEST_SECONDS = whole_number("SYNC_INGEST_SECONDS", default=20)
# How many rejected rows of a file are stored; the others are only counted.
REJECTS_MAX_ROWS = whole_number("REJECTS_MAX_ROWS", default=10_000)
# How many weeks without polls one file may fill.
POLL_MAX_NEW_WEEKS = whole_number("POLL_MAX_NEW_WEEKS", default=270)

# After this many dead workers a report, or a waiting file, fails.
MAX_ATTEMPTS = whole_number("MAX_ATTEMPTS", default=3)

REPORT_LEASE = timedelta(seconds=whole_number("REPORT_LEASE_SECONDS", default=30))
REPORT_SHARD_POLLS = whole_number("REPORT_SHARD_POLLS", default=2_500_000)
# Queued and running reports of one sender; 0 is no limit. Schedules have none.
REPORT_MAX_UNFINISHED = whole_number("REPORT_MAX_UNFINISHED", default=100, least=0)
REPORT_REQUEUE_AFTER = timedelta(seconds=whole_number("REPORT_REQUEUE_SECONDS", default=60))
SWEEP_SECONDS = whole_number("SWEEP_SECONDS", default=10)
UPTIME_LOOK_BACK = timedelta(hours=whole_number("UPTIME_LOOK_BACK_HOURS", default=24, least=0))
# Polls later than this many hours from now are errors of the poller, such as the year 2100.
POLL_MAX_AHEAD_HOURS = whole_number("POLL_MAX_AHEAD_HOURS", default=24, least=0)
UPTIME_FRESH = timedelta(minutes=whole_number("UPTIME_FRESH_MINUTES", default=60))

# The public URL of this installation, for links in messages that workers send.
SITE_URL = env.str("SITE_URL", default="").rstrip("/")
# Networks that webhooks may use although they are not public.
WEBHOOK_ALLOWED_NETWORKS = networks("WEBHOOK_ALLOWED_NETWORKS")

# The mail server for e-mails of schedules. Without one, nothing is sent.
EMAIL_URL = secret("EMAIL_URL")
vars().update(env.email_url_config(EMAIL_URL or "dummymail://"))
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="") or "store-monitoring@localhost"
EMAIL_TIMEOUT = 15
EMAIL_MAX_ATTACHMENT_BYTES = whole_number(
    "EMAIL_MAX_ATTACHMENT_BYTES", default=5 * 1024 * 1024, least=0
)


def _prune_keep() -> timedelta | None:
    """Return the age at which data is pruned automatically; None means never."""
    text = env.str("PRUNE_KEEP", default="")
    try:
        return age(text, look_back=UPTIME_LOOK_BACK) if text else None
    except ValueError as error:
        raise ImproperlyConfigured(f"PRUNE_KEEP: {error}") from error


PRUNE_KEEP = _prune_keep()

# Scopes of requests without a token or a log-in: read, ingest, admin. None by default.
ANONYMOUS_SCOPES = scopes("ANONYMOUS_SCOPES")
# Requests per minute and token, person or, without either, address; 0 is no limit.
RATE_LIMIT_READ = whole_number("RATE_LIMIT_READ", default=3000, least=0)
RATE_LIMIT_WRITE = whole_number("RATE_LIMIT_WRITE", default=600, least=0)
# Log-in attempts per minute and address; 0 is no limit.
RATE_LIMIT_LOGIN = whole_number("RATE_LIMIT_LOGIN", default=20, least=0)
# After this many failed log-ins in a row an account is locked there for a time; 0 is never.
LOGIN_FAILURES = whole_number("LOGIN_FAILURES", default=5, least=0)
# How many of our own proxies in a row add to X-Forwarded-For.
TRUSTED_PROXIES = whole_number("TRUSTED_PROXIES", default=0, least=0)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "access.authentication.TokenAuthentication",
        "access.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["access.permissions.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["access.limits.rates.RateLimit"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "api.schema.Schema",
    "EXCEPTION_HANDLER": "api.errors.handlers.handle",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Store Monitoring",
    "DESCRIPTION": "Was each store online while it was supposed to be open,"
    " and can the number be trusted?",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    # The documentation contains no data, so it is public.
    "SERVE_AUTHENTICATION": [],
    "PREPROCESSING_HOOKS": ["api.routing.without_twins"],
    "COMPONENT_SPLIT_REQUEST": True,
    "OAS_VERSION": "3.1.0",
    "SORT_OPERATIONS": False,
    "TAGS": [
        {"name": name}
        for name in (
            "Reports",
            "Reports (REST)",
            "Stores",
            "Special days",
            "Exclusions",
            "Poller outages",
            "Targets",
            "Ingestions",
            "Schedules",
            "Webhooks",
            "Service",
        )
    ],
    "ENUM_NAME_OVERRIDES": {
        "ReportStatus": "reports.models.Report.Status",
        "DeliveryStatus": "webhooks.models.Delivery.Status",
        "ReportKind": "reports.models.ReportKind",
        "PollStatus": ["active", "inactive"],
        "OpeningReason": ["business_hours", "special_day", "always_open"],
    },
    "SWAGGER_UI_SETTINGS": {"defaultModelsExpandDepth": 0},
    "SWAGGER_UI_DIST": "SIDECAR",
}


def _filesystem_transport() -> dict[str, Any]:
    """Return the options of kombu's folder transport, and create its folders."""
    folders = {name: VAR_DIR / "queue" / name for name in ("messages", "processed", "control")}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    return {
        "data_folder_in": str(folders["messages"]),
        "data_folder_out": str(folders["messages"]),
        # Without a processed folder on the queue's file system, one message in 1,500 was lost.
        "store_processed": True,
        "processed_folder": str(folders["processed"]),
        "control_folder": str(folders["control"]),
        "polling_interval": 0.1,
    }


# With a broker that hangs, the API must answer 503 within seconds.
_REDIS_TRANSPORT = {
    "socket_timeout": 2,  # A command, and then a new connection, within five seconds.
    "socket_connect_timeout": 2,
    "visibility_timeout": 3600,
    "max_retries": 0,  # Of a sender; workers and beat connect again for ever.
}

CELERY_BROKER_URL = with_password(
    "CELERY_BROKER_PASSWORD_FILE", env.str("CELERY_BROKER_URL", default="") or "filesystem://"
)
# Celery prefers CELERY_BROKER_URL of the environment, which lacks the password in the file.
CELERY_BROKER_READ_URL = CELERY_BROKER_WRITE_URL = CELERY_BROKER_URL
CELERY_BROKER_TRANSPORT_OPTIONS = (
    _filesystem_transport() if CELERY_BROKER_URL.startswith("filesystem:") else _REDIS_TRANSPORT
)
if CELERY_BROKER_URL.startswith("filesystem:"):
    CELERY_BROKER_TRANSPORT = "storemonitor.queue.transport:Transport"
elif CELERY_BROKER_URL.startswith("redis"):
    CELERY_BROKER_TRANSPORT = "storemonitor.queue.redis_transport:Transport"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_ENABLE_REMOTE_CONTROL = not CELERY_BROKER_URL.startswith("filesystem:")
CELERY_RESULT_BACKEND = "storemonitor.queue.results:ResultBackend"
CELERY_RESULT_EXTENDED = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_TIME_LIMIT = whole_number("CELERY_TASK_TIME_LIMIT", default=1800)
CELERY_WORKER_CONCURRENCY = whole_number("CELERY_WORKER_CONCURRENCY", default=os.cpu_count() or 1)
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULER = "storemonitor.queue.beat:Scheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    # No expiry: it would be an instant of one machine's clock, judged by another's.
    f"sweep {name}": {"task": f"{name}.sweep", "schedule": SWEEP_SECONDS}
    for name in ("reports", "ingestion", "schedules", "webhooks", "dashboard")
}
# Workers take from all in turn, so that a long queue does not hold up the others.
CELERY_TASK_QUEUES: dict[str, dict[str, Any]] = {"celery": {}, "sweep": {}, "messages": {}}
CELERY_TASK_ROUTES = {
    "*.sweep": {"queue": "sweep"},
    "schedules.*": {"queue": "messages"},
    "webhooks.*": {"queue": "messages"},
}
CELERY_BEAT_SCHEDULE["sweep indexes"] = {
    "task": "ingestion.indexes.sweep",
    "schedule": SWEEP_SECONDS,
}
CELERY_BEAT_SCHEDULE["remove orphans"] = {
    "task": "reports.remove_orphans",
    "schedule": timedelta(days=1),
}
if PRUNE_KEEP:
    CELERY_BEAT_SCHEDULE["prune"] = {
        "task": "reports.prune",
        "schedule": timedelta(days=1),
    }

LOG_FORMAT = log_format()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {
            "()": "storemonitor.configuration.log_lines.OneLine",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        },
        "json": {"()": "storemonitor.logs.json_lines.JsonLine"},
    },
    "filters": {"repeats": {"()": "storemonitor.configuration.repeated_lines.Repeats"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["repeats"],
        }
    },
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        # Loggers whose INFO messages do not help operators.
        name: {"level": "WARNING"}
        for name in ("kombu", "celery.app.trace", "celery.worker.strategy", "celery.beat")
    },
}
