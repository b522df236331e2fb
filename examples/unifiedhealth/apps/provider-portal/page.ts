import { show } from '../shared/panels.ts';

show<{ patient_name: string; kind: string; value: number; at: string }>({
  title: 'Readings',
  path: '/chronic-care/readings',
  rows: 'readings',
  line: ({ patient_name, kind, value, at }) => `${patient_name}: ${kind} ${value}, ${new Date(at).toLocaleString()}`,
});
show<{ patient_name: string; score: number; severity: string }>({
  title: 'Assessments',
  path: '/mental-health/assessments',
  rows: 'assessments',
  line: ({ patient_name, score, severity }) => `${patient_name}: ${score} of 27, ${severity}`,
});
show<{ patient_name: string; test: string; result: string | null }>({
  title: 'Laboratory',
  path: '/laboratory/orders',
  rows: 'orders',
  line: ({ patient_name, test, result }) => `${patient_name}: ${test}, ${result ?? 'no result yet'}`,
});
show<{ patient_name: string; modality: string; uid: string }>({
  title: 'Imaging',
  path: '/imaging/studies',
  rows: 'studies',
  line: ({ patient_name, modality, uid }) => `${patient_name}: ${modality} ${uid}`,
});
