/** One of everything, for tests of what is said. */
import type { Failure } from '../../../src/model/failure.ts';
import type { Holder, PortState, RefuseReason } from '../../../src/model/port.ts';
import type { ServiceSnapshot } from '../../../src/model/session.ts';
import type { Viewer } from '../../../src/render/words/viewer.ts';

export const NOW = Date.UTC(2026, 10, 22, 12, 0, 0);
export const VIEWER: Viewer = { home: '/home/me', uid: 1000, nowMs: NOW };

export const HOLDER: Holder = {
  pid: 4121,
  start: 77,
  name: 'python3',
  command: 'python3 manage.py runserver',
  argv: ['python3', 'manage.py', 'runserver'],
  executable: '/usr/bin/python3',
  cwd: '/home/me/old/medcor',
  uid: 1000,
  user: 'me',
  startedAtMs: NOW - (3 * 60 + 12) * 60_000,
  addresses: ['0.0.0.0'],
  ancestors: [],
  container: null,
  unit: null,
  stack: null,
};

export const HELD: PortState = { port: 8000, kind: 'held', holders: [HOLDER], addresses: ['0.0.0.0'] };
export const HIDDEN: PortState = {
  port: 8000,
  kind: 'hidden',
  reason: { kind: 'other-user', uid: 0, user: 'root' },
  addresses: ['0.0.0.0'],
};

export const HIDDEN_REASONS = [
  { kind: 'other-user', uid: 0, user: 'root' },
  { kind: 'outside-namespace' },
  { kind: 'outgoing', holders: [HOLDER], remote: '10.0.0.1:443' },
  { kind: 'closing' },
  { kind: 'bound-not-listening' },
  { kind: 'excluded-range' },
  { kind: 'no-permission' },
] as const;

export const REFUSE_REASONS: { readonly [K in RefuseReason['kind']]: Extract<RefuseReason, { kind: K }> } = {
  init: { kind: 'init' },
  self: { kind: 'self' },
  ancestor: { kind: 'ancestor' },
  'other-user': { kind: 'other-user', uid: 0, user: 'root' },
  'kernel-thread': { kind: 'kernel-thread' },
  'system-service': { kind: 'system-service', name: 'sshd' },
  unit: { kind: 'unit', unit: 'api.service', stopCommand: 'systemctl --user stop api.service' },
  container: { kind: 'container', container: 'db', stopCommand: 'docker stop db' },
  airplay: { kind: 'airplay' },
  'other-stack': { kind: 'other-stack', id: '1f0c', service: 'web', config: '/home/me/other app/orchestrator.config.ts' },
  'port-forwarder': { kind: 'port-forwarder', name: 'code' },
  sibling: { kind: 'sibling', service: 'worker' },
  unidentified: { kind: 'unidentified', reason: { kind: 'other-user', uid: 0, user: null } },
};

const problem = {
  path: 'services.web.port',
  service: 'web',
  message: 'must be a number',
  value: '"80x"',
  suggestion: '80',
  line: 4,
  column: 9,
} as const;
const unmet = { kind: 'port', port: 8000, holders: [] } as const;
const notReady: Failure = {
  code: 'E104',
  kind: 'not-ready',
  service: 'backend',
  timeoutMs: 60_000,
  pid: 5210,
  unmet: [unmet],
  listensOn: [8001],
  lastLines: ['Starting', 'Listening on 8001'],
};

