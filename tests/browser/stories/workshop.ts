// People and projects that belong to one story, so that stories can run beside each other.
import type { Locator, Page } from '@playwright/test';
import { randomBytes } from 'node:crypto';
import { PASSWORD } from '../company/people.ts';
import { expect, type Office } from '../fixtures.ts';

export interface Somebody {
  id: number;
  username: string;
  name: string;
  /** A token of theirs with the scope api, for what the story itself does not tell. */
  token: string;
}

/** A name that nobody has yet. */
export function unused(word: string): string {
  return `${word}-${randomBytes(4).toString('hex')}`;
}

/** Somebody new, with everybody's password. */
export async function somebody(office: Office, word: string, more: string[] = []): Promise<Somebody> {
  const { server } = office;
  const username = unused(word);
  const name = `${word.charAt(0).toUpperCase()}${word.slice(1)} of the Harbour`;
  const words = ['user', 'create', '--username', username, '--name', name, '--email', `${username}@harbour.example`];
  await server.command([...words, '--password-stdin', ...more], `${PASSWORD}\n`);
  const minted = await server.command(['token', 'create', '--user', username, '--name', 'story', '--scopes', 'api', '--json']);
  const { token } = JSON.parse(minted) as { token: string };
  const { id } = (await server.as(token, 'GET', '/user')) as { id: number };
  return { id, username, name, token };
}

export interface Workshop {
  owner: Somebody;
  /** The path of a private project with a commit in it. */
  project: string;
  /** Its number. */
  id: number;
}

/** Somebody new with a project of their own. */
export async function workshop(office: Office): Promise<Workshop> {
  const owner = await somebody(office, 'owner');
  const made = await office.server.as(owner.token, 'POST', '/projects', { name: 'workshop', initialize_with_readme: true });
  return { owner, project: made.path_with_namespace, id: made.id };
}

/** Mints a project token past the pages. */
export async function minted(office: Office, { owner, id }: Workshop, form: Record<string, unknown>): Promise<{ id: number; token: string; user_id: number }> {
  const expires_at = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  return office.server.as(owner.token, 'POST', `/projects/${id}/access_tokens`, { expires_at, access_level: 40, ...form });
}

/** The row of a table, or the entry of a list, that tells of this. */
export function row(page: Page, text: string): Locator {
  return page.getByRole('row').filter({ hasText: text });
}

/** Follows a link to a confirmation and confirms there: with script that is a dialog, without it a page. */
export async function confirm(page: Page, name: string, look?: (question: Locator) => Promise<void>): Promise<void> {
  await page.getByRole('link', { name, exact: true }).click();
  const dialog = page.getByRole('dialog');
  const question = dialog.or(page.getByRole('main')).filter({ has: page.getByRole('button', { name, exact: true }) }).last();
  await expect(question.getByRole('button', { name, exact: true })).toBeVisible();
  await look?.(question);
  await question.getByRole('button', { name, exact: true }).click();
}
