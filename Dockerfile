# The broker in production (the last stage, so that a plain `docker build .` makes it) and, as target `demo`, the sample
# company with its emulators. Neither runs as root, and neither needs a writable root file system.

# By digest, so that the same commit makes the same image; Dependabot keeps it current (.github/dependabot.yml). It reads
# FROM lines only, so the build argument names this stage by default: a mirror or a company's own base is
# `--build-arg NODE_IMAGE=registry.corp.example/node@sha256:…`.
ARG NODE_IMAGE=node
FROM node:24-bookworm-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6 AS node

FROM ${NODE_IMAGE} AS base
WORKDIR /app
COPY package.json package-lock.json .npmrc ./

FROM base AS dependencies
RUN npm ci --omit=dev

FROM base AS build
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
# With the public key of the company's releases of `rolegate`, where the checkout has one.
COPY deploy/*.mjs deploy/release.pu[b] deploy/
COPY src src
RUN npm run build

FROM build AS demo
COPY emulators emulators
COPY examples examples
# The demo makes its keys here; under Compose a tmpfs covers it.
RUN install -d -o node -g node -m 0700 certs
# The address inside the container; Compose publishes the ports on the host's loopback only.
ENV ROLEGATE_DEMO_HOST=0.0.0.0
USER 1000:1000
EXPOSE 8080 8081 8082 8083
CMD ["npm", "run", "--silent", "demo"]

FROM ${NODE_IMAGE} AS broker
WORKDIR /app
ENV NODE_ENV=production
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
# By number, so that Kubernetes can see that it is not root (runAsNonRoot); it is the image's user `node`.
USER 1000:1000
EXPOSE 8080 8083
ENV ROLEGATE_LIVEZ_URL=http://127.0.0.1:8083/livez
HEALTHCHECK --interval=15s --timeout=4s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch(process.env.ROLEGATE_LIVEZ_URL, { signal: AbortSignal.timeout(3000) }).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/server.js"]
CMD ["start", "--config", "/etc/rolegate/rolegate.yaml"]
