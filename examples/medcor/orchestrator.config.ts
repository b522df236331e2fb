/**
 * MedCor: PostgreSQL, the original backend and the new one beside it, a React frontend, and, when asked for, an MCP server
 * and a proxy that answers as production does. PORTS.md is written from this file.
 */
import { defineConfig } from 'devup';

/** Before there is an environment, `python` may be missing, or another one than `python3`. */
const python = (file: string) => ({ default: `python3 environment.py ${file}`, win32: `python environment.py ${file}` });

export default defineConfig({
  name: 'medcor',
  services: {
    postgres: {
      description: 'PostgreSQL, one database for both backends',
      port: 5432,
      // The server from npm that the default stack runs as well; a PostgreSQL of yours that takes the login is used instead.
      cwd: '../default/postgres',
      command: 'node serve.mjs ../../medcor/.devup/postgres',
      envFile: 'medcor_backend/.env',
      ready: { command: 'node accepts.mjs' },
      onConflict: 'reuse',
      stop: { signal: 'SIGINT', timeout: '60s' },
      category: 'database',
    },
    venv: {
      description: 'A virtual environment with requirements.txt, in .venv',
      command: python('requirements.txt'),
      ready: { exit: 0 },
      dependsOn: [],
    },
    migrate: {
      description: 'The tables of medcor_backend',
      cwd: 'medcor_backend',
      command: 'python manage.py migrate --no-input',
      envFile: 'medcor_backend/.env',
      ready: { exit: 0 },
      dependsOn: ['postgres', 'venv'],
    },
    medcor_backend: {
      description: 'Original Django backend',
      port: 8000,
      cwd: 'medcor_backend',
      command: 'python manage.py runserver 0.0.0.0:${port}',
      envFile: 'medcor_backend/.env',
      ready: { http: '/admin/login/' },
      links: { Admin: '/admin/', API: '/api/' },
      category: 'backend',
      labels: { status: 'legacy' },
    },
    migrate2: {
      description: 'The tables of medcor_backend2',
      cwd: 'medcor_backend2',
      command: 'python manage.py migrate --no-input',
      envFile: 'medcor_backend2/.env',
      ready: { exit: 0 },
    },
    medcor_backend2: {
      description: 'New multi-tenant Django backend',
      port: 8002,
      cwd: 'medcor_backend2',
      command: 'python manage.py runserver 0.0.0.0:${port}',
      envFile: 'medcor_backend2/.env',
      ready: { http: '/admin/login/' },
      links: { Admin: '/admin/', 'API docs': '/api/docs/', API: '/api/' },
      category: 'backend',
    },
    frontend: {
      description: 'React frontend on Vite',
      port: 5000,
      command: 'npm run dev',
      ready: { http: '/' },
      links: { App: '/' },
      category: 'frontend',
    },
    venv_mcp: {
      description: 'The same environment with requirements-mcp.txt',
      command: python('requirements-mcp.txt'),
      ready: { exit: 0 },
      dependsOn: 'venv',
      optional: true,
    },
    mcp: {
      description: 'FastMCP server for voice interaction',
      port: 8080,
      cwd: 'medcor_backend2',
      command: 'python mcp_server.py',
      envFile: 'medcor_backend2/.env',
      dependsOn: ['venv_mcp', 'medcor_backend2'],
      ready: { http: '/health' },
      links: { Endpoint: '/mcp' },
      category: 'mcp',
      optional: true,
    },
    proxy: {
      description: 'nginx in front of all of them, as in production',
      port: 8090,
      // A Debian user's PATH leaves out where nginx is.
      env: { PATH: '${env.PATH}:/usr/local/sbin:/usr/sbin' },
      command: 'nginx -e stderr -p .devup/ -c ../proxy/nginx.conf',
      ready: { http: '/' },
      links: { App: '/', 'Legacy API': '/api/v1/', API: '/api/v2/' },
      category: 'proxy',
      optional: true,
    },
  },
  ranges: {
    frontend: { ports: '5000-5099', purpose: 'Frontend applications' },
    database: { ports: '5432-5439', purpose: 'PostgreSQL' },
    backend: { ports: '8000-8079', purpose: 'Django backends' },
    mcp: { ports: '8080-8089', purpose: 'Model Context Protocol servers' },
    proxy: { ports: '8090-8099', purpose: 'Reverse proxies' },
  },
  routes: { '/api/v1/': 'medcor_backend', '/api/v2/': 'medcor_backend2', '/': 'frontend' },
});
