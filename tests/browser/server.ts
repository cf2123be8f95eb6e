// The real binary as a person starts it: its own data directory, a free port, its command line and its REST API.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const START_SECONDS = 120;

/** What scripts/test hands on, or what cargo build has left. */
export const binary = process.env.TESSERA_BINARY ?? '';
if (binary === '') throw new Error('TESSERA_BINARY names no binary: start this by tests/browser/run');

/** What the child processes see: nothing of whoever runs the tests, above all no configuration of Tessera. */
function environment(more: Record<string, string> = {}): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('TESSERA_') && !name.startsWith('GIT_'));
  return { ...(Object.fromEntries(kept) as Record<string, string>), ...more };
}

export interface Answer {
  status: number;
  headers: Headers;
  // What a test knows of the body is said where it is read.
  body: any;
}

export interface Start {
  /** The data directory: made when it is not there, kept when the server stops. */
  data: string;
  /** Planted as the administrator's token. */
  rootToken?: string;
  /** A PostgreSQL; otherwise SQLite in the data directory. */
  database?: string;
}

export class Server {
  private constructor(
    readonly url: string,
    readonly data: string,
    readonly rootToken: string,
    private readonly child: ChildProcess,
    private readonly variables: Record<string, string>,
  ) {}

  /** Starts one and waits until it listens. */
  static async start({ data, rootToken = '', database }: Start): Promise<Server> {
    mkdirSync(data, { recursive: true });
    const log = `${data}.log`;
    const variables: Record<string, string> = database === undefined ? {} : { TESSERA_DATABASE__URL: database };
    const planted: Record<string, string> = rootToken === '' ? {} : { TESSERA_ROOT_TOKEN: rootToken };
    const child = spawn(binary, ['serve', '--data-dir', data, '--listen', '127.0.0.1:0'], {
      env: environment({ ...variables, ...planted }),
      stdio: ['ignore', 'ignore', openSync(log, 'w')],
    });
    for (let tries = 0; tries < START_SECONDS * 20; tries++) {
      const url = /^tessera .* listens at (\S+)$/m.exec(readFileSync(log, 'utf8'))?.[1];
      if (url !== undefined) return new Server(url, data, rootToken, child, variables);
      if (child.exitCode !== null) throw new Error(`the server does not start:\n${readFileSync(log, 'utf8')}`);
      await new Promise((wake) => setTimeout(wake, 50));
    }
    child.kill('SIGKILL');
    throw new Error(`the server did not listen within ${START_SECONDS} s`);
  }

  /** Ends it as an operator does and waits until it is gone. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const gone = new Promise((ended) => this.child.once('exit', ended));
    this.child.kill('SIGTERM');
    await gone;
  }

  /** Ends it and removes everything that it kept. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.data, { recursive: true, force: true });
    rmSync(`${this.data}.log`, { force: true });
  }

  /** What the server has logged. */
  log(): string {
    return readFileSync(`${this.data}.log`, 'utf8');
  }

  /** The password that the first start has left for root. */
  initialPassword(): string {
    return readFileSync(join(this.data, 'initial_root_password'), 'utf8').trim();
  }

  /** Runs a command; its output. Secrets go by standard input. */
  async command(words: string[], input = ''): Promise<string> {
    return runCommand(this.data, words, input, this.variables);
  }

  /** Calls the REST API; `form` becomes JSON. */
  async api(token: string, verb: string, path: string, form?: Record<string, unknown>): Promise<Answer> {
    const headers: Record<string, string> = {};
    if (token !== '') headers['PRIVATE-TOKEN'] = token;
    if (form !== undefined) headers['Content-Type'] = 'application/json';
    const body = form === undefined ? undefined : JSON.stringify(form);
    const reply = await fetch(`${this.url}/api/v4${path}`, { method: verb, headers, body });
    const text = await reply.text();
    const json = (reply.headers.get('content-type') ?? '').includes('json');
    return { status: reply.status, headers: reply.headers, body: json && text !== '' ? JSON.parse(text) : text };
  }

  /** The same as the administrator, which must succeed; the body. */
  async root(verb: string, path: string, form?: Record<string, unknown>): Promise<any> {
    return this.as(this.rootToken, verb, path, form);
  }

  /** The same by a token, which must succeed; the body. */
  async as(token: string, verb: string, path: string, form?: Record<string, unknown>): Promise<any> {
    const { status, body } = await this.api(token, verb, path, form);
    if (status < 200 || status > 299) throw new Error(`${verb} ${path}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  /** The address of a repository for Git, with a token as the password. */
  remote(project: string, token: string, username = 'git'): string {
    const url = new URL(`${this.url}/${project}.git`);
    url.username = username;
    url.password = token;
    return url.href;
  }
}

/** Runs a command on a data directory, whether a server has it or not. */
export async function runCommand(
  data: string,
  words: string[],
  input = '',
  variables: Record<string, string> = {},
): Promise<string> {
  return run(binary, [...words, '--data-dir', data], environment(variables), input);
}

/** Whose commits these are, unless a variable says otherwise. */
const AUTHOR = { name: 'Ada Lindqvist', email: 'ada@harbour.example' };

/** Runs real git away from any configuration of the machine; its output. */
export async function git(folder: string, words: string[], more: Record<string, string> = {}, input: string | Buffer = ''): Promise<string> {
  const variables = environment({
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: AUTHOR.name,
    GIT_AUTHOR_EMAIL: AUTHOR.email,
    GIT_COMMITTER_NAME: AUTHOR.name,
    GIT_COMMITTER_EMAIL: AUTHOR.email,
    ...more,
  });
  return run('git', ['-C', folder, ...words], variables, input);
}

async function run(program: string, words: string[], env: Record<string, string>, input: string | Buffer): Promise<string> {
  const running = execute(program, words, { env, maxBuffer: 1 << 26 });
  // Who does not read its input closes it.
  running.child.stdin?.on('error', () => {});
  running.child.stdin?.end(input);
  return (await running).stdout;
}
