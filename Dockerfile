FROM python:3.12-slim

RUN useradd --create-home --uid 1000 cluegraph && install -d -o cluegraph -g cluegraph -m 700 /data

WORKDIR /src
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY cypher cypher
COPY loaders loaders
COPY world world
RUN pip install --no-cache-dir --no-deps --no-build-isolation .

USER cluegraph
ENV CLUEGRAPH_DATA=/data
VOLUME /data
WORKDIR /data
ENTRYPOINT ["cluegraph"]
CMD ["serve"]
