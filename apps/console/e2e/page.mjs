// What the scripts beside this one share: a browser, the console in it behind its token, and waiting for a condition.
import { setInterval } from 'node:timers/promises';
import { chromium } from 'playwright-core';

export const patienceMs = Number(process.env.PATIENCE_MS ?? 60_000);

export const launch = (...more) =>
    chromium.launch({
        executablePath: process.env.PENSTOCK_CHROMIUM ?? '/usr/bin/chromium',
        args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', ...more],
    });

/** The Overview with its first figures. */
export async function openConsole(browser, url, token) {
    const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
    await page.goto(url);
    await page.fill('input[name=token]', token);
    await page.keyboard.press('Enter');
    await page.waitForSelector('[data-panel=pipeline][data-state=data]', { timeout: patienceMs });
    return page;
}

/** Asks again until the answer is there; what fails to answer is asked again, too. */
export async function until(what, ask) {
    const end = Date.now() + 3 * patienceMs;
    let last;
    for await (const _ of setInterval(250)) {
        last = await ask().catch((error) => ({ error: String(error) }));
        if (last && !last.error) return last;
        if (Date.now() > end) throw new Error(`${what} never came; last: ${JSON.stringify(last)}`);
    }
}
