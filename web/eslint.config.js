import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

const COMPONENTS_CALL_STATE = 'Components call state, and state calls the API.';

export default ts.config(
  {
    ignores: [
      '**/build/**',
      '**/dist/**',
      '**/.svelte-kit/**',
      '**/node_modules/**',
      '**/src/lib/paraglide/**',
      'packages/api/src/generated.ts',
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
    files: ['apps/desk/src/**/*.svelte'],
    rules: {
      // Types of the API are welcome everywhere; what talks to the server lives in the state of a feature.
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: [{ name: '@otklik/api', allowTypeImports: true, message: COMPONENTS_CALL_STATE }],
          patterns: [{ group: ['**/shared/api'], message: COMPONENTS_CALL_STATE }],
        },
      ],
      'no-restricted-globals': [
        'error',
        { name: 'fetch', message: COMPONENTS_CALL_STATE },
        { name: 'WebSocket', message: COMPONENTS_CALL_STATE },
        { name: 'XMLHttpRequest', message: COMPONENTS_CALL_STATE },
      ],
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
