// Fills an instance with a small company: people, groups, projects with histories, issues, tokens in every state.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Server } from '../server.ts';
import { code } from '../totp.ts';
import { type Facts, GATEWAY, ROOT_TOKEN } from './facts.ts';
import { PASSWORD, people } from './people.ts';
import { gateway, push, small } from './repositories.ts';

const at = (path: string): string => encodeURIComponent(path);

/** The day so many days from now, as the API takes it. */
export function day(offset: number): string {
  return new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
}

const ROLES = { guest: 10, reporter: 20, developer: 30, maintainer: 40, owner: 50 };

interface Minted {
  id: number;
  token: string;
}

/** Fills the data directory `data`; the server is stopped afterwards. */
export async function fill(data: string): Promise<Facts> {
  const server = await Server.start({ data, rootToken: ROOT_TOKEN });
  try {
    const company = new Company(server);
    await company.hire();
    await company.organise();
    await company.work();
    const facts = await company.mint();
    await server.stop();
    age(data);
    return facts;
  } finally {
    await server.stop();
  }
}

/** Moves what would have happened within a minute into the past. */
function age(data: string): void {
  const script = join(import.meta.dirname, 'age.py');
  execFileSync('python3', [script, join(data, 'tessera.db')], { stdio: ['ignore', 'ignore', 'inherit'] });
}

class Company {
  private readonly ids: Record<string, number> = {};
  private readonly tokens: Record<string, Minted> = {};
  private otpSecret = '';

  constructor(private readonly server: Server) {}

  private by(who: string, verb: string, path: string, form?: Record<string, unknown>) {
    return this.server.as(this.tokens[who]?.token ?? ROOT_TOKEN, verb, path, form);
  }

  async hire(): Promise<void> {
    for (const [username, { name, email, admin, newcomer, idle }] of Object.entries(people)) {
      const words = ['user', 'create', '--username', username, '--name', name, '--email', email, '--password-stdin'];
      if (admin) words.push('--admin');
      if (username === 'farid') words.push('--external');
      await this.server.command(words, `${PASSWORD}\n`);
      if (newcomer) {
        const [found] = await this.server.root('GET', `/users?username=${username}`);
        await this.server.root('PUT', `/users/${found.id}`, { password: PASSWORD });
        continue;
      }
      if (idle) continue;
      const api = ['token', 'create', '--user', username, '--name', 'Command line on the laptop', '--scopes', 'api'];
      this.tokens[username] = JSON.parse(await this.server.command([...api, '--expires-at', day(200), '--json'])) as Minted;
      this.ids[username] = ((await this.by(username, 'GET', '/user')) as { id: number }).id;
    }
    const shown = JSON.parse(await this.server.command(['user', 'two-factor', 'enable', 'chiara', '--json'])) as {
      otp_secret: string;
    };
    this.otpSecret = shown.otp_secret;
    await this.server.command(['user', 'two-factor', 'confirm', 'chiara'], `${code(this.otpSecret)}\n`);
  }

