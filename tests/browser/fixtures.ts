// What every test starts from: a server with the filled company, and a browser that is watched.
import { type Browser, type BrowserContext, type BrowserContextOptions, test as base, expect, type Page } from '@playwright/test';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Facts, ROOT_TOKEN } from './company/facts.ts';
import { PASSWORD } from './company/people.ts';
import { runCommand, Server } from './server.ts';
import { code } from './totp.ts';
import { watch } from './watch.ts';

const execute = promisify(execFile);

type Cookies = Awaited<ReturnType<BrowserContext['cookies']>>;

/** The company's server, for one worker. */
export interface Office {
  server: Server;
  facts: Facts;
  /** Cookies of people who have signed in already, by username. */
  sessions: Map<string, Cookies>;
}

interface Worker {
  office: Office;
}

interface Each {
  /** A server that nobody has touched: what it does is this test's alone. */
  untouched: Server;
  /** A folder for real git, gone afterwards. */
  folder: string;
  /** Another browser, as watched as the first one. */
  another: (options?: BrowserContextOptions) => Promise<Page>;
}

async function openOffice(index: number): Promise<{ office: Office; close: () => Promise<void> }> {
  const company = process.env.TESSERA_COMPANY ?? '';
  const folder = mkdtempSync(join(tmpdir(), 'tessera-office-'));
  const data = join(folder, 'data');
  const database = await onPostgres(company, data, index);
  if (database === undefined) cpSync(join(company, 'data'), data, { recursive: true });
  const server = await Server.start({ data, rootToken: ROOT_TOKEN, database });
  const facts = JSON.parse(readFileSync(join(company, 'facts.json'), 'utf8')) as Facts;
  const close = async (): Promise<void> => {
    await server.remove();
    rmSync(folder, { recursive: true, force: true });
  };
  return { office: { server, facts, sessions: new Map() }, close };
}

/** The company on PostgreSQL, where that was asked for: the backup of SQLite restored there. */
async function onPostgres(company: string, data: string, index: number): Promise<string | undefined> {
  const server = process.env.TEST_DATABASE_URL ?? '';
  if (process.env.TESSERA_TEST_DATABASE !== 'postgres' || server === '') return undefined;
  const schema = `browser_${process.pid}_${index}`;
  const url = new URL(server);
  url.searchParams.set('options', `-csearch_path=${schema}`);
  await execute('psql', [server, '--quiet', '--command', `CREATE SCHEMA ${schema}`]);
  const backup = `${data}.tar`;
  await runCommand(join(company, 'data'), ['backup', 'create', backup]);
  await runCommand(data, ['backup', 'restore', backup, '--keep-all'], '', { TESSERA_DATABASE__URL: url.href });
  return url.href;
}

export const test = base.extend<Each, Worker>({
  office: [
    async ({}, use, info) => {
      const { office, close } = await openOffice(info.workerIndex);
      await use(office);
      await close();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  baseURL: async ({ office }, use) => use(office.server.url),
  context: async ({ context, baseURL }, use) => {
    const wrong = await watch(context, baseURL ?? '');
    await use(context);
    expect(wrong, 'what the browser complained of').toEqual([]);
  },
  another: async ({ browser, contextOptions, baseURL }, use) => {
    const opened: [BrowserContext, string[]][] = [];
    await use(async (options = {}) => {
      const context = await browser.newContext({ ...contextOptions, baseURL, ...options });
      opened.push([context, await watch(context, options.baseURL ?? baseURL ?? '')]);
      return context.newPage();
    });
    for (const [context, wrong] of opened) {
      await context.close();
      expect(wrong, 'what another browser complained of').toEqual([]);
    }
  },
  untouched: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'tessera-untouched-'));
    const server = await Server.start({ data: join(folder, 'data') });
    await use(server);
    await server.remove();
    rmSync(folder, { recursive: true, force: true });
  },
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'tessera-git-'));
    await use(folder);
    rmSync(folder, { recursive: true, force: true });
  },
});

export { expect };

/** Fills in the form for signing in and sends it off. */
export async function signIn(page: Page, username: string, password = PASSWORD): Promise<void> {
  await page.goto('/users/sign_in');
  await page.getByLabel('Username or email').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Gives the second factor's code after the password. */
export async function giveCode(page: Page, otp: string): Promise<void> {
  await page.getByLabel('Code').fill(otp);
  await page.getByRole('button', { name: /^(Verify|Sign in)/ }).click();
}

/** Makes the page's browser one in which this person of the company has signed in; the first time by the form. */
export async function as(page: Page, office: Office, username: string): Promise<void> {
  let cookies = office.sessions.get(username);
  if (cookies === undefined) {
    const browser = page.context().browser() as Browser;
    const context = await browser.newContext({ baseURL: office.server.url });
    const first = await context.newPage();
    await signIn(first, username, username === 'root' ? office.facts.initialPassword : PASSWORD);
    if (username === 'chiara') await giveCode(first, code(office.facts.otpSecret));
    await expect(first, `${username} signs in`).not.toHaveURL(/sign_in/);
    cookies = await context.cookies();
    office.sessions.set(username, cookies);
    await context.close();
  }
  await page.context().addCookies(cookies);
}
