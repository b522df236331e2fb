import type { Service } from '../../model/service.ts';

const known = new WeakMap<Service, string>();

/**
 * Equal exactly when restarting the service would change nothing: what runs and how it is supervised, not how it is
 * shown (links, labels, category) or when it is started (dependsOn, optional, profiles). 16 hex digits. A service never
 * changes, so each is counted once: every `status` asks for two of each.
 */
export function serviceFingerprint(service: Service): string {
  const found = known.get(service) ?? fingerprintOf(service);
  known.set(service, found);
  return found;
}

function fingerprintOf(service: Service): string {
  const compared = { ...service, env: sorted(service.env), envFileValues: sorted(service.envFileValues) };
  const text = JSON.stringify(FIELDS.map((field) => compared[field]));
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Whether a restart is what applies a change of the field. */
const APPLIED_BY_RESTART: { readonly [F in keyof Service]: boolean } = {
  name: false,
  command: true,
  ports: true,
  host: true,
  // Follows from `host`.
  localOnly: false,
  cwd: true,
  env: true,
  envFileValues: true,
  // Their values count, not where they lie.
  envFiles: false,
  dependsOn: false,
  ready: true,
  listener: true,
  health: true,
  restart: true,
  stop: true,
  onConflict: true,
  optional: false,
  profiles: false,
  links: false,
  category: false,
  description: false,
  labels: false,
};
const FIELDS = (Object.keys(APPLIED_BY_RESTART) as readonly (keyof Service)[]).filter((field) => APPLIED_BY_RESTART[field]);

/** The order of variables means nothing. */
function sorted(record: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
