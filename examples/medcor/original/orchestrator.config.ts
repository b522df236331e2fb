/**
 * The port guide of this platform as it was written (PORTS.md), word for word as a config: names, ports, links. It knows
 * its services by sight only, so all of them are external. `devup check` here says what was wrong with the guide; the
 * folder above is the platform that came of it.
 */
import { defineConfig } from 'devup';

const service = (port: number, description: string, links: Record<string, string>) => ({
  port,
  description,
  links,
  ready: { port: true } as const,
});

export default defineConfig({
  name: 'medcor',
  services: {
    medcor_backend: service(8000, 'Original Django backend', { Admin: '/admin/', API: '/api/' }),
    medcor_backend2: service(8002, 'New multi-tenant Django backend', { Admin: '/admin/', 'API Docs': '/api/docs/', API: '/api/' }),
    frontend: service(5000, 'React frontend application', { 'Main App': '/' }),
    mcp: { ...service(8080, 'Voice interaction server', {}), optional: true, labels: { title: 'FastMCP Server' } },
  },
  routes: { '/api/v1/': 'medcor_backend', '/api/v2/': 'medcor_backend2', '/': 'frontend' },
});
