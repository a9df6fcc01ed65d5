// In the head and not deferred: the language is known before anything is drawn.
/** Whoever waits longer is told that something is wrong; a chat that comes later takes the words away. */
const PATIENCE_MS = 15_000;

const root = document.documentElement;
const { key } = root.dataset;
const asked = new URLSearchParams(location.search);
const wanted = ['ru', 'en'].find((language) => language === asked.get('lang'));
const language = wanted ?? (navigator.language.startsWith('ru') ? 'ru' : 'en');
root.lang = language;
root.dataset.language = language;

if (key) loadChat();
else onParsed(() => (document.title = document.querySelector(`#unknown [lang=${language}] h1`).textContent));

function loadChat() {
  // Without a word of the address the company's own choice of a language counts, then the browser's.
  window.ChatSetup = { container: '#chat', theme: 'auto', language: wanted };
  window.Chat = (...call) => (window.Chat.q ??= []).push(call);
  const patience = setTimeout(() => showLost(true), PATIENCE_MS);
  window.Chat('on', 'ready', () => {
    clearTimeout(patience);
    showLost(false);
  });
  const scenario = asked.get('scenario');
  if (scenario && isFirstTime(scenario)) window.Chat('startScenario', scenario);

  // The page demands trusted types, and an address set by hand then needs a policy.
  const policy = window.trustedTypes?.createPolicy('otklik-chat', { createScriptURL: (address) => address });
  const address = `${location.origin}/w.js?p=${encodeURIComponent(key)}`;
  const script = document.createElement('script');
  script.async = true;
  script.src = policy?.createScriptURL(address) ?? address;
  script.onerror = () => showLost(true);
  document.head.append(script);
  onParsed(watchKeyboard);
}

/** A scenario begins when the link is opened, not each time the page is loaded anew. */
function isFirstTime(scenario) {
  const name = `otklik:${key}:started:${scenario}`;
  try {
    if (sessionStorage.getItem(name)) return false;
    sessionStorage.setItem(name, '1');
  } catch {
    // No storage, no memory: better twice than never.
  }
  return true;
}

function showLost(isLost) {
  onParsed(() => {
    const lost = document.getElementById('lost');
    document.getElementById('chat').hidden = isLost;
    lost.hidden = !isLost;
    for (const button of lost.querySelectorAll('button')) button.onclick = () => location.reload();
  });
}

/** iOS lays its keyboard over the page without telling the layout: the chat follows the visible part. */
function watchKeyboard() {
  const { visualViewport } = window;
  const { style } = document.querySelector('main');
  const fit = () => {
    const { height, offsetTop, scale } = visualViewport;
    const isCovered = scale === 1 && innerHeight - height > 80;
    style.height = isCovered ? `${height}px` : '';
    style.marginTop = isCovered ? `${offsetTop}px` : '';
  };
  visualViewport?.addEventListener('resize', fit);
  visualViewport?.addEventListener('scroll', fit);
}

function onParsed(act) {
  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', act);
  else act();
}
