import { readFileSync } from 'node:fs';
import { formatProblem } from '../document/problem.ts';
import { PrivetError } from '../errors.ts';
import type { Principal } from '../model/principal.ts';
import type { CrmRequest } from '../model/request.ts';
import { type Plan, planHouse } from '../plan.ts';
import { entranceOf, findDoor, hostName } from '../proxy/door.ts';
import { canonicalTarget, pathOf } from '../proxy/wire/target.ts';
import { explain, type Question } from '../verify/explain.ts';
import type { ExitCode } from './exit-code.ts';
import { openTrial } from './trial.ts';

export interface TryOptions {
  readonly config: string;
  readonly as: string;
  readonly request: string;
  readonly requestBody?: string;
  readonly response?: string;
  readonly contentType: string;
}

/** `privet try`: on standard output what the client would get, on standard error why. */
export async function tryOut(options: TryOptions): Promise<ExitCode> {
  const principal = readPrincipal(options.as);
  if (principal === undefined) {
    return usage(
      '--as expects a JSON object such as {"id":"ana","roles":["support"],"purposes":["support"]}',
    );
  }
  const line = /^([A-Za-z]+) (\S+)$/.exec(options.request);
  if (line === null) return usage('--request expects a method and a target: "GET /path"');
  const { plan, problems } = await planHouse(options.config, process.env);
  for (const problem of problems) process.stderr.write(`${formatProblem(problem)}\n`);
  if (plan === undefined) return 1;
  try {
    return await answerTo(plan, principal, readRequest(plan, line[1] ?? '', line[2] ?? '', options), options);
  } catch (error) {
    if (!(error instanceof PrivetError)) throw error;
    process.stderr.write(`${error.code}: ${error.message}\n`);
    return 1;
  }
}

async function answerTo(
  plan: Plan,
  principal: Principal,
  asked: Pick<Question, 'adapter' | 'upstream' | 'request'>,
  { response, contentType }: TryOptions,
): Promise<ExitCode> {
  const { enforcement, facts, remark, close } = await openTrial(plan);
  try {
    if (remark !== undefined) process.stderr.write(`${remark}\n`);
    const { body, denied, reasons } = await explain({
      ...asked,
      enforcement,
      policies: plan.policies,
      principal,
      facts,
      ...(response === undefined ? {} : { answer: { body: readFileSync(response), contentType } }),
    });
    process.stderr.write(`${reasons.join('\n')}\n`);
    process.stdout.write(body);
    return denied ? 1 : 0;
  } finally {
    await close();
  }
}

function usage(message: string): ExitCode {
  process.stderr.write(`privet try: ${message}\n`);
  return 2;
}

const LISTS = ['roles', 'purposes', 'team', 'amr'] as const;

/** A principal as its JSON says, with the purpose a request without `x-privet-purpose` would have. */
function readPrincipal(text: string): Principal | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('id' in value) || typeof value.id !== 'string')
    return undefined;
  const given = value as Record<string, unknown>;
  const words = (key: string): readonly string[] | undefined => {
    const list = given[key] ?? [];
    return Array.isArray(list) && list.every((word) => typeof word === 'string') ? list : undefined;
  };
  const lists = LISTS.map((key) => [key, words(key)] as const);
  if (lists.some(([, list]) => list === undefined)) return undefined;
  const { roles = [], purposes = [], ...others } = Object.fromEntries(lists);
  const known = ['id', 'purpose', 'region', 'level', 'crmUserId', 'acr'];
  const texts = Object.entries(given).filter(([key]) => !LISTS.some((list) => list === key));
  if (texts.some(([key, text]) => !known.includes(key) || typeof text !== 'string')) return undefined;
  const [only] = purposes;
  return {
    ...(purposes.length === 1 && only !== undefined ? { purpose: only } : {}),
    ...Object.fromEntries(texts),
    // A team that is not given is not known.
    ...(given['team'] === undefined ? {} : { team: others['team'] ?? [] }),
    amr: others['amr'] ?? [],
    id: value.id,
    roles,
    purposes,
    via: 'none',
  };
}

function readRequest(plan: Plan, method: string, target: string, options: TryOptions) {
  const absolute = /^https?:\/\/([^/?]+)(.*)$/.exec(target);
  const host = absolute?.[1] ?? '';
  const raw = absolute === null ? target : absolute[2] || '/';
  const doors = plan.config.upstreams.map(({ name, match }) => ({ name, ...entranceOf(match) }));
  const door = findDoor(doors, hostName(host), pathOf(raw));
  const adapter = plan.adapters.get(door.name);
  if (adapter === undefined) throw new PrivetError('UPSTREAM_UNKNOWN');
  const canonical = canonicalTarget(raw, method.toUpperCase(), {}, adapter.repeatable);
  const path = canonical.path.slice(door.prefix.length) || '/';
  const request: CrmRequest = {
    method: canonical.method,
    path,
    segments: path === '/' ? [] : path.slice(1).split('/').map(decodeURIComponent),
    query: canonical.query,
    contentType: options.requestBody === undefined ? '' : options.contentType,
    accept: '',
    ...(options.requestBody === undefined ? {} : { body: readFileSync(options.requestBody) }),
  };
  return { adapter, upstream: door.name, request };
}
