// What the company's repositories hold: real histories, written by git fast-import.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git } from '../server.ts';
import { people } from './people.ts';

const DAY = 24 * 60 * 60;

type Content = string | Buffer;

interface Commit {
  author: string;
  message: string;
  /** What these files hold from now on. */
  files: Record<string, Content>;
}

export interface Repository {
  commits: Commit[];
  /** Branches beside the default one, by the number of the commit that they stand at, with a commit of their own. */
  branches?: Record<string, { at: number; commit: Commit }>;
  /** Annotated tags by the number of their commit. */
  tags?: Record<string, { at: number; message: string }>;
}

const GATEWAY_README = `# Gateway

The gateway takes every call that comes into the harbour's systems, finds out who is calling, and hands it to the
service that answers. It keeps **no state** of its own, so any number of it can run side by side.

## Quick start

\`\`\`sh
git clone https://git.harbour.example/harbour/platform/gateway.git
cd gateway
make run        # listens on http://localhost:9000
\`\`\`

## What it does with a call

1. Reads the credential and asks the identity service for whom it stands.
2. Looks the route up in [\`config/routes.toml\`](config/routes.toml).
3. Forwards the call with a deadline, and answers \`504\` when the deadline passes.

## Settings

| Name | Default | What it is for |
| --- | --- | --- |
| \`GATEWAY_LISTEN\` | \`0.0.0.0:9000\` | Where it listens |
| \`GATEWAY_DEADLINE\` | \`5s\` | How long a service may take |
| \`GATEWAY_IDENTITY_URL\` | none, required | Where the identity service answers |
| \`GATEWAY_LOG\` | \`info\` | How much it says |

> Changing a route needs no release: the file is read again when it changes.

### Who looks after it

The platform team. Write an issue here, or ask in the morning meeting.
`;

const SERVER = `//! Takes calls and hands them on.

use std::time::Duration;

use crate::identity::Identity;
use crate::routes::Routes;

/// How long a service may take before the caller is told that it did not answer.
const DEADLINE: Duration = Duration::from_secs(5);

pub struct Gateway {
    identity: Identity,
    routes: Routes,
}

impl Gateway {
    pub fn new(identity: Identity, routes: Routes) -> Self {
        Self { identity, routes }
    }

    pub async fn handle(&self, call: Call) -> Answer {
        let Some(caller) = self.identity.of(&call).await else {
            return Answer::unauthorized();
        };
        match self.routes.find(call.path()) {
            Some(service) => service.forward(call, caller, DEADLINE).await,
            None => Answer::not_found(),
        }
    }
}
`;

const ROUTES = `# The first route that fits is taken.

[[route]]
path = "/berths"
service = "http://berths.internal:8080"

[[route]]
path = "/ledger"
service = "http://ledger.internal:8080"
deadline = "15s"
`;

/** A tile with a notch, as a picture. */
const MARK =
  'iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAMAAACdt4HsAAAABlBMVEW0Uyr08eyC1rdOAAAAJUlEQVR42u3MMQEAAAgDoNm/tAV8vAcBSB7mEIFAICgNAACgyAJbewGRYFrSPQAAAABJRU5ErkJggg==';

const gatewayStart: Record<string, Content> = {
  'README.md': GATEWAY_README,
  'Cargo.toml': '[package]\nname = "gateway"\nversion = "0.1.0"\nedition = "2024"\n\n[dependencies]\nhttp = "1"\n',
  Makefile: 'run:\n\tcargo run --release\n\ntest:\n\tcargo test\n',
  '.gitignore': '/target\n',
  'config/routes.toml': ROUTES,
  'src/main.rs': 'mod identity;\nmod routes;\nmod server;\n\nfn main() {\n    server::run();\n}\n',
  'src/server.rs': SERVER,
  'src/routes/mod.rs': '//! The table of routes.\n\npub struct Routes(Vec<Route>);\n',
  'src/routes/watch.rs': '//! Reads the table again when the file changes.\n',
  'src/identity.rs': '//! Who is calling.\n\npub struct Identity;\n',
  'docs/operations/runbook.md': '# Runbook\n\n## It answers 504\n\nLook at the service behind it first.\n',
  'docs/operations/deadlines.md': '# Deadlines\n\nFive seconds, unless the route says otherwise.\n',
  'docs/a-folder-with-a-rather-long-name/and-a-file-whose-name-does-not-end-soon.md': '# Names can be long\n',
  'assets/mark.png': Buffer.from(MARK, 'base64'),
  LICENSE: 'Copyright Harbour Freight Office. All rights reserved.\n',
};