export const FAILURES: { readonly [C in Failure['code']]: Extract<Failure, { code: C }> } = {
  E001: { code: 'E001', kind: 'usage', message: 'unknown command strat', suggestion: 'start' },
  E002: { code: 'E002', kind: 'unknown-service', name: 'bakend', known: ['backend'], suggestion: 'backend' },
  E003: { code: 'E003', kind: 'no-terminal', what: '8000 is held and its policy is to ask', flag: '--on-conflict' },
  E101: {
    code: 'E101',
    kind: 'service-exited',
    service: 'web',
    exitCode: 3,
    signal: null,
    beforeReady: true,
    lastLines: ['Error: no module\t\x1b[2J'],
  },
  E102: { code: 'E102', kind: 'command-not-found', service: 'web', command: 'vit', path: ['/home/me/app/node_modules/.bin', '/usr/bin'] },
  E103: { code: 'E103', kind: 'cwd-missing', service: 'web', cwd: '/home/me/app/web' },
  E104: notReady,
  E105: { code: 'E105', kind: 'spawn-failed', service: 'web', command: './run.sh', errno: 'EACCES', message: 'permission denied' },
  E106: { code: 'E106', kind: 'dependency-failed', service: 'web', dependency: 'backend', condition: 'ready' },
  E107: { code: 'E107', kind: 'port-lost', service: 'backend', port: 8000, pid: 5210, listensOn: [] },
  E108: { code: 'E108', kind: 'port-foreign', service: 'backend', port: 8000, holders: [HOLDER] },
  E109: {
    code: 'E109',
    kind: 'health-failed',
    service: 'web',
    unmet: { kind: 'http', url: 'http://localhost:5000/', got: 'status 503' },
    retries: 3,
  },
  E110: { code: 'E110', kind: 'survivors', service: 'web', survivors: [HOLDER], ports: [HELD] },
  E111: { code: 'E111', kind: 'external-not-ready', service: 'db', timeoutMs: 5000, unmet: [unmet] },
  E112: { code: 'E112', kind: 'restarts-exhausted', service: 'backend', max: 5, last: notReady },
  E113: { code: 'E113', kind: 'stop-command-failed', service: 'db', command: 'docker compose stop db', got: 'exit code 1' },
  E114: { code: 'E114', kind: 'start-timeout', timeoutMs: 90_000, waitingFor: ['web'] },
  E115: { code: 'E115', kind: 'start-cancelled', by: 'SIGINT' },
  E116: { code: 'E116', kind: 'external-lost', service: 'db' },
  E201: { code: 'E201', kind: 'ports-held', refusals: [{ service: 'backend', port: 8000, state: HELD, because: { policy: 'fail' } }] },
  E202: { code: 'E202', kind: 'port-still-held', port: 8000, state: HELD, respawnedBy: null, graceful: false },
  E203: {
    code: 'E203',
    kind: 'reuse-failed',
    service: 'db',
    port: 5432,
    holders: [HOLDER],
    unmet: [{ kind: 'command', command: 'node accepts.mjs', got: 'exit code 1' }],
  },
  E204: { code: 'E204', kind: 'bad-port', text: '9000-8000', reason: 'upside-down' },
  E205: { code: 'E205', kind: 'kill-refused', port: 8000, state: HELD, refused: REFUSE_REASONS.ancestor, holder: HOLDER },
  E301: { code: 'E301', kind: 'config-not-found', from: '/home/me/app/src', stoppedAt: '/home/me/app' },
  E302: {
    code: 'E302',
    kind: 'config-broken',
    file: '/home/me/app/orchestrator.config.ts',
    message: 'Unexpected token',
    line: 3,
    column: 7,
    stack: null,
  },
  E303: { code: 'E303', kind: 'config-hangs', file: '/home/me/app/orchestrator.config.ts', timeoutMs: 10_000 },
  E304: { code: 'E304', kind: 'config-exits', file: '/home/me/app/orchestrator.config.ts', exitCode: 0 },
  E305: {
    code: 'E305',
    kind: 'config-invalid',
    file: '/home/me/app/orchestrator.config.yaml',
    problems: [problem, { ...problem, line: null, column: null }],
  },
  E306: {
    code: 'E306',
    kind: 'config-threw-later',
    file: '/home/me/app/orchestrator.config.ts',
    message: 'no database',
    line: 12,
    column: null,
    stack: 'Error: no database',
    crashFile: '/home/me/app/.devup/1f/crash.txt',
  },
  E401: { code: 'E401', kind: 'no-session', stack: 'medcor' },
  E402: { code: 'E402', kind: 'session-not-answering', stack: 'medcor', pid: 5100 },
  E403: { code: 'E403', kind: 'session-of-other-user', stack: 'medcor', pid: 5100, uid: 0, user: 'root' },
  E404: { code: 'E404', kind: 'version-mismatch', ours: '0.2.0', theirs: '0.1.0' },
  E405: { code: 'E405', kind: 'socket-path-too-long', path: '/a/very/long/path', bytes: 140, limit: 103 },
  E406: { code: 'E406', kind: 'folder-not-writable', folder: '/home/me/app/.devup', errno: 'EACCES' },
  E407: { code: 'E407', kind: 'folder-unsafe', folder: '/run/user/1000/devup', reason: 'symlink' },
  E408: { code: 'E408', kind: 'launch-failed', log: '/home/me/app/.devup/1f/supervisor.log', lastLines: ['killed'] },
  E409: { code: 'E409', kind: 'session-elsewhere', stack: 'medcor', pid: 17, touchedMsAgo: 4000 },
  E410: { code: 'E410', kind: 'session-lost', stack: 'medcor' },
  E411: { code: 'E411', kind: 'protocol', message: 'not an event' },
  E412: { code: 'E412', kind: 'session-ending', stack: 'medcor' },
  E470: { code: 'E470', kind: 'bug', message: 'input exited in state stopped', crashFile: '/home/me/app/.devup/1f/crash.txt' },
};

export const BACKEND: ServiceSnapshot = {
  name: 'backend',
  state: 'ready',
  port: 8000,
  ports: { main: 8000 },
  pid: 5210,
  startedAtMs: NOW - 720_000,
  uptimeMs: 720_000,
  restarts: 0,
  flapping: false,
  exitCode: null,
  cpuPercent: 2,
  memoryBytes: 100_663_296,
  url: 'http://localhost:8000',
  links: { Admin: 'http://localhost:8000/admin/' },
  category: null,
  optional: false,
  stale: false,
  verdict: 'ours',
  holders: [{ ...HOLDER, port: 8000, verdict: 'ours' }],
  problem: null,
};
