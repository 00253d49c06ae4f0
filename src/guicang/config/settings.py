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
GUICANG_ADDRESS        https://returns.example.com, as customers reach the pages under /my/: notices link there
GUICANG_LANGUAGE       zh-hans (default) or en
GUICANG_ZONE           zone in which pages show times (default Asia/Shanghai)
GUICANG_API_RATE       calls of the API that a token may make in a minute (default 600)
GUICANG_MAX_FILE_BYTES largest import file after expansion (default 4 GB)
GUICANG_MAX_UPLOAD_BYTES largest file that the desk takes (default 200 MB)
GUICANG_KEEP_DONE_DAYS days for which done messages and replies stored under a key are kept (default 30; 0: for good)
GUICANG_KEEP_UPLOADS_DAYS days after which files sent to be imported are erased (default 90; 0: never)
GUICANG_OUTGOING_ALLOW networks of one's own that may be called although they are private: 10.1.2.0/24,fd00::/8
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
    "guicang.ui",  # first: its templates go before those of the libraries
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "ninja",  # the page that shows the API: its files come with it
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
            "portal",
            "desk",
            "api",
        ]
    ),
]
AUTH_USER_MODEL = "staff.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL, LOGIN_REDIRECT_URL = "account_login", "desk:home"
# Staff are made by an administrator: nobody signs up, and no address has to be confirmed.
ACCOUNT_ADAPTER = "guicang.desk.account.Adapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
# Ten wrong passwords a minute from one address, five in five minutes for one name; counted in the database's cache.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/300s/key",
    "reauthenticate": "10/m/user",
    # Codes of the portal: asked for by one address and for one contact, and tried.
    "portal_ask": "30/10m/ip,3/10m/key,10/d/key",
    "portal_try": "30/10m/ip",
    # Gift codes tried by one address and for one order.
    "gift_try": "20/10m/ip,5/10m/key,20/d/key",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Guicang"
USERSESSIONS_TRACK_ACTIVITY = True
#: Shared by all processes and machines, so that a limit is a limit; the table comes with `guicang migrate`.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "guicang_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # a limit that is culled is none
    },
    # Calls of the API by minute and token: counted by each web process for itself, so that no read costs a write.
    "rates": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "rates",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
}
#: Calls that a token may make in a minute of one web process.
API_RATE = int(os.environ.get("GUICANG_API_RATE", "600"))
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 60 * 60  # a working day
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
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
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "guicang.desk.gate.FirstLoginMiddleware",
    "guicang.ui.zones.ZoneMiddleware",
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
                "guicang.desk.gate.navigation",
            ],
        },
    },
]

