/** One file of each kind, with every port that must be found in it between « and »; read by the tests beside this file. */
export const KINDS: Readonly<Record<string, string>> = {
  'frontend/package.json': `{
  "name": "frontend",
  "scripts": {
    "dev": "vite --port «5000» --strictPort",
    "start": "PORT=«5000» node server.js",
    "serve": "next dev -p «5000»",
    "wait": "wait-on http://localhost:«8000»/ && cypress run"
  }
}
`,
  'medcor_backend/package.json': `{ "scripts": { "start": "python manage.py runserver 0.0.0.0:«8000»", "serve": "gunicorn --bind :«8000» app & uvicorn app:app --port «8000»" } }`,
  Procfile: `backend: python manage.py runserver «8000»
backend2: gunicorn -b 0.0.0.0:«8002» app.wsgi
frontend: PORT=«5000» npm start
`,
  'frontend/.env': `# where the frontend finds the rest
PORT=«5000»
VITE_API_URL=http://localhost:«8000»/api
export VITE_BACKEND2_URL="http://localhost:«8002»" # the new one
BACKEND2_PORT=«8002»
DATABASE_URL=postgres://me:secret@localhost:«5432»/medcor
DB_PORT='«5432»'
SMTP_PORT=587
SENTRY=https://key@sentry.example.org:9000/1
`,
  'medcor_backend2/.env.example': `ALLOWED_HOSTS=localhost,127.0.0.1
CORS_ALLOWED_ORIGINS=http://localhost:«5000»,http://localhost:«8002»
CSRF_TRUSTED_ORIGINS=http://127.0.0.1:«5000»
PORT=\${PORT:-«8002»}
`,
  'docker-compose.yml': `x-common: &common
  restart: unless-stopped
  environment: &environment
    DATABASE_URL: postgres://me@postgres:«5432»/medcor
services:
  postgres:
    image: postgres:16
    ports: ["127.0.0.1:«5432»:5432"]
  backend:
    <<: *common
    build: ./medcor_backend
    command: ["python", "manage.py", "runserver", "0.0.0.0:«8000»"]
    ports:
      - "\${BACKEND_PORT:-«8000»}:«8000»/tcp"
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost:«8000»/health"]
  backend2:
    build: ./medcor_backend2
    environment:
      - PORT=«8002»
      - BACKEND_URL=http://backend:«8000»
    ports:
      - target: «8002»
        published: "«8002»"
  frontend:
    build: ./frontend
    environment:
      VITE_API: http://localhost:«8000»
    ports: ["«5000»:80"]
  mcp:
    image: medcor/mcp
    ports: ["«8080»:8080"]
`,
  'k8s/backend2.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: backend2 }
spec:
  template:
    metadata: { labels: { app: backend2 } }
    spec:
      containers:
        - name: backend2
          image: medcor/backend2
          args: ["gunicorn", "--bind", "0.0.0.0:«8002»"]
          env:
            - { name: PORT, value: "«8002»" }
            - { name: LEGACY_URL, value: "http://backend:«8000»" }
          ports:
            - name: http
              containerPort: «8002»
          readinessProbe:
            httpGet: { path: /health, port: «8002» }
          livenessProbe:
            tcpSocket: { port: http }
---
apiVersion: v1
kind: Service
metadata: { name: backend2 }
spec:
  selector: { app: backend2 }
  ports:
    - port: 80
      targetPort: «8002»
---
apiVersion: v1
kind: Service
metadata: { name: backend2-direct }
spec:
  selector: { app: backend2 }
  ports:
    - port: «8002»
      targetPort: http
---
apiVersion: v1
kind: ConfigMap
metadata: { name: backend2-config }
data:
  PORT: "«8002»"
  CORS_ALLOWED_ORIGINS: "http://localhost:«5000»"
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: medcor }
spec:
  rules:
    - http:
        paths:
          - path: /
            backend: { service: { name: frontend, port: { number: «5000» } } }
`,
  'frontend/vite.config.ts': `import { defineConfig } from 'vite';
