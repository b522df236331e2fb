/** DICOM radiology: studies, each with a worldwide unique Study Instance UID. */
import { randomUUID } from 'node:crypto';
import { create, newest, oneOf, patient } from './lib/records.mjs';
import { start } from './lib/start.mjs';

const MODALITIES = ['CR', 'CT', 'MR', 'US', 'XA'];

start({
  name: 'imaging',
  prefix: '/imaging/',
  routes: ({ database }) => [
    {
      method: 'GET',
      path: '/imaging/studies',
      about: 'All studies, the newest first',
      handle: async () => ({ studies: await newest(database, 'studies') }),
    },
    {
      method: 'POST',
      path: '/imaging/studies',
      about: `A new study: { "patient", "modality" (${MODALITIES.join(', ')}) }`,
      handle: ({ body }) =>
        create(database, 'studies', { patient: patient(body), modality: oneOf(body, 'modality', MODALITIES), uid: studyUid() }),
    },
  ],
});

/** DICOM part 5, B.2: a UUID as one decimal number below 2.25. */
function studyUid() {
  return `2.25.${BigInt(`0x${randomUUID().replaceAll('-', '')}`)}`;
}
