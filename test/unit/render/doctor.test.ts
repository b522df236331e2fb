import { expect, test } from 'vitest';
import { doctorReport } from '../../../src/render/doctor.ts';

test('the report is aligned, names every fix, and sums up', () => {
  const text = doctorReport(
    [
      { name: 'node', health: 'ok', text: 'v20.20.0', fix: null },
      {
        name: 'leftovers',
        health: 'problem',
        text: '1 process of an earlier session still running',
        details: ['node (pid 7) of web'],
        fix: 'devup stop',
      },
      { name: 'ports', health: 'note', text: 'a\x1b[2Jb', fix: null },
    ],
    false,
  );
  expect(text).toBe(
    [
      '✔ node       v20.20.0',
      '✖ leftovers  1 process of an earlier session still running',
      '             node (pid 7) of web',
      '             fix  devup stop',
      '! ports      a^[[2Jb',
      '',
      '1 problem',
      '',
    ].join('\n'),
  );
});
