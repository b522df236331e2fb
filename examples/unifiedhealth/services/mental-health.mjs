/** Therapy and assessments: the nine questions of PHQ-9, each answered with 0 to 3, and what their sum means. */
import { Refusal } from '../../default/lib/service.mjs';
import { create, newest, patient } from './lib/records.mjs';
import { start } from './lib/start.mjs';

const SEVERITIES = [
  { from: 20, name: 'severe' },
  { from: 15, name: 'moderately severe' },
  { from: 10, name: 'moderate' },
  { from: 5, name: 'mild' },
  { from: 0, name: 'minimal' },
];

start({
  name: 'mental-health',
  prefix: '/mental-health/',
  routes: ({ database }) => [
    {
      method: 'GET',
      path: '/mental-health/assessments',
      about: 'All assessments, the newest first',
      handle: async () => ({ assessments: await newest(database, 'assessments') }),
    },
    {
      method: 'POST',
      path: '/mental-health/assessments',
      about: 'A new assessment: { "patient", "answers" (nine numbers from 0 to 3) }',
      handle: ({ body }) => {
        const score = sum(body?.answers);
        return create(database, 'assessments', {
          patient: patient(body),
          score,
          severity: SEVERITIES.find(({ from }) => score >= from).name,
        });
      },
    },
  ],
});

function sum(answers) {
  const isRight = Array.isArray(answers) && answers.length === 9 && answers.every((answer) => [0, 1, 2, 3].includes(answer));
  if (!isRight) throw new Refusal(400, 'answers must be nine numbers from 0 to 3');
  return answers.reduce((total, answer) => total + answer, 0);
}