  async organise(): Promise<void> {
    const group = (who: string, name: string, path: string, description: string, visibility: string, parent?: number) =>
      this.by(who, 'POST', '/groups', { name, path, description, visibility, parent_id: parent }) as Promise<{ id: number }>;
    const harbour = await group('ada', 'Harbour Freight Office', 'harbour', 'Everything that runs the harbour.', 'internal');
    const platform = await group('ada', 'Platform', 'platform', 'What every service stands on.', 'internal', harbour.id);
    const services = await group('ada', 'Services', 'services', 'What the office works with.', 'internal', harbour.id);
    const research = await group('chiara', 'Research', 'research', 'Tides, weather and berths.', 'private');
    const tides = await group('chiara', 'Tides', 'tides', '', 'private', research.id);
    await group('dmitri', 'Trainees', 'trainees', 'A place to try things out.', 'public');

    const project = (who: string, name: string, path: string, description: string, into: number | undefined, visibility: string) =>
      this.by(who, 'POST', '/projects', { name, path, description, namespace_id: into, visibility });
    await project('ada', 'Gateway', 'gateway', 'Takes every call and hands it to its service.', platform.id, 'internal');
    await project('ada', 'Deployment', 'deploy', 'How services get onto machines.', platform.id, 'private');
    await project('ben', 'Notes', 'notes', '', undefined, 'private');
    await project('ada', 'Ledger', 'ledger', 'Who owes the harbour what.', services.id, 'private');
    await project('chiara', 'Model', 'model', 'When the water is high enough.', tides.id, 'private');
    await project('dmitri', 'Welcome', 'welcome', 'Read this first.', undefined, 'public');
    await project('ada', 'Berths', 'berths', 'Nothing has been pushed here yet.', services.id, 'private');

    const member = (path: string, who: string, role: keyof typeof ROLES, expires?: string) =>
      this.by(path.startsWith('groups/research') ? 'chiara' : 'ada', 'POST', `/${path}/members`, {
        user_id: this.ids[who],
        access_level: ROLES[role],
        expires_at: expires,
      });
    await member(`groups/harbour`, 'emi', 'guest');
    await member(`groups/${at('harbour/platform')}`, 'ben', 'developer');
    await member(`groups/${at('harbour/platform')}`, 'chiara', 'maintainer');
    await member(`groups/research`, 'ada', 'developer');
    await member(`projects/${at(GATEWAY)}`, 'dmitri', 'reporter');
    await member(`projects/${at(GATEWAY)}`, 'farid', 'developer', day(20));
    await member(`projects/${at('harbour/services/ledger')}`, 'ben', 'maintainer');

    await this.by('ada', 'POST', `/projects/${at(GATEWAY)}/protected_tags`, { name: 'v*', create_access_level: 40 });
  }

  async work(): Promise<void> {
    const remote = (who: string, path: string) => this.server.remote(path, this.tokens[who]?.token ?? '', who);
    const commit = await push(gateway, remote('ada', GATEWAY));
    this.commit = commit;
    await push(
      small('Deployment', 'How services get onto machines.', 'deploy.sh', '#!/bin/sh\nset -eu\n', [
        ['ben', 'Wait until the health check answers', 'deploy.sh'],
        ['ada', 'Roll back when it does not', 'deploy.sh'],
        ['ben', 'Explain how to roll back by hand', 'docs/rollback.md'],
      ]),
      remote('ada', 'harbour/platform/deploy'),
    );
    await push(
      small('Ledger', 'Who owes the harbour what.', 'ledger/accounts.py', 'class Account:\n    pass\n', [
        ['ben', 'Round to the cent once, at the end', 'ledger/accounts.py'],
        ['ada', 'Test rounding', 'tests/test_accounts.py'],
      ]),
      remote('ada', 'harbour/services/ledger'),
    );
    await push(
      small('Model', 'When the water is high enough.', 'model.py', 'def height(at):\n    return 0\n', [
        ['chiara', 'Count the moon in', 'model.py'],
      ]),
      remote('chiara', 'research/tides/model'),
    );
    await push(small('Welcome', 'Read this first.', 'people.md', '# People\n', []), remote('dmitri', 'dmitri/welcome'));

    const issues = `/projects/${at(GATEWAY)}/issues`;
    const issue = async (who: string, title: string, description: string, labels = '') =>
      (await this.by(who, 'POST', issues, { title, description, labels })).iid as number;
    const note = (who: string, iid: number, body: string) => this.by(who, 'POST', `${issues}/${iid}/notes`, { body });
    const slow = await issue(
      'dmitri',
      'Answers take longer since Tuesday',
      'Since **Tuesday** the berth list takes four seconds.\n\n- on the office network and outside\n- only `GET /berths`\n\n```\n$ curl -w "%{time_total}" …\n4.18\n```',
      'slow,berths',
    );
    await note('ben', slow, 'The service opens a connection for each call since its last release.');
    await note('ada', slow, 'Then let us keep them open: `feature/rate-limits` touches the same lines, so please take that into account.');
    await note('dmitri', slow, 'Thank you. It is down to 0.3 seconds here.');
    await issue('emi', 'The runbook names a machine that is gone', 'See the second section.', 'docs');
    const limits = await issue('ben', 'Bound how often one caller may call', 'A hundred calls at once, ten a second.', 'feature');
    await note('chiara', limits, 'Nightly jobs call more often than that. Can they have a bound of their own?');
    const closed = await issue('chiara', 'Version 1.0.0', '');
    await this.by('chiara', 'PUT', `${issues}/${closed}`, { state_event: 'close' });
    await issue('ada', 'A title that is as long as people sometimes make them, since they put the whole report into it and leave nothing for the text', '');
  }

