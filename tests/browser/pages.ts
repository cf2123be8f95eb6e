// Every page there is: its name, where it is, and who looks at it. The walk over all pages and the screenshots read this.
import type { Page } from '@playwright/test';
import { GATEWAY } from './company/facts.ts';
import type { Facts } from './company/facts.ts';
import { PASSWORD } from './company/people.ts';
import { type Office, signIn } from './fixtures.ts';

/** Whether each of them must be there: then one that answers 404 is a failure and not skipped. */
export const ALL_MUST_BE_THERE = false;

export interface Listed {
  name: string;
  path: string | ((facts: Facts) => string);
  /** The username of who looks; nobody: whoever comes by. */
  who?: string;
  /** What it answers; 200 unless said. */
  status?: number;
  /** Pages that no address alone leads to: how one gets there once signed in. Without it, the address is visited. */
  reach?: (page: Page, office: Office) => Promise<void>;
  /** Not a page of HTML: only fetched. */
  raw?: boolean;
}

const project = `/${GATEWAY}`;
const projectTokens = `${project}/-/settings/access_tokens`;
const personalTokens = '/-/user_settings/personal_access_tokens';

const number = (numbers: Record<string, number>, name: string): number => {
  const found = numbers[name];
  if (found === undefined) throw new Error(`the company has no token ${name}`);
  return found;
};

const signingIn: Listed[] = [
  { name: 'Sign in', path: '/users/sign_in' },
  {
    name: 'Sign in: wrong password',
    path: '/users/sign_in',
    status: 422,
    reach: async (page) => signIn(page, 'ada', 'not the password'),
  },
  {
    name: 'Second factor',
    path: '/users/sign_in/second_factor',
    reach: async (page) => signIn(page, 'chiara', PASSWORD),
  },
  { name: 'New password', path: '/users/password', who: 'greta' },
  { name: 'Welcome', path: '/users/password', who: 'root' },
];

const ownSettings: Listed[] = [
  { name: 'Profile', path: '/-/user_settings/profile', who: 'ada' },
  { name: 'Password', path: '/-/user_settings/password/edit', who: 'ada' },
  { name: 'Personal access tokens', path: personalTokens, who: 'ada' },
  { name: 'Personal access tokens: none yet', path: personalTokens, who: 'hanna' },
  {
    name: 'Revoke a personal token',
    path: ({ personalTokens: own }) => `${personalTokens}/${number(own, 'Calendar of ships')}/revoke`,
    who: 'ada',
  },
  {
    name: 'Rotate a personal token',
    path: ({ personalTokens: own }) => `${personalTokens}/${number(own, 'Editor on the desktop')}/rotate`,
    who: 'ada',
  },
  { name: 'Two-factor authentication', path: '/-/profile/two_factor_auth', who: 'ada' },
  { name: 'Two-factor authentication: on', path: '/-/profile/two_factor_auth', who: 'chiara' },
  { name: 'Active sessions', path: '/-/user_settings/active_sessions', who: 'ada' },
];

const finding: Listed[] = [
  { name: 'Your projects', path: '/', who: 'ada' },
  { name: 'Your projects: none yet', path: '/', who: 'hanna' },
  { name: 'Your groups', path: '/dashboard/groups', who: 'ada' },
  { name: 'Explore', path: '/explore', who: 'ada' },
  { name: 'Explore: nobody in particular', path: '/explore' },
  { name: 'Search', path: '/search?search=gate', who: 'ada' },
  { name: 'Search: nothing found', path: '/search?search=lighthouse', who: 'ada' },
  { name: 'New project', path: '/projects/new', who: 'ada' },
  { name: 'New group', path: '/groups/new', who: 'ada' },
];

const projects: Listed[] = [
  { name: 'Project', path: project, who: 'ada' },
  { name: 'Project: seen by a guest', path: project, who: 'emi' },
  { name: 'Project: empty', path: '/harbour/services/berths', who: 'ada' },
  { name: 'Project: public, nobody in particular', path: '/dmitri/welcome' },
  { name: 'Files', path: `${project}/-/tree/main`, who: 'ada' },
  { name: 'Files: a folder', path: `${project}/-/tree/main/docs/operations`, who: 'ada' },
  { name: 'Files: a branch with a slash', path: `${project}/-/tree/feature/rate-limits/src`, who: 'ada' },
  { name: 'File: code', path: `${project}/-/blob/main/src/server.rs`, who: 'ada' },
  { name: 'File: prose', path: `${project}/-/blob/main/README.md`, who: 'ada' },
  { name: 'File: not text', path: `${project}/-/blob/main/assets/mark.png`, who: 'ada' },
  { name: 'File: raw', path: `${project}/-/raw/main/src/server.rs`, who: 'ada', raw: true },
  { name: 'Commits', path: `${project}/-/commits/main`, who: 'ada' },
  { name: 'Commit', path: ({ commit }) => `${project}/-/commit/${commit}`, who: 'ada' },
  { name: 'Branches', path: `${project}/-/branches`, who: 'ada' },
  { name: 'Tags', path: `${project}/-/tags`, who: 'ada' },
  { name: 'Issues', path: `${project}/-/issues`, who: 'ada' },
  { name: 'Issues: none yet', path: '/harbour/services/berths/-/issues', who: 'ada' },
  { name: 'New issue', path: `${project}/-/issues/new`, who: 'ada' },
  { name: 'Issue', path: `${project}/-/issues/1`, who: 'ada' },
  { name: 'Issue: by a bot that is gone', path: `${project}/-/issues/7`, who: 'ada' },
  { name: 'Edit an issue', path: `${project}/-/issues/5/edit`, who: 'ada' },
  { name: 'Members of a project', path: `${project}/-/project_members`, who: 'ada' },
  { name: 'Members of a project: seen by a guest', path: `${project}/-/project_members`, who: 'emi' },
  { name: 'Edit a member', path: ({ member }) => `${project}/-/project_members/${member}`, who: 'ada' },
  { name: 'Remove a member', path: ({ member }) => `${project}/-/project_members/${member}/remove`, who: 'ada' },
];

