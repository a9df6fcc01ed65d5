import adapter from '@sveltejs/adapter-static';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

/** @type {import('@sveltejs/kit').Config} */
export default {
  preprocess: vitePreprocess(),
  kit: {
    adapter: adapter({ pages: 'build', assets: 'build', fallback: 'index.html' }),
    // One address per asset: the binary serves the app at the site root.
    paths: { relative: false },
    // Without it Kit polls nothing and a reload after an upgrade is the operator's choice.
    version: { pollInterval: 0 },
    // Only where somebody wants to be told, or to read without a network.
    serviceWorker: { register: false },
  },
};
