import type { Service } from '../../model/service.ts';

const cached = new WeakMap<Service, string>();

/**
 * Two definitions of a service have the same fingerprint if changing one into the other needs no restart. A fingerprint covers what runs
 * and how it is supervised, not the display (links, labels, category) or the time of the start (dependsOn, optional, profiles). 16 hex
 * digits. Services are immutable, so each is hashed once; every `status` needs two fingerprints of each.
 */
export function serviceFingerprint(service: Service): string {
  const fingerprint = cached.get(service) ?? fingerprintOf(service);
  cached.set(service, fingerprint);
  return fingerprint;
}

function fingerprintOf(service: Service): string {
  const compared = { ...service, env: sorted(service.env), envFileValues: sorted(service.envFileValues) };
  const text = JSON.stringify(FIELDS.map((field) => compared[field]));
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Whether a change of the field needs a restart to apply. */
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
  // The values count, not the paths of the files.
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
  output: true,
};
const FIELDS = (Object.keys(APPLIED_BY_RESTART) as readonly (keyof Service)[]).filter((field) => APPLIED_BY_RESTART[field]);

/** Sorts the variables, because their order has no effect. */
function sorted(record: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
