/**
 * The default stack: PostgreSQL, two backends and a Vite frontend that show the same database, and an optional MCP
 * server. Every port is written here once; the services get it as PORT, and each other's addresses by reference.
 */
import { defineConfig } from 'devup';

const DATABASE_URL = 'postgres://devup:devup@localhost:${services.postgres.port}/devup';
const CORS_ORIGIN = '${services.frontend.url}';
const links = { Admin: '/admin/', Docs: '/docs/' };

export default defineConfig({
  name: 'default',
  services: {
    postgres: {
      description: 'PostgreSQL 18 from npm, data in .devup/postgres',
      port: 5432,
      cwd: 'examples/default/postgres',
      command: 'node serve.mjs ../../../.devup/postgres',
      env: { DATABASE_URL },
      ready: { command: 'node accepts.mjs' },
      // A PostgreSQL of yours that takes this login is used instead, and never stopped.
      onConflict: 'reuse',
      stop: { signal: 'SIGINT', timeout: '60s' },
      category: 'database',
    },
    migrate: {
      description: 'Brings the tables up to date',
      cwd: 'examples/default/migrate',
      command: 'node migrate.mjs',
      env: { DATABASE_URL },
      ready: { exit: 0 },
    },
    backend: {
      description: 'Patients',
      port: 8000,
      cwd: 'examples/default/backend',
      command: 'node server.mjs',
      env: { DATABASE_URL, CORS_ORIGIN },
      ready: { http: '/health' },
      links: { ...links, API: '/api/v1/patients' },
      category: 'backend',
    },
    backend2: {
      description: 'Appointments, several tenants',
      port: 8002,
      cwd: 'examples/default/backend2',
      command: 'node server.mjs',
      env: { DATABASE_URL, CORS_ORIGIN },
      ready: { http: '/health' },
      links: { ...links, API: '/api/v2/tenants/north/appointments' },
      category: 'backend',
    },
    frontend: {
      description: 'Vite, with live answers of both backends',
      port: 5000,
      cwd: 'examples/default/frontend',
      command: 'vite --configLoader native',
      env: { VITE_BACKEND_URL: '${services.backend.url}', VITE_BACKEND2_URL: '${services.backend2.url}' },
      ready: { http: '/' },
      links: { App: '/' },
      category: 'frontend',
    },
    mcp: {
      description: 'Model Context Protocol, one tool that asks backend2',
      port: 8080,
      cwd: 'examples/default/mcp',
      command: 'node server.mjs',
      env: { BACKEND2_URL: '${services.backend2.url}' },
      dependsOn: 'backend2',
      ready: { http: '/health' },
      links: { Endpoint: '/mcp' },
      category: 'mcp',
      optional: true,
    },
  },
  ranges: {
    frontend: { ports: '5000-5099', purpose: 'Frontend applications' },
    database: { ports: '5432-5439', purpose: 'PostgreSQL' },
    backend: { ports: '8000-8079', purpose: 'Backends' },
    mcp: { ports: '8080-8089', purpose: 'Model Context Protocol servers' },
  },
  routes: { '/api/v1/': 'backend', '/api/v2/': 'backend2', '/': 'frontend' },
  // The tests are about other people's ports, and these pages show what a wrong one looks like.
  check: { ignore: ['test/**', 'README.md', 'docs/getting-started.md', 'docs/adding-a-service.md'] },
});
