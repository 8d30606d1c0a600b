import { readFileSync } from 'node:fs';
import { type Plan, planHouse } from '../app/plan.ts';
import { errorCode } from '../config/error-code.ts';
import { formatProblem } from '../document/problem.ts';
import { PrivetError } from '../errors.ts';
import { spelled } from '../identity/spelling.ts';
import type { Principal } from '../model/principal.ts';
import type { CrmRequest } from '../model/request.ts';
import { entranceOf, findDoor, hostName } from '../proxy/door.ts';
import { canonicalTarget, pathOf } from '../proxy/wire/target.ts';
import { explain, type Question } from '../verify/explain.ts';
import { unknownWords } from '../verify/unknown-words.ts';
import type { ExitCode } from './exit-code.ts';
import { openTrial } from './trial.ts';
import { NoPrincipal, readPrincipal } from './try-principal.ts';

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
  let principal: Principal;
  try {
    principal = readPrincipal(options.as);
  } catch (error) {
    if (!(error instanceof NoPrincipal)) throw error;
    return usage(`--as ${error.message}`);
  }
  const [, method, target] = /^([A-Za-z]+) +(\S.*?) *$/.exec(options.request) ?? [];
  if (method === undefined || target === undefined)
    return usage('--request expects a method and a target: "GET /path"');
  const { plan, problems } = await planHouse(options.config, process.env);
  for (const problem of problems) process.stderr.write(`${formatProblem(problem)}\n`);
  if (plan === undefined) return 1;
  try {
    // As a browser does with an address that somebody types.
    const request = readRequest(plan, method, target.replaceAll(' ', '%20'), options);
    for (const line of remarksOn(principal, plan, request.request)) process.stderr.write(`${line}\n`);
    return await answerTo(plan, principal, request, options);
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
      principal: spelled(principal, asked.adapter.userId),
      facts,
      ...(response === undefined ? {} : { answer: { body: readNamed('--response', response), contentType } }),
    });
    process.stderr.write(`${reasons.join('\n')}\n`);
    if (response === undefined && !denied)
      process.stderr.write('the CRM has given no answer: --response FILE shows what becomes of one\n');
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

/** What may have been meant otherwise. */
function remarksOn(
  principal: Principal,
  { policies, named }: Plan,
  { method, body }: CrmRequest,
): readonly string[] {
  const unknown = unknownWords(principal, policies, named).map((line) => `--as: ${line}`);
  const takesBody = ['POST', 'PUT', 'PATCH'].includes(method) && body === undefined;
  return takesBody ? [...unknown, 'the request has no body: --request-body FILE gives it one'] : unknown;
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
    ...(options.requestBody === undefined ? {} : { body: readNamed('--request-body', options.requestBody) }),
  };
  return { adapter, upstream: door.name, request };
}

function readNamed(option: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new Error(`${option} ${file} cannot be read (${errorCode(cause)})`, { cause });
  }
}
