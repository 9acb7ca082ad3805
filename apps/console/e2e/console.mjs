// Drives the console in Chromium against a running gateway and says, as one line of JSON, what held:
//   node e2e/console.mjs URL TOKEN [--kill] [--pictures FOLDER] [--why-empty panel,panel]
// --kill sends a real kill by keyboard alone. Exit code 0 when all held. Memory and long tasks: trace.mjs.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { launch, patienceMs } from './page.mjs';

const [url, token] = process.argv.slice(2);
const option = (name) => (process.argv.includes(name) ? (process.argv[process.argv.indexOf(name) + 1] ?? '') : null);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const panels = {
    overview: ['pipeline', 'venues', 'incidents', 'rates', 'decision', 'execution', 'consumers', 'resources', 'alarms', 'events'],
    market: ['candles', 'ladder', 'consolidated', 'tape', 'cross', 'integrity', 'spread', 'heatmap'],
    trading: ['pnl', 'exposure', 'orders', 'trace', 'fills', 'positions', 'strategies'],
    risk: ['limits', 'breakers', 'approvals', 'kill', 'rejects'],
    operations: ['lifecycle', 'nodes', 'journal', 'runbooks', 'faults', 'settings', 'config', 'audit'],
    reports: ['reports'],
};
const failures = [];
const found = { panels: {}, axe: [], requests: 0, ladderHz: null, announcementsPerSecondMax: null };
const check = (holds, what) => void (holds || failures.push(what));

