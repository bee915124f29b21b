# One image, three commands: `sokoni serve` (the default), `sokoni worker`, `sokoni relay`; and `sokoni migrate` before them.
FROM python:3.13.7-slim-bookworm AS explorer

WORKDIR /app

# What the build of the page at / reads, so that other changes leave this layer as it is.
COPY app/__init__.py app/node.py app/node.lock app/
COPY app/embedded/__init__.py app/embedded/launch.py app/embedded/
COPY app/explorer app/explorer
COPY schema/documents schema/documents
RUN python -m app.explorer.building

FROM python:3.13.7-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PYTHONPATH=/app \
    SOKONI_HOST=0.0.0.0 \
    SOKONI_PORT=8000 \
    SOKONI_DATA_DIR=/data

RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin sokoni \
    && install --directory --owner sokoni --mode 0700 /data

WORKDIR /app

# The wheels change less often than the code, so they have a layer of their own.
COPY requirements.lock ./
RUN pip install --no-cache-dir --disable-pip-version-check --only-binary :all: --require-hashes --no-deps \
    -r requirements.lock

COPY . .
COPY --from=explorer /app/build/explorer build/explorer
RUN python -m compileall -q . \
    && printf '#!/bin/sh\nexec python -P -m app.cli "$@"\n' >/usr/local/bin/sokoni \
    && chmod 0755 /usr/local/bin/sokoni

USER sokoni
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["sokoni", "serve"]
