"""Django's settings, derived from the typed configuration; nothing here reads the environment."""

import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF

from securegrid.portal.config import Mode, config
from securegrid.portal.sealing import sealer

_config = config()
_production = _config.mode is Mode.PRODUCTION
BASE_DIR = Path(__file__).resolve().parent

DEBUG = _config.debug
SECRET_KEY = _config.secret_key.get_secret_value() or (
    # Never a known one: production refuses to start without (``startup``), the others derive it.
    secrets.token_urlsafe(64) if _production else sealer().derive("secret-key").hex()
)
ALLOWED_HOSTS = _config.hosts
if not _production:
    ALLOWED_HOSTS = ALLOWED_HOSTS or ["127.0.0.1", "localhost", "[::1]", "testserver"]
_secure = _config.serves_https

INSTALLED_APPS = [
    # Before allauth, so that their templates are the ones that are found.
    "securegrid.portal.ui.apps.UiConfig",
    "securegrid.portal.accounts.apps.AccountsConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "securegrid.portal.alliance.apps.AllianceConfig",
    "securegrid.portal.indexing.apps.IndexingConfig",
    "securegrid.portal.imports.apps.ImportsConfig",
    "securegrid.portal.quality.apps.QualityConfig",
    "securegrid.portal.jobs.apps.JobsConfig",
    "securegrid.portal.disclosure.apps.DisclosureConfig",
    "securegrid.portal.searches.apps.SearchesConfig",
]

MIDDLEWARE = [
    "securegrid.portal.requests.middleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "securegrid.portal.ui.zone.zone_middleware",
]

LOGGING_CONFIG = "securegrid.portal.logs.set_up"
LOGGING = {"log_format": _config.log_format}

ROOT_URLCONF = "securegrid.portal.urls"
CSRF_FAILURE_VIEW = "securegrid.portal.ui.views.csrf_failure"
FORM_RENDERER = "securegrid.portal.ui.forms.UiRenderer"
ASGI_APPLICATION = "securegrid.portal.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "securegrid.portal.ui.shell.shell",
            ],
        },
    },
]


def _database(url: str) -> dict[str, object]:
    """Django's form of a database URL (``sqlite:///PATH`` or ``postgresql://…``)."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(url.removeprefix("sqlite:///")),
            "CONN_MAX_AGE": 60,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    if parts.scheme == "postgresql":
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    raise ValueError("SECUREGRID_DATABASE_URL must begin with sqlite:/// or postgresql://")


DATABASES = {"default": _database(_config.database_url)}
CACHES = {
    "default": {
        # In the database, so that limits on attempts hold over several processes.
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "securegrid_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["securegrid.portal.accounts.sign_in.AllianceBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

ACCOUNT_ADAPTER = "securegrid.portal.accounts.sign_in.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "securegrid.portal.accounts.forms.LoginForm",
    "reauthenticate": "securegrid.portal.accounts.forms.ConfirmPasswordForm",
}
MFA_FORMS = {
    "authenticate": "securegrid.portal.accounts.forms.CodeForm",
    "reauthenticate": "securegrid.portal.accounts.forms.ConfirmCodeForm",
    "activate_totp": "securegrid.portal.accounts.forms.AddAppForm",
    "add_webauthn": "securegrid.portal.accounts.forms.AddPasskeyForm",
    "edit_webauthn": "securegrid.portal.accounts.forms.EditPasskeyForm",
}
MFA_ADAPTER = "securegrid.portal.accounts.sign_in.MfaAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # this session stays, all others end
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "20/m/ip,5/5m/key",
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
}
ALLAUTH_TRUSTED_PROXY_COUNT = _config.trusted_proxies
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"  # no mail server is assumed
ACCOUNT_SESSION_REMEMBER = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are vouched for by the inviter, not by mail
MFA_TOTP_ISSUER = "SecureGRID"
MFA_RECOVERY_CODE_COUNT = 10
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _secure
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ja", "日本語")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True  # served from the packages: there is nothing to collect

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if _secure else 0
if _config.trusted_proxies:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = _secure
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_SECURE = _secure
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [_config.public_url.rstrip("/")] if _config.public_url else []
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = _config.max_text_bytes + 1_000_000
