import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';

/** The facts about the machine that readers of the figures need. */
export function machineFacts() {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() || 'unknown processor',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.versions.node,
    processes: Number(readFileSync('/proc/loadavg', 'utf8').split(/[ /]/)[4]),
    loadBefore: loadavg(),
  };
}

export const loadAverages = loadavg;
