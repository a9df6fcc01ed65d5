import type { Appearance } from '@otklik/api';
import { changeProject } from '$lib/projects/projects';
import { session } from '$lib/session/session.svelte';
import { contrastWithWhite } from './contrast';

const OWN_BRAND = '#5b5bd6';
const FALLBACK: Appearance = {
  title: '',
  greeting: '',
  brand: OWN_BRAND,
  side: 'right',
  locale: 'auto',
  menu: 'opened',
};
const READABLE = 4.5;

/** How the widget of a project looks, as it is being edited. */
export class AppearanceState {
  look = $state<Appearance>({ ...FALLBACK });
  /** Of white on the brand; null while what is written is no colour. */
  readonly contrast = $derived(contrastWithWhite(this.look.brand));
  readonly isReadable = $derived((this.contrast ?? 0) >= READABLE);
  /** What the widget makes of the brand. */
  readonly brand = $derived(this.contrast === null ? OWN_BRAND : this.look.brand);
  readonly onBrand = $derived((this.contrast ?? 21) >= READABLE ? '#fff' : '#1c2024');

  constructor(private readonly projectId: string) {
    this.look = { ...FALLBACK, ...session.project(projectId)?.appearance };
  }

  save(): Promise<void> {
    return changeProject(this.projectId, { appearance: this.look });
  }
}