const projectSettings: Listed[] = [
  { name: 'Project settings', path: `${project}/edit`, who: 'ada' },
  { name: 'Repository settings', path: `${project}/-/settings/repository`, who: 'ada' },
  { name: 'Project access tokens', path: projectTokens, who: 'ada' },
  { name: 'Project access tokens: none yet', path: '/harbour/services/berths/-/settings/access_tokens', who: 'ada' },
  {
    name: 'Revoke a project token',
    path: ({ projectTokens: all }) => `${projectTokens}/${number(all, 'review-app')}/revoke`,
    who: 'ada',
  },
  {
    name: 'Rotate a project token',
    path: ({ projectTokens: all }) => `${projectTokens}/${number(all, 'nightly-mirror')}/rotate`,
    who: 'ada',
  },
];

const groups: Listed[] = [
  { name: 'Group', path: '/harbour', who: 'ada' },
  { name: 'Group: a subgroup', path: '/harbour/platform', who: 'ada' },
  { name: 'Group: empty', path: '/trainees', who: 'dmitri' },
  { name: 'Members of a group', path: '/groups/harbour/platform/-/group_members', who: 'ada' },
  { name: 'Group settings', path: '/groups/harbour/-/edit', who: 'ada' },
];

const administration: Listed[] = [
  { name: 'Admin', path: '/admin', who: 'ingrid' },
  { name: 'Admin: users', path: '/admin/users', who: 'ingrid' },
  { name: 'Admin: new user', path: '/admin/users/new', who: 'ingrid' },
  { name: 'Admin: a user', path: '/admin/users/ada', who: 'ingrid' },
  { name: 'Admin: a blocked user', path: '/admin/users/farid', who: 'ingrid' },
  { name: 'Admin: groups', path: '/admin/groups', who: 'ingrid' },
  { name: 'Admin: projects', path: '/admin/projects', who: 'ingrid' },
  { name: 'Admin: tokens', path: '/admin/tokens', who: 'ingrid' },
  { name: 'Admin: tokens: nothing found', path: '/admin/tokens?search=lighthouse', who: 'ingrid' },
  {
    name: 'Admin: revoke chosen tokens',
    path: ({ projectTokens: all }) => `/admin/tokens/revoke?ids[]=${number(all, 'review-app')}&ids[]=${number(all, 'dashboard')}`,
    who: 'ingrid',
  },
  { name: 'Admin: calendar of endings', path: '/admin/tokens/calendar', who: 'ingrid' },
  { name: 'Admin: settings', path: '/admin/application_settings/general', who: 'ingrid' },
  { name: 'Admin: feature flags', path: '/admin/feature_flags', who: 'ingrid' },
  { name: 'Admin: audit log', path: '/admin/audit_events', who: 'ingrid' },
  { name: 'Admin: jobs', path: '/admin/jobs', who: 'ingrid' },
  { name: 'Admin: system information', path: '/admin/system_info', who: 'ingrid' },
];

const refusals: Listed[] = [
  { name: 'Not found', path: '/no/such/place', who: 'ada', status: 404 },
  { name: 'Not found: a page of a project', path: `${project}/-/no_such_page`, who: 'ada', status: 404 },
  { name: 'Not allowed: the admin area', path: '/admin', who: 'ada', status: 403 },
  { name: 'Not allowed: settings of a project', path: projectTokens, who: 'dmitri', status: 403 },
];

export const PAGES: Listed[] = [
  ...signingIn,
  ...ownSettings,
  ...finding,
  ...projects,
  ...projectSettings,
  ...groups,
  ...administration,
  ...refusals,
];

/** Addresses that people of GitLab know by heart, and where each leads. */
export const REDIRECTS: [from: string, to: string, who: string][] = [
  ['/-/profile/personal_access_tokens', personalTokens, 'ada'],
  ['/profile/personal_access_tokens', personalTokens, 'ada'],
  ['/-/profile', '/-/user_settings/profile', 'ada'],
  ['/profile', '/-/user_settings/profile', 'ada'],
  ['/admin/audit_logs', '/admin/audit_events', 'ingrid'],
];

/** Where it is on a copy of the company. */
export function addressOf({ path }: Listed, { facts }: Office): string {
  return typeof path === 'string' ? path : path(facts);
}

/** Goes there. A page that is not built answers 404 without a page of its own. */
export async function visit(page: Page, listed: Listed, office: Office): Promise<{ built: boolean; status: number }> {
  const path = addressOf(listed, office);
  if (listed.reach === undefined) {
    const answer = await page.goto(path);
    const status = answer?.status() ?? 0;
    const html = (answer?.headers()['content-type'] ?? '').startsWith('text/html');
    return { built: status !== 404 || (listed.status === 404 && html), status };
  }
  let status = 0;
  page.on('response', (response) => {
    if (response.request().isNavigationRequest()) status = response.status();
  });
  await listed.reach(page, office);
  await page.waitForURL((url) => url.pathname === path);
  return { built: status !== 404, status };
}
