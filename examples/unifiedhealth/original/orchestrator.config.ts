/**
 * The port document of this platform as it was written (PORTS.md), word for word as a config: names, categories, ports. It
 * knows no commands, so all of it is external. `devup check` here says what was wrong with it; the folder above is the
 * platform that came of it.
 */
import { defineConfig } from 'devup';

const service = (category: string, port: number, title: string, description: string) =>
  ({ category, port, labels: { title }, description, ready: { port: true } }) as const;

export default defineConfig({
  name: 'unifiedhealth',
  services: {
    web: service('frontend', 3000, 'Web (Patient Portal)', 'Patient-facing web application'),
    admin: service('frontend', 3001, 'Admin Dashboard', 'System administration interface'),
    'provider-portal': service('frontend', 3002, 'Provider Portal', 'Healthcare provider interface'),
    kiosk: service('frontend', 3004, 'Kiosk', 'Hospital lobby check-in kiosk'),
    mobile: {
      category: 'frontend',
      labels: { title: 'Mobile' },
      description: 'React Native (iOS/Android)',
      ready: { command: 'adb get-state' },
    },
    'api-gateway': service('backend', 4000, 'API Gateway', 'Central API routing and rate limiting'),
    'auth-service': service('backend', 4001, 'Auth Service', 'Authentication and authorization'),
    api: service('backend', 4002, 'API (Main)', 'Core REST API'),
    telehealth: service('backend', 4003, 'Telehealth Service', 'Video consultations'),
    'mental-health': service('backend', 4004, 'Mental Health Service', 'Therapy and assessments'),
    'chronic-care': service('backend', 4005, 'Chronic Care Service', 'Remote patient monitoring'),
    notification: service('backend', 3006, 'Notification Service', 'Email, SMS, push notifications'),
    pharmacy: service('backend', 4007, 'Pharmacy Service', 'E-prescriptions'),
    laboratory: service('backend', 4008, 'Laboratory Service', 'Lab orders and results'),
    imaging: service('backend', 4009, 'Imaging Service', 'DICOM radiology'),
    postgres: service('database', 5432, 'PostgreSQL', 'Primary database'),
    redis: service('cache', 6379, 'Redis', 'Caching and sessions'),
    elasticsearch: service('infrastructure', 9200, 'Elasticsearch', 'Search and analytics'),
    kafka: service('infrastructure', 9092, 'Kafka', 'Event streaming'),
    prometheus: service('infrastructure', 9090, 'Prometheus', 'Metrics collection'),
    grafana: service('infrastructure', 3100, 'Grafana', 'Monitoring dashboards'),
  },
  ranges: {
    frontend: { ports: '3000-3099', purpose: 'Frontend applications' },
    backend: { ports: '4000-4099', purpose: 'Backend services' },
    database: { ports: '5000-5999', purpose: 'Databases' },
    cache: { ports: '6000-6999', purpose: 'Cache and messaging' },
    infrastructure: { ports: '9000-9999', purpose: 'Infrastructure and monitoring' },
  },
});
