"""All settings, from the environment, in one file.

GUICANG_HOME           everything the program writes lies under it (default ./var)
GUICANG_DATABASE_URL   postgresql://user:password@host:port/name, or sqlite:///path (default: a file in GUICANG_HOME)
GUICANG_SECRET_KEY     signs sessions
GUICANG_AUDIT_KEY      key of the audit chain, or id:secret,id:secret of which new rows use the last
GUICANG_INDEX_KEY      key of personal data and its blind indexes, likewise
GUICANG_SMTP           smtp://user:password@host:port or smtps://; without it mail is printed to the console
GUICANG_MAIL_FROM      sender of mail (default: the user of GUICANG_SMTP)
GUICANG_DEBUG          1 shows tracebacks in the browser
GUICANG_HOSTS          comma-separated host names served (default: localhost)
GUICANG_LANGUAGE       zh-hans (default) or en
GUICANG_MAX_FILE_BYTES largest import file after expansion (default 4 GB)
"""

from __future__ import annotations

import os
from pathlib import Path

from guicang.config import environment
from guicang.config.databases import database_from_url

HOME = Path(os.environ.get("GUICANG_HOME", "var")).resolve()
PACKAGE = Path(__file__).resolve().parent.parent

#: Known to everybody, so `guicang web` refuses to serve with it (check guicang.E001).
INSECURE_SECRET = "insecure-demo-secret-for-local-use-only"  # noqa: S105

SECRET_KEY = os.environ.get("GUICANG_SECRET_KEY") or INSECURE_SECRET
#: Keys of the audit chain and of blind indexes: {key id: secret}. New rows use the last one.
AUDIT_KEYS = environment.keyring(os.environ.get("GUICANG_AUDIT_KEY") or INSECURE_SECRET)
INDEX_KEYS = environment.keyring(os.environ.get("GUICANG_INDEX_KEY") or INSECURE_SECRET)
DEBUG = os.environ.get("GUICANG_DEBUG") == "1"
ALLOWED_HOSTS = [host for host in os.environ.get("GUICANG_HOSTS", "localhost,127.0.0.1,[::1]").split(",") if host]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "guicang.config",
    *(
        f"guicang.{context}"
        for context in [
            "kernel",
            "audit",
            "org",
            "parties",
            "staff",
            "catalog",
            "sales",
            "inventory",
            "policy",
            "logistics",
            "notifications",
            "accounting",
            "payments",
            "trade",
            "returns",
            "intake",
            "insights",
            "integrations",
            "proofs",
            "ui",
            "desk",
        ]
    ),
]
AUTH_USER_MODEL = "staff.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "guicang.config.urls"
WSGI_APPLICATION = "guicang.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ],
        },
    },
]

DATABASES = {"default": database_from_url(os.environ.get("GUICANG_DATABASE_URL", ""), HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = os.environ.get("GUICANG_LANGUAGE", "zh-hans")
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # served from the packages themselves: no step that collects them
_mail = environment.mail(os.environ.get("GUICANG_SMTP", ""), os.environ.get("GUICANG_MAIL_FROM", ""))
#: False: what the environment says of mail cannot be read (check guicang.E005).
MAIL_IS_READABLE = bool(_mail)
EMAIL_BACKEND = _mail.get("EMAIL_BACKEND", environment.CONSOLE)
EMAIL_HOST, EMAIL_PORT = _mail.get("EMAIL_HOST", "localhost"), _mail.get("EMAIL_PORT", 25)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_USER", ""), _mail.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_SSL, EMAIL_USE_TLS = _mail.get("EMAIL_USE_SSL", False), _mail.get("EMAIL_USE_TLS", False)
DEFAULT_FROM_EMAIL = _mail.get("DEFAULT_FROM_EMAIL", "guicang@localhost")
EMAIL_TIMEOUT = 30  # seconds; Django's own default waits for a silent mail server for ever
MAX_FILE_BYTES = int(os.environ.get("GUICANG_MAX_FILE_BYTES", str(4 * 1024**3)))

#: (topic, version) -> the function that takes the envelope; see kernel.outbox and kernel.worker.
OUTBOX_HANDLERS = {
    ("notice.send", 1): "guicang.notifications.operations.send",
    ("handover.goods", 1): "guicang.integrations.handover.adapter.deliver",
    ("accounting.voucher.v1", 1): "guicang.integrations.handover.adapter.deliver",
    ("accounting.number", 1): "guicang.accounting.operations.vouchers.number_all",
    ("returns.expire", 1): "guicang.returns.steps.expire.expire_due",
}
#: How notices leave and where their addresses come from; see notifications.ports.
NOTICE_GATEWAY = "guicang.notifications.operations.MailGateway"
NOTICE_ADDRESS_BOOK = "guicang.notifications.queries.VaultAddressBook"
#: Periodic work, name -> (topic, cron line, zone); its handler stands above like any other.
SCHEDULES: dict[str, tuple[str, str, str]] = {
    "number vouchers and credit notes": ("accounting.number", "*/5 * * * *", "UTC"),
    "expire returns whose goods did not come": ("returns.expire", "*/10 * * * *", "UTC"),
}
