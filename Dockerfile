# syntax=docker/dockerfile:1
FROM python:3.13-slim-trixie AS build
ENV UV_PYTHON_DOWNLOADS=never UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1
RUN pip install --no-cache-dir "uv>=0.9"
COPY requirements.txt /tmp/
RUN uv venv --python python3 /venv && uv pip sync --python /venv/bin/python --require-hashes --no-build /tmp/requirements.txt

FROM python:3.13-slim-trixie
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DJANGO_SETTINGS_MODULE=microintern.settings
RUN useradd --uid 10001 --user-group --no-create-home board \
 && install --directory --owner=board --group=board --mode=700 /srv/uploads /srv/mail /srv/beat
COPY --from=build /venv /venv
WORKDIR /app
COPY . .
# Settings refuse to load without their variables; these values end with this line.
RUN SECRET_KEY=build FIELD_ENCRYPTION_KEYS=build BASE_URL=http://localhost ALLOWED_HOSTS=localhost \
    DATABASE_URL=postgres://localhost/build REDIS_URL=redis://localhost EMAIL_URL=smtp://localhost \
    DEFAULT_FROM_EMAIL=build@localhost UPLOADS_DIR=/srv/uploads \
    python manage.py collectstatic --no-input --verbosity 0
USER board
EXPOSE 8000
# Asks as the first allowed host would be asked; any other name is refused.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(u.Request('http://127.0.0.1:8000/healthz', headers={'Host': os.environ['ALLOWED_HOSTS'].split(',')[0]}), timeout=4)"]
CMD ["gunicorn", "microintern.wsgi", "--bind=0.0.0.0:8000", "--threads=4", "--worker-tmp-dir=/dev/shm", "--no-control-socket", "--logger-class=core.access_log.Logger", "--access-logfile=-", "--access-logformat=%(h)s %(t)s %(m)s %(U)s %(s)s %(b)s %(M)sms"]
