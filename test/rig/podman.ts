/**
 * A real podman with a store in the test's folder and one image: a static busybox, whose web server answers on the given port.
 * Publishing a port needs root here; a container in the host network does not.
 */
import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { lacks } from './lacks.ts';
import { test as base, type Rig } from './rig.ts';

const run = promisify(execFile);
const IMAGE = 'devup-test';

export class Podman {
  /** For devup, and for every other process that must see this podman's containers. */
  readonly env: Readonly<Record<string, string>>;
  readonly #rig: Rig;

  private constructor(rig: Rig) {
    this.#rig = rig;
    const folder = join(rig.home, 'podman');
    const text = (value: string) => JSON.stringify(value);
    this.env = {
      CONTAINERS_STORAGE_CONF: rig.write(
        '../home/podman/storage.conf',
        `[storage]\ndriver = "vfs"\ngraphroot = ${text(join(folder, 'store'))}\nrunroot = ${text(join(folder, 'run'))}\n`,
      ),
      // Limits that a container's process could not raise are spelled out, and no service manager is needed.
      CONTAINERS_CONF: rig.write(
        '../home/podman/containers.conf',
        `[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]\n[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\nlock_type = "file"\ntmp_dir = ${text(join(folder, 'tmp'))}\n`,
      ),
    };
  }

  static async prepare(rig: Rig): Promise<Podman> {
    const podman = new Podman(rig);
    const archive = join(rig.home, 'podman', 'image.tar');
    const busybox = staticBusybox();
    await run('tar', ['-cf', archive, '-C', join(busybox, '..'), 'busybox']);
    await podman.run('import', '--change', 'ENTRYPOINT ["/busybox"]', '--change', 'STOPSIGNAL SIGKILL', archive, IMAGE);
    return podman;
  }

  /** stdout; rejects with podman's message. */
  async run(...args: readonly string[]): Promise<string> {
    const { stdout } = await run('podman', [...args], { env: { ...this.#rig.env, ...this.env }, cwd: this.#rig.root });
    return stdout;
  }

  /** A command line that runs a container of that name with a web server on `inside`. */
  server(name: string, inside: number, ...options: readonly string[]): string {
    return ['podman run --rm --name', name, ...options, IMAGE, 'httpd -f -p', inside].join(' ');
  }

  async end(): Promise<void> {
    await this.run('rm', '--all', '--force', '--time', '0');
    // Podman removes its images itself: a store without root has folders that their owner may not write to.
    await this.run('rmi', '--all', '--force');
    // Without root, podman leaves a process that holds its namespaces; this ends it.
    if (process.getuid?.() !== 0) await this.run('system', 'migrate');
  }
}

export const lacksPodman = lacks('podman') || lacks('busybox');

export const test = base.extend<{ podman: Podman }>({
  podman: async ({ rig }, use) => {
    const podman = await Podman.prepare(rig);
    await use(podman);
    await podman.end();
  },
});

function staticBusybox(): string {
  const files = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'busybox'));
  const found = files.find((file) => statSync(file, { throwIfNoEntry: false }) && !readFileSync(file).includes('/ld-'));
  if (found === undefined) throw new Error('no static busybox on PATH (Debian: busybox-static)');
  return found;
}
