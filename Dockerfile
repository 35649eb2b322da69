# The API in one image. Without settings it uses SQLite; the volume keeps the database, the files and the secret:
#   docker build -t halolight-api-flask .
#   docker run -p 8000:8000 -v halolight:/app/instance halolight-api-flask
# It also runs with a read-only root: docker run --read-only --tmpfs /tmp ...
FROM python:3.12-slim AS build

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements.txt requirements-s3.txt requirements-tracing.txt ./
RUN python -m venv --without-pip /venv \
  && python -m pip --python /venv/bin/python install --no-compile \
    -r requirements.txt -r requirements-s3.txt -r requirements-tracing.txt
COPY halolight halolight
COPY migrations migrations
COPY wsgi.py LICENSE ./
COPY deploy/entrypoint.sh deploy/healthcheck.py deploy/timer.sh deploy/
# Compiled here, because a process that runs as another user or on a read-only root cannot keep what it compiles.
RUN python -m compileall -q -j 0 --invalidation-mode unchecked-hash /venv/lib halolight migrations wsgi.py \
  && mkdir instance && chown 10001:10001 instance


FROM python:3.12-slim

ENV NODE_ENV=production GENERATE_JWT_SECRET=true FLASK_SKIP_DOTENV=1 \
  PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m pip uninstall --yes --quiet --root-user-action=ignore pip \
  && rm -rf /usr/local/lib/python3.12/ensurepip \
  && python -m compileall -q -j 0 --invalidation-mode unchecked-hash \
    -x '/(site-packages|test|idlelib|turtledemo|lib2to3)/' /usr/local/lib/python3.12 \
  && useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin halolight
COPY --from=build /venv /venv
COPY --from=build /app /app

WORKDIR /app
USER 10001:10001
VOLUME /app/instance
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["python", "-I", "deploy/healthcheck.py"]
# Migrates the database first. Several containers may start at once: one migrates, the others wait.
ENTRYPOINT ["/app/deploy/entrypoint.sh"]
