import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';
import { chunks } from './chunks.ts';

/** Where `npm run dev` finds the server: the real binary. */
const backend = process.env.OTKLIK_API ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [
    paraglideVitePlugin({
      project: './project.inlang',
      outdir: './src/lib/paraglide',
      strategy: ['globalVariable', 'baseLocale'],
    }),
    sveltekit(),
  ],
  server: {
    proxy: {
      '/api': { target: backend, ws: true },
      '/f/': { target: backend },
    },
  },
  build: { target: 'es2022', rolldownOptions: { output: { codeSplitting: chunks() } } },
});