/** What was done after the start: who, why, and in which file. */
const gatewaySteps: [string, string, string][] = [
  ['ben', 'Answer 504 when a service misses its deadline', 'src/server.rs'],
  ['ada', 'Read the table of routes from a file', 'src/routes/mod.rs'],
  ['chiara', 'Say in the log which route was taken', 'src/server.rs'],
  ['ben', 'Test that the first route that fits wins', 'tests/routes.rs'],
  ['ada', 'Watch the file of routes and read it again when it changes', 'src/routes/watch.rs'],
  ['dmitri', 'Describe what to do when it answers 504', 'docs/operations/runbook.md'],
  ['ben', 'Keep connections to services open', 'src/server.rs'],
  ['chiara', 'Ask the identity service once for each credential and minute', 'src/identity.rs'],
  ['ada', 'Refuse routes without a service at start', 'src/routes/mod.rs'],
  ['ben', 'Route /berths to its own service', 'config/routes.toml'],
  ['ada', 'Version 0.2.0', 'Cargo.toml'],
  ['chiara', 'Count answers by route and status', 'src/metrics.rs'],
  ['ben', 'Give the ledger fifteen seconds', 'config/routes.toml'],
  ['emi', 'Correct two typing errors in the runbook', 'docs/operations/runbook.md'],
  ['ada', 'Drop headers that belong to one hop only', 'src/headers.rs'],
  ['ben', 'Test headers that come twice', 'tests/headers.rs'],
  ['chiara', 'Let a health check through without a credential', 'src/server.rs'],
  ['ada', 'Explain deadlines', 'docs/operations/deadlines.md'],
  ['ben', 'Close connections that are idle for a minute', 'src/server.rs'],
  ['dmitri', 'List the settings in the README', 'docs/operations/settings.md'],
  ['ada', 'Version 0.3.0', 'Cargo.toml'],
  ['chiara', 'Look the caller up before the route, so that strangers learn nothing', 'src/server.rs'],
  ['ben', 'Retry once when a connection was closed in between', 'src/server.rs'],
  ['ada', 'Bound the size of a body', 'src/body.rs'],
  ['ben', 'Test bodies at the bound', 'tests/body.rs'],
  ['chiara', 'Write the duration of a call into the log', 'src/metrics.rs'],
  ['ada', 'Tell clients when to come back after a 503', 'src/server.rs'],
  ['ben', 'Route /ledger to its new home', 'config/routes.toml'],
  ['ada', 'Version 1.0.0', 'Cargo.toml'],
];

/** A start and steps, each of which adds a line to its file. */
function history(start: Record<string, Content>, first: string, steps: [string, string, string][]): Commit[] {
  const files = { ...start };
  const commits: Commit[] = [{ author: 'ada', message: first, files: start }];
  for (const [author, message, path] of steps) {
    const remark = path.endsWith('.md') ? `\n${message}.\n` : path.endsWith('.rs') ? `// ${message}.\n` : `# ${message}.\n`;
    const text = `${files[path] ?? ''}${remark}`;
    files[path] = text;
    commits.push({ author, message, files: { [path]: text } });
  }
  return commits;
}

export const gateway: Repository = {
  commits: history(gatewayStart, 'Begin the gateway', gatewaySteps),
  branches: {
    'feature/rate-limits': {
      at: 28,
      commit: {
        author: 'ben',
        message: 'Bound how often one caller may call\n\nEach caller has a bucket of a hundred calls that fills by ten a second.',
        files: { 'src/limits.rs': '//! How often one caller may call.\n\npub const BURST: u32 = 100;\n' },
      },
    },
    'fix/headers-with-blanks': {
      at: 24,
      commit: { author: 'chiara', message: 'Trim blanks around headers', files: { 'src/headers.rs': '// Blanks go.\n' } },
    },
  },
  tags: {
    'v0.2.0': { at: 11, message: 'Routes are read from a file' },
    'v0.3.0': { at: 21, message: 'Deadlines for each route' },
    'v1.0.0': { at: 29, message: 'First release for all services' },
  },
};

/** A smaller project: what it is for, and some files. */
export function small(name: string, purpose: string, path: string, text: string, steps: [string, string, string][]): Repository {
  const readme = `# ${name}\n\n${purpose}\n\n## Use\n\n\`\`\`sh\nmake\n\`\`\`\n`;
  return {
    commits: history({ 'README.md': readme, [path]: text }, `Begin ${name.toLowerCase()}`, steps),
    tags: { 'v0.1.0': { at: 1, message: 'First' } },
  };
}

/** What fast-import reads as data, a letter for each byte. */
function data(content: Content): string {
  const bytes = Buffer.from(content as string);
  return `data ${bytes.length}\n${bytes.toString('latin1')}\n`;
}

function stream({ commits, branches = {}, tags = {} }: Repository, now: number): Buffer {
  const begun = now - (3 * commits.length + 2) * DAY;
  let marks = 0;
  const commit = (ref: string, { author, message, files }: Commit, day: number, from?: number): string => {
    marks += 1;
    const { name, email } = people[author] ?? { name: author, email: `${author}@harbour.example` };
    // The hours differ, as people's do.
    const when = `${name} <${email}> ${Math.floor(begun + day * DAY + ((day * 7919) % 30000))} +0000`;
    const changed = Object.entries(files).map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`);
    const parent = from === undefined ? '' : `from :${from}\n`;
    return `commit ${ref}\nmark :${marks}\nauthor ${when}\ncommitter ${when}\n${data(`${message}\n`)}${parent}${changed.join('')}\n`;
  };
  const parts = commits.map((each, index) => commit('refs/heads/main', each, 3 * index, index === 0 ? undefined : index));
  for (const [name, branch] of Object.entries(branches)) {
    parts.push(commit(`refs/heads/${name}`, branch.commit, 3 * branch.at + 1, branch.at));
  }
  for (const [name, { at, message }] of Object.entries(tags)) {
    const when = `Ada Lindqvist <ada@harbour.example> ${Math.floor(begun + (3 * at + 1) * DAY)} +0000`;
    parts.push(`tag ${name}\nfrom :${at}\ntagger ${when}\n${data(`${message}\n`)}`);
  }
  return Buffer.from(`${parts.join('')}done\n`, 'latin1');
}

/** Makes the repository and pushes all of it; the newest commit of the default branch. */
export async function push(repository: Repository, remote: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-push-'));
  try {
    await git(folder, ['init', '-q', '--bare', '-b', 'main']);
    await git(folder, ['fast-import', '--quiet', '--done'], {}, stream(repository, Date.now() / 1000));
    await git(folder, ['push', '-q', remote, 'main']);
    await git(folder, ['push', '-q', '--all', remote]);
    await git(folder, ['push', '-q', '--tags', remote]);
    return (await git(folder, ['rev-parse', 'main'])).trim();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
