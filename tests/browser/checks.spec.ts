// The checks themselves: each must see what it is there for, on pages that are wrong on purpose.
import { type Browser, type Page, test as base } from '@playwright/test';
import { axe, keyboard, light, noSidewaysScroll, weigh } from './checks.ts';
import { watch } from './watch.ts';

const { expect } = base;
const ORIGIN = 'http://wrong.test';
const SOUND = `<!doctype html><html lang="en"><head><title>Sound</title><style>:focus-visible { outline: 2px solid blue }</style></head>
  <body><a href="#main">Skip to content</a><main id="main"><h1>Sound</h1><a href="/">Home</a></main></body></html>`;

/** Shows a page as if a server had sent it; what the watch then says. */
async function show(browser: Browser, body: string, headers: Record<string, string> = {}): Promise<{ page: Page; wrong: string[] }> {
  const context = await browser.newContext({ baseURL: ORIGIN });
  const wrong = await watch(context, ORIGIN);
  await context.route('**/*', (route) =>
    new URL(route.request().url()).pathname === '/page'
      ? route.fulfill({ contentType: 'text/html', body, headers })
      : route.fulfill({ status: 204 }),
  );
  const page = await context.newPage();
  await page.goto('/page');
  return { page, wrong };
}

base.skip(({ javaScriptEnabled }) => !javaScriptEnabled, 'these look at scripts');

base('a sound page passes', async ({ browser }) => {
  const { page, wrong } = await show(browser, SOUND, { 'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'" });
  await axe(page);
  await noSidewaysScroll(page);
  await keyboard(page);
  expect(wrong).toEqual([]);
});

base('axe sees a picture without words', async ({ browser }) => {
  const { page } = await show(browser, SOUND.replace('</main>', '<img src="/picture"></main>'));
  await expect(axe(page)).rejects.toThrow('image-alt');
});

base('what is too wide is named', async ({ browser }) => {
  const { page } = await show(browser, SOUND.replace('</main>', '<p class="wide" style="width: 9000px">wide</p></main>'));
  await expect(noSidewaysScroll(page)).rejects.toThrow('p.wide: 9');
});

base('focus that nobody sees is found, and a skip link that is not there', async ({ browser }) => {
  const unseen = await show(browser, SOUND.replace('</style>', 'main a { outline: none !important }</style>'));
  await expect(keyboard(unseen.page)).rejects.toThrow('no outline');
  const unskipped = await show(browser, SOUND.replace('Skip to content', 'Home'));
  await expect(keyboard(unskipped.page)).rejects.toThrow('the first stop is the skip link');
});

base('bytes are counted', async ({ browser }) => {
  const { page } = await show(browser, SOUND);
  const weight = await weigh(page);
  await page.route('**/page', (route) => route.fulfill({ contentType: 'text/html', body: SOUND + ' '.repeat(70_000) }));
  await page.reload();
  await page.waitForLoadState('networkidle');
  expect(() => light(weight())).toThrow('bytes on first view');
});

base('the watch sees scripts that fail, policies that are broken and other hosts', async ({ browser }) => {
  const body = SOUND.replace('</main>', '<img alt="" src="http://other.test/picture"><p style="color: red">x</p></main><script>missing()</script>');
  const { wrong } = await show(browser, body);
  expect(wrong.join('\n')).toContain('uncaught: missing is not defined');
  expect(wrong.join('\n')).toContain('asked another host: http://other.test/picture');
  const strict = await show(browser, body, { 'Content-Security-Policy': "default-src 'self'" });
  await expect.poll(() => strict.wrong.join('\n')).toMatch(/policy: style-src-attr inline/);
  expect(strict.wrong.join('\n')).toMatch(/policy: script-src-elem inline/);
});