DATABASES = {"default": database_from_url(os.environ.get("GUICANG_DATABASE_URL", ""), HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

#: The page of a return for its customer, with its {id}; '' where nobody said how this installation is reached.
ADDRESS = os.environ.get("GUICANG_ADDRESS", "").rstrip("/")
RETURN_PAGE = f"{ADDRESS}/my/returns/{{id}}/" if ADDRESS else ""
CREDIT_PAGE = f"{ADDRESS}/my/credit/" if ADDRESS else ""

LANGUAGE_CODE = os.environ.get("GUICANG_LANGUAGE", "zh-hans")
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

#: What people read; storage is UTC, books run in their company's zone.
DISPLAY_ZONE = os.environ.get("GUICANG_ZONE", "Asia/Shanghai")

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
#: Networks that are called although they are private, without TLS too; None: cannot be read (check guicang.E006).
OUTGOING_ALLOW = environment.networks(os.environ.get("GUICANG_OUTGOING_ALLOW", ""))
#: The first one bounds what a request may bring at all; the others are Django's.
FILE_UPLOAD_HANDLERS = [
    "guicang.ui.pictures.Bounded",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
MAX_FILE_BYTES = int(os.environ.get("GUICANG_MAX_FILE_BYTES", str(4 * 1024**3)))
MAX_UPLOAD_BYTES = int(os.environ.get("GUICANG_MAX_UPLOAD_BYTES", str(200 * 1024**2)))
KEEP_DONE_DAYS = int(os.environ.get("GUICANG_KEEP_DONE_DAYS", "30"))
KEEP_UPLOADS_DAYS = int(os.environ.get("GUICANG_KEEP_UPLOADS_DAYS", "90"))

#: (topic, version) -> the function that takes the envelope; see kernel.outbox and kernel.worker.
OUTBOX_HANDLERS = {
    ("notice.send", 1): "guicang.notifications.operations.send",
    ("portal.code", 1): "guicang.portal.proving.deliver",
    ("handover.goods", 1): "guicang.integrations.handover.adapter.deliver",
    ("accounting.voucher.v1", 1): "guicang.integrations.handover.adapter.deliver",
    ("accounting.number", 1): "guicang.accounting.operations.vouchers.number_all",
    ("parties.sweep", 1): "guicang.parties.operations.sweep_files",
    ("intake.run", 1): "guicang.intake.background.run",
    ("policy.simulate", 1): "guicang.returns.steps.simulate.simulate",
    ("returns.rebates", 1): "guicang.returns.steps.rebate.take_back_everywhere",
    ("returns.peers", 1): "guicang.returns.operations.watching.count_peers_everywhere",
    ("refund.execute", 1): "guicang.returns.steps.execute_refund.execute",
    ("policy.backfill", 1): "guicang.returns.steps.backfill.backfill",
    ("returns.clocks", 1): "guicang.returns.steps.tick.tick",
    ("payments.credit", 1): "guicang.payments.operations.expiring.tick",
    ("return.changed", 1): "guicang.integrations.webhooks.operations.fan_out",
    ("webhook.deliver", 1): "guicang.integrations.webhooks.operations.deliver",
    ("webhooks.forget", 1): "guicang.integrations.webhooks.operations.forget",
    ("kernel.forget", 1): "guicang.kernel.forgetting.forget",
    ("intake.forget", 1): "guicang.intake.files.forget",
}
#: Topics whose messages are removed some time after they are done. The others say what was told to whom, or are all
#: that is left of a voucher that was handed over; nor may their keys be forgotten.
OUTBOX_FORGOTTEN = (
    *("accounting.number", "returns.clocks", "return.changed", "portal.code", "intake.run", "policy.simulate"),
    *("policy.backfill", "returns.peers", "returns.rebates", "refund.execute", "payments.credit"),
    *("webhook.deliver", "webhooks.forget", "parties.sweep", "kernel.forget", "intake.forget"),
)
#: Topics that wait for machines of others, or take minutes, in lanes of their own: a slow one holds up nothing else.
OUTBOX_LANES: dict[str, str] = {
    "webhook.deliver": "outside",
    "refund.execute": "outside",
    "intake.run": "files",
    "policy.simulate": "files",
}
#: Lane -> how many of its messages a worker process handles at a time.
OUTBOX_LANE_WORKERS: dict[str, int] = {"outside": 4, "files": 1}
#: Who pays refunds of the way `port` (`payments.ports.RefundGateway`); '': nobody, so no tender may have that way.
REFUND_GATEWAY = ""
#: How notices leave and where their addresses come from; see notifications.ports.
NOTICE_GATEWAY = "guicang.notifications.operations.MailGateway"
SMS_GATEWAY = "guicang.notifications.operations.ConsoleGateway"
NOTICE_ADDRESS_BOOK = "guicang.notifications.queries.VaultAddressBook"
#: Periodic work, name -> (topic, cron line, zone); its handler stands above like any other.
SCHEDULES: dict[str, tuple[str, str, str]] = {
    "number vouchers and credit notes": ("accounting.number", "*/5 * * * *", "UTC"),
    "act on the clocks of returns": ("returns.clocks", "* * * * *", "UTC"),
    "store credit that runs out": ("payments.credit", "11 * * * *", "UTC"),
    "take back rebates that returns have lowered": ("returns.rebates", "13 2 * * *", "UTC"),
    "count what is usual among customers": ("returns.peers", "7 3 * * *", "UTC"),
    "remove files that nobody owns": ("parties.sweep", "27 * * * *", "UTC"),
    "forget old deliveries of webhooks": ("webhooks.forget", "17 3 * * *", "UTC"),
    "forget done messages and stored replies": ("kernel.forget", "37 3 * * *", "UTC"),
    "erase files that were sent long ago": ("intake.forget", "47 3 * * *", "UTC"),
}
