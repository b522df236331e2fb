/** Compiled code is kept in the user's cache folder, for Node versions that do not keep it themselves. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { join } from 'node:path';
import { expect } from 'vitest';
import { test } from '../rig/rig.ts';

test.skipIf('enableCompileCache' in nodeModule)(
  'a kept compilation is used again, and a broken or unwritable one harms nobody',
  async ({ rig }) => {
    const port = await rig.port();
    rig.config({ web: { port, command: 'true' } });
    const cache = join(rig.root, 'cache');
    const folder = join(cache, 'devup', 'compiled-by-node');
    const status = () => rig.devup(['status'], { env: { XDG_CACHE_HOME: cache } });
    const first = await status();
    expect(first.stdout).toContain('web');
    const kept = readdirSync(folder).filter((name) => name.startsWith('fast.cjs-'));
    expect(kept).toHaveLength(1);
    expect((await status()).stdout).toBe(first.stdout);
    writeFileSync(join(folder, kept[0] as string), 'no code at all');
    expect((await status()).stdout).toBe(first.stdout);
    const file = join(rig.root, 'no-folder');
    mkdirSync(rig.root, { recursive: true });
    writeFileSync(file, '');
    expect((await rig.devup(['status'], { env: { XDG_CACHE_HOME: file } })).stdout).toBe(first.stdout);
  },
);
