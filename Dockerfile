# Otklik in a container: docker build -t otklik . && docker run -p 8080:8080 -v otklik:/var/lib/otklik otklik
# Make the company once: docker exec CONTAINER otklik init --email you@company.ru --password '...' --account Company --project Shop

FROM node:20-bookworm-slim AS node

FROM rust:1.95-bookworm AS build
COPY --from=node /usr/local /usr/local
WORKDIR /src
COPY . .
RUN cargo xtask build

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates curl \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --home-dir /var/lib/otklik --shell /usr/sbin/nologin otklik \
 && install -d -o otklik -g otklik -m 0700 /var/lib/otklik
COPY --from=build /src/target/release/otklik /usr/bin/otklik
ENV OTKLIK_DATA=/var/lib/otklik OTKLIK_LISTEN=0.0.0.0:8080
USER otklik
VOLUME /var/lib/otklik
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s CMD curl -fsS http://127.0.0.1:8080/healthz || exit 1
STOPSIGNAL SIGTERM
ENTRYPOINT ["otklik"]
CMD ["serve"]
