import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { auditTail, auditVerify } from './audit.ts';
import { type CheckOptions, check } from './check.ts';
import { type EraseConsentOptions, eraseConsent, importConsent, showConsent } from './consent.ts';
import { type DemoOptions, demo } from './demo.ts';
import type { ExitCode } from './exit-code.ts';
import { generate } from './generate.ts';
import { keysInit, keysList, keysRewrap, keysRotate, type RewrapOptions } from './keys.ts';
import { serve } from './serve.ts';
import { type TryOptions, tryOut } from './try.ts';
import {
  type BackupOptions,
  backup,
  type EraseOptions,
  eraseDataSubject,
  type RestoreOptions,
  restoreVault,
  showVaultStats,
  verify,
} from './vault.ts';

interface ConfigOption {
  readonly config: string;
}

const CONFIG = ['--config <file>', 'configuration file'] as const;

/** Ends the run with the exit status that a command's work comes to. */
type Ends = (work: Promise<ExitCode> | ExitCode) => Promise<void>;

/** Runs one command. @param argv arguments after the program's name */
export async function runCli(argv: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const program = new Command('privet')
    .description('A privacy hedge in front of your CRM.')
    .version(versionOf(new URL('../../package.json', import.meta.url)), '-V, --version', 'show the version')
    .exitOverride()
    .showHelpAfterError('(--help shows what is expected)');
  const groups = [proxyCommands, auditCommands, consentCommands, keyCommands, vaultCommands, makerCommands];
  for (const add of groups)
    add(program, async (work) => {
      exitCode = await work;
    });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`privet: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

function command(parent: Command, name: string, description: string): Command {
  return parent.command(name).description(description).exitOverride();
}

function proxyCommands(program: Command, ends: Ends): void {
  command(program, 'serve', 'run the proxy')
    .requiredOption(...CONFIG)
    .action((options: ConfigOption) => ends(serve(options)));
  command(program, 'check', 'validate configuration, data maps and policies')
    .requiredOption(...CONFIG)
    .option('--details', 'name what warnings sum up')
    .action((options: CheckOptions) => ends(check(options)));
  command(program, 'try', 'show what a principal would get, without a server or a CRM')
    .requiredOption(...CONFIG)
    .requiredOption('--as <json>', 'the principal: {"id":"ana","roles":["support"],"purposes":["support"]}')
    .requiredOption('--request <line>', 'method and target: "GET /path"')
    .option('--request-body <file>', 'body of the request')
    .option('--response <file>', "body of the CRM's answer")
    .option('--content-type <type>', 'media type of the bodies', 'application/json')
    .action((options: TryOptions) => ends(tryOut(options)));
  command(program, 'demo', 'sandbox CRMs, proxy and embedded stores; nothing else is needed')
    .option('--once', 'take a tour that checks itself, and exit')
    .action((options: DemoOptions) => ends(demo(options)));
}

function auditCommands(program: Command, ends: Ends): void {
  const audit = command(program, 'audit', 'the audit trail');
  command(audit, 'tail', 'follow the events')
    .requiredOption(...CONFIG)
    .action((options: ConfigOption) => ends(auditTail(options)));
  command(audit, 'verify', 'check the chain')
    .requiredOption(...CONFIG)
    .action((options: ConfigOption) => ends(auditVerify(options)));
}

function consentCommands(program: Command, ends: Ends): void {
  const consent = command(program, 'consent', 'what people have agreed and objected to');
  command(consent, 'import', 'take events from a CSV file; running it twice changes nothing')
    .argument('<file>', 'columns: id,email,phone,purpose,state,at,source,basis,until')
    .requiredOption(...CONFIG)
    .action((file: string, options: ConfigOption) => ends(importConsent(file, options)));
  command(consent, 'show', 'states and history of a person; exit status 1 when nothing is known')
    .argument('<value>', 'an e-mail address, a telephone number or an id')
    .requiredOption(...CONFIG)
    .action((value: string, options: ConfigOption) => ends(showConsent(value, options)));
  command(consent, 'erase', 'erase what a person has agreed to; what takes something away stays')
    .argument('<value>', 'an e-mail address, a telephone number or an id')
    .requiredOption(...CONFIG)
    .option('--all', 'withdrawals and objections too: nobody will respect them any more')
    .action((value: string, options: EraseConsentOptions) => ends(eraseConsent(value, options)));
}

function keyCommands(program: Command, ends: Ends): void {
  const keys = command(program, 'keys', 'the keyring');
  command(keys, 'init', 'make a keyring')
    .requiredOption(...CONFIG)
    .action((options: ConfigOption) => ends(keysInit(options)));
  command(keys, 'list', 'versions and dates')
    .requiredOption(...CONFIG)
    .action((options: ConfigOption) => ends(keysList(options)));
  command(keys, 'rotate', 'make a new key the active one')
    .requiredOption(...CONFIG)
    .action((options: ConfigOption) => ends(keysRotate(options)));
  command(keys, 'rewrap', 'bring the vault to the active key, or the ring to another key-encryption key')
    .requiredOption(...CONFIG)
    .addOption(
      new Option('--new-kek-file <file>', 'wrap the ring by the key-encryption key in this file').conflicts(
        'newKekEnv',
      ),
    )
    .option('--new-kek-env <name>', 'wrap the ring by the key-encryption key in this environment variable')
    .action((options: RewrapOptions) => ends(keysRewrap(options)));
}

function vaultCommands(program: Command, ends: Ends): void {
  const vault = command(program, 'vault', 'the token vault');
  command(vault, 'stats', 'how much there is of what')
    .requiredOption(...CONFIG)
    .action((options: ConfigOption) => ends(showVaultStats(options)));
  command(
    vault,
    'backup',
    'write records.jsonl and keys.jsonl, which the backup secret beside the ring opens',
  )
    .requiredOption(...CONFIG)
    .option('--to <directory>', 'where to', 'vault-backup')
    .action((options: BackupOptions) => ends(backup(options)));
  command(vault, 'restore', 'fill an empty store from a backup')
    .requiredOption(...CONFIG)
    .option('--from <directory>', 'where from', 'vault-backup')
    .option('--keys <file>', 'keys newer than those of the backup')
    .action((options: RestoreOptions) => ends(restoreVault(options)));
  command(vault, 'erase', 'destroy the data keys of the person that a record is about, for backups too')
    .requiredOption(...CONFIG)
    .requiredOption('--upstream <name>', 'upstream that has the record')
    .requiredOption('--object <name>', 'object of the record, as the CRM spells it')
    .requiredOption('--id <id>', 'id of the record')
    .action((options: EraseOptions) => ends(eraseDataSubject(options)));
  command(vault, 'verify', 'open everything; exit status 1 when anything is wrong')
    .requiredOption(...CONFIG)
    .action((options: ConfigOption) => ends(verify(options)));
}

/** For Privet's developers. */
function makerCommands(program: Command, ends: Ends): void {
  command(
    program,
    'generate',
    "write the files that are made from the schemas (for Privet's developers)",
  ).action(() => ends(generate()));
}

/** The version of the package; compiled or not, it lies two floors up. */
function versionOf(manifest: URL): string {
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };
  return version;
}
