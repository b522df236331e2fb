import { expect, test } from 'vitest';
import { renameService } from '../../../src/check/add/rename.ts';
import { blankSecrets } from '../../../src/check/add/secrets.ts';

const auth = { from: { name: 'auth-service', port: 4001 }, to: { name: 'patient-records', port: 4010 } };

test.each([
  ['auth-service', 'patient-records'],
  ['services/auth-service/src', 'services/patient-records/src'],
  ['./services/auth', './services/patient-records'],
  ['AUTH_SERVICE_URL=http://localhost:4001', 'PATIENT_RECORDS_URL=http://localhost:4010'],
  ['VITE_AUTH_URL=http://auth:4001/auth', 'VITE_PATIENT_RECORDS_URL=http://patient-records:4010/patient-records'],
  ['Auth Service', 'Patient Records'],
  ['**Auth**', '**Patient Records**'],
  ['dev:auth', 'dev:patient-records'],
  ['authService authPort useAuth AuthController', 'patientRecords patientRecordsPort usePatientRecords PatientRecordsController'],
  ['auth_data my_auth', 'patient_records_data my_patient_records'],
  ['author oauth auth2 authority', 'author oauth auth2 authority'],
  ['"4001:4001" 14001 40011 4001ms 1.4001 -p 4001 --port=4001', '"4010:4010" 14001 40011 4001ms 1.4001 -p 4010 --port=4010'],
  ['127.0.0.1:4001:80', '127.0.0.1:4010:80'],
])('%s becomes %s', (before, after) => {
  expect(renameService(before, auth)).toBe(after);
});

test.each([
  ['k8s/auth.yaml', 'k8s/acme-web.yaml'],
  ['AUTH_URL', 'ACME_WEB_URL'],
  ['dev:auth', 'dev:acme-web'],
])('%s becomes %s for a package name', (before, after) => {
  expect(renameService(before, { from: { name: 'auth', port: 1 }, to: { name: '@acme/web', port: 2 } })).toBe(after);
});

test.each([
  ['API_TOKEN=abc PORT=4001', 'API_TOKEN= PORT=4001'],
  ['  API_TOKEN: abc # why', '  API_TOKEN: "" # why'],
  ["  - PASSWORD='x y'", "  - PASSWORD=''"],
  ['  PASSWORD: a b, c: d  # why\r\n  X: 1', '  PASSWORD: ""  # why\r\n  X: 1'],
  ['  - API_KEY=a b, c', '  - API_KEY='],
  ['environment: [API_KEY=abc, "TOKEN=abc", PORT=1]', 'environment: [API_KEY=, "TOKEN=", PORT=1]'],
  ['environment: {API_KEY: abc, PORT: 1}', 'environment: {API_KEY: "", PORT: 1}'],
  ['sh -c "TOKEN=abc exec serve"', 'sh -c "TOKEN= exec serve"'],
  ['{ "API_KEY": "abc", "PORT": "4001" }', '{ "API_KEY": "", "PORT": "4001" }'],
  ['DATABASE_URL: postgres://me:hunter2@db:5432/x', 'DATABASE_URL: postgres://me:@db:5432/x'],
  ['DATABASE_URL: postgres://me:${PW}@db:5432/x', 'DATABASE_URL: postgres://me:${PW}@db:5432/x'],
  ['SECRET_KEY: ${SECRET_KEY}', 'SECRET_KEY: ${SECRET_KEY}'],
  ['AUTH_URL=http://localhost:4001 AUTH_PORT: 4001', 'AUTH_URL=http://localhost:4001 AUTH_PORT: 4001'],
  ['serve --token abc --port 4001', 'serve --token  --port 4001'],
  ['["serve", "--token", "abc", "--port", "4001"]', '["serve", "--token", "", "--port", "4001"]'],
  ['- name: API_TOKEN\n  value: abc\n- name: PORT\n  value: "1"', '- name: API_TOKEN\n  value: ""\n- name: PORT\n  value: "1"'],
  ['- { name: API_TOKEN, value: "abc" }', '- { name: API_TOKEN, value: "" }'],
  [
    '- name: API_TOKEN\n  valueFrom:\n    secretKeyRef: { name: x, key: token }',
    '- name: API_TOKEN\n  valueFrom:\n    secretKeyRef: { name: x, key: token }',
  ],
])('%j is copied as %j', (before, after) => {
  expect(blankSecrets(before)).toBe(after);
});