const browser = await launch();
try {
    const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'light' })).newPage();
    const sent = [];
    page.on('pageerror', (error) => failures.push(`error on the page: ${error.message}`));
    page.on('console', (line) => line.type() === 'error' && failures.push(`console: ${line.text()}`));
    page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(JSON.parse(String(payload)).type)));
    page.on('request', (request) => {
        found.requests++;
        check(new URL(request.url()).origin === new URL(url).origin, `request to ${request.url()}`);
        check(!request.url().includes(token), 'the token stood in an address');
    });

    // Watches the page from its first moment: what the policy refused, how often the live region speaks.
    await page.addInitScript(() => {
        window.watched = { refused: [], spoken: [] };
        document.addEventListener('securitypolicyviolation', (e) =>
            window.watched.refused.push(`${e.effectiveDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`),
        );
        addEventListener('DOMContentLoaded', () =>
            new MutationObserver((changes) =>
                changes.forEach((c) =>
                    (c.target.parentElement?.closest('#announcer') ?? c.target.id === 'announcer')
                        ? window.watched.spoken.push(performance.now())
                        : 0,
                ),
            ).observe(document.body, { subtree: true, childList: true, characterData: true }),
        );
    });

    // A wrong token is refused in words; the right one opens the page. By keyboard.
    await page.goto(url);
    await page.waitForSelector('input[name=token]');
    await page.keyboard.type('wrong');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[role=alert]', { timeout: patienceMs });
    failures.splice(0, failures.length, ...failures.filter((f) => !f.includes('401')));
    await page.locator('input[name=token]').focus();
    await page.keyboard.press('Control+A');
    await page.keyboard.type(token);
    await page.keyboard.press('Enter');
    await page.waitForSelector('[data-panel=pipeline][data-state=data]', { timeout: patienceMs });

    const stateOf = (id) => page.locator(`[data-panel=${id}]`).getAttribute('data-state');
    const screen = async (name) => {
        // By the palette: the keyboard alone reaches every screen.
        await page.keyboard.press('Control+k');
        await page.waitForSelector('#palette[open]');
        await page.keyboard.type(`go ${name}`);
        await page.keyboard.press('Enter');
        await page.waitForSelector(`a[aria-current=page][href="#/${name}"]`);
    };
    const mayBeEmpty = new Set((option('--why-empty') ?? '').split(','));

    for (const [name, ids] of Object.entries(panels)) {
        await screen(name);
        if (name === 'trading') {
            const order = page.locator('[data-panel=orders] td button.link').first();
            await order.waitFor({ timeout: patienceMs }).catch(() => failures.push('no order was shown to be traced'));
            if ((await order.count()) > 0) {
                await order.focus();
                await page.keyboard.press('Enter');
            }
        }
        for (const id of ids) {
            const ready = mayBeEmpty.has(id) ? `[data-panel=${id}]` : `[data-panel=${id}]:not([data-state=empty])`;
            await page.waitForSelector(ready, { timeout: patienceMs }).catch(async () =>
                failures.push(
                    `${name}/${id} has no data: ${await page
                        .locator(`[data-panel=${id}] .empty`)
                        .first()
                        .textContent()
                        .catch(() => 'the panel is not there')}`,
                ),
            );
            found.panels[`${name}/${id}`] = await stateOf(id).catch(() => null);
        }

        for (const colours of ['light', 'dark']) {
            await page.emulateMedia({ colorScheme: colours, reducedMotion: 'reduce' });
            await page.evaluate(axe);
            const result = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
            for (const v of result.violations) {
                const line = `${name} ${colours} ${v.impact} ${v.id}: ${v.nodes
                    .slice(0, 3)
                    .map((n) => n.html.slice(0, 160))
                    .join(' | ')}`;
                found.axe.push(line);
                check(v.impact !== 'serious' && v.impact !== 'critical', `axe: ${line}`);
            }
        }
        await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'no-preference' });
        const folder = option('--pictures');
        if (folder !== null && name !== 'reports') {
            if (name === 'market') await page.waitForSelector('.candles canvas');
            await page.emulateMedia({ colorScheme: name === 'market' ? 'dark' : 'light' });
            await page.waitForFunction(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true)))));
            await page.screenshot({ path: join(folder, `console-${name}.png`) });
            await page.emulateMedia({ colorScheme: 'light' });
        }
    }

    // The ladder follows the book: it is drawn anew, again and again. How often a second is told, not judged.
    await screen('market');
    await page.waitForSelector('[data-panel=ladder][data-state=data] tbody tr');
    await page.evaluate(() => {
        window.drawn = [];
        new MutationObserver(() => {
            const now = performance.now();
            if (now - (window.drawn.at(-1) ?? 0) > 8) window.drawn.push(now);
        }).observe(document.querySelector('[data-panel=ladder]'), { subtree: true, characterData: true, childList: true, attributes: true });
    });
    await page
        .waitForFunction(() => window.drawn.length >= 20, null, { timeout: patienceMs })
        .catch(async () => failures.push(`the ladder was drawn anew ${await page.evaluate(() => window.drawn.length)} times`));
    found.ladderHz = await page.evaluate(() => ((window.drawn.length - 1) / (window.drawn.at(-1) - window.drawn[0])) * 1000);

    // Averages by volume, and one ladder over the venues that says who holds what without colour.
    const averages = await page.locator('.averages b').allTextContents();
    check(averages.length === 2 && averages.every((a) => /^[0-9]+([.][0-9]+)?$/.test(a)), `averages by volume: ${averages.join(', ')}`);
    await page.waitForSelector('.consolidated tbody tr');
    found.ladderVenues = await page.locator('.venue-key label').count();
    const letters = (await page.locator('.consolidated .letters').allTextContents()).filter((l) => !/^[A-Z?]( [A-Z?])*$/.test(l));
    check(letters.length === 0, `venues of a price: ${letters.join(' | ')}`);

    // The audit trail is saved, in both forms; the caller checks the files.
    await screen('operations');
    for (const format of ['JSON', 'CSV']) {
        const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: `save as ${format}` }).click()]);
        const folder = option('--exports');
        if (folder !== null) await download.saveAs(join(folder, `audit.${format.toLowerCase()}`));
    }

    // Everything that can be used can be reached with Tab, and shows where the focus is.
    const unreachable = await page.evaluate(() =>
        [...document.querySelectorAll('button:not(:disabled), a[href], input, select')]
            .filter((e) => e.tabIndex < 0 && e.checkVisibility())
            .map((e) => e.outerHTML.slice(0, 100)),
    );
    check(unreachable.length === 0, `not reachable by Tab: ${unreachable.join(', ')}`);

    // A hidden tab stops the stream, a shown one resumes it.
    const hide = (hidden) =>
        page.evaluate((value) => {
            Object.defineProperty(document, 'hidden', { value, configurable: true });
            document.dispatchEvent(new Event('visibilitychange'));
        }, hidden);
    await hide(true);
    await hide(false);
    check(sent.includes('pause') && sent.includes('resume'), 'a hidden tab did not pause its stream');

    if (process.argv.includes('--kill')) {
        await page.keyboard.press('Control+Shift+K');
        await page.waitForSelector('#kill-dialog[open]');
        const environment = (await page.locator('.badge').getAttribute('data-environment')) ?? '';
        check(await page.locator('#kill-dialog button.danger').isDisabled(), 'the kill was armed before anything was typed');
        await page.keyboard.type(environment.toLowerCase());
        await page.keyboard.press('Tab');
        await page.keyboard.type('console test');
        check(await page.locator('#kill-dialog button.danger').isDisabled(), 'the kill was armed by the wrong word');
        await page.keyboard.press('Shift+Tab');
        await page.keyboard.press('Control+A');
        await page.keyboard.type(environment);
        await page.keyboard.press('Enter');
        await page
            .waitForSelector('#kill-dialog [data-said=done]', { timeout: patienceMs })
            .catch(async () => failures.push(`the kill was not confirmed: ${await page.locator('#kill-dialog [data-said]').textContent()}`));
        found.kill = await page.locator('#kill-dialog [data-said]').textContent();
        await page.keyboard.press('Escape');
        await page
            .waitForSelector('#kill-dialog', { state: 'detached', timeout: patienceMs })
            .catch(() => failures.push('Escape did not close the dialog'));
        await screen('operations');
        await page
            .waitForSelector('[data-panel=audit] td:has-text("console test")', { timeout: patienceMs })
            .catch(() => failures.push('the kill is not in the audit trail on screen'));
    }

    const watched = await page.evaluate(() => window.watched);
    found.announcementsPerSecondMax = Math.max(
        0,
        ...watched.spoken.map((at) => watched.spoken.filter((other) => other >= at && other < at + 950).length),
    );
    check(found.announcementsPerSecondMax <= 1, `the live region spoke ${found.announcementsPerSecondMax} times within a second`);
    check(watched.refused.length === 0, `the policy refused ${watched.refused.join(', ')}`);
} catch (error) {
    failures.push(String(error));
} finally {
    await browser.close();
}

console.log(JSON.stringify({ held: failures.length === 0, failures, ...found }));
process.exitCode = failures.length === 0 ? 0 : 1;
