import { defineConfig, devices } from '@playwright/test';
import { join, resolve } from 'node:path';

/** Where everything goes that a run leaves behind. */
const output = resolve(process.env.TESSERA_BROWSER_OUTPUT ?? join(import.meta.dirname, '../../target/browser'));

const desktop = { ...devices['Desktop Chrome'], viewport: { width: 1440, height: 900 }, colorScheme: 'light' as const };
const phone = {
  ...devices['Desktop Chrome'],
  viewport: { width: 390, height: 844 },
  colorScheme: 'dark' as const,
  hasTouch: true,
};

/** Screenshots are an errand of their own: scripts/screenshots. */
const screenshots = process.env.TESSERA_SCREENSHOTS === undefined ? [] : (['light', 'dark'] as const).flatMap((colorScheme) =>
  [desktop, phone].map((device) => ({
    name: `${colorScheme}-${device.viewport.width}`,
    testMatch: 'screenshots.spec.ts',
    use: { ...device, colorScheme },
  })),
);

export default defineConfig({
  testDir: import.meta.dirname,
  outputDir: join(output, 'results'),
  globalSetup: './global-setup.ts',
  fullyParallel: true,
  forbidOnly: true,
  // Two cores, and the server wants some of them too.
  workers: 2,
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 10_000 },
  reporter: [['dot'], ['./reporter.ts']],
  use: {
    // Debian's Chromium; Playwright adds --no-sandbox of itself.
    launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium' },
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    screenshot: 'only-on-failure',
    trace: 'off',
  },
  projects:
    screenshots.length > 0
      ? screenshots
      : [
          { name: 'desktop', testIgnore: 'screenshots.spec.ts', use: desktop },
          { name: 'phone', testIgnore: 'screenshots.spec.ts', use: phone },
          { name: 'no-script', testIgnore: 'screenshots.spec.ts', use: { ...desktop, javaScriptEnabled: false } },
        ],
});
