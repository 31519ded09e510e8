# One image for the web server, the worker, the scheduler and the migration job; docker-compose.yml says which.
FROM python:3.11-slim AS build
ENV PYTHONDONTWRITEBYTECODE=1 UV_LINK_MODE=copy
WORKDIR /app
COPY requirements/ requirements/
# The same locks as bin/run, every file checked by its hash.
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --require-hashes --no-deps -r requirements/uv.txt \
 && /opt/venv/bin/uv pip sync --no-cache --require-hashes --python /opt/venv/bin/python requirements/base.txt
COPY . .
ENV PATH=/opt/venv/bin:$PATH DJANGO_SETTINGS_MODULE=medicaim.settings.base
# The key and the address live in this one command only: collectstatic needs settings, not secrets.
RUN for po in locale/*/LC_MESSAGES/*.po; do \
        python bin/compile_messages.py "$po" "${po%.po}.mo" || exit 1; \
    done \
 && SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" SITE_URL=https://build.invalid \
    python manage.py collectstatic --no-input --verbosity 0

FROM python:3.11-slim
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=medicaim.settings.base DATA_DIR=/var/lib/medicaim
# Letters (Latin and Arabic) for the cards that are shown where a page is shared, and what draws documents.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
        fonts-noto-core libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /var/lib/medicaim --create-home medicaim
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
USER medicaim
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "--config", "medicaim/gunicorn_conf.py", "--bind", "0.0.0.0:8000", "medicaim.wsgi"]
