import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

export default ts.config(
  {
    ignores: [
      '**/build/**',
      '**/dist/**',
      '**/.svelte-kit/**',
      '**/node_modules/**',
      '**/src/lib/paraglide/**',
    ],
  },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser, ...globals.node } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser } },
    rules: {
      // The desk always lives at the site root: the binary has no sub-path option yet.
      'svelte/no-navigation-without-resolve': 'off',
      // Collections inside the state classes are bookkeeping; what views read is $state or a SvelteMap already.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  {
    rules: {
      // TypeScript already reports unknown names, and knows DOM types that ESLint does not.
      'no-undef': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'max-lines': ['error', { max: 400, skipBlankLines: true }],
    },
  },
);
