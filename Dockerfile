# The image of the API, the worker, the beat and the migration: one image, four commands. `make image-check` builds and
# runs it. Debian's own Python is smaller than that of the python images, and gets Debian's security fixes.
# To pin the base to one build of it: --build-arg BASE=debian:bookworm-slim@sha256:…
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS builder
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# `strip` of binutils takes 120 MB of a debugger's symbols out of the packages.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends binutils ca-certificates python3 python3-venv \
 && rm -rf /var/lib/apt/lists/* \
 && python3 -m venv /opt/venv
WORKDIR /src
# Only wheels, so that no compiler is needed. deploy/image/left-out.txt says what stays out: the embedded servers are
# among it, so `memcubed up` is the one command that does not work in this image.
COPY requirements.lock ./
COPY deploy/image image
RUN python3 image/slim.py requirements requirements.lock > image.lock \
 && /opt/venv/bin/pip install --no-deps --only-binary=:all: --requirement image.lock
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY migrations migrations
COPY app app
RUN /opt/venv/bin/pip install --no-deps . \
 && /opt/venv/bin/pip uninstall --yes setuptools pip \
 && python3 image/slim.py prune /opt/venv /opt/used-of-python.txt

FROM ${BASE}
ARG VERSION=0.2.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="memcubed" \
      org.opencontainers.image.description="Memory as a service for LLM chat apps and agents" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# Of Python's own library the bytecode of what the parts import stays, as for the packages; licences stay too.
COPY --from=builder /opt/used-of-python.txt /usr/share/memcubed/
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates python3 \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* /usr/share/man/* /usr/share/info/* \
           /usr/lib/python3.*/pydoc_data /usr/lib/python3.*/test /usr/lib/python3.*/turtle.py \
 && find /usr/share/doc -type f ! -name copyright -delete \
 && find /usr/lib/python3* -name '*.pyc' -delete \
 && python3 -m compileall -q -i /usr/share/memcubed/used-of-python.txt \
 && groupadd --system --gid 10001 memcubed \
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
# By number, so that Kubernetes' runAsNonRoot can tell that it is not root.
USER 10001:10001
EXPOSE 8000
# For `serve`. A worker or a beat has no port: disable the check there, as docker-compose.yml does.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-c", \
  "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['MEMCUBED_PORT'] + '/healthz', timeout=4)"]
ENTRYPOINT ["memcubed"]
CMD ["serve"]
