// Shows the notes of web push (ADR 36) while no page of the desk is open. Nothing is fetched and nothing is kept here.

self.addEventListener('push', (event) => {
  const note = read(event.data);
  const place = note.conversation_id ? `/inbox/${note.conversation_id}` : '/inbox';
  // A later note of a conversation takes the place of the one before.
  const options = {
    body: note.body,
    tag: note.conversation_id || 'otklik',
    icon: '/icon-192.png',
    data: { place },
  };
  event.waitUntil(self.registration.showNotification(note.title, { ...options, renotify: true }));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.place || '/inbox'));
});

function read(data) {
  try {
    return { title: 'Otklik', body: '', ...data.json() };
  } catch {
    // What cannot be read is told all the same: somebody wrote.
    return { title: 'Otklik', body: '' };
  }
}

/** In a page that is open, or in a new one. */
async function open(place) {
  const [page] = await self.clients.matchAll({ type: 'window' });
  if (!page) return self.clients.openWindow(place);
  await page.focus();
  return page.navigate(place).catch(() => self.clients.openWindow(place));
}
