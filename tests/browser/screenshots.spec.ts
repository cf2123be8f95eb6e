// A picture of every page. Run by scripts/screenshots; it checks nothing.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { as, test } from './fixtures.ts';
import { PAGES, visit } from './pages.ts';
import { NOT_BUILT } from './reporter.ts';

const folder = process.env.TESSERA_SCREENSHOTS ?? '';

for (const listed of PAGES.filter(({ raw }) => raw !== true)) {
  test(listed.name, async ({ page, office }, info) => {
    if (listed.who !== undefined) await as(page, office, listed.who);
    const { built } = await visit(page, listed, office);
    if (!built) info.annotations.push({ type: NOT_BUILT, description: listed.name });
    test.skip(!built, 'not built');
    await page.waitForLoadState('networkidle');
    mkdirSync(join(folder, info.project.name), { recursive: true });
    const name = listed.name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
    await page.screenshot({ path: join(folder, info.project.name, `${name}.png`), fullPage: true, animations: 'disabled' });
  });
}
