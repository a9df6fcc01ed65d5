import type { Contact } from '@otklik/api';

interface Asked {
  projectId?: string;
  /** A client who is chosen from the start. */
  contact?: Contact;
  /** The channel that was picked for it. */
  connectionId?: string;
}

/** The one dialog of writing first: it opens from the rail, the menu, the palette, by a key, and from a client. */
class StartChat {
  open = $state(false);
  asked = $state.raw<Asked>({});

  begin(asked: Asked = {}) {
    // Whoever is writing already goes on.
    if (this.open) return;
    this.asked = asked;
    this.open = true;
  }
}

export const startChat = new StartChat();
