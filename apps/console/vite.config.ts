import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

/** What a browser fetches before it can draw the first screen, compressed. More than this fails the build. */
const initialBytesMax = 150 * 1024;

/** Writes every file a second time, compressed, so that serving costs no work, and fails the build that grew too large. */
function compressed(): Plugin {
    return {
        name: 'penstock-compressed',
        apply: 'build',
        // After everything is written: until then Vite still replaces names inside of the files.
        writeBundle(options, bundle) {
            const initial = new Set<string>();
            const follow = (name: string) => {
                const file = bundle[name];
                if (!file || initial.has(name)) return;
                initial.add(name);
                if (file.type === 'chunk') file.imports.forEach(follow);
            };
            for (const [name, file] of Object.entries(bundle)) {
                if (name.endsWith('.html') || name.endsWith('.css') || (file.type === 'chunk' && file.isEntry)) follow(name);
            }

            let first = 0;
            let all = 0;
            for (const name of Object.keys(bundle)) {
                const path = join(options.dir ?? 'dist', name);
                // Level 9 and no time stamp: the same sources give the same bytes.
                const packed = gzipSync(readFileSync(path), { level: 9 });
                writeFileSync(`${path}.gz`, packed);
                all += packed.length;
                if (initial.has(name)) first += packed.length;
            }

            this.info(`initial ${first} bytes compressed of ${initialBytesMax} allowed, everything ${all}`);
            if (first > initialBytesMax) this.error(`the first screen needs ${first} bytes compressed, allowed are ${initialBytesMax}`);
        },
    };
}

const gateway = 'http://127.0.0.1:7070';

export default defineConfig({
    base: '/',
    // Nothing is inlined: the policy of the page allows no data: address and no inline script.
    build: {
        target: 'es2022',
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        sourcemap: false,
        reportCompressedSize: false,
        emptyOutDir: true,
    },
    // For npm run dev: the gateway refuses pages of another origin, so the proxy speaks in its name.
    server: {
        proxy: {
            '/api': { target: gateway, changeOrigin: true, headers: { origin: gateway } },
            '/ws': { target: gateway, changeOrigin: true, headers: { origin: gateway }, ws: true },
        },
    },
    plugins: [compressed()],
});