const target: string = 'http://localhost:«8002»';
export default defineConfig(({ mode }) => ({
  server: {
    port: «5000»,
    strictPort: true,
    host: '0.0.0.0',
    proxy: { '/api': 'http://127.0.0.1:«8000»', '/api/v2': { target, rewrite: (path: string) => path } },
  },
  preview: { port: «5000» },
}));
`,
  'frontend/next.config.mjs': `export default {
  async rewrites() {
    return [{ source: '/api/:path*', destination: \`http://localhost:«8000»/:path*\` }];
  },
};
`,
  'nginx/medcor.conf': `# routes; not http://localhost:9999
upstream backend2 { server 127.0.0.1:«8002» weight=2; }
server {
  listen 80;
  location /api/v1/ { proxy_pass http://localhost:«8000»/api/; }
  location /api/v2/ { proxy_pass "http://backend2"; }
  location / { proxy_pass http://frontend:«5000»; }
}
`,
  'medcor_backend/core/settings.py': `import os
DEBUG = True
ALLOWED_HOSTS = ['localhost', '127.0.0.1']
if DEBUG:
    CORS_ALLOWED_ORIGINS = [
        "http://localhost:«5000»",  # the frontend
    ]
CSRF_TRUSTED_ORIGINS = ('http://localhost:«5000»',)
FRONTEND_URL = 'http://localhost:«5000»'
DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'HOST': 'localhost', 'PORT': '«5432»'}}
`,
  'medcor_backend2/core/settings/local.py': `DATABASES = {
    'default': {'ENGINE': 'django.db.backends.postgresql', 'PORT': config('DB_PORT', default=«5432», cast=int)},
    'replica': {'ENGINE': 'django.db.backends.postgresql', 'PORT': int(os.environ.get('DB_PORT', '«5432»'))},
    'legacy': {'ENGINE': 'django.db.backends.mysql', 'PORT': 3306},
}
`,
  'docs/PORTS.md': `# Ports

| Service | Port | Description |
|---------|------|-------------|
| **medcor_backend** | «8000» | Original |
| medcor_backend2 | \`«8002»\` | New |
| Frontend (Vite) | «5000» | React |
| PostgreSQL | «5432» | Database |
| MCP Server | «8080» | Voice |
| Mobile | N/A | App |

The new one is at <http://localhost:«8002»/admin/>, see [the API](http://localhost:«8000»/api/) (port «8000»).
![state](http://localhost:«5000»/badge.svg) and [the old one][old].

[old]: http://localhost:«8000»/old/

\`\`\`bash
cd medcor_backend
python manage.py runserver 0.0.0.0:«8000»
lsof -i :«8002»  # who is it
\`\`\`

### medcor_backend2/.env
\`\`\`env
CORS_ALLOWED_ORIGINS=http://localhost:«5000»
\`\`\`
`,
  'monitoring/prometheus.yml': `scrape_configs:
  - job_name: backend
    static_configs:
      - targets: ['localhost:«8000»']
  - job_name: all
    static_configs:
      - targets: ["backend2:«8002»", "localhost:«8080»", "node-exporter:9100"]
`,
  'Medcor.Backend2/Properties/launchSettings.json': `{
  // what the IDE starts
  "profiles": { "backend2": { "commandName": "Project", "applicationUrl": "https://localhost:7002;http://localhost:«8002»" } },
}
`,
  '.devcontainer/devcontainer.json': `{
  "forwardPorts": [«8000», "frontend:«5000»"],
  "portsAttributes": { "«8000»": { "label": "backend" } }
}
`,
};

export function unmarked(text: string): string {
  return text.replaceAll(/[«»]/g, '');
}

/** Offsets of the marked ports in the unmarked text. */
export function marked(text: string): readonly { readonly from: number; readonly digits: string }[] {
  return [...text.matchAll(/«(\d+)»/g)].map((match, i) => ({ from: match.index - 2 * i, digits: match[1] as string }));
}
