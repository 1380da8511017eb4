FROM node:20-bookworm-slim AS web
WORKDIR /build
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend ./
RUN npm run build

FROM python:3.11-slim-bookworm AS python
WORKDIR /build
RUN python -m venv /opt/vectorshift
ENV PATH=/opt/vectorshift/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock
COPY . .
COPY --from=web /build/out frontend/out
RUN pip install --no-build-isolation --no-deps .

FROM python:3.11-slim-bookworm
# The folder is made for the user first: a volume mounted there takes over its owner.
RUN useradd --system --uid 10001 vectorshift && install -d -o vectorshift /srv/vectorshift /srv/vectorshift/var
COPY --from=python /opt/vectorshift /opt/vectorshift
ENV PATH=/opt/vectorshift/bin:$PATH PYTHONUNBUFFERED=1
WORKDIR /srv/vectorshift
USER vectorshift
EXPOSE 8000
ENTRYPOINT ["vectorshift"]
CMD ["serve"]
