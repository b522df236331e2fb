/** Rarer forms of the kinds of files in `KINDS`: every port in them is found, too. */
export const RARER_KINDS: Readonly<Record<string, string>> = {
  'frontend/package.json': `{
  "proxy": "http://localhost:«8000»",
  "scripts": {
    "dev": "cross-env PORT=«5000» react-scripts start",
    "start": "concurrently \\"vite --port «5000»\\" \\"wait-on tcp:localhost:«8000»\\"",
    "develop": "PORT=\${PORT:-«5000»} node . ",
    "serve": "ng serve --port=«5000» --open",
    "wait": "wait-on tcp:«8000» http-get://localhost:«8002»/x",
    "free": "npx kill-port «5000» && lsof -ti:«8000»",
    "next": "next start -p=«5000»"
  }
}
`,
  'frontend/vite.config.ts': `
const PORT = «5000»;
const API = { url: 'http://localhost:«8000»' };
export default { server: { port: PORT, strictPort: true, hmr: { clientPort: «5000» }, proxy: { '^/ws': { target: 'ws://localhost:«8002»', ws: true } } } };
`,
  'frontend/vite.config.js': `export default { server: { strictPort: true, port: parseInt(process.env.PORT || '«5000»', 10) } };`,
  'frontend/vite.config.mjs': `export default { server: { strictPort: true, port: process.env.PORT ? Number(process.env.PORT) : «5000» } };`,
  'frontend/vite.config.cjs': `module.exports = { server: { strictPort: true, port: Number(process.env.PORT ?? «5000») } };`,
  'frontend/vite.config.mts': `export default { server: { strictPort: true, port: +(process.env.PORT ?? '«5000»') } };`,
  'frontend/nuxt.config.ts': `export default defineNuxtConfig({ devServer: { port: «5000» }, runtimeConfig: { public: { api: 'http://localhost:«8000»' } } });`,
  '.env': `
REDIS_URL=postgres://:pass@localhost:«5432»/0
KAFKA_BROKERS=localhost:«8000»,localhost:«8002»
BACKEND=localhost:«8000»
MULTI="http://localhost:«8000»
http://localhost:«8002»"
BACKEND_HOST_PORT=«8000»
POSTGRES_PORT_NUMBER=«5432»
`,
  'compose.yaml': `
services:
  backend:
    build: .
    command: >
      gunicorn app
      --bind 0.0.0.0:«8000»
    ports:
      - 0.0.0.0:«8000»:«8000»
    labels:
      - "traefik.http.services.backend.loadbalancer.server.port=«8000»"
    healthcheck:
      test: curl -f http://localhost:«8000»/ || exit 1
  backend2:
    build: .
    entrypoint: |
      sh -c "python manage.py migrate
      python manage.py runserver 0.0.0.0:«8002»"
    expose: ["«8002»"]
    ports:
      - published: "\${P:-«8002»}"
        target: «8002»
        mode: host
    environment:
      URLS: "http://backend:«8000»,\\nhttp://backend2:«8002»"
      CORS_ALLOWED_ORIGINS: >-
        http://localhost:«5000»,
        http://localhost:«8000»
  postgres:
    image: postgres
    ports: [ «5432»:5432 ]
    command: postgres -p 5432
  frontend: { image: medcor/frontend, ports: ["«5000»:80"] }
  mcp: { image: medcor/mcp, ports: ["«8080»:8080"] }
`,
  'compose.dev.yml': `
services:
  backend:
    build: .
    ports: ["\${HOST:-127.0.0.1}:«8000»:«8000»"]
  backend2:
    build: .
    ports: ["\${ANY}:«8002»"]
`,
  'k8s/all.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata: { name: backend }
spec:
  template:
    metadata: { labels: { app: backend } }
    spec:
      initContainers:
        - name: wait
          command: ["sh", "-c", "until nc -z postgres «5432»; do :; done"]
          env: [{ name: BACKEND2_URL, value: "http://backend2:«8002»" }]
      containers:
        - name: backend
          command: ["python", "manage.py", "runserver", "0.0.0.0:«8000»"]
          args:
            - --port=«8000»
            - --x
          ports: [{ containerPort: «8000», hostPort: «8000», name: web }]
          livenessProbe: { exec: { command: ["curl", "http://localhost:«8000»/"] } }
          startupProbe: { httpGet: { port: web } }
---
apiVersion: v1
kind: Service
metadata: { name: backend }
spec:
  selector: { app: backend }
  ports: [{ port: «8000», targetPort: web }]
---
apiVersion: v1
kind: ConfigMap
metadata: { name: backend-config }
data:
  app.env: |
    PORT=«8000»
    CORS_ALLOWED_ORIGINS=http://localhost:«5000»
  nginx.conf: |
    server { location / { proxy_pass http://backend:«8000»; } }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: x }
spec:
  rules:
    - http: { paths: [{ path: /, backend: { service: { name: backend, port: { number: «8000» } } } }] }
`,
  'nginx/default.conf': `
server {
  listen [::]:80;
  set $up http://backend:«8000»;
  location / { proxy_pass $up; proxy_redirect http://localhost:«8000»/ /; }
  location /f { fastcgi_pass 127.0.0.1:«8002»; add_header Access-Control-Allow-Origin http://localhost:«5000»; }
  location /r { return 301 http://localhost:«5000»$request_uri; }
}
`,
  'medcor_backend/config/settings/dev.py': `
import os
CORS_ALLOWED_ORIGINS = [*BASE]
CORS_ALLOWED_ORIGINS += ["http://localhost:«5000»"]
CSRF_TRUSTED_ORIGINS = ["http://localhost:«5000»"] + EXTRA
DATABASES = {"default": dj_database_url.config(default="postgres://localhost:«5432»/x")}
CACHES = {"default": {"LOCATION": "redis://localhost:«8000»/1"}}
CELERY_BROKER_URL = os.environ.get("BROKER", "redis://localhost:«8002»/0")
FRONTEND = f"http://localhost:«5000»/{X}"
`,
  'README.md': `
- **Backend** — port «8000»
- Frontend: http://localhost:«5000»
- PostgreSQL (port «5432»)

| Name | URL |
|---|---|
| backend | http://localhost:«8000» |
| backend2 | localhost:«8002»/api |

| Component | Host port | Container port |
|---|---|---|
| backend | «8000» | 8000 |



    curl localhost:«8000»/x

<a href="http://localhost:«8000»/admin">admin</a>
`,
  'monitoring/prom.yml': `
alerting:
  alertmanagers:
    - static_configs: [{ targets: ["localhost:«8000»"] }]
remote_write:
  - url: http://localhost:«8002»/write
scrape_configs:
  - job_name: backend
    static_configs:
      - targets:
        - host.docker.internal:«8000»
`,
  'Backend2/Properties/launchSettings.json': `{
  "iisSettings": { "iisExpress": { "applicationUrl": "http://localhost:50123", "sslPort": 44300 } },
  "profiles": { "backend2": { "applicationUrl": "http://+:«8002»", "environmentVariables": { "ASPNETCORE_URLS": "http://*:«8002»", "BACKEND_URL": "http://localhost:«8000»" } } }
}`,
  '.devcontainer/devcontainer.json': `{ "forwardPorts": ["localhost:«8000»"], "appPort": ["«8002»:8002", «5000»], "runArgs": ["-p", "«8000»:8000"], "containerEnv": { "BACKEND_URL": "http://localhost:«8000»" } }`,
};
