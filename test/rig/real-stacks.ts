/** Two stacks as their documents describe them (`test/fixtures/check`). No test starts them. */
const runserver = 'python manage.py runserver 0.0.0.0:${port}';

export const MEDCOR_STACK = {
  name: 'MedCor',
  services: {
    postgres: { port: 5432, category: 'database', command: 'postgres -D data', description: 'PostgreSQL database' },
    medcor_backend: {
      port: 8000,
      cwd: 'medcor_backend',
      command: runserver,
      category: 'backend',
      description: 'Original Django backend',
      labels: { status: 'legacy', note: 'Original backend, being phased out. Keep both running during the transition.' },
      env: { CORS_ALLOWED_ORIGINS: '${services.frontend.url}' },
      links: { Admin: '/admin/', API: '/api/' },
    },
    medcor_backend2: {
      port: 8002,
      cwd: 'medcor_backend2',
      command: runserver,
      category: 'backend',
      description: 'New multi-tenant Django backend',
      labels: { status: 'Active', note: 'New multi-tenant backend, primary focus' },
      env: {
        ALLOWED_HOSTS: 'localhost,127.0.0.1',
        CORS_ALLOWED_ORIGINS: '${services.frontend.url},${services.medcor_backend2.url}',
        SECRET_KEY: 'not-for-documents',
      },
      links: { Admin: '/admin/', 'API Docs': '/api/docs/', API: '/api/' },
    },
    frontend: {
      port: 5000,
      command: 'npm run dev',
      category: 'frontend',
      description: 'React frontend application',
      labels: { title: 'Frontend (Vite)', status: 'Active' },
      env: { VITE_LEGACY_API: '${services.medcor_backend.url}', VITE_TENANTS_API: '${services.medcor_backend2.url}' },
      links: { 'Main App': '/' },
    },
    mcp: {
      port: 8080,
      cwd: 'medcor_backend2',
      command: 'python mcp_server.py',
      optional: true,
      description: 'Voice interaction server',
      labels: { title: 'FastMCP Server' },
    },
  },
  routes: { '/api/v1/': 'medcor_backend', '/api/v2/': 'medcor_backend2', '/': 'frontend' },
};

const node = (port: number, category: string, description: string, title: string, cwd: string) => ({
  port,
  category,
  description,
  command: 'node server.mjs',
  cwd,
  labels: { title },
});
const data = (port: number, category: string, title: string, description: string, command: string) => ({
  port,
  category,
  description,
  command,
  labels: { title },
});

/** This stack has the two faults of its document. */
export const UNIFIED_HEALTH_STACK = {
  name: 'UnifiedHealth',
  ranges: {
    frontend: { ports: '3000-3099', purpose: 'Frontend applications' },
    backend: { ports: '4000-4099', purpose: 'Backend services' },
    database: { ports: '5000-5999', purpose: 'Databases' },
    cache: { ports: '6000-6999', purpose: 'Cache and messaging' },
    infrastructure: { ports: '9000-9999', purpose: 'Infrastructure and monitoring' },
  },
  services: {
    postgres: data(5432, 'database', 'PostgreSQL', 'Primary database', 'postgres -D data'),
    redis: data(6379, 'cache', 'Redis', 'Caching and sessions', 'redis-server'),
    prometheus: data(9090, 'infrastructure', 'Prometheus', 'Metrics collection', 'prometheus'),
    elasticsearch: { ...data(9200, 'infrastructure', 'Elasticsearch', 'Search and analytics', 'elasticsearch'), optional: true },
    kafka: { ...data(9092, 'infrastructure', 'Kafka', 'Event streaming', 'kafka-server-start.sh server.properties'), optional: true },
    grafana: { ...data(3100, 'infrastructure', 'Grafana', 'Monitoring dashboards', 'grafana server'), optional: true },
    'api-gateway': node(4000, 'backend', 'Central API routing and rate limiting', 'API Gateway', 'services/api-gateway'),
    'auth-service': node(4001, 'backend', 'Authentication and authorization', 'Auth Service', 'services/auth-service'),
    api: node(4002, 'backend', 'Core REST API', 'API (Main)', 'services/api'),
    'telehealth-service': node(4003, 'backend', 'Video consultations', 'Telehealth Service', 'services/telehealth-service'),
    'mental-health-service': node(4004, 'backend', 'Therapy and assessments', 'Mental Health Service', 'services/mental-health-service'),
    'chronic-care-service': node(4005, 'backend', 'Remote patient monitoring', 'Chronic Care Service', 'services/chronic-care-service'),
    'notification-service': node(
      3006,
      'backend',
      'Email, SMS, push notifications',
      'Notification Service',
      'services/notification-service',
    ),
    'pharmacy-service': node(4007, 'backend', 'E-prescriptions', 'Pharmacy Service', 'services/pharmacy-service'),
    'laboratory-service': node(4008, 'backend', 'Lab orders and results', 'Laboratory Service', 'services/laboratory-service'),
    'imaging-service': node(4009, 'backend', 'DICOM radiology', 'Imaging Service', 'services/imaging-service'),
    web: node(3000, 'frontend', 'Patient-facing web application', 'Web (Patient Portal)', 'apps/web'),
    admin: node(3001, 'frontend', 'System administration interface', 'Admin Dashboard', 'apps/admin-dashboard'),
    'provider-portal': node(3002, 'frontend', 'Healthcare provider interface', 'Provider Portal', 'apps/provider-portal'),
    kiosk: node(3004, 'frontend', 'Hospital lobby check-in kiosk', 'Kiosk', 'apps/kiosk'),
    mobile: {
      category: 'frontend',
      description: 'React Native (iOS/Android)',
      command: 'expo start',
      cwd: 'apps/mobile',
      labels: { title: 'Mobile' },
    },
  },
};

/** The same stack without the faults. */
export const UNIFIED_HEALTH_MENDED = {
  ...UNIFIED_HEALTH_STACK,
  services: {
    ...UNIFIED_HEALTH_STACK.services,
    'notification-service': { ...UNIFIED_HEALTH_STACK.services['notification-service'], port: 4006 },
    grafana: { ...UNIFIED_HEALTH_STACK.services.grafana, port: 9100 },
  },
};
