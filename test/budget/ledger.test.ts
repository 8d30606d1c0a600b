import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { encodeHead, encodeLine, openLedger, placesOf } from '../../src/budget/ledger.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import type { Store } from '../../src/store/store.ts';

const NOON = Date.UTC(2026, 10, 25, 12);
const KEEP_MS = 3_600_000;
const LINES = 1_000;
const RECORDS_A_LINE = 200;

let path: string;
let store: Store;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'privet-ledger-'));
  store = openEmbedded(path, DEFAULT_LIMITS);
});
afterEach(async () => {
  await store.close();
  rmSync(path, { recursive: true, force: true });
});

const nameOf = (line: number, record: number) => `${line}-${record}`.padEnd(22, 'x');

it('writes two hundred thousand records of one time together', async () => {
  const places = placesOf('account');
  const lines = Array.from({ length: LINES }, (_, line) => ({
    at: NOON + line,
    names: Array.from({ length: RECORDS_A_LINE }, (_, record) => nameOf(line, record)),
  }));
  const head = { begun: NOON, first: 0, next: LINES, until: NOON + KEEP_MS };
  await store.write([
    { put: places.head, value: encodeHead(head) },
    ...lines.map((line, seq) => ({ put: places.line(seq), value: encodeLine(line) })),
  ]);
  const open = () => openLedger(store, 'account', KEEP_MS, KEEP_MS);
  const ledger = open();
  const live = new Map((await ledger.catchUp()).flatMap(({ at, names }) => names.map((name) => [name, at])));
  expect(live.size).toBe(LINES * RECORDS_A_LINE);
  const added = { at: NOON + LINES, names: [nameOf(LINES, 0)] };
  expect(await ledger.append(added, live)).toBe(true);
  const [together, ...rest] = await open().catchUp();
  expect(rest).toEqual([added]);
  expect(together?.at).toBe(NOON + LINES - 1);
  expect(together?.names.length).toBe(live.size);
});
