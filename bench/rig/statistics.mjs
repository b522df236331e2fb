/** Medians, because a shared machine has outliers in one direction only. */

/** The middle value of numbers (the lower one of two); null for none. Nulls are left out. */
export function median(values) {
  const sorted = values.filter((value) => value !== null && value !== undefined).sort((a, b) => a - b);
  return sorted.length === 0 ? null : sorted[(sorted.length - 1) >> 1];
}

/**
 * Runs every case once per round, in a different order each round, so that a busy moment of the machine affects all of them
 * alike. Returns `{ case: { metric: samples[] } }`. `measure(case, round)` returns `{ metric: number | null }`; round -1 warms
 * caches and is dropped.
 */
export async function interleaved(names, rounds, measure, { warm = false } = {}) {
  const samples = Object.fromEntries(names.map((name) => [name, {}]));
  for (let round = warm ? -1 : 0; round < rounds; round++) {
    const first = Math.max(round, 0) % names.length;
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      const measured = await measure(name, round);
      if (round < 0) continue;
      for (const [metric, value] of Object.entries(measured)) {
        samples[name][metric] ??= [];
        samples[name][metric].push(value);
      }
    }
  }
  return samples;
}
