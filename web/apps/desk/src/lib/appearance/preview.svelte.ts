import type { Appearance } from '@otklik/api';
import { getLocale } from '$lib/paraglide/runtime';
import { api } from '$lib/shared/api';
import { Autosave } from '$lib/shared/autosave';

const PAUSE_MS = 150;

/** A site of this project as a visitor would have it with the draft. */
export class PreviewState {
  /** What the site would be told; an edit that the server refuses leaves the former one. */
  config = $state.raw<object | null>(null);
  error = $state.raw<unknown>(null);
  device = $state<'desktop' | 'phone'>('desktop');
  theme = $state<'light' | 'dark'>('light');
  isOnline = $state(true);
  locale = $state<'ru' | 'en'>(getLocale());
  isOpen = $state(true);
  /** The menu button whose form is open. */
  chosen = $state<string | null>(null);

  private draft: Appearance | null = null;
  private readonly asking = new Autosave(() => this.ask(), PAUSE_MS);

  constructor(private readonly projectId: string) {}

  /** What the page in the frame is told. */
  readonly message = $derived({
    type: 'otklik-preview',
    config: this.config,
    locale: this.locale,
    theme: this.theme,
    online: this.isOnline,
    isOpen: this.isOpen,
    chosen: this.chosen,
  });

  /** Draws this draft, and the menu buttons as they are edited. */
  draw(draft: Appearance) {
    this.draft = draft;
    this.asking.soon();
  }

  readonly retry = () => {
    this.error = null;
    this.asking.soon();
  };

  stop() {
    this.asking.stop();
  }

  private async ask() {
    const body = { draft: this.draft };
    try {
      this.config = await api.post<object>(`/projects/${this.projectId}/appearance/preview`, body);
      this.error = null;
    } catch (error) {
      this.error = error;
    }
  }
}
