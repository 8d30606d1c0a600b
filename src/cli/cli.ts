import { Command, CommanderError } from 'commander';
import { auditTail, auditVerify } from './audit.ts';
import { check } from './check.ts';
import { demo } from './demo.ts';
import { generate } from './generate.ts';
import { serve } from './serve.ts';
import { tryOut } from './try.ts';

/** Exit status: good, the thing checked is wrong, wrong usage. */
export type ExitCode = 0 | 1 | 2;

const CONFIG = ['--config <file>', 'configuration file'] as const;

/** Runs one command. @param argv arguments after the program's name */
export async function runCli(argv: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const program = new Command('privet')
    .description('A privacy hedge in front of your CRM.')
    .exitOverride()
    .showHelpAfterError('(--help shows what is expected)');

  function add<Options>(command: Command, run: (options: Options) => Promise<ExitCode> | ExitCode): Command {
    return command.exitOverride().action(async (options: Options) => {
      exitCode = await run(options);
    });
  }

  add(
    program
      .command('serve')
      .description('run the proxy')
      .requiredOption(...CONFIG),
    serve,
  );
  add(
    program
      .command('check')
      .description('validate configuration, data maps and policies')
      .requiredOption(...CONFIG),
    check,
  );
  add(
    program
      .command('try')
      .description('show what a principal would get, without a server or a CRM')
      .requiredOption(...CONFIG)
      .requiredOption('--as <json>', 'the principal: {"id":"ana","roles":["support"],"purposes":["support"]}')
      .requiredOption('--request <line>', 'method and target: "GET /path"')
      .option('--request-body <file>', 'body of the request')
      .option('--response <file>', "body of the CRM's answer")
      .option('--content-type <type>', 'media type of the bodies', 'application/json'),
    tryOut,
  );
  add(
    program
      .command('demo')
      .description('sandbox CRMs, proxy and embedded stores; nothing else is needed')
      .option('--once', 'run a tour and exit', false),
    demo,
  );
  const audit = program.command('audit').description('the audit trail').exitOverride();
  add(
    audit
      .command('tail')
      .description('follow the events')
      .requiredOption(...CONFIG),
    auditTail,
  );
  add(
    audit
      .command('verify')
      .description('check the chain')
      .requiredOption(...CONFIG),
    auditVerify,
  );
  add(
    program
      .command('generate')
      .description("write the files that are made from the schemas (for Privet's developers)"),
    generate,
  );

  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`privet: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}
