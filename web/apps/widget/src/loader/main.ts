import { boot } from './widget';

const script =
  (document.currentScript as HTMLScriptElement | null) ??
  document.querySelector<HTMLScriptElement>('script[src*="/w.js?p="],script[src*="/support.js?h="]');

if (script) boot(script);