  private commit = '';

  async mint(): Promise<Facts> {
    const projectTokens: Record<string, number> = {};
    const path = `/projects/${at(GATEWAY)}/access_tokens`;
    const mint = async (name: string, scopes: string[], role: keyof typeof ROLES, end: number, description = '', who = 'ada') => {
      const form = { name, description, scopes, access_level: ROLES[role], expires_at: day(end) };
      const minted = (await this.by(who, 'POST', path, form)) as Minted;
      projectTokens[name] = minted.id;
      return minted;
    };
    const use = (token: string) => this.server.as(token, 'GET', `/projects/${at(GATEWAY)}`);
    const mirror = await mint('nightly-mirror', ['write_repository', 'read_api'], 'developer', 12, 'Copies main to the backup site every night.');
    const review = await mint('review-app', ['api'], 'developer', 90, 'Writes results into issues.');
    const scanner = await mint('dependency-scanner', ['read_repository', 'read_api'], 'reporter', 180, '', 'chiara');
    const images = await mint('image-builder', ['read_registry', 'write_registry'], 'developer', 365, 'Builds and pushes images.');
    const release = await mint('release-notes', ['api'], 'maintainer', 300);
    await mint('dashboard', ['read_api'], 'reporter', 45, 'For the screen in the corridor.', 'chiara');
    await mint('ends-tomorrow', ['read_repository'], 'guest', 1);
    const old = await mint('old-pipeline', ['api'], 'maintainer', 60);
    const trial = await mint('trial', ['read_api'], 'guest', 30);
    await mint('long-expired', ['read_repository'], 'reporter', 20, 'Aged into the past.');
    await mint('statistics', ['read_api'], 'reporter', 200);
    await mint('a-name-that-is-much-longer-than-the-names-that-people-usually-give-to-their-tokens', ['api', 'read_repository', 'write_repository', 'read_registry', 'write_registry'], 'maintainer', 150);
    for (const { token } of [mirror, review, scanner, images, release, old, trial]) if (token !== images.token) await use(token);
    const issues = `/projects/${at(GATEWAY)}/issues`;
    const found = await this.server.as(review.token, 'POST', issues, { title: 'Review of feature/rate-limits: 2 tests fail', description: '`limits::refills` and `limits::bursts`' });
    await this.server.as(review.token, 'POST', `${issues}/${found.iid}/notes`, { body: 'Now they pass.' });
    await this.server.as(old.token, 'POST', issues, { title: 'Pipeline 218 failed', description: 'Opened by a bot that is gone by now.' });
    await this.by('ada', 'DELETE', `${path}/${old.id}`);
    await this.by('ada', 'DELETE', `${path}/${trial.id}`);
    const next = (await this.by('ada', 'POST', `${path}/${release.id}/rotate`, { expires_at: day(120) })) as Minted;
    projectTokens['release-notes'] = next.id;
    const other = `/projects/${at('harbour/services/ledger')}/access_tokens`;
    await this.by('ada', 'POST', other, { name: 'bookkeeping', scopes: ['api'], access_level: 40, expires_at: day(12) });

    const personal: Record<string, number> = {};
    const own = async (name: string, scopes: string, end: number) => {
      const words = ['token', 'create', '--user', 'ada', '--name', name, '--scopes', scopes, '--expires-at', day(end), '--json'];
      const minted = JSON.parse(await this.server.command(words)) as Minted;
      personal[name] = minted.id;
      return minted;
    };
    const editor = await own('Editor on the desktop', 'read_repository,write_repository', 25);
    await own('Calendar of ships', 'read_api', 300);
    const lost = await own('Phone', 'api', 80);
    await this.server.command(['token', 'revoke', '--id', String(lost.id)]);
    await this.server.as(editor.token, 'GET', '/personal_access_tokens/self');
    personal['Command line on the laptop'] = this.tokens.ada?.id ?? 0;

    await this.server.root('POST', '/features/resource_access_token', { value: 'true' });
    await this.server.root('POST', `/users/${this.ids.farid}/block`);
    await this.server.api('glpat-0123456789abcdefghij', 'GET', '/user');
    return { commit: this.commit, member: this.ids.dmitri ?? 0, projectTokens, personalTokens: personal, otpSecret: this.otpSecret, initialPassword: this.server.initialPassword() };
  }
}
