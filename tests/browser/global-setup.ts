// The company is filled once a run; every worker has a copy of its own.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fill } from './company/fill.ts';

/** Names the folder of the filled company for the workers. */
export const COMPANY = 'TESSERA_COMPANY';

export default async function globalSetup(): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-company-'));
  const facts = await fill(join(folder, 'data'));
  writeFileSync(join(folder, 'facts.json'), JSON.stringify(facts));
  process.env[COMPANY] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
