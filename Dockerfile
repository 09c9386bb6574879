# One image for every process; docker-compose.yml says which one each container runs.
FROM python:3.13.14-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore \
    DJANGO_SETTINGS_MODULE=storemonitor.settings \
    VAR_DIR=/var/lib/storemonitor \
    HOST=0.0.0.0 \
    PORT=8000

RUN useradd --system --uid 10001 --home-dir /var/lib/storemonitor --create-home storemonitor

WORKDIR /app

# The packages before the code: they change rarely, and all of them come as wheels.
# Including those for an S3 bucket, so that using one needs no other image (docs/operations.md).
COPY requirements.txt requirements-s3.txt requirements-oidc.txt ./
RUN pip install --only-binary :all: --require-hashes -r requirements-s3.txt -r requirements-oidc.txt

COPY manage.py ./
COPY storemonitor storemonitor
COPY uptime uptime
COPY feeds feeds
COPY fleet fleet
COPY sample_data sample_data
COPY backoffice backoffice
COPY dashboard dashboard
COPY api api
COPY access access
COPY jobs jobs
COPY ingestion ingestion
COPY reports reports
COPY stores stores
COPY targets targets
COPY schedules schedules
COPY webhooks webhooks

USER storemonitor
EXPOSE 8000
CMD ["gunicorn", "-c", "python:storemonitor.web", "storemonitor.wsgi"]
