import { cpSync, mkdirSync, readFileSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CANARIES, type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { until } from '../fixtures/audit.ts';
import { attempt, type Load, load } from './load.ts';
import { type Premises, type PrivetProcess, premises } from './premises.ts';
import { asSupport, CANARY_QUERY, HIDDEN } from './salesforce.ts';

const NAMES_TOO = `
policy: support-sees-no-names
for: { roles: [support] }
show:
  identity.name: { mask: initials }
`;

/** In one step, as editors do: a file that is half written is nobody's intention. */
function replace(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

describe('policies that change under load', () => {
  let crm: Sandbox;
  let house: Premises;
  let privet: PrivetProcess;
  let traffic: Load;

  beforeEach(async () => {
    crm = await startSandbox({ crm: 'salesforce', people: 50, canary: 0 });
    house = await premises(crm.url, { limits: { policyDebounceMs: 50 } });
  });
  afterEach(async () => {
    await house.close();
    await crm.close();
  });

  async function begin(): Promise<void> {
    privet = await house.start();
    traffic = load(4, 150, (agent) => attempt(house.url + CANARY_QUERY, asSupport({ agent })));
    await until(() => traffic.attempts.length > 20, 'load');
  }

  /** Every request was answered, and none saw what is hidden. */
  async function end(): Promise<void> {
    const attempts = await traffic.stop();
    expect(attempts.filter(({ status, isWhole }) => status !== 200 || !isWhole)).toEqual([]);
    const text = attempts.map(({ body }) => body).join('\n');
    for (const value of HIDDEN) expect(text).not.toContain(value);
  }

  async function sees(value: string): Promise<boolean> {
    return (await attempt(house.url + CANARY_QUERY, asSupport())).body.includes(value);
  }

  async function reloads(outcome: 'loaded' | 'refused'): Promise<number> {
    return house.metric(`privet_policy_reloads_total{outcome="${outcome}"}`);
  }

  async function policyEvents(): Promise<(string | undefined)[]> {
    return (await house.spooled()).filter(({ phase }) => phase === 'policy').map(({ reason }) => reason);
  }

  it('stay in force while a file is broken, and change when it is mended', async () => {
    await begin();
    const file = join(house.policies, 'support.yaml');
    const good = readFileSync(file, 'utf8');
    expect(await sees(CANARIES.lastName)).toBe(true);

    replace(file, good.slice(0, good.length >> 1).concat('\n  : ['));
    await until(async () => (await reloads('refused')) === 1, 'the broken file is refused');
    await until(async () => (await policyEvents()).length === 1, 'an event');
    expect(await policyEvents()).toEqual(['policies refused: the old ones stay in force']);
    expect(privet.output()).toMatch(/support\.yaml:\d+:\d+ .*policies refused: the old ones stay in force/);

    replace(file, `${good}---${NAMES_TOO}`);
    await until(async () => (await reloads('loaded')) === 1, 'the mended file is loaded');
    expect(await sees(CANARIES.lastName)).toBe(false);
    await until(async () => (await policyEvents()).length === 2, 'another event');
    expect((await policyEvents()).at(-1)).toBe('policies replaced');
    await end();
    const sets = new Set((await house.spooled()).map(({ policySet }) => policySet));
    expect(sets.size).toBe(2);
  });

  it('are swapped as Kubernetes swaps a mounted ConfigMap', async () => {
    const mounted = join(house.directory, 'mounted');
    const version = (name: string): string => {
      const path = join(mounted, name);
      cpSync(house.policies, path, { recursive: true });
      return path;
    };
    mkdirSync(mounted);
    version('..1');
    const second = version('..2');
    writeFileSync(
      join(second, 'everyone.yaml'),
      `${readFileSync(join(second, 'everyone.yaml'), 'utf8')}---${NAMES_TOO}`,
    );
    writeFileSync(join(version('..3'), 'support.yaml'), 'policy: [');
    symlinkSync('..1', join(mounted, '..data'));
    for (const name of ['data-map', 'everyone', 'marketing', 'sales', 'support']) {
      symlinkSync(`..data/${name}.yaml`, join(mounted, `${name}.yaml`));
    }
    const swapTo = (name: string): void => {
      symlinkSync(name, join(mounted, '..data_tmp'));
      renameSync(join(mounted, '..data_tmp'), join(mounted, '..data'));
    };
    house.configure({ policies: { path: './mounted', include: ['packs/salesforce', 'packs/hubspot'] } });
    await begin();
    swapTo('..2');
    await until(async () => !(await sees(CANARIES.lastName)), 'the second version is in force');
    swapTo('..3');
    await until(async () => (await reloads('refused')) === 1, 'the third version is refused');
    swapTo('..1');
    await until(async () => sees(CANARIES.lastName), 'the first version is in force again');
    await end();
  });

  it('stay in force while their directory is gone, empty or half written', async () => {
    await begin();
    const aside = join(house.directory, 'aside');
    renameSync(house.policies, aside);
    await until(async () => (await reloads('refused')) >= 1, 'a missing directory is refused');
    let refused = await reloads('refused');
    mkdirSync(house.policies);
    await until(async () => (await reloads('refused')) > refused, 'an empty directory is refused');
    refused = await reloads('refused');
    symlinkSync('not-yet', join(house.policies, 'support.yaml'));
    cpSync(join(aside, 'everyone.yaml'), join(house.policies, 'everyone.yaml'));
    cpSync(join(aside, 'data-map.yaml'), join(house.policies, 'data-map.yaml'));
    await until(async () => (await reloads('refused')) > refused, 'a link to nothing is refused');
    unlinkSync(join(house.policies, 'support.yaml'));
    writeFileSync(
      join(house.policies, 'support.yaml'),
      `${readFileSync(join(aside, 'support.yaml'), 'utf8')}---${NAMES_TOO}`,
    );
    await until(async () => !(await sees(CANARIES.lastName)), 'a whole directory is loaded');
    await end();
  });
});
