# The API in one image. It uses SQLite unless DATABASE_URL is set; the volume keeps the database and the files:
#   docker build -t halolight-api-flask .
#   docker run -p 8000:8000 -v halolight:/app/instance -e JWT_SECRET=$(openssl rand -hex 32) halolight-api-flask
FROM python:3.12-slim

ENV NODE_ENV=production PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1
WORKDIR /app

COPY requirements.txt requirements-s3.txt ./
RUN pip install -r requirements.txt -r requirements-s3.txt

COPY . .
# Run as an unprivileged user, which can write to instance/ only.
RUN useradd --system --uid 10001 halolight && chown -R halolight instance
USER halolight
VOLUME /app/instance

EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.getenv(\"PORT\", 8000)}/health/ready')"]
# Migrates the database first. Several containers may start at once: one migrates, the others wait.
ENTRYPOINT ["deploy/entrypoint.sh"]
