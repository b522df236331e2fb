/** Rows of one backend, asked for again every few seconds: what is changed in the admin shows up by itself. */
import { useEffect, useState } from 'react';

const ASK_EVERY_MS = 5000;

export function Rows({ title, url, pick, line }) {
  const [{ rows, problem }, setAnswer] = useState({ rows: [], problem: null });

  // `pick` is the same function in each render as far as its result goes.
  // biome-ignore lint/correctness/useExhaustiveDependencies: asking again is bound to the address alone
  useEffect(() => {
    const leaving = new AbortController();
    const ask = async () => {
      try {
        const response = await fetch(url, { signal: leaving.signal });
        if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
        setAnswer({ rows: pick(await response.json()), problem: null });
      } catch (error) {
        // The rows that were there stay; the message says that they are old.
        if (!leaving.signal.aborted) setAnswer((before) => ({ ...before, problem: error.message }));
      }
    };
    ask();
    const timer = setInterval(ask, ASK_EVERY_MS);
    return () => {
      leaving.abort();
      clearInterval(timer);
    };
  }, [url]);

  return (
    <section>
      <h2>{title}</h2>
      {problem && <p role="alert">No answer: {problem}</p>}
      <p>{rows.length === 1 ? '1 row' : `${rows.length} rows`}</p>
      <ul>
        {rows.map((row) => (
          <li key={row.id}>{line(row)}</li>
        ))}
      </ul>
      <small>{url}</small>
    </section>
  );
}
